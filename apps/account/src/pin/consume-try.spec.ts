import { describe, expect, it } from '@jest/globals';
import { consumeTry, type KnownAttempt } from './consume-try.js';

const attempt = { attemptId: 'mine', cardToken: 'card' };
const known = (over: Partial<KnownAttempt> = {}): KnownAttempt => ({
  attemptId: 'other',
  cardToken: 'card',
  outcome: 'pending',
  triesLeft: 0,
  fresh: true,
  ...over,
});
const card = (triesLeft: number) => ({ status: 'active', triesLeft }) as const;

describe('whether a PIN may be judged', () => {
  it.each([
    ['takes a try while there is one', card(1), [], { next: 'evaluate', consume: true, triesLeft: 0 }],
    ['waits while the last tries may come back', card(0), [known()], { next: 'wait' }],
    [
      'does not wait for one that was left behind',
      card(0),
      [known({ fresh: false })],
      { next: 'refuse', reason: 'card-blocked' },
    ],
    [
      'does not wait for another card',
      card(0),
      [known({ cardToken: 'else' })],
      { next: 'refuse', reason: 'card-blocked' },
    ],
    [
      'refuses a blocked card whatever its tries',
      { status: 'blocked', triesLeft: 3 } as const,
      [],
      { next: 'refuse', reason: 'card-blocked' },
    ],
    ['refuses an unknown card', undefined, [], { next: 'refuse', reason: 'unknown-card' }],
    [
      'takes no second try for a repeat',
      card(2),
      [known({ attemptId: 'mine', triesLeft: 2, fresh: false })],
      { next: 'evaluate', consume: false, triesLeft: 2 },
    ],
    [
      'answers a repeat of what was judged, though the card is out of tries',
      card(0),
      [known({ attemptId: 'mine', outcome: 'wrong-pin', triesLeft: 1 })],
      { next: 'answer', outcome: 'wrong-pin', triesLeft: 1 },
    ],
    [
      'refuses an id of another card',
      card(3),
      [known({ attemptId: 'mine', cardToken: 'else', outcome: 'verified' })],
      { next: 'refuse', reason: 'other-card' },
    ],
  ] as const)('%s', (_, cardTries, attempts, decision) => {
    expect(consumeTry(attempt, cardTries, attempts)).toEqual(decision);
  });
});
