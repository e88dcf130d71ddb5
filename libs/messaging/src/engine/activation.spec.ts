import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryChannel } from '../../test/memory-channel.js';
import { SYSTEM_CLOCK } from '../ports/clock.js';
import { Activation } from './activation.js';
import { Canaries } from './canaries.js';
import { ChannelSwitch } from './channel-switch.js';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const clock = SYSTEM_CLOCK;

const SHARED_QUEUE = 'service.broker';
const BUNDLE = { envelopes: [] };
const READERS_MAX = 8;
const EVERY_MS = 10;

/** Readers that handle a bundle each every ten milliseconds and take a tenth of the time for it, for so many seconds. */
async function desiredAfter(seconds: number, waiting: number, isUp = true): Promise<number> {
  const channel = new MemoryChannel('one');
  channel.waiting = waiting;
  const canaries = new Canaries('own', clock);
  const channelSwitch = new ChannelSwitch({ channels: [channel], policy: 'active-passive', canaries, clock, logger });
  if (!isUp) {
    channel.mode = 'dead';
    const consignment = { queue: SHARED_QUEUE, channels: [], attempt: 1, bundles: [BUNDLE] };
    await expect(channelSwitch.send(consignment)).rejects.toThrow('no channel is up');
  }
  const activation = new Activation({
    channels: [channel],
    channelSwitch,
    canaries,
    sharedQueues: [SHARED_QUEUE],
    ownQueue: 'own',
    handle: () => new Promise((resolve) => setTimeout(resolve, EVERY_MS / 10)),
    readersMax: READERS_MAX,
    clock,
    logger,
  });
  for (let at = 0; at < seconds * 1_000; at += EVERY_MS) {
    for (let reader = 0; reader < READERS_MAX; reader++) void channel.deliver(SHARED_QUEUE, BUNDLE);
    await jest.advanceTimersByTimeAsync(EVERY_MS);
  }
  const { desiredReplicas } = activation.status();
  await activation.close();
  return desiredReplicas;
}

describe('activation', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('asks for another replica while bundles wait, though readers are seldom at work and would soon be done', async () => {
    // 800 bundles a second are handled: these wait for less than one.
    expect(await desiredAfter(6, 500)).toBe(2);
  });

  it('asks for none for what waited on a channel that is down', async () => {
    expect(await desiredAfter(6, 500, false)).toBe(1);
  });

  it('asks for none where nothing waits', async () => {
    expect(await desiredAfter(6, 0)).toBe(1);
  });
});
