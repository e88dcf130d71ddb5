import { describe, expect, it } from '@jest/globals';
import { originsSeenFrom, parsePublicOrigins } from './public-origins.js';

describe('public origins', () => {
  it('are a list of http and https origins, each once', async () => {
    const { read } = parsePublicOrigins('https://a.example | http://b:8080|https://a.example');
    expect(await read()).toEqual(['https://a.example', 'http://b:8080']);
  });

  it.each(['', 'a.example', 'ftp://a.example', 'https://a.example/path', 'https://user@a.example'])(
    'are not %j',
    (spec) => {
      expect(() => parsePublicOrigins(spec)).toThrow('must be origins');
    },
  );

  it('on a loopback address go by the name under which the caller reached the machine', () => {
    const origins = ['http://localhost:8080', 'http://127.0.0.1:8081', 'https://a.example'];
    expect(originsSeenFrom(origins, 'bank.lan:8080')).toEqual([
      'http://bank.lan:8080',
      'http://bank.lan:8081',
      'https://a.example',
    ]);
    expect(originsSeenFrom(origins, 'no host')).toEqual(origins);
  });
});
