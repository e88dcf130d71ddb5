import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryChannel } from '../../test/memory-channel.js';
import type { Consignment } from '../protocol/bundle.js';
import { canaryOf } from '../protocol/bundle.js';
import { Canaries } from './canaries.js';
import { ChannelSwitch } from './channel-switch.js';
import type { ChannelEvent } from './failovers.js';
import { SYSTEM_CLOCK } from '../ports/clock.js';

const OWN_QUEUE = 'broker.replica';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const consignment = (overrides: Partial<Consignment> = {}): Consignment => ({
  queue: 'service.broker',
  channels: [],
  attempt: 1,
  bundles: [{ envelopes: [] }],
  ...overrides,
});

describe('the channel switch', () => {
  let one: CountingChannel;
  let other: CountingChannel;
  let channels: ChannelSwitch;
  let events: ChannelEvent[];

  beforeEach(() => {
    [one, other] = [new CountingChannel('one'), new CountingChannel('other')];
    channels = new ChannelSwitch({
      channels: [one, other],
      policy: 'active-passive',
      canaries: new Canaries(OWN_QUEUE, SYSTEM_CLOCK),
      clock: SYSTEM_CLOCK,
      logger,
    });
    events = [];
    channels.failovers.onEvent = (event) => events.push(event);
  });

  const taken = () => [one.adds, other.adds];

  it('sends on the active one as long as it takes what it is given', async () => {
    for (let turn = 0; turn < 3; turn++) await channels.send(consignment());
    expect(taken()).toEqual([3, 0]);
    expect(events).toEqual([]);
  });

  it('puts what the active one refuses on the passive one at once, and leaves the active one alone from then on', async () => {
    one.mode = 'dead';
    await channels.send(consignment());
    await channels.send(consignment());
    expect(taken()).toEqual([1, 2]);
    expect(events).toEqual([expect.objectContaining({ kind: 'failover', from: 'one', to: 'other' })]);
  });

  it('waits less than a second for a channel that hangs', async () => {
    one.mode = 'hung';
    await channels.send(consignment());
    expect(other.adds).toBe(1);
    expect(events[0]?.seconds).toBeLessThan(1);
  });

  it('uses only the channels that the route names, and none where those are down', async () => {
    await channels.send(consignment({ channels: ['other'] }));
    expect(taken()).toEqual([0, 1]);
    other.mode = 'dead';
    await expect(channels.send(consignment({ channels: ['other'] }))).rejects.toThrow('no channel is up');
    expect(one.adds).toBe(0);
  });

  it('sends again on another channel what may have been swallowed', async () => {
    await channels.send(consignment({ attempt: 2 }));
    await channels.send(consignment({ attempt: 3 }));
    expect(taken()).toEqual([1, 1]);
  });

  it('leaves a channel that says that its connection is lost, before anything is sent on it', async () => {
    one.mode = 'dead';
    channels.start();
    one.onLost?.();
    await new Promise(setImmediate);
    expect(channels.isUp(one)).toBe(false);
    await channels.send(consignment());
    expect(taken()).toEqual([1, 1]);
    one.onLost?.();
    expect(taken()).toEqual([1, 1]);
    channels.stop();
  });

  it('says that no channel is up where none takes it', async () => {
    one.mode = other.mode = 'dead';
    await expect(channels.send(consignment())).rejects.toThrow('no channel is up');
    expect(events).toEqual([]);
  });
});

describe('a canary', () => {
  it('comes back through a channel that works, and is lost in one that delivers nothing', async () => {
    const channel = new MemoryChannel('one');
    const canaries = new Canaries(OWN_QUEUE, SYSTEM_CLOCK);
    const listener = channel.listen(OWN_QUEUE, async (data) => canaries.returned(channel, canaryOf(data) ?? ''));
    expect(await canaries.send(channel)).toBeLessThan(1_000);
    await listener.close();
    await expect(canaries.send(channel)).rejects.toThrow('did not come back');
  });

  it('that comes back through another channel says nothing about this one', async () => {
    const [one, other] = [new MemoryChannel('one'), new MemoryChannel('other')];
    const canaries = new Canaries(OWN_QUEUE, SYSTEM_CLOCK);
    one.listen(OWN_QUEUE, async (data) => canaries.returned(other, canaryOf(data) ?? ''));
    await expect(canaries.send(one)).rejects.toThrow('did not come back');
  });
});

class CountingChannel extends MemoryChannel {
  adds = 0;
  onLost?: () => void;

  override add(...given: Parameters<MemoryChannel['add']>): Promise<void> {
    this.adds++;
    return super.add(...given);
  }
}
