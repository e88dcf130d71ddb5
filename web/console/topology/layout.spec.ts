import { describe, expect, it } from '@jest/globals';
import type { ClusterBody, ClusterMember, TrafficEvent } from '#contracts';
import { type Box, CUSTOMERS, layOut } from './layout.js';
import { ratesOf } from './rates.js';

const member = (name: string, kind: string, role: string, state: ClusterMember['state'] = 'up'): ClusterMember => ({
  ...{ name, kind, role, state, pid: 1, version: '1', load: {} },
});

function cluster(accounts: number, brokers: readonly string[] = ['account-a'], down = ''): ClusterBody {
  const state = (name: string) => (name === down ? 'down' : 'up');
  const replica = (name: string, role: string, broker: string) => ({
    ...member(name, 'replica', role, state(name)),
    broker,
  });
  const names = (base: string, count: number) => Array.from({ length: count }, (_, index) => `${base}-${index + 1}`);
  return {
    gateways: names('gateway', 2).map((name) => member(name, 'gateway', 'gateway')),
    replicas: [
      ...names('atm-terminal', 2).map((name) => replica(name, 'atm-terminal', 'terminal')),
      ...brokers.flatMap((broker) => names(broker, accounts).map((name) => replica(name, 'account', broker))),
    ],
    brokers: ['terminal', ...brokers].map((name) => ({
      ...{ name, services: [], replicas: 2, role: 'active', state: 'up' },
    })),
    channels: [member('active', 'redis', 'active', state('active')), member('passive', 'redis', 'passive')],
    databases: [],
  };
}

const overlap = (one: Box, other: Box) =>
  one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;

describe('the picture of the cluster', () => {
  it.each([
    [360, 3, ['account-a']],
    [360, 8, ['account-a', 'account-b']],
    [760, 3, ['account-a']],
    [1_200, 3, ['account-a', 'account-b']],
    [1_200, 8, ['account-a']],
  ])('has everything within its frame and nothing on top of another (%d px, %d replicas)', (width, count, brokers) => {
    const { nodes, groups, height } = layOut(cluster(count, brokers), width);
    expect(nodes).toHaveLength(1 + 2 + 2 + count * brokers.length + 2);
    for (const { box } of [...nodes, ...groups]) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.x + box.w).toBeLessThanOrEqual(width + 0.01);
      expect(box.y + box.h).toBeLessThanOrEqual(height + 0.01);
    }
    const overlapping = nodes.flatMap((one, at) => nodes.slice(at + 1).filter((other) => overlap(one.box, other.box)));
    expect(overlapping.map(({ name }) => name)).toEqual([]);
  });

  it.each([360, 1_000])('shows every server of a mirrored database (%d px)', (width) => {
    const servers = ['terminal@pg-2:5432', 'account_a@pg-1:5432', 'terminal@pg-1:5432', 'account_a@pg-2:5432'];
    const databases = servers.map((name) => member(name, 'postgres', name.includes('pg-1') ? 'primary' : 'standby'));
    const { nodes, groups } = layOut({ ...cluster(3), databases }, width);
    expect(groups.map(({ name, databases: shown }) => [name, ...shown.map(({ member: { name } }) => name)])).toEqual([
      ['terminal', 'terminal@pg-1:5432', 'terminal@pg-2:5432'],
      ['account-a', 'account_a@pg-1:5432', 'account_a@pg-2:5432'],
    ]);
    const boxes = [...nodes.map(({ box }) => box), ...groups.flatMap((group) => group.databases.map(({ box }) => box))];
    const overlapping = boxes.filter((one, at) => boxes.slice(at + 1).some((other) => overlap(one, other)));
    expect(overlapping).toEqual([]);
    for (const { box, databases: shown } of groups) {
      for (const { box: server } of shown) {
        expect(server.x).toBeGreaterThan(box.x);
        expect(server.x + server.w).toBeLessThan(box.x + box.w);
        expect(server.y + server.h).toBeLessThan(box.y + box.h);
      }
    }
  });

  it('closes the ways to and from what is down', () => {
    const { edges } = layOut(cluster(3, ['account-a'], 'atm-terminal-1'), 1_000);
    const touching = edges.filter(({ from, to }) => [from, to].includes('atm-terminal-1'));
    expect(touching.length).toBe(2 + 3);
    expect(touching.every(({ isOpen }) => !isOpen)).toBe(true);
    expect(edges.filter(({ kind }) => kind === 'message').every(({ isOpen }) => isOpen)).toBe(true);
  });

  it('moves messages to the channel that senders use', () => {
    const replica = (name: string, broker: string, channel: string | null) => ({
      ...{ name, broker, channel, sentPerSecond: 0, resentPerSecond: 0, receivedPerSecond: 0, duplicatesPerSecond: 0 },
      ...{ readers: 0, backlog: 0, eventLoop: 0 },
    });
    const traffic: TrafficEvent = {
      at: '',
      requests: { perSecond: 5, failedPerSecond: 0, inFlight: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1 },
      flows: [
        { from: 'gateway-1', to: 'atm-terminal-2', perSecond: 4 },
        { from: 'atm-terminal-2', to: 'account-a-1', perSecond: 2 },
      ],
      replicas: [
        { ...replica('atm-terminal-2', 'terminal', 'passive'), sentPerSecond: 3, resentPerSecond: 1 },
        { ...replica('account-a-1', 'account-a', 'passive'), receivedPerSecond: 3 },
      ],
      brokers: [],
      duplicatesAbsorbed: 0,
    };
    expect(Object.fromEntries(ratesOf(traffic, cluster(3)))).toEqual({
      [`${CUSTOMERS} > gateway-1`]: 4,
      'gateway-1 > atm-terminal-2': 4,
      'atm-terminal-2 > account-a-1': 2,
      'terminal > passive': 4,
      'passive > account-a': 3,
    });
  });
});
