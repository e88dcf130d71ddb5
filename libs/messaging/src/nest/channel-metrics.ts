import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MessagingEngine } from '../engine/engine.js';
import type { ChannelStatus, QueueStatus } from '../messaging.js';

/** One value of a gauge with its labels. */
type Sample = readonly [labels: Record<string, string>, value: number];

/** Channels, readers and the signal for external activation of one replica. Each gauge looks for itself when it is scraped. */
export function registerChannelMetrics(registry: Registry, engine: MessagingEngine): void {
  const gauge = (name: string, help: string, labelNames: string[], samples: () => Sample[]) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.set(labels, value);
      },
    });
  const ofChannels = (sample: (status: ChannelStatus) => Sample[]) => () => engine.channelStatus().flatMap(sample);
  const ofQueues = (value: (status: QueueStatus) => number) => () =>
    engine.queueStatus().map((status): Sample => [{ queue: status.queue }, value(status)]);
  gauge(
    'channel_role',
    '1 for the role that the channel has',
    ['channel', 'kind', 'role'],
    ofChannels(({ name: channel, kind, role }) => [[{ channel, kind, role }, 1]]),
  );
  gauge(
    'channel_up',
    '1 where the channel takes and delivers messages',
    ['channel'],
    ofChannels(({ name: channel, state }) => [[{ channel }, state === 'up' ? 1 : 0]]),
  );
  gauge(
    'channel_in_use',
    '1 where this replica sends on the channel',
    ['channel'],
    ofChannels(({ name: channel, inUse }) => [[{ channel }, inUse ? 1 : 0]]),
  );
  gauge(
    'channel_canary_seconds',
    'Time that the last canary took through the channel',
    ['channel'],
    ofChannels(({ name: channel, canarySeconds }) => (canarySeconds === null ? [] : [[{ channel }, canarySeconds]])),
  );
  gauge(
    'queue_readers',
    'Readers of the queue; 0: only its monitor waits',
    ['queue'],
    ofQueues(({ readers }) => readers),
  );
  gauge(
    'queue_backlog',
    'Bundles of messages that wait on the queue',
    ['queue'],
    ofQueues(({ backlog }) => backlog),
  );
  gauge('queue_readers_replaced', 'Times that dead readers were replaced since the start', [], () => [
    [{}, engine.activationStatus().replaced],
  ]);
  gauge('activation_desired_replicas', 'Replicas that the broker instance should have, as this one sees it', [], () => [
    [{}, engine.activationStatus().desiredReplicas],
  ]);
  countEvents(registry, engine);
}

function countEvents(registry: Registry, engine: MessagingEngine): void {
  const registers = [registry];
  const failovers = new Counter({
    name: 'channel_failovers_total',
    help: 'Times that senders turned to another channel (failover) or back (failback)',
    labelNames: ['kind', 'channel'],
    registers,
  });
  const failoverSeconds = new Histogram({
    name: 'channel_failover_seconds',
    help: 'From the first attempt that failed until another channel had taken something',
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2, 5],
    registers,
  });
  const outageSeconds = new Histogram({
    name: 'channel_outage_seconds',
    help: 'How long a channel was away before senders returned to it',
    buckets: [1, 5, 20, 60, 300, 3_600],
    registers,
  });
  engine.channels.failovers.onEvent = ({ kind, from, to, seconds }) => {
    failovers.inc({ kind, channel: kind === 'failover' ? (from ?? '') : to });
    (kind === 'failover' ? failoverSeconds : outageSeconds).observe(seconds);
  };
}
