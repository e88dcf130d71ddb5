import { describe, expect, it } from '@jest/globals';
import { CounterWatch } from './counter-watch.js';

const NAME = 'things_total';
const textsOf = (...values: readonly number[]) =>
  new Map(values.map((value, index) => [`replica-${index + 1}`, `${NAME}{kind="a"} ${value}`]));

describe('the watch on counters', () => {
  it('looks once more when it is stopped, and never again', async () => {
    let looks = 0;
    const watch = new CounterWatch({ metrics: async () => textsOf(++looks, 10) }, [NAME]);
    await watch.stop();
    await watch.stop();
    expect(watch.total(NAME)).toBe(11);
  });

  it('ends although a replica never answers', async () => {
    const watch = new CounterWatch({ metrics: () => new Promise(() => undefined) }, [NAME], 10);
    await watch.stop();
    expect(watch.total(NAME)).toBe(0);
  });
});
