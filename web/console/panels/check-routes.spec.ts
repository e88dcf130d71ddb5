import { describe, expect, it } from '@jest/globals';
import type { ClusterBody, RouteBody } from '#contracts';
import { channelsOf, faultsOf } from './check-routes.js';

const named = (name: string) => ({ name }) as never;
const CLUSTER: ClusterBody = {
  ...{ gateways: [], replicas: [], databases: [] },
  brokers: [named('terminal'), named('account-a')],
  channels: [named('active'), named('passive')],
};

const route = (changes: Partial<RouteBody> = {}): RouteBody => ({
  ...{ at: 'terminal', service: 'journal', broker: 'account-a', channels: [] },
  ...changes,
});

describe('the routes editor', () => {
  it.each([
    [route(), undefined],
    [route({ broker: null, channels: ['active', 'passive'] }), undefined],
    [route({ service: 'two words' }), 'name'],
    [route({ service: '' }), 'name'],
    [route({ broker: '../x' }), 'name'],
    [route({ at: 'account-z' }), 'at'],
    [route({ channels: ['active', 'third'] }), 'channel'],
  ])('judges %j', (one, fault) => {
    expect(faultsOf([one], CLUSTER).get(0)).toBe(fault);
  });

  it('finds what is there twice', () => {
    expect([...faultsOf([route(), route({ broker: null }), route()], CLUSTER)]).toEqual([[2, 'twice']]);
  });

  it('reads lists of channels', () => {
    expect(channelsOf(' active,passive  third ')).toEqual(['active', 'passive', 'third']);
    expect(channelsOf('')).toEqual([]);
  });
});
