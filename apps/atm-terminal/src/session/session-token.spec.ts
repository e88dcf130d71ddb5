import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { KeyedHash } from '../identity/keyed-hash.js';
import { sessionOfToken, sessionToken } from './session-token.js';

const SESSION = '0192f0c1-2b7a-8c3d-9e4f-5a6b7c8d9e0f';
const hash = new KeyedHash('key of the test');

describe('a session token', () => {
  it('tells its session to everybody with the key, and to nobody else', () => {
    const token = sessionToken(hash, SESSION);
    expect(sessionOfToken(new KeyedHash('key of the test'), token)).toBe(SESSION);
    expect(sessionOfToken(new KeyedHash('another key'), token)).toBeNull();
  });

  it('is worth nothing where a character differs', () => {
    const token = sessionToken(hash, SESSION);
    for (const forged of ['', SESSION, `${token}x`, token.replace('0192', '0193'), token.replace(/\.(.)/, '.-$1')]) {
      expect(sessionOfToken(hash, forged)).toBeNull();
    }
  });
});

describe('a derived id', () => {
  it('is a UUID, always the same for the same request, another one for any other', () => {
    const id = hash.id('withdrawal', 'key-1');
    expect(z.uuid().parse(id)).toBe(hash.id('withdrawal', 'key-1'));
    const others = [
      hash.id('withdrawal', 'key-2'),
      hash.id('deposit', 'key-1'),
      new KeyedHash('x').id('withdrawal', 'key-1'),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});
