import { isWithin } from '../../chaos/failover-times/table.js';
import { median } from '../median.js';
import type { BenchReport } from './bench-report.js';
import { count, rate, ratio, time } from './format.js';
import type { Section } from './section.js';

const MEBIBYTE = 2 ** 20;

/** CPU, transactions and memory while nobody asks for anything, and how long replicas take to start. */
export function idleSection({ idle }: BenchReport): Section | null {
  if (idle === null) return null;
  const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
  const kinds = [...new Set(idle.cost.processes.map(({ kind }) => kind))];
  const ofKind = kinds.map((kind) => {
    const processes = idle.cost.processes.filter((one) => one.kind === kind);
    const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, one) => total + (one ?? 0), 0);
    const bytes = sum(processes.map(({ memoryBytes }) => memoryBytes));
    const cpu = idle.cost.cpuShare === null ? null : sum(processes.map(({ cpuShare }) => cpuShare));
    return [kind, String(processes.length), percent(cpu), count(bytes / processes.length / MEBIBYTE)];
  });
  return {
    name: 'idle',
    title: '(e) Idle, memory, start-up',
    about: `The default cluster for ${idle.cost.seconds.toFixed(0)} s without a call.`,
    tables: [
      { head: ['processes', 'how many', 'CPU, of one core', 'memory of each, MiB'], rows: ofKind },
      {
        head: ['database', 'transactions per second and replica'],
        rows: idle.cost.transactions.map(({ database, perSecondAndReplica }) => [
          database,
          perSecondAndReplica.toFixed(2),
        ]),
      },
      {
        head: ['start-up', 'ms until ready'],
        rows: idle.startUps.map(({ name, milliseconds }) => [name, count(milliseconds)]),
      },
    ],
    remarks: [`Everything together: ${percent(idle.cost.cpuShare)} of one core.`],
  };
}

/** How long each kind of failure is felt. */
export function failoverSection({ failovers }: BenchReport): Section | null {
  if (failovers === null) return null;
  const { target, times } = failovers;
  const seconds = (ms: number) => (ms / 1_000).toFixed(2);
  return {
    name: 'failover',
    title: '(g) Failover',
    about: `Killed with SIGKILL under the load of a few cash machines, ${times[0]?.roundsMs.length ?? 0} times each: ${target}. What is felt: the slowest withdrawal (for a channel: settlement) less the usual time; for the database, the time until the next withdrawal succeeds.`,
    tables: [
      {
        head: ['killed', 'worst s', 'median s', 'limit s', 'failed calls', 'within'],
        rows: times.map((one) => [
          one.what,
          seconds(Math.max(...one.roundsMs)),
          seconds(median(one.roundsMs)),
          seconds(one.limitMs),
          String(one.failedCalls),
          isWithin(one) ? 'yes' : 'no',
        ]),
      },
    ],
    chart: {
      ...{ kind: 'bars', title: 'Worst time that a failure is felt', unit: ' ms' },
      bars: times.map(({ what, roundsMs }) => ({ label: what, value: Math.max(...roundsMs), own: true })),
    },
    remarks: [],
  };
}

/** Whether the bank slows down as it grows. */
export function growthSection({ growth }: BenchReport): Section | null {
  if (growth === null) return null;
  const { entries, unanswered, empty, grown, drainSeconds } = growth;
  const row = (name: string, { perSecond, roundsPerSecond, answer }: typeof empty) => [
    name,
    rate(perSecond),
    roundsPerSecond.map(rate).join(', '),
    `${time(answer.p50)} / ${time(answer.p99)}`,
  ];
  return {
    name: 'growth',
    title: '(h) Growth',
    about:
      'An empty bank and a grown one in turn, each with two brokers, one of which is away; the customers of the other take cash.',
    tables: [
      {
        head: ['the bank', 'withdrawals/s', 'in each round', 'answer p50 / p99 ms'],
        rows: [
          row('empty', empty),
          row(`${count(entries)} ledger entries, ${count(unanswered)} messages that nobody answers`, grown),
        ],
      },
    ],
    remarks: [
      `Grown over empty: ${ratio(growth.ratio)}. When the dead broker returned, everything that waited for it was posted after ${drainSeconds.toFixed(0)} s.`,
    ],
  };
}
