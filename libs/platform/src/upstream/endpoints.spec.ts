import { describe, expect, it } from '@jest/globals';
import { EndpointSpecError, parseEndpoints } from './endpoints.js';

describe('parseEndpoints', () => {
  it('reads a list, each address once', async () => {
    const source = parseEndpoints('http://a:3000| http://b:3000/ |http://a:3000');
    expect(source.refreshMs).toBeNull();
    expect(await source.read()).toEqual(['http://a:3000', 'http://b:3000']);
  });

  it('asks a name again and again', async () => {
    const source = parseEndpoints('dns://localhost:3000');
    expect(source.refreshMs).toBe(1_000);
    expect(await source.read()).toEqual(['http://127.0.0.1:3000']);
  });

  it.each([
    '',
    'account:3000',
    'https://a:3000',
    'http://a:3000/path',
    'http://a:3000|',
    'http://user@a:3000',
    'dns://account',
    'file:///tmp/endpoints.json',
  ])('refuses %j', (spec) => {
    expect(() => parseEndpoints(spec)).toThrow(EndpointSpecError);
  });
});
