import { describe, expect, it } from '@jest/globals';
import type { ClusterBody } from '#contracts';
import { looksDifferent, noticesBetween } from './notices.js';

type Member = ClusterBody['gateways'][number];

const member = (name: string, changes: Partial<Member> = {}): Member => ({
  ...{ name, kind: 'replica', role: 'account', state: 'up', pid: 1, version: '1', load: {} },
  ...changes,
});

const cluster = (sections: Partial<ClusterBody>): ClusterBody => ({
  ...{ gateways: [], replicas: [], brokers: [], channels: [], databases: [] },
  ...sections,
});

const replica = (changes: Partial<Member>) =>
  cluster({ replicas: [{ ...member('account-a-1', changes), broker: 'account-a' }] });

const channel = (load: Member['load'], state: Member['state'] = 'up') =>
  cluster({ channels: [member('active', { role: 'active', state, load })] });

const told = (before: ClusterBody, after: ClusterBody) =>
  noticesBetween(before, after).map(({ what, member: name, seconds }) => [name, what, seconds]);

describe('notices', () => {
  it.each([
    ['a death', replica({}), replica({ state: 'down', pid: null }), [['account-a-1', 'down', null]]],
    ['a return', replica({ state: 'down', pid: null }), replica({ pid: 2 }), [['account-a-1', 'up', null]]],
    ['a restart between two looks', replica({}), replica({ pid: 2 }), [['account-a-1', 'restarted', null]]],
    ['one more', cluster({}), replica({}), [['account-a-1', 'joined', null]]],
    ['one less', replica({}), cluster({}), [['account-a-1', 'left', null]]],
    ['a change of roles', replica({ role: 'standby' }), replica({ role: 'primary' }), [['account-a-1', 'role', null]]],
    [
      'a fail-over, and how long it took',
      channel({ failovers: 0, inUse: 2 }),
      channel({ failovers: 2, inUse: 0, lastFailoverSeconds: 0.2 }, 'down'),
      [
        ['active', 'down', null],
        ['active', 'failover', 0.2],
      ],
    ],
    ['the return to it', channel({ inUse: 0 }), channel({ inUse: 3 }), [['active', 'failback', null]]],
  ])('tell of %s', (_what, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
    expect(looksDifferent(before, after)).toBe(true);
  });

  it('say nothing where only the load moves', () => {
    const [before, after] = [replica({ load: { eventLoop: 0.1 } }), replica({ load: { eventLoop: 0.9 } })];
    expect(told(before, after)).toEqual([]);
    expect(looksDifferent(before, after)).toBe(false);
  });
});
