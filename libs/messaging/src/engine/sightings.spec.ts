import { describe, expect, it } from '@jest/globals';
import { Sightings } from './sightings.js';

describe('sightings', () => {
  it('tell of one message, oldest first, and forget the oldest of all', () => {
    let now = 1_000;
    const sightings = new Sightings({ now: () => now++ } as never);
    sightings.note('sent', 'a', 1);
    sightings.note('sent', 'b', 1);
    sightings.note('sent-again', 'a', 2);
    sightings.note('answered', 'a');
    expect(sightings.of('a').map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['sent', 1],
      ['sent-again', 2],
      ['answered', null],
    ]);
    for (let count = 0; count < 4_094; count++) sightings.note('sent', 'others', 1);
    expect(sightings.of('a').map(({ kind }) => kind)).toEqual(['sent-again', 'answered']);
    expect(sightings.of('b')).toEqual([]);
  });
});
