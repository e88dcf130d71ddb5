import type { BenchReport, BrokerRow, PathRow } from '../report/bench-report.js';
import { isMissing } from '../report/bench-report.js';
import { tableText } from '../report/bench-page.js';
import { count, rate } from '../report/format.js';
import { type Capacity, capacityFor, type Demand, type Hardware } from './model.js';

/** The bank that the design is asked about. */
export const DEMAND: Demand = { atms: 50_000, withdrawalsPerSecond: 10_000, keptDays: 30, averageOverPeak: 0.15 };

const HARDWARE: Omit<Hardware, 'commitsPerSecond'> = {
  databaseCores: 32,
  utilisationMax: 0.5,
  walBytesPerSecond: 200e6,
};

/** Whether a report has what the page needs. */
export const hasCosts = ({ limit, path }: BenchReport): boolean =>
  limit !== null && !isMissing(limit) && path !== null && path.every(({ figures }) => figures.cost.cpuUs !== null);

/** What the bank takes, from the costs in a report that has them. */
export function capacityPage(report: BenchReport): string {
  const row = busiest(report.path ?? []);
  if (report.limit === null || isMissing(report.limit)) throw new Error('the report has no limit (part a)');
  const hardware: Hardware = { ...HARDWARE, commitsPerSecond: report.limit.perSecond };
  const capacity = capacityFor(row.figures.cost, hardware, DEMAND);
  return [
    '# Capacity',
    `From the costs per withdrawal of ${report.at.slice(0, 10)}: ${row.atms} ATMs in a closed loop, default replicas (\`npm run capacity\`).`,
    demandText(hardware),
    needsTable(capacity),
    conclusion(capacity),
    '## The slope',
    slope(report.brokers ?? []),
  ].join('\n\n');
}

/** The closed loop with the most replicas and ATMs. */
function busiest(rows: readonly PathRow[]): PathRow {
  const closed = rows.filter(({ paced }) => paced === null);
  const [row] = closed.toSorted((one, other) => other.sizes.accounts - one.sizes.accounts || other.atms - one.atms);
  if (row === undefined) throw new Error('the report has no closed loop (part b)');
  return row;
}

function demandText({ databaseCores, utilisationMax, walBytesPerSecond, commitsPerSecond }: Hardware): string {
  const { atms, withdrawalsPerSecond, keptDays, averageOverPeak } = DEMAND;
  return (
    `The bank: ${count(atms)} cash machines, ${count(withdrawalsPerSecond)} withdrawals a second at the peak (${(withdrawalsPerSecond / atms).toFixed(2)} each), ` +
    `${averageOverPeak * 100} % of that on an average, ${keptDays} days kept online. The hardware: database servers of ${databaseCores} cores as fast as the measured ones, ` +
    `${count(walBytesPerSecond / 1e6)} MB/s of write-ahead log to disk and standby, ${rate(commitsPerSecond)} durable commits a second (the measured limit); nothing used beyond ${utilisationMax * 100} %.`
  );
}

function needsTable({ needs }: Capacity): string {
  return tableText({
    head: ['resource', 'withdrawals/s of one', 'needed', 'more of it is'],
    rows: needs.map(({ name, perUnit, units, stateless }) => [
      name,
      rate(perUnit),
      count(units),
      stateless
        ? 'more replicas'
        : name.startsWith('Redis')
          ? 'a Redis per broker'
          : 'another broker with its database',
    ]),
  });
}

function conclusion({ firstSaturated, accountBrokers, terminalBrokers, storedTerabytes }: Capacity): string {
  return (
    `First exhausted, with one of everything: **${firstSaturated.name}**, at ${rate(firstSaturated.perUnit)} withdrawals a second. The demand takes ` +
    `${accountBrokers} account and ${terminalBrokers} terminal broker instances, and keeps ${storedTerabytes.toFixed(1)} TB online over all of them.`
  );
}

function slope(brokers: readonly BrokerRow[]): string {
  const [one, two] = brokers;
  if (one === undefined || two === undefined) return 'Not measured (part f).';
  const all = ({ figures }: BrokerRow) => Object.values(figures.cost.cpuUs ?? {}).reduce((sum, us) => sum + us, 0);
  const ofA = ({ figures }: BrokerRow) => figures.cost.transactions['account_a'] ?? 0;
  return (
    `The same load with half of the customers at a second broker: a withdrawal costs ${(all(two) / all(one)).toFixed(2)} × the CPU ` +
    `(${count(all(one))} µs → ${count(all(two))} µs), and the first broker's database commits ${(ofA(two) / ofA(one)).toFixed(2)} × as often per withdrawal. ` +
    'Brokers share nothing but channels, so n of them serve n times what one serves, divided by the first number.'
  );
}
