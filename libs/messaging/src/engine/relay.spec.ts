import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NO_FAULTS } from '../ports/fault-points.js';
import type { Consignment, Posting } from '../protocol/bundle.js';
import type { ChannelSwitch } from './channel-switch.js';
import { Relay, type RelayOptions } from './relay.js';

/** Goal: how long postings wait for each other. Method: fake timers, and a channel that takes everything at once. */
describe('Relay', () => {
  let rounds: number[];
  /** Happens during the next round. */
  let meanwhile: () => void;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    rounds = [];
    meanwhile = () => undefined;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const channels = {
    send: async ({ bundles }: Consignment) => {
      rounds.push(bundles.reduce((sum, { envelopes }) => sum + envelopes.length, 0));
      const happen = meanwhile;
      meanwhile = () => undefined;
      happen();
    },
  } as unknown as ChannelSwitch;

  const relayWith = (options: Partial<RelayOptions> = {}) =>
    new Relay({ channels, faultPoints: NO_FAULTS, ...options });

  const postings = (count: number): Posting[] =>
    Array.from({ length: count }, () => ({ queue: 'a.b', envelope: {} }) as Posting);

  /** How long, in milliseconds, a posting waits that comes right after a round of `count`. */
  async function waitAfter(relay: Relay, count: number): Promise<number> {
    relay.post(postings(count));
    await jest.advanceTimersByTimeAsync(0);
    relay.post(postings(1));
    const before = rounds.length;
    let waitedMs = 0;
    while (rounds.length === before) {
      await jest.advanceTimersByTimeAsync(1);
      waitedMs += 1;
      if (waitedMs > 1_000) throw new Error('it never left');
    }
    return waitedMs;
  }

  it('lets what comes alone leave at once, and the next one hardly wait', async () => {
    const relay = relayWith();
    expect(await waitAfter(relay, 1)).toBe(1);
    expect(rounds).toEqual([1, 1]);
  });

  it.each([
    [2, 4],
    [4, 8],
    [64, 8],
  ])('after a round of %d gathers for %d ms', async (count, waitedMs) => {
    expect(await waitAfter(relayWith(), count)).toBe(waitedMs);
  });

  it.each([
    [2, 4],
    [4, 8],
    [20, 20],
    [64, 32],
    [100, 8],
  ])('where it may gather for 32 ms, does so for as many as came: after %d for %d ms', async (count, waitedMs) => {
    expect(await waitAfter(relayWith({ gatherMsMax: 32 }), count)).toBe(waitedMs);
  });

  it('pauses after any round where nobody waits', async () => {
    const relay = relayWith({ pauseMsMin: 20 });
    expect(await waitAfter(relay, 1)).toBe(20);
  });

  it('does not wait for more where a full bundle has come meanwhile', async () => {
    const relay = relayWith({ gatherMsMax: 32 });
    meanwhile = () => relay.post(postings(200));
    relay.post(postings(50));
    await jest.advanceTimersByTimeAsync(1);
    expect(rounds).toEqual([50, 200]);
  });
});
