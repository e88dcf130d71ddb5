import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import type { JsonValue } from './envelope.js';
import { fingerprint } from './fingerprint.js';

const MESSAGE = { type: 'note', version: 1, dialogId: 'd', sequence: 1, body: { amount: '100', to: 'a' } };

describe('canonical JSON', () => {
  it('is the same for equal values whatever the order of their keys, and different for different ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const equal = isDeepStrictEqual(travelled(one), travelled(other));
        expect(canonicalJson(one as JsonValue) === canonicalJson(other as JsonValue)).toBe(equal);
        expect(canonicalJson(reversed(one) as JsonValue)).toBe(canonicalJson(one as JsonValue));
      }),
    );
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('fingerprint', () => {
  it.each([
    { type: 'other' },
    { version: 2 },
    { dialogId: 'e' },
    { sequence: 2 },
    { body: { amount: '101', to: 'a' } },
  ])('tells messages apart that differ in %j', (difference) => {
    expect(fingerprint({ ...MESSAGE, ...difference })).not.toBe(fingerprint(MESSAGE));
  });

  it('does not change where the body comes back from the database with its keys in another order', () => {
    expect(fingerprint({ ...MESSAGE, body: { to: 'a', amount: '100' } })).toBe(fingerprint(MESSAGE));
  });
});

/** As it arrives: JSON knows no -0. */
const travelled = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
