import { describe, expect, it } from '@jest/globals';
import { measuredOf, Rounds } from './rounds.js';

describe('rounds', () => {
  it('measure everything in turn, and keep the results of each', async () => {
    const order: string[] = [];
    const measure = (name: string) => async (round: number) => {
      order.push(`${name}${round}`);
      return { perSecond: round * 10 };
    };
    const rounds = new Rounds();
    const [one, other] = [rounds.add(measure('a')), rounds.add(measure('b'))];
    await rounds.run(3);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    expect(measuredOf(one)).toEqual({ perSecond: 20, roundsPerSecond: [10, 20, 30] });
    expect(other).toHaveLength(3);
  });
});
