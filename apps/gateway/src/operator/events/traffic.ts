import type { TrafficEvent } from '#contracts';
import { quantileMs } from '../../proxy/latency-buckets.js';
import type { FoundProcess } from '../describe-cluster.js';
import type { ReplicaStatus } from '../replica-status.js';

type Messaging = NonNullable<ReplicaStatus['messaging']>;

/** A process's counters now, those of the time before, and the seconds in between. */
interface Counted {
  readonly now: ReplicaStatus;
  readonly was: ReplicaStatus | null;
  readonly seconds: number;
}

/** What moves: differences between the counters that the processes tell from time to time. */
export class TrafficMeter {
  private readonly last = new Map<string, { readonly status: ReplicaStatus; readonly atMs: number }>();

  /** `atMs` on a clock that only goes forward. Who is heard for the first time has moved nothing yet. */
  measure(processes: readonly FoundProcess[], atMs: number): Omit<TrafficEvent, 'at'> {
    const statuses = processes.flatMap(({ status }) => (status === null ? [] : [status]));
    const counted = statuses.map((now) => this.count(now, atMs));
    for (const status of statuses) this.last.set(status.name, { status, atMs });
    return {
      requests: requestsOf(counted),
      flows: counted.flatMap(flowsOf),
      replicas: counted.flatMap(replicaOf),
      brokers: brokersOf(statuses),
      duplicatesAbsorbed: sum(statuses.map(({ messaging }) => messaging?.counters.duplicates ?? 0)),
    };
  }

  /** A process of another pid has begun to count anew. */
  private count(now: ReplicaStatus, atMs: number): Counted {
    const { status = now, atMs: before = atMs } = this.last.get(now.name) ?? {};
    return { now, was: status.pid === now.pid ? status : null, seconds: Math.max(0.001, (atMs - before) / 1_000) };
  }
}

const rate = ({ seconds }: Counted, now: number, was = 0) => round(Math.max(0, now - was) / seconds);

function flowsOf(counted: Counted): TrafficEvent['flows'] {
  const { now, was } = counted;
  const flows = Object.entries(now.calls).map(([to, calls]) => ({
    from: now.name,
    to,
    perSecond: rate(counted, calls, was?.calls[to]),
  }));
  return flows.filter(({ perSecond }) => perSecond > 0);
}

function requestsOf(processes: readonly Counted[]): TrafficEvent['requests'] {
  const gateways = processes.flatMap((counted) => {
    const { traffic } = counted.now;
    return traffic == null ? [] : [{ counted, traffic, was: counted.was?.traffic }];
  });
  const latency = addUp(
    gateways.map(({ traffic, was }) => traffic.latency.map((count, at) => count - (was?.latency[at] ?? 0))),
  );
  return {
    perSecond: sum(gateways.map(({ counted, traffic, was }) => rate(counted, traffic.answered, was?.answered))),
    failedPerSecond: sum(gateways.map(({ counted, traffic, was }) => rate(counted, traffic.failed, was?.failed))),
    inFlight: sum(gateways.map(({ traffic }) => traffic.inFlight)),
    p50Ms: quantileMs(latency, 0.5),
    p95Ms: quantileMs(latency, 0.95),
    p99Ms: quantileMs(latency, 0.99),
  };
}

function replicaOf(counted: Counted): TrafficEvent['replicas'] {
  const { now, was } = counted;
  const { messaging } = now;
  if (messaging == null) return [];
  const of = (name: keyof Messaging['counters']) =>
    rate(counted, messaging.counters[name], was?.messaging?.counters[name]);
  return [
    {
      name: now.name,
      broker: now.broker ?? '',
      channel: messaging.channels.find(({ inUse }) => inUse)?.name ?? null,
      sentPerSecond: of('sent'),
      resentPerSecond: of('resent'),
      receivedPerSecond: of('received'),
      duplicatesPerSecond: of('duplicates'),
      readers: messaging.activation?.readers ?? 0,
      backlog: messaging.activation?.backlog ?? 0,
      eventLoop: now.load['eventLoop'] ?? 0,
    },
  ];
}

/** Every replica of a broker instance reads the same tables, a moment apart; the largest number is shown. */
function brokersOf(statuses: readonly ReplicaStatus[]): TrafficEvent['brokers'] {
  const names = [...new Set(statuses.flatMap(({ broker }) => (broker == null ? [] : [broker])))];
  return names.map((name) => {
    const seen = statuses.flatMap(({ broker, messaging }) => (broker === name && messaging != null ? [messaging] : []));
    const largest = (of: (messaging: Messaging) => number) => Math.max(0, ...seen.map(of));
    return {
      name,
      unanswered: largest(({ unanswered }) => unanswered),
      oldestUnansweredSeconds: round(largest(({ oldestUnansweredSeconds }) => oldestUnansweredSeconds)),
      parked: largest(({ parked }) => parked),
    };
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

const addUp = (rows: readonly (readonly number[])[]): number[] =>
  Array.from({ length: Math.max(0, ...rows.map(({ length }) => length)) }, (_, at) =>
    sum(rows.map((row) => Math.max(0, row[at] ?? 0))),
  );

const round = (value: number) => Math.round(value * 100) / 100;
