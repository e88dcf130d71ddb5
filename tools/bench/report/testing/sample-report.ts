import { DEFAULT_SIZES } from '../../../cluster/sizes.js';
import type { PathFigures } from '../../full-path/measure-path.js';
import type { BenchReport, DeliveryRow, Measured, PathRow } from '../bench-report.js';

const percentiles = (p50: number) => ({ p50, p99: p50 * 4, p999: p50 * 10, count: 1_000 });

export const samplePath = (perSecond: number, cost: Partial<PathFigures['cost']> = {}): Measured<PathFigures> => ({
  ...{ perSecond, roundsPerSecond: [perSecond], answer: percentiles(10), failures: 0, failed: [] },
  settled: { ...percentiles(5), unsettled: 0 },
  cost: {
    cpuUs: {
      ...{ gateway: 100, 'atm-terminal': 200, account: 150, redis: 50 },
      ...{ 'postgres terminal': 120, 'postgres account_a': 80, 'postgres shared': 20 },
    },
    transactions: { terminal: 0.5, account_a: 0.25 },
    storedBytes: { terminal: 1_500, account_a: 1_000 },
    ...{ walBytes: 6_000, redisCommands: 4, redisBytes: 2_000 },
    ...cost,
  },
});

export const samplePathRow = (atms: number, perSecond: number, paced: number | null = null): PathRow => ({
  ...{ sizes: DEFAULT_SIZES, atms, paced, figures: samplePath(perSecond) },
});

export const sampleDelivery = (
  contestant: DeliveryRow['contestant'],
  style: DeliveryRow['style'],
  perSecond: number,
): DeliveryRow => ({
  ...{ contestant, style, name: contestant === 'cashpoint' ? 'libs/messaging' : contestant },
  result: { perSecond, roundsPerSecond: [perSecond], paced: percentiles(2), sent: 100, applied: 100 },
});

/** A report of which tests change what they are about. */
export const sampleReport = (changes: Partial<BenchReport> = {}): BenchReport => ({
  ...{ format: 1, at: '2026-01-02T03:04:05.000Z', seconds: 5, pacedSeconds: 30, rounds: 3, tookSeconds: 600 },
  machine: { cores: 2, model: 'A processor', memoryGiB: 8, system: 'Linux 6', node: 'v24.0.0', commit: 'abc1234' },
  servers: [{ server: 'PostgreSQL 17', settings: { fsync: 'on' }, notDurable: [] }],
  limit: { perSecond: 10_000, roundsPerSecond: [10_000] },
  path: [samplePathRow(16, 1_000), samplePathRow(64, 2_500), samplePathRow(64, 625, 625)],
  messaging: sampleDelivery('cashpoint', 'grouped', 12_000),
  redisLoss: { messages: 9_000, drainedSeconds: 2.5, sent: 900_000, applied: 900_000 },
  peers: [sampleDelivery('pg-boss', 'documented', 2_000), sampleDelivery('pg-boss', 'grouped', 10_000)],
  ...{ idle: null, replicas: null, brokers: null, failovers: null, growth: null },
  audits: [{ after: 'everything', balanced: true, inFlight: 0, failed: [] }],
  violations: [],
  ...changes,
});
