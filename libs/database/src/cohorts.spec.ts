import { describe, expect, it } from '@jest/globals';
import { Cohorts } from './cohorts.js';

/** Calls that finish only when told to. */
function heldCalls() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const call = (number: number) => async () => {
    begun.push(number);
    await new Promise<void>((resolve) => ends.set(number, resolve));
    return number * 10;
  };
  const end = async (number: number) => {
    ends.get(number)?.();
    await nextTurn();
    await nextTurn();
  };
  return { begun, call, end };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const LONG = 60_000;

/** Calls that make way as soon as they set out, and finish only when told to. */
function callsThatMakeWay() {
  const { begun, call, end } = heldCalls();
  const cohorts = new Cohorts({ callsMax: 128, aloneMs: LONG });
  const results: Promise<number>[] = [];
  const arrive = async (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const held = call(results.length);
      results.push(
        cohorts.run((makeWay) => {
          makeWay();
          return held();
        }),
      );
    }
    await nextTurn();
    await nextTurn();
  };
  const endAll = async () => {
    for (const number of begun) await end(number);
    return Promise.all(results);
  };
  return { begun, arrive, end, endAll };
}

describe('cohorts', () => {
  it('let a lone call set out in the same turn, and those that arrive meanwhile together once it is back', async () => {
    const { begun, call, end } = heldCalls();
    const cohorts = new Cohorts({ callsMax: 10, aloneMs: LONG });
    const results = [cohorts.run(call(1))];
    await nextTurn();
    expect(begun).toEqual([1]);
    results.push(cohorts.run(call(2)));
    await nextTurn();
    results.push(cohorts.run(call(3)));
    await nextTurn();
    expect(begun).toEqual([1]);
    await end(1);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    await end(2);
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  it('wait for the last of those under way, however the others ended', async () => {
    const { begun, call, end } = heldCalls();
    const cohorts = new Cohorts({ callsMax: 10, aloneMs: LONG });
    const failing = expect(cohorts.run(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    const slow = cohorts.run(call(1));
    await failing;
    const next = cohorts.run(call(2));
    await nextTurn();
    expect(begun).toEqual([1]);
    await end(1);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(await Promise.all([slow, next])).toEqual([10, 20]);
  });

  it('keep to the most calls', async () => {
    const { begun, call, end } = heldCalls();
    const cohorts = new Cohorts({ callsMax: 2, aloneMs: LONG });
    const results = [1, 2, 3].map((number) => cohorts.run(call(number)));
    await nextTurn();
    expect(begun).toEqual([1, 2]);
    await end(1);
    await end(2);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  it('become even where many take turns, and leave nobody behind', async () => {
    const cohorts = new Cohorts({ callsMax: 128, aloneMs: LONG });
    const sizes: number[] = [];
    let underWay: (() => void)[] = [];
    const arrive = (count: number) =>
      Array.from({ length: count }, () => cohorts.run(() => new Promise<void>((resolve) => underWay.push(resolve))));
    const returned = async () => {
      sizes.push(underWay.length);
      const back = underWay;
      underWay = [];
      back.forEach((resolve) => resolve());
      await nextTurn();
      await nextTurn();
      return back.length;
    };
    const calls = arrive(24);
    await nextTurn();
    calls.push(...arrive(104));
    for (let turn = 0; turn < 6; turn++) calls.push(...arrive(await returned()));
    while (underWay.length > 0) await returned();
    await Promise.all(calls);
    expect(sizes.slice(3, 6)).toEqual([64, 64, 64]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(calls.length);
  });

  it('are held up by a slow one for no longer than its time, and by what it does later not at all', async () => {
    const { begun, call, end } = heldCalls();
    const cohorts = new Cohorts({ callsMax: 10, aloneMs: 20 });
    const slow = cohorts.run(call(1));
    await nextTurn();
    const second = cohorts.run(call(2));
    await nextTurn();
    expect(begun).toEqual([1]);
    while (begun.length < 2) await nextTurn();
    const third = cohorts.run(call(3));
    await end(1);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    expect(await Promise.all([slow, second, third])).toEqual([10, 20, 30]);
  });

  it('set out before those under way are back where these have made way and nearly as many wait', async () => {
    const { begun, arrive, endAll } = callsThatMakeWay();
    await arrive(20);
    await arrive(15);
    expect(begun).toHaveLength(20);
    await arrive(1);
    expect(begun).toHaveLength(36);
    expect(await endAll()).toHaveLength(36);
  });

  it('wait for those under way, though nearly as many wait, where these are few', async () => {
    const { begun, arrive, end, endAll } = callsThatMakeWay();
    await arrive(4);
    await arrive(11);
    for (const number of [0, 1, 2]) await end(number);
    expect(begun).toHaveLength(4);
    await end(3);
    expect(begun).toHaveLength(15);
    expect(await endAll()).toHaveLength(15);
  });

  it('set out early from twelve on, however few are under way', async () => {
    const { begun, arrive, endAll } = callsThatMakeWay();
    await arrive(4);
    await arrive(11);
    expect(begun).toHaveLength(4);
    await arrive(1);
    expect(begun).toHaveLength(16);
    expect(await endAll()).toHaveLength(16);
  });

  it('wait for one that has not made way, however many wait', async () => {
    const { begun, call, end } = heldCalls();
    const cohorts = new Cohorts({ callsMax: 20, aloneMs: LONG });
    let say: () => void = () => undefined;
    const results = [
      cohorts.run(call(1)),
      cohorts.run((makeWay) => {
        say = makeWay;
        return call(2)();
      }),
    ];
    await nextTurn();
    const others = Array.from({ length: 12 }, (_, nth) => 3 + nth);
    results.push(...others.map((number) => cohorts.run(call(number))));
    say();
    say();
    await nextTurn();
    expect(begun).toEqual([1, 2]);
    await end(1);
    expect(begun).toEqual([1, 2, ...others]);
    for (const number of [2, ...others]) await end(number);
    expect(await Promise.all(results)).toEqual([10, 20, ...others.map((number) => number * 10)]);
  });
});
