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

  it('begins with a time where one is given, and is as much its own', () => {
    const opened = new Date('2026-11-29T09:20:00.123Z');
    const id = hash.idSince(opened, 'withdrawal', 'key-1');
    expect(z.uuid().parse(id)).toBe(hash.idSince(opened, 'withdrawal', 'key-1'));
    expect(parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(opened.getTime());
    const later = hash.idSince(new Date(opened.getTime() + 1), 'withdrawal', 'key-1');
    const others = ['key-2', 'key-3'].map((key) => hash.idSince(opened, 'withdrawal', key));
    expect([later, id, ...others].toSorted().at(-1)).toBe(later);
    expect(new Set([id, ...others].map((one) => one.slice(15))).size).toBe(3);
  });
});
