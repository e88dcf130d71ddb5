import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../load/operation.js';
import { counterIn } from './counter-watch.js';
import { reportPage } from './page.js';
import { type Run, reportOf } from './report.js';
import { reportText } from './text.js';

const call = (beganAtMs: number, endedAtMs: number, status: number | null) => ({
  ...{ beganAtMs, endedAtMs, status, gateway: 'gateway-1', servedBy: 'atm-terminal-1', replayed: false, retries: 0 },
});
const ask = (number: number, ...calls: Operation['calls']): Operation => ({
  ...{ kind: 'ask', what: 'open a session', number, atm: 1, accountId: null, outcome: 'ok', refusal: null, calls },
  ...{ invokedAtMs: calls[0]?.beganAtMs ?? 0, completedAtMs: calls.at(-1)?.endedAtMs ?? 0 },
});

const RUN: Run = {
  ...{ seed: 7, minutes: 1, target: 'a bank', sabotage: null, replay: './cashpoint chaos --seed 7 --minutes 1' },
  ...{ startedAt: new Date(0), durationMs: 3_000, duplicatesAbsorbed: 2, failovers: 1 },
  histories: { checked: 1, undecided: 0 },
  operations: [ask(1, call(0, 10, 201)), ask(2, call(1_000, 1_200, 503), call(1_500, 1_600, 201))],
  faults: [
    {
      ...{
        number: 1,
        kind: 'account killed',
        lane: 'account',
        deed: { do: 'kill' },
        target: 'account-a-1',
        atMs: 900,
        lastsMs: 500,
        mustStrike: false,
      },
      ...{ beganAtMs: 900, healedAtMs: 1_400, error: null, missed: false },
    },
  ],
  judgements: [{ invariant: 'cash is <posted> once', findings: [] }],
};

describe('the report of a chaos run', () => {
  it('counts calls, failures and recovery', () => {
    expect(reportOf(RUN)).toMatchObject({
      ok: true,
      verdicts: { lost: 0, doubled: 0, unexplained: 0 },
      calls: { total: 3, failed: 1 },
      kinds: [{ kind: 'account killed', injected: 1, worstRecoveryMs: 200, failed: 1 }],
      seconds: [{ calls: 1 }, { calls: 2, failed: 1, slowestMs: 200 }, { calls: 0 }],
    });
  });

  it('is not content with a finding, nor with a fault that was not injected', () => {
    const findings = [{ verdict: 'lost', what: '200.00' }] as const;
    const bad = reportOf({ ...RUN, judgements: [{ invariant: 'cash', findings }] });
    expect(bad).toMatchObject({ ok: false, verdicts: { lost: 1 } });
    expect(reportText(bad)).toContain('1 lost, 0 doubled, 0 unexplained: 1 of 1 invariants are broken');
    expect(reportOf({ ...RUN, faults: RUN.faults.map((fault) => ({ ...fault, error: 'gone' })) }).ok).toBe(false);
  });

  it('ends as text with the command that replays it', () => {
    expect(reportText(reportOf(RUN)).split('\n').at(-1)).toBe('Replay: ./cashpoint chaos --seed 7 --minutes 1');
  });

  it('is as a page complete in itself, and shows what it is given as text', () => {
    const page = reportPage(reportOf(RUN));
    expect(page).not.toMatch(/<script|https?:|<link|@import/);
    expect(page).toContain('cash is &lt;posted&gt; once');
    expect(page).toContain('1: account killed, account-a-1 (kill), 0.9 s to 1.4 s, recovery 0.2 s');
  });

  it('reads counters over all their labels', () => {
    expect(counterIn('# HELP a x\na{x="1"} 2\na{x="2"} 3\nab 7\n', 'a')).toBe(5);
  });
});
