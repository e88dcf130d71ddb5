import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MessagingEngine } from '../engine/engine.js';

/** Channels, readers and the signal for external activation of one replica. */
export function registerChannelMetrics(registry: Registry, engine: MessagingEngine): void {
  const registers = [registry];
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers });
  const role = gauge('channel_role', '1 for the role that the channel has', 'channel', 'kind', 'role');
  const up = gauge('channel_up', '1 where the channel takes and delivers messages', 'channel');
  const used = gauge('channel_in_use', '1 where this replica sends on the channel', 'channel');
  const canary = gauge('channel_canary_seconds', 'Time that the last canary took through the channel', 'channel');
  const readers = gauge('queue_readers', 'Readers of the queue; 0: only its monitor waits', 'queue');
  const backlog = gauge('queue_backlog', 'Bundles of messages that wait on the queue', 'queue');
  const replaced = gauge('queue_readers_replaced', 'Times that dead readers were replaced since the start');
  new Gauge({
    name: 'activation_desired_replicas',
    help: 'Replicas that the broker instance should have, as this one sees it',
    registers,
    collect() {
      const activation = engine.activationStatus();
      this.set(activation.desiredReplicas);
      replaced.set(activation.replaced);
      for (const queue of engine.queueStatus()) {
        readers.set({ queue: queue.queue }, queue.readers);
        backlog.set({ queue: queue.queue }, queue.backlog);
      }
      for (const { name: channel, ...status } of engine.channels.status()) {
        role.set({ channel, kind: status.kind, role: status.role }, 1);
        up.set({ channel }, status.state === 'up' ? 1 : 0);
        used.set({ channel }, status.inUse ? 1 : 0);
        if (status.canarySeconds !== null) canary.set({ channel }, status.canarySeconds);
      }
    },
  });
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
