import { describe, expect, it } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { eventually } from '../tools/eventually.js';
import { replicasKilled } from './guarantees/replicas-killed.js';

describe('replicas killed', () => {
  const bank = openBank();
  replicasKilled(bank);

  it('a process that dies by itself is started again', async () => {
    const before = await bank().pidOf('account-a-2');
    process.kill(before ?? 0, 'SIGKILL');
    const back = await eventually('account-a-2 is back', async () => {
      const { replicas } = await bank().cluster.status();
      const member = replicas.find(({ name }) => name === 'account-a-2');
      return member?.state === 'up' && member.pid !== before && member;
    });
    expect(back.pid).not.toBe(before);
  }, 60_000);
});
