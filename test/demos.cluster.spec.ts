import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '../tools/checkout.js';
import { availableChannels } from '../tools/cluster/channels.js';

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Of each story, what must be in it: the outcome that its figure is about, as observed. */
const STORIES: readonly (readonly [name: string, ...lines: RegExp[]])[] = [
  ['figure-1', /✓ outcome .* time-out after 3 attempts$/m, /✓ answers that nobody waited for: dropped .* \d+$/m],
  ['figure-2', /✓ messages applied .* 1$/m, /✓ repeats answered from the store .* [1-9]\d*$/m],
  ['figure-3', /✓ the customer has lost +200\.00 +200\.00$/m, /✓ ledger entries for the withdrawal .* 1$/m],
  ['failover', /✓ atm-terminal-\d has died in the act .* yes$/m, /✓ independent audit .* balanced$/m],
  ['stand-in', /✓ the customer takes 200\.00 .* 200\.00 by stand-in$/m, /✓ the withdrawal of 200\.00 .* settled$/m],
  ['active-passive', /✓ channel that is sent on +passive +passive$/m, /✓ charged for all notes given, once/],
  ['routing', /✓ times that 200\.00 were paid out +2 +2$/m, /✓ times that 200\.00 were paid out +1 +1$/m],
];

/** Goal: every demo shows what it promises and leaves nothing behind. Method: the command, as a user types it. */
describe('demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cashpoint-test-'));
  // The database may run as another user, who must be able to pass through.
  chmodSync(folder, 0o711);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cashpoint = (...args: string[]): Promise<Told> =>
    new Promise((resolve) => {
      const options = { env: { ...process.env, TMPDIR: folder } };
      execFile(join(CHECKOUT, 'cashpoint'), args, options, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      });
    });

  it.each(STORIES)(
    '%s',
    async (name, ...lines) => {
      const { code, out, err } = await cashpoint('demo', name);
      if (name === 'active-passive' && availableChannels() !== 'redis') {
        expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('kills a Redis') });
        return;
      }
      expect({ code, out, err }).toMatchObject({ code: 0, err: '' });
      for (const line of lines) expect(out).toMatch(line);
      const [, seen, all] = /^(\d+) of (\d+) as expected$/m.exec(out) ?? [];
      expect(seen).toBe(all);
      expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
    },
    120_000,
  );

  it('that does not exist is refused with those that do', async () => {
    expect(await cashpoint('demo', 'figure-9')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Allowed choices are figure-1, figure-2, figure-3'),
    });
  }, 60_000);
});
