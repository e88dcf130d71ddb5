import { Counter, Gauge, type Registry } from 'prom-client';
import { registerChannelMetrics } from './channel-metrics.js';
import type { MessagingEngine } from '../engine/engine.js';
import type { Counters } from '../engine/counters.js';

const COUNTERS: readonly (readonly [name: string, help: string, of: keyof Counters])[] = [
  ['messages_sent_total', 'Messages sent the first time', 'sent'],
  ['messages_resent_total', 'Messages sent again because their answer was overdue', 'resent'],
  ['inbox_applied_total', 'Messages applied', 'received'],
  ['inbox_duplicates_total', 'Messages that had been applied before', 'duplicates'],
  ['inbox_refused_total', 'Messages that cannot be applied', 'refused'],
  ['messages_failed_total', 'Messages and answers whose handler threw', 'failed'],
  ['envelopes_misdirected_total', 'Envelopes for another broker, or unreadable', 'misdirected'],
  ['inbox_stale_total', 'Copies that were too old to be accepted', 'stale'],
  ['inbox_forgotten_total', 'Processed messages and ends of dialogs that were forgotten', 'forgotten'],
  ['messages_quarantined_total', 'Messages that were left to an operator', 'quarantined'],
  ['answers_late_total', 'Answers that nobody waited for any more', 'lateAnswers'],
];

/** Shows one replica's messaging in `registry`; nothing is computed but when it is scraped, and what the database cannot tell is NaN or left out. */
export function registerMetrics(registry: Registry, engine: MessagingEngine): void {
  const registers = [registry];
  registerChannelMetrics(registry, engine);
  for (const [name, help, key] of COUNTERS) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(engine.counters[key]);
      },
    });
  }
  new Gauge({
    name: 'inbox_processed_rows',
    help: 'Messages that the inbox remembers (estimate), of the whole broker instance',
    registers,
    async collect() {
      this.set(await engine.processedRows().catch(() => NaN));
    },
  });
  new Gauge({
    name: 'dialog_parked',
    help: 'Messages that have arrived and wait, of the whole broker instance',
    labelNames: ['reason'],
    registers,
    async collect() {
      for (const [reason, count] of Object.entries(await engine.parkedMessages().catch(() => ({}))))
        this.set({ reason }, count);
    },
  });
  const size = sharedWhilePending(() => engine.queueSize());
  new Gauge({
    name: 'outbox_unacknowledged',
    help: 'Messages without an answer',
    registers,
    async collect() {
      this.set((await size())?.unanswered ?? NaN);
    },
  });
  new Gauge({
    name: 'outbox_oldest_unacknowledged_seconds',
    help: 'Age of the oldest message without an answer',
    registers,
    async collect() {
      this.set((await size())?.oldestUnansweredSeconds ?? NaN);
    },
  });
}

/** The gauges of one scrape are collected at the same time, and one question to the database answers them all. */
function sharedWhilePending<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => (pending ??= ask().finally(() => (pending = null)));
}
