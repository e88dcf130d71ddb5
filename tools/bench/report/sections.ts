import { PACED_PER_SECOND } from '../delivery/measure-delivery.js';
import { type BenchReport, type DeliveryRow, isMissing, type PathRow } from './bench-report.js';
import { environmentSection } from './environment-section.js';
import { costSection } from './cost-section.js';
import { count, rate, ratio, replicas, time, times } from './format.js';
import type { Section, Table } from './section.js';
import { failoverSection, growthSection, idleSection } from './other-sections.js';

/** Everything that was measured, in the order of the parts. */
export function sectionsOf(report: BenchReport): Section[] {
  const sections = [
    environmentSection(report),
    limitSection(report),
    pathSection(report),
    costSection(report),
    deliverySection(report),
    idleSection(report),
    replicasSection(report),
    brokersSection(report),
    failoverSection(report),
    growthSection(report),
  ];
  return sections.filter((section) => section !== null);
}

/** Withdrawals per second that the database alone can commit; null where it was not measured. */
const limitOf = ({ limit }: BenchReport): number | null =>
  limit === null || isMissing(limit) ? null : limit.perSecond;

function ofLimit(report: BenchReport, perSecond: number): string {
  const limit = limitOf(report);
  return limit === null ? '–' : ratio(perSecond / limit);
}

function limitSection({ limit, path }: BenchReport): Section | null {
  if (limit === null) return null;
  const about =
    'What this PostgreSQL commits when nothing else is there: one PL/pgSQL function that does all that an idempotent withdrawal needs ' +
    '(processed id, balance, two ledger lines, outbox row), called by pgbench with 16 clients.';
  const section = { name: 'limit', title: '(a) The limit', about };
  if (isMissing(limit)) return { ...section, tables: [], remarks: [`Not measured: ${limit.missing}.`] };
  const bars = (path ?? []).map(({ sizes, atms, paced, figures }) => ({
    label: `${atms} ATMs${paced === null ? '' : ' paced'}, ${sizes.gateways} + ${sizes.terminals} + ${sizes.accounts} replicas`,
    value: figures.perSecond,
    own: true,
  }));
  return {
    ...section,
    tables: [{ head: ['', 'per second'], rows: [['the limit', rate(limit.perSecond)]] }],
    chart: {
      ...{ kind: 'bars', title: 'Withdrawals per second', unit: '/s' },
      bars: [{ label: 'PostgreSQL alone (pgbench)', value: limit.perSecond, own: false }, ...bars],
    },
    remarks: [],
  };
}

function pathSection(report: BenchReport): Section | null {
  if (report.path === null) return null;
  return {
    name: 'path',
    title: '(b) The whole path',
    about:
      'Gateway → atm-terminal: intent → hold at account → dispenser → outcome with its advice → channel → inbox and ledger → answer → settled, ' +
      'over HTTP, with sessions that were opened with a PIN beforehand. Closed loop: each virtual ATM asks again as soon as it is answered. Paced: a quarter of what ' +
      'the closed loop reached, at even intervals.',
    tables: [pathTable(report, report.path)],
    remarks: [],
  };
}

function pathTable(report: BenchReport, rows: readonly PathRow[]): Table {
  return {
    head: [
      ...['run', 'replicas', 'withdrawals/s', 'of the limit'],
      ...['answer p50 / p99 / p99.9 ms', 'answer → settled p50 / p99 / p99.9 ms'],
    ],
    rows: rows.map(({ sizes, atms, paced, figures }) => [
      `${atms} ATMs, ${paced === null ? 'closed loop' : `paced at ${rate(paced)}`}`,
      replicas(sizes),
      rate(figures.perSecond),
      ofLimit(report, figures.perSecond),
      times(figures.answer),
      times(figures.settled),
    ]),
  };
}

function deliverySection(report: BenchReport): Section | null {
  const { messaging, peers } = report;
  if (messaging === null && peers === null) return null;
  const rows = [...(messaging === null ? [] : [messaging]), ...(peers ?? [])];
  const line = ({ name, style, result }: DeliveryRow) =>
    isMissing(result)
      ? [name, styleOf(style), '–', '–', result.missing]
      : [name, styleOf(style), rate(result.perSecond), ofLimit(report, result.perSecond), times(result.paced)];
  const latency = `committed → applied at ${PACED_PER_SECOND}/s, p50 / p99 / p99.9 ms`;
  return {
    name: 'delivery',
    title: '(c, d) The messaging library alone, and peers',
    about:
      'Commit a row together with a message, carry it, apply its effect (a balance) exactly once; source and target in a process each, 256 callers. ' +
      'As documented: one transaction for each message. With group commit: what arrives together shares a transaction on both sides, which is built around the ' +
      'peers here and is how `libs/messaging` is used for great numbers. `libs/messaging` works between two databases and sends an answer back; the peers have one ' +
      'database. BullMQ is without an outbox: what its source dies of after the commit is lost; its Redis flushes before it answers (`appendfsync always`), since it keeps ' +
      'what nobody else has. That of `libs/messaging` flushes once a second: until a message is answered the database has it.',
    tables: [{ head: ['', 'how', 'applied/s', 'of the limit', latency], rows: rows.map(line) }],
    chart: {
      ...{ kind: 'bars', title: 'Applied exactly once, per second', unit: '/s' },
      bars: rows.flatMap(({ name, style, result, contestant }) =>
        isMissing(result)
          ? []
          : [{ label: `${name}, ${styleOf(style)}`, value: result.perSecond, own: contestant === 'cashpoint' }],
      ),
    },
    remarks: [...comparison(messaging, peers ?? []), ...lossOf(report.redisLoss)],
  };
}

