import { z } from 'zod';
import { clusterSchema } from './responses.js';

/**
 * `GET /v1/operator/events`: what its server-sent events carry. A stream begins with one `cluster`, one `traffic` and one `money` event;
 * then come the changes. Ids are `<gateway's sampling>-<number>`: who comes back with `Last-Event-ID` to the same sampling gets what was missed,
 * everybody else begins anew.
 */
const at = z.iso.datetime().describe('UTC, ISO 8601');
const rate = z.number().describe('per second, since the event before');
const minor = z.int().describe('minor units');

/** The cluster as `GET /v1/operator/cluster` has it; sent whenever a member comes, goes, or changes its state, process or role. */
export const clusterEventSchema = z.object({ at, cluster: clusterSchema });

/** What has happened, in one line; `member` is a name of the cluster. */
export const noticeEventSchema = z.object({
  at,
  what: z.enum(['down', 'up', 'draining', 'restarted', 'joined', 'left', 'failover', 'failback', 'role']),
  kind: z.enum(['gateway', 'replica', 'channel', 'database']),
  member: z.string(),
  /** How long a fail-over took; null for everything else. */
  seconds: z.number().nullable(),
});

/** What moves, all gateways and replicas together; twice a second. */
export const trafficEventSchema = z.object({
  at,
  requests: z.object({
    perSecond: rate,
    failedPerSecond: rate.describe('answered with 5xx, per second'),
    inFlight: z.int(),
    /** Of the calls that were answered since the event before; null where there were none. */
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
  }),
  /** Calls between processes: from a gateway to a replica, or from an atm-terminal replica to an account replica. */
  flows: z.array(z.object({ from: z.string(), to: z.string(), perSecond: rate })),
  replicas: z.array(
    z.object({
      name: z.string(),
      broker: z.string(),
      /** Channel that it sends on now; null where none is up. */
      channel: z.string().nullable(),
      sentPerSecond: rate,
      resentPerSecond: rate,
      receivedPerSecond: rate,
      duplicatesPerSecond: rate,
      readers: z.int(),
      backlog: z.int(),
      /** Share of its event loop in use, 0 to 1. */
      eventLoop: z.number(),
    }),
  ),
  brokers: z.array(
    z.object({
      name: z.string(),
      unanswered: z.int().describe('messages in the transmission queue'),
      oldestUnansweredSeconds: z.number(),
      parked: z.int().describe('messages that have arrived and wait, for whatever reason'),
    }),
  ),
  /** Repeats that an inbox has answered from its store, since the replicas of now started. */
  duplicatesAbsorbed: z.int(),
});

/** Where the money is, read from totals that the databases maintain; once a second. Null: its keeper cannot be heard. */
export const moneyEventSchema = z.object({
  at,
  /** Sum of all ledger lines of all account brokers; anything but 0 is a fault. */
  ledger: minor.nullable(),
  customers: minor.nullable().describe('what customers have in their accounts'),
  held: minor.nullable().describe('of which held for withdrawals that are under way'),
  cash: minor.nullable().describe('notes in the cassettes of all terminals'),
  suspense: minor.nullable().describe('notes of which nobody knows whether they were taken'),
  inFlight: minor.nullable().describe('dispensed or put in, and not yet booked'),
});

/** Data of each kind of event. */
export const OPERATOR_EVENTS = {
  cluster: clusterEventSchema,
  notice: noticeEventSchema,
  traffic: trafficEventSchema,
  money: moneyEventSchema,
} as const;

/** One line of the stream's description in OpenAPI: any of the events' data. */
export const operatorEventSchema = z.union(Object.values(OPERATOR_EVENTS));

export type OperatorEventKind = keyof typeof OPERATOR_EVENTS;
export type OperatorEvent = {
  [Kind in OperatorEventKind]: { readonly kind: Kind; readonly data: z.infer<(typeof OPERATOR_EVENTS)[Kind]> };
}[OperatorEventKind];
export type ClusterEvent = z.infer<typeof clusterEventSchema>;
export type NoticeEvent = z.infer<typeof noticeEventSchema>;
export type TrafficEvent = z.infer<typeof trafficEventSchema>;
export type MoneyEvent = z.infer<typeof moneyEventSchema>;
