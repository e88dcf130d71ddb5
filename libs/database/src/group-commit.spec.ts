import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

/** Runs that finish only when told to, so that a test decides what arrives meanwhile. */
function heldRuns() {
  const groups: number[][] = [];
  const releases: (() => void)[] = [];
  const run = async (items: number[]) => {
    groups.push(items);
    await new Promise<void>((resolve) => releases.push(resolve));
    return items.map((item) => item * 10);
  };
  return { groups, run, releaseNext: () => releases.shift()?.() };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('runs a lone call in the same turn of the event loop, and lets those that arrive meanwhile share the next run', async () => {
    const { groups, run, releaseNext } = heldRuns();
    const group = new GroupCommit({ run, itemsMax: 10, inFlightMax: 1 });
    const results = [group.submit(1)];
    await nextTurn();
    expect(groups).toEqual([[1]]);
    results.push(group.submit(2));
    await nextTurn();
    results.push(group.submit(3));
    releaseNext();
    expect(await results[0]).toBe(10);
    await nextTurn();
    expect(groups).toEqual([[1], [2, 3]]);
    releaseNext();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  it('keeps those together whom one turn has woken', async () => {
    const { groups, run, releaseNext } = heldRuns();
    const first = new GroupCommit({ run, itemsMax: 10, inFlightMax: 1 });
    const second = new GroupCommit({ run, itemsMax: 10, inFlightMax: 1 });
    const results = [1, 2, 3].map(async (item) => second.submit(await first.submit(item)));
    await nextTurn();
    releaseNext();
    await nextTurn();
    await nextTurn();
    expect(groups).toEqual([
      [1, 2, 3],
      [10, 20, 30],
    ]);
    releaseNext();
    expect(await Promise.all(results)).toEqual([100, 200, 300]);
  });

  it('runs in the context of no caller, whoever was first', async () => {
    const caller = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const run = async (items: number[]) => {
      await nextTurn();
      seen.push(caller.getStore());
      return items;
    };
    const group = new GroupCommit({ run, itemsMax: 1, inFlightMax: 1 });
    await Promise.all([1, 2, 3].map((item) => caller.run(`caller ${item}`, () => group.submit(item))));
    expect(seen).toEqual([undefined, undefined, undefined]);
    expect(await caller.run('one', async () => [await group.submit(4), caller.getStore()])).toEqual([4, 'one']);
  });

  it('keeps to the most items in a run and the most runs at once', async () => {
    const { groups, run, releaseNext } = heldRuns();
    const group = new GroupCommit({ run, itemsMax: 2, inFlightMax: 2 });
    const results = [1, 2, 3, 4, 5].map((item) => group.submit(item));
    await nextTurn();
    expect(groups).toEqual([
      [1, 2],
      [3, 4],
    ]);
    releaseNext();
    await nextTurn();
    expect(groups).toEqual([[1, 2], [3, 4], [5]]);
    for (let left = 0; left < 2; left++) {
      releaseNext();
      await nextTurn();
    }
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50]);
  });

  it('leaves a run alone for its time, and begins the next one beside it where it takes longer', async () => {
    const { groups, run, releaseNext } = heldRuns();
    const group = new GroupCommit({ run, itemsMax: 10, inFlightMax: 2, aloneMs: 20 });
    const results = [group.submit(1)];
    await nextTurn();
    results.push(group.submit(2), group.submit(3));
    await nextTurn();
    expect(groups).toEqual([[1]]);
    while (groups.length < 2) await nextTurn();
    expect(groups).toEqual([[1], [2, 3]]);
    results.push(group.submit(4));
    releaseNext();
    releaseNext();
    while (groups.length < 3) await nextTurn();
    expect(groups).toEqual([[1], [2, 3], [4]]);
    releaseNext();
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  });

  it('gathers what comes in the pause after a run, and keeps nobody waiting who comes later', async () => {
    const { groups, run, releaseNext } = heldRuns();
    const group = new GroupCommit({ run, itemsMax: 10, inFlightMax: 1, pauseMs: 20 });
    const first = group.submit(1);
    await nextTurn();
    releaseNext();
    await first;
    const next = [group.submit(2), group.submit(3)];
    expect(groups).toEqual([[1]]);
    while (groups.length < 2) await nextTurn();
    expect(groups).toEqual([[1], [2, 3]]);
    releaseNext();
    await Promise.all(next);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const late = group.submit(4);
    await nextTurn();
    expect(groups).toEqual([[1], [2, 3], [4]]);
    releaseNext();
    await late;
  });

  it('lets a bad item fail alone', async () => {
    const group = new GroupCommit<number, number>({
      itemsMax: 10,
      inFlightMax: 1,
      run: async (items) => {
        await Promise.resolve();
        if (items.includes(13)) throw new Error('thirteen');
        return items;
      },
    });
    const settled = await Promise.allSettled([1, 2, 13, 4].map((item) => group.submit(item)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });
});
