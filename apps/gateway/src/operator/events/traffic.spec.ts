import { describe, expect, it } from '@jest/globals';
import type { FoundProcess } from '../describe-cluster.js';
import { replicaStatusSchema } from '../replica-status.js';
import { TrafficMeter } from './traffic.js';

const base = { state: 'up', version: '1', load: { eventLoop: 0.5 } };

function gateway(answered: number, calls: Record<string, number>, pid = 1): FoundProcess {
  const latency = [0, answered];
  const status = replicaStatusSchema.parse({
    ...{ ...base, name: 'gateway-1', kind: 'gateway', role: 'gateway', pid, calls },
    traffic: { answered, failed: answered / 10, inFlight: 2, latency },
  });
  return { name: status.name, role: 'gateway', broker: '', status };
}

function account(received: number, duplicates: number, pid = 7): FoundProcess {
  const status = replicaStatusSchema.parse({
    ...{ ...base, name: 'account-a-1', kind: 'replica', role: 'account', pid, broker: 'account-a' },
    messaging: {
      channels: [{ name: 'active', kind: 'redis', role: 'active', state: 'up', inUse: true }],
      activation: { readers: 2, backlog: 3, desiredReplicas: 1 },
      ...{ unanswered: 4, oldestUnansweredSeconds: 1.5, parked: 1 },
      counters: { sent: 0, resent: 0, received, duplicates },
    },
  });
  return { name: status.name, role: 'account', broker: 'account-a', status };
}

const silent: FoundProcess = { name: 'account-a-1', role: 'account', broker: 'account-a', status: null };

describe('traffic', () => {
  it('is the difference between two looks, per second', () => {
    const meter = new TrafficMeter();
    meter.measure([gateway(100, { 'atm-terminal-1': 50 }), account(10, 1)], 1_000);
    const found = meter.measure([gateway(200, { 'atm-terminal-1': 90 }), account(30, 2)], 3_000);
    expect(found.requests).toEqual({
      ...{ perSecond: 50, failedPerSecond: 5, inFlight: 2 },
      ...{ p50Ms: 0.6, p95Ms: 0.6, p99Ms: 0.6 },
    });
    expect(found.flows).toEqual([{ from: 'gateway-1', to: 'atm-terminal-1', perSecond: 20 }]);
    expect(found.replicas).toMatchObject([
      { name: 'account-a-1', channel: 'active', receivedPerSecond: 10, duplicatesPerSecond: 0.5, readers: 2 },
    ]);
    expect(found.brokers).toEqual([{ name: 'account-a', unanswered: 4, oldestUnansweredSeconds: 1.5, parked: 1 }]);
    expect(found.duplicatesAbsorbed).toBe(2);
  });

  it('is nothing at the first look, whatever the counters have come to', () => {
    const found = new TrafficMeter().measure([gateway(100, { 'atm-terminal-1': 50 }), account(10, 1)], 1_000);
    expect(found.requests).toMatchObject({ perSecond: 0, p50Ms: null });
    expect(found.flows).toEqual([]);
  });

  it('is no peak after a process was not heard for a while', () => {
    const meter = new TrafficMeter();
    meter.measure([account(1_000, 0)], 0);
    meter.measure([silent], 1_000);
    expect(meter.measure([account(1_020, 0)], 2_000).replicas[0]?.receivedPerSecond).toBe(10);
  });

  it('counts a process that has started anew from zero', () => {
    const meter = new TrafficMeter();
    meter.measure([account(1_000, 5)], 0);
    expect(meter.measure([account(4, 0, 8)], 2_000).replicas[0]?.receivedPerSecond).toBe(2);
  });
});
