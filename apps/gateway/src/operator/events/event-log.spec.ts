import { describe, expect, it } from '@jest/globals';
import type { OperatorEvent } from '#contracts';
import { EventLog } from './event-log.js';

const AT = '2026-01-01T12:00:00.000Z';
const EMPTY = { gateways: [], replicas: [], brokers: [], channels: [], databases: [] };
const cluster: OperatorEvent = { kind: 'cluster', data: { at: AT, cluster: EMPTY } };
const notice: OperatorEvent = {
  kind: 'notice',
  data: { at: AT, what: 'down', kind: 'replica', member: 'account-a-1', seconds: null },
};
const money: OperatorEvent = {
  kind: 'money',
  data: { at: AT, ledger: 0, customers: 1, held: 0, cash: 1, suspense: 0, inFlight: 0 },
};

describe('event log', () => {
  it('tells who comes back with the last id exactly what was missed', () => {
    const log = new EventLog('abc');
    const seen = log.append(cluster);
    const missed = [log.append(notice), log.append(money)];
    expect(log.since(seen.id)).toEqual(missed);
    expect(log.since(missed[1]?.id ?? '')).toEqual([]);
  });

  it.each([null, 'another-1', 'abc-999', 'nonsense'])(
    'tells who comes with %s the state as it is, in its order',
    (id) => {
      const log = new EventLog('abc');
      log.append(cluster);
      log.append(notice);
      const newestMoney = log.append(money);
      const newestCluster = log.append(cluster);
      expect(log.since(id)).toEqual([newestMoney, newestCluster]);
    },
  );

  it('remembers no more than it must, and begins anew with who was away for too long', () => {
    const log = new EventLog('abc');
    const first = log.append(cluster);
    let last = first;
    for (let turn = 0; turn < 300; turn++) last = log.append(notice);
    expect(log.since(first.id)).toEqual([first]);
    expect(log.since(last.id)).toEqual([]);
  });
});
