import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from './fault-kinds.js';
import { planFaults, type PlannedFault, type Shape } from './plan-faults.js';

const SHAPE: Shape = {
  gateways: ['gateway-1', 'gateway-2'],
  terminals: ['atm-terminal-1', 'atm-terminal-2'],
  accounts: ['account-a-1', 'account-a-2', 'account-a-3'],
  channels: ['redis-active', 'redis-passive'],
  capabilities: [
    'channel-processes',
    'channel-links',
    'channel-delays',
    'small-heaps',
    'scaling',
    'restart',
    'standby',
  ],
};

const plan = (seed: number, overlap = 0.3, minutes = 20) => planFaults({ seed, minutes, shape: SHAPE, overlap });
const endOf = ({ atMs, lastsMs }: PlannedFault) => atMs + lastsMs;
const overlaps = (one: PlannedFault, other: PlannedFault) => one.atMs < endOf(other) && other.atMs < endOf(one);

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(8)).not.toEqual(plan(7));
  });

  it('has every kind before one comes a second time', () => {
    const kinds = plan(3).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(FAULT_KINDS.map(({ name }) => name)));
    expect(new Set(FAULT_KINDS.map(({ name }) => name)).size).toBe(FAULT_KINDS.length);
  });

  it.each([0, 0.3, 1])(
    'never takes two of a kind at once, nor anything beside a fault of the whole bank (overlap %d)',
    (overlap) => {
      for (let seed = 1; seed <= 50; seed++) {
        const faults = plan(seed, overlap);
        for (const [index, fault] of faults.entries()) {
          const beside = faults.slice(index + 1).filter((other) => overlaps(fault, other));
          expect(beside.filter(({ lane }) => lane === fault.lane || lane === 'bank' || fault.lane === 'bank')).toEqual(
            [],
          );
        }
      }
    },
  );

  it('begins with what it is told, and takes as long as that needs', () => {
    const first = ['rolling restart', 'account killed', 'gateway frozen, then a zombie'];
    const options = { seed: 1, shape: SHAPE, overlap: 0 };
    expect(planFaults({ ...options, minutes: 0.01, first }).map(({ kind }) => kind)).toEqual(first);
    const longer = planFaults({ ...options, minutes: 5, first });
    expect(longer.slice(0, first.length).map(({ kind }) => kind)).toEqual(first);
    expect(longer.length).toBeGreaterThan(first.length + 5);
    expect(() => planFaults({ ...options, minutes: 1, first: ['bad luck'] })).toThrow('is called bad luck');
    const alone = { ...SHAPE, gateways: ['gateway-1'] };
    expect(() => planFaults({ ...options, minutes: 1, shape: alone, first: ['gateway killed'] })).toThrow(RangeError);
  });

  it('does one thing at a time unless it may overlap, and several where it may', () => {
    const together = (faults: PlannedFault[]) =>
      faults.filter((fault, index) => faults.slice(index + 1).some((other) => overlaps(fault, other))).length;
    expect(together(plan(5, 0))).toBe(0);
    expect(together(plan(5, 1))).toBeGreaterThan(10);
  });

  it('ends in time, and plans only what the deployment can bear', () => {
    const faults = planFaults({
      seed: 1,
      minutes: 5,
      shape: { ...SHAPE, gateways: ['gateway-1'], capabilities: [] },
      overlap: 0.5,
    });
    expect(Math.max(...faults.map(endOf))).toBeLessThanOrEqual(5 * 60_000);
    expect(faults.filter(({ lane }) => lane === 'gateway' || lane === 'channel')).toEqual([]);
    expect(faults.filter(({ deed }) => ['scale', 'lose-primary', 'rolling-restart'].includes(deed.do))).toEqual([]);
    expect(faults.length).toBeGreaterThan(5);
  });
});
