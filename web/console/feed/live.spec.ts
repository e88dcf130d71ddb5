import { describe, expect, it } from '@jest/globals';
import type { NoticeEvent } from '#contracts';
import { withNotice } from './live.js';

const notice = (member: string, what: NoticeEvent['what'], second = 0): NoticeEvent => ({
  ...{ at: `2026-01-01T00:00:0${second}.000Z`, kind: 'replica', member, what, seconds: null },
});

describe('what happened', () => {
  it('is told newest first, and once where only the same has happened to a member since', () => {
    const told = [
      notice('active', 'failover', 1),
      notice('account-a-1', 'down', 2),
      notice('active', 'failover', 3),
      notice('account-a-1', 'up', 4),
      notice('account-a-1', 'down', 5),
    ].reduce(withNotice, [] as readonly NoticeEvent[]);
    expect(told.map(({ member, what, at }) => `${member} ${what} ${at.slice(18, 19)}`)).toEqual([
      'account-a-1 down 5',
      'account-a-1 up 4',
      'active failover 3',
      'account-a-1 down 2',
    ]);
  });
});
