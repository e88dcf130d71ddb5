import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryChannel } from '../../test/memory-channel.js';
import { SYSTEM_CLOCK } from '../ports/clock.js';
import { QueueReaders } from './queue-readers.js';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const QUEUE = 'service.broker';
const BUNDLE = { envelopes: [] };

function readersOf(channel: MemoryChannel, handle: () => Promise<void>): QueueReaders {
  const onWake = ignore;
  return new QueueReaders({
    channel,
    queue: QUEUE,
    handle,
    onCanary: ignore,
    readersMax: 4,
    onWake,
    clock: SYSTEM_CLOCK,
    logger,
  });
}

describe('the readers of a queue', () => {
  afterEach(() => void jest.useRealTimers());

  it('are none until a bundle comes, and none for a canary', async () => {
    const channel = new MemoryChannel('one');
    const readers = readersOf(channel, () => Promise.resolve());
    await channel.deliver(QUEUE, { ...BUNDLE, canary: 'yellow' });
    expect(readers.isAwake).toBe(false);
    await channel.deliver(QUEUE, BUNDLE);
    expect(readers.readers).toBe(1);
  });

  it('become more while the queue is never found empty, also where some of them are free', async () => {
    jest.useFakeTimers();
    const channel = new MemoryChannel('one');
    channel.waiting = 1_000;
    const readers = readersOf(channel, () => Promise.resolve());
    const seen: number[] = [];
    for (let bundle = 0; bundle < 3; bundle++) {
      await channel.deliver(QUEUE, BUNDLE);
      jest.advanceTimersByTime(100);
      await readers.look();
      seen.push(readers.readers);
    }
    expect(seen).toEqual([2, 4, 4]);
    channel.waiting = 0;
    await channel.deliver(QUEUE, BUNDLE);
    await readers.look();
    expect(readers.backlog).toBe(0);
  });

  it('give up a bundle at which one of them has hung for a minute, and go on', async () => {
    jest.useFakeTimers();
    const channel = new MemoryChannel('one');
    const readers = readersOf(channel, () => new Promise(ignore));
    const reading = channel.deliver(QUEUE, BUNDLE);
    const outcome = expect(reading).rejects.toThrow('no answer within 60000 ms');
    expect(readers.atWork).toBe(1);
    await jest.advanceTimersByTimeAsync(60_000);
    await outcome;
    expect(readers.atWork).toBe(0);
  });

  it('are replaced where a backlog stands and nobody works at it, ever more seldom', async () => {
    jest.useFakeTimers();
    const channel = new MemoryChannel('one');
    channel.waiting = 5;
    const readers = readersOf(channel, () => Promise.resolve());
    const replaced: number[] = [];
    for (let second = 0; second < 40; second++) {
      await readers.look();
      if (readers.replaced > replaced.length) replaced.push(second);
      jest.advanceTimersByTime(1_000);
    }
    expect(replaced).toEqual([4, 8, 16, 32]);
    expect(readers.isSilent).toBe(true);
    await channel.deliver(QUEUE, BUNDLE);
    channel.waiting = 0;
    await readers.look();
    expect(readers.isSilent).toBe(false);
  });
});
