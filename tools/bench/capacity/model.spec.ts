import { describe, expect, it } from '@jest/globals';
import { samplePath } from '../report/testing/sample-report.js';
import { capacityFor, type Demand, type Hardware, resourcesOf } from './model.js';

const hardware: Hardware = {
  ...{ databaseCores: 10, utilisationMax: 0.5, walBytesPerSecond: 1e8, commitsPerSecond: 10_000 },
};
const demand: Demand = { atms: 50_000, withdrawalsPerSecond: 10_000, keptDays: 10, averageOverPeak: 0.1 };
/** gateway 100 µs, terminal 200, account 150, Redis 50, PostgreSQL 120 + 80 + 20 shared; 0.5 + 0.25 commits; 6,000 bytes of WAL; 2,500 stored. */
const { cost } = samplePath(1_000);

const needOf = (name: string) => capacityFor(cost, hardware, demand).needs.find((need) => need.name === name);

describe('the capacity model', () => {
  it('divides what serves all databases as their own CPU is', () => {
    const shareOf = (name: string) => resourcesOf(cost, hardware).find((resource) => resource.name === name)?.share;
    expect(shareOf('database terminal: CPU')).toBeCloseTo(132e-6 / 10);
    expect(shareOf('database account_a: CPU')).toBeCloseTo(88e-6 / 10);
    expect(shareOf('database terminal: WAL')).toBeCloseTo(3_600 / 1e8);
  });

  it('counts units at the utilisation that is allowed', () => {
    expect(needOf('gateway: cores')).toMatchObject({ perUnit: 5_000, units: 2, stateless: true });
    expect(needOf('Redis: its one core')).toMatchObject({ perUnit: 10_000, units: 1, stateless: false });
    expect(needOf('database terminal: commits')).toMatchObject({ perUnit: 10_000, units: 1 });
  });

  it('names what is exhausted first of all that keeps something, and splits by it', () => {
    const wasteful = { ...cost, transactions: { terminal: 0.5, account_a: 4 } };
    const capacity = capacityFor(wasteful, hardware, demand);
    expect(capacity.firstSaturated.name).toBe('database account_a: commits');
    expect(capacity).toMatchObject({ accountBrokers: 8, terminalBrokers: 1, perAtm: 0.2 });
  });

  it('adds up what is kept', () => {
    expect(capacityFor(cost, hardware, demand).storedTerabytes).toBeCloseTo((2_500 * 1_000 * 864_000) / 1e12);
  });

  it('asks for nothing of a system that tells no CPU times', () => {
    expect(() => resourcesOf({ ...cost, cpuUs: null }, hardware)).toThrow('no CPU times');
  });
});
