import { describe, expect, it } from '@jest/globals';
import { noteBounded } from './note-bounded.js';

describe('entries that are bounded', () => {
  it('lose the first of them to a new one, and none to one that is there', () => {
    const entries = new Map<string, number>();
    for (const [index, key] of ['a', 'b', 'c', 'b'].entries()) noteBounded(entries, key, index, 2);
    expect([...entries]).toEqual([
      ['b', 3],
      ['c', 2],
    ]);
  });
});