const styleOf = (style: DeliveryRow['style']) => (style === 'documented' ? 'as documented' : 'with group commit');

/** The library against the best peer of each style; nothing where either was not measured. */
function comparison(messaging: DeliveryRow | null, peers: readonly DeliveryRow[]): string[] {
  if (messaging === null || isMissing(messaging.result)) return [];
  const own = messaging.result.perSecond;
  return (['documented', 'grouped'] as const).flatMap((style) => {
    const rates = peers.flatMap((peer) =>
      peer.style !== style || isMissing(peer.result) ? [] : [{ name: peer.name, perSecond: peer.result.perSecond }],
    );
    const [best] = rates.toSorted((one, other) => other.perSecond - one.perSecond);
    if (best === undefined || best.perSecond === 0) return [];
    return [`${(own / best.perSecond).toFixed(1)} × the best peer ${styleOf(style)} (${best.name}).`];
  });
}

function lossOf(loss: BenchReport['redisLoss']): string[] {
  if (loss === null) return [];
  const { messages, drainedSeconds, sent, applied } = loss;
  const outcome =
    sent === applied ? 'every one was applied, once' : `${count(sent)} was sent and ${count(applied)} applied`;
  return [
    `No message depends on Redis: that of \`libs/messaging\` was killed in the middle of full load, its files were deleted, and it was started again. Of ${count(messages)} ` +
      `messages that were committed meanwhile ${outcome}; the last one ${drainedSeconds.toFixed(1)} s after the load.`,
  ];
}

function replicasSection(report: BenchReport): Section | null {
  const { replicas: rows } = report;
  if (rows === null) return null;
  return {
    name: 'replicas',
    title: '(f) More replicas',
    about:
      'The same closed loop. One machine gets no faster by having more processes on it; what shows is what they cost. More replicas make smaller groups.',
    tables: [
      {
        head: ['replicas', 'withdrawals/s', 'of the limit', 'CPU µs per withdrawal', 'answer p50 / p99 / p99.9 ms'],
        rows: rows.map(({ sizes, figures }) => [
          replicas(sizes),
          rate(figures.perSecond),
          ofLimit(report, figures.perSecond),
          allCpu(figures.cost.cpuUs),
          times(figures.answer),
        ]),
      },
    ],
    chart: {
      ...{ kind: 'line', title: 'Withdrawals per second by replicas of each app', unit: '/s' },
      points: rows.map(({ sizes, figures }) => ({ label: String(sizes.accounts), value: figures.perSecond })),
    },
    remarks: [],
  };
}

function brokersSection({ brokers }: BenchReport): Section | null {
  if (brokers === null) return null;
  const per = (amounts: Readonly<Record<string, number>>, name: string) => (amounts[name] ?? 0).toFixed(2);
  return {
    name: 'brokers',
    title: '(f) More brokers',
    about:
      'The sharded topology with one replica of each app, the same processes and load: once with all customers at one account broker, once with half of them at each.',
    tables: [
      {
        head: [
          ...['customers at', 'withdrawals/s', 'CPU µs per withdrawal'],
          ...['transactions per withdrawal in account_a', 'in account_b', 'answer p50 / p99 ms'],
        ],
        rows: brokers.map(({ brokers: number, figures }) => [
          number === 1 ? 'one broker' : 'both brokers',
          rate(figures.perSecond),
          allCpu(figures.cost.cpuUs),
          per(figures.cost.transactions, 'account_a'),
          per(figures.cost.transactions, 'account_b'),
          `${time(figures.answer.p50)} / ${time(figures.answer.p99)}`,
        ]),
      },
    ],
    remarks: [],
  };
}

const allCpu = (cpuUs: Readonly<Record<string, number>> | null): string =>
  cpuUs === null ? '–' : count(Object.values(cpuUs).reduce((sum, us) => sum + us, 0));
