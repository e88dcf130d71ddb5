import type { BenchReport, PathRow } from './bench-report.js';
import { count, replicas } from './format.js';
import type { Section } from './section.js';

/** What a withdrawal costs, of the closed loops. */
export function costSection({ path }: BenchReport): Section | null {
  const rows = (path ?? []).filter(({ paced }) => paced === null);
  if (rows.length === 0) return null;
  const kinds = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures.cost.cpuUs ?? {})))].toSorted();
  const usual = rows.at(-1)?.figures.cost.cpuUs ?? {};
  return {
    name: 'cost',
    title: 'What a withdrawal costs',
    about: 'µs of CPU by process, transactions, and bytes written, per withdrawal. The load itself is not in it.',
    tables: [
      {
        head: ['run', 'replicas', ...kinds, 'all'],
        rows: rows.map((row) => [...labels(row), ...kinds.map((kind) => cpu(row, kind)), cpu(row, null)]),
      },
      {
        head: ['run', 'replicas', 'transactions', 'WAL bytes', 'stored bytes', 'Redis commands', 'Redis bytes'],
        rows: rows.map((row) => {
          const { transactions, walBytes, storedBytes, redisCommands, redisBytes } = row.figures.cost;
          const each = Object.entries(transactions).map(([database, number]) => `${database} ${number.toFixed(2)}`);
          return [
            ...labels(row),
            each.join(', '),
            count(walBytes),
            count(sum(storedBytes)),
            redisCommands.toFixed(1),
            count(redisBytes),
          ];
        }),
      },
    ],
    chart: {
      ...{ kind: 'bars', title: 'µs of CPU per withdrawal, default replicas', unit: ' µs' },
      bars: Object.entries(usual).map(([label, value]) => ({ label, value, own: true })),
    },
    remarks: [],
  };
}

const labels = ({ atms, sizes }: PathRow) => [`${atms} ATMs`, replicas(sizes)];

function cpu({ figures }: PathRow, kind: string | null): string {
  const { cpuUs } = figures.cost;
  if (cpuUs === null) return '–';
  return count(kind === null ? sum(cpuUs) : (cpuUs[kind] ?? 0));
}

const sum = (amounts: Readonly<Record<string, number>>): number =>
  Object.values(amounts).reduce((total, one) => total + one, 0);
