import { describe, expect, it } from '@jest/globals';
import type { Observation } from './observation.js';
import { Oracle, type Rule, RULES } from './oracle.js';

/** Two messages there, one back, an end, and an express request: nothing is wrong with it. */
const FLAWLESS: readonly Observation[] = [
  { kind: 'sent', dialog: 'd', side: 'initiator', broker: 'origin', payload: 'm1', toBroker: 'a' },
  { kind: 'sent', dialog: 'd', side: 'initiator', broker: 'origin', payload: 'm2', toBroker: 'a' },
  { kind: 'applied', dialog: 'd', side: 'initiator', broker: 'a', payload: 'm1', answer: 'one' },
  { kind: 'answered', dialog: 'd', side: 'initiator', broker: 'origin', payload: 'm1', answer: 'one' },
  { kind: 'sent', dialog: 'd', side: 'target', broker: 'a', payload: 'm3', toBroker: null },
  { kind: 'applied', dialog: 'd', side: 'initiator', broker: 'a', payload: 'm2', answer: 'two' },
  { kind: 'applied', dialog: 'd', side: 'target', broker: 'origin', payload: 'm3', answer: 'three' },
  { kind: 'answered', dialog: 'd', side: 'target', broker: 'a', payload: 'm3', answer: 'three' },
  { kind: 'answered', dialog: 'd', side: 'initiator', broker: 'origin', payload: 'm2', answer: 'two' },
  { kind: 'ended', dialog: 'd', side: 'initiator', broker: 'origin', ending: null },
  { kind: 'far-ended', dialog: 'd', side: 'target', broker: 'a', ending: null },
  { kind: 'asked', request: 'q' },
  { kind: 'served', request: 'q', answer: 'four' },
  { kind: 'settled', request: 'q', answer: 'four' },
];

const INDEX = Object.fromEntries(
  FLAWLESS.map((one, index) => [`${one.kind} ${'payload' in one ? one.payload : ''}`.trim(), index]),
);

/** What of `history` the oracle objects to. */
function objections(history: readonly Observation[]): Rule[] {
  const oracle = new Oracle();
  for (const observation of history) oracle.see(observation);
  oracle.judgeAtRest();
  return [...new Set(oracle.violations.map(({ rule }) => rule))];
}

const at = (name: string): number => {
  const index = INDEX[name];
  if (index === undefined) throw new RangeError(`nothing in the history is ${name}`);
  return index;
};

const without = (name: string) => FLAWLESS.filter((_, index) => index !== at(name));

const repeated = (name: string) => FLAWLESS.flatMap((one, index) => (index === at(name) ? [one, one] : [one]));

const swapped = (name: string, other: string) =>
  FLAWLESS.map((one, index) => {
    const from = index === at(name) ? at(other) : index === at(other) ? at(name) : index;
    return FLAWLESS[from] ?? one;
  });

const changed = (name: string, change: object) =>
  FLAWLESS.map((one, index) => (index === at(name) ? { ...one, ...change } : one));

/** One flaw for each rule. */
const FLAWS: Record<Rule, readonly Observation[]> = {
  'never-sent': changed('applied m1', { payload: 'x' }),
  'applied-twice': repeated('applied m1'),
  'out-of-order': swapped('applied m1', 'applied m2'),
  'two-brokers': changed('applied m2', { broker: 'b' }),
  'wrong-broker': changed('applied m1', { broker: 'b' }),
  'applied-after-end': swapped('applied m2', 'far-ended'),
  'end-too-early': swapped('applied m2', 'far-ended'),
  'ends-disagree': changed('far-ended', { ending: 'reason' }),
  'answer-differs': changed('answered m1', { answer: 'other' }),
  'answered-twice': repeated('answered m1'),
  'never-applied': without('applied m2'),
  'never-answered': without('answered m2'),
};

describe('Oracle', () => {
  it('has nothing to say of a flawless history', () => {
    expect(objections(FLAWLESS)).toEqual([]);
  });

  it.each(RULES)('objects to a history with the flaw: %s', (rule) => {
    expect(objections(FLAWS[rule])).toContain(rule);
  });

  it('objects to an end that the far end is never told of', () => {
    expect(objections(without('far-ended'))).toEqual(['ends-disagree']);
  });

  it('objects to an express answer that no handler gave, and to a second one', () => {
    expect(objections(changed('settled', { answer: 'other' }))).toEqual(['answer-differs']);
    expect(objections(repeated('settled'))).toEqual(['answered-twice']);
    expect(objections(without('settled'))).toEqual(['never-answered']);
  });

  it('asks of an end that has ended the dialog that it applies what it is sent all the same', () => {
    const ended: Observation = { kind: 'ended', dialog: 'd', side: 'target', broker: 'a', ending: null };
    const told: Observation = { ...ended, kind: 'far-ended', side: 'initiator' };
    expect(objections([...FLAWLESS, ended, told])).toEqual([]);
    expect(objections([ended, ...without('applied m2'), told])).toContain('never-applied');
  });
});
