import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '../checkout.js';
import { join } from 'node:path';
import { hasSpin, search } from './spin.js';

const MODEL = join(CHECKOUT, 'docs', 'model', 'dispense-advice.pml');

const withSpin = hasSpin() ? describe : describe.skip;

/** What the model does without, and the property that it then breaks. */
const MUTANTS: readonly (readonly [symbols: string, breaks: string])[] = [
  ['NO_HOLD', 'what is dispensed is held, or stands in'],
  ['NO_INTENT', 'what is dispensed was intended'],
  ['NO_VOID', 'what was dispensed is not reversed'],
  ['NO_VOID_AT_REFUSAL', 'what is dispensed was intended'],
  ['NO_RECORD', 'what was dispensed is not reversed'],
  ['NO_TOMBSTONE', 'every withdrawal comes to its end'],
  ['NO_OUTBOX', 'every withdrawal comes to its end'],
  ['NO_RESEND', 'every withdrawal comes to its end'],
  ['NO_CAS', 'every withdrawal comes to its end'],
  ['NO_INBOX NO_LEDGER_KEY', 'posted at most once'],
];

/**
 * Goal: no order of steps, deaths and losses breaks the protocol. Method: Spin looks at every state of docs/model/dispense-advice.pml. A
 * search that cannot fail proves nothing, so that each protection is taken away in turn.
 */
withSpin('the model of dispense and advice', () => {
  it('keeps every property in every run with up to two faults', async () => {
    const { states, violated } = await search({ model: MODEL, defines: ['FAULTS=2'] });
    expect(violated).toBeNull();
    expect(states).toBeGreaterThan(1_000_000);
  }, 300_000);

  it('has no run without an end, so that every withdrawal comes to its end however the steps are ordered', async () => {
    expect(await search({ model: MODEL, defines: ['FAULTS=1'], endless: true })).toMatchObject({ violated: null });
  }, 300_000);

  it.each(MUTANTS)(
    'fails with %s: %s',
    async (symbols, breaks) => {
      const { violated, counterexample } = await search({ model: MODEL, defines: [...symbols.split(' '), 'FAULTS=1'] });
      expect(violated).toBe(breaks);
      expect(counterexample).toContain('Error: assertion violated');
    },
    300_000,
  );

  it.each(['NO_INBOX', 'NO_LEDGER_KEY'])(
    'does not need both: with %s alone the money is safe',
    async (symbol) => {
      expect(await search({ model: MODEL, defines: [symbol, 'FAULTS=1'] })).toMatchObject({ violated: null });
    },
    300_000,
  );
});

describe('the mutants of the model', () => {
  it('are all that there are switches for', () => {
    const switches = new Set(readFileSync(MODEL, 'utf8').match(/\bNO_(?!ADVICE\b)[A-Z_]+\b/g));
    expect(new Set(MUTANTS.flatMap(([symbols]) => symbols.split(' ')))).toEqual(switches);
  });
});
