import fc from 'fast-check';
import type { Operation } from '../operation.js';

/** What clients record of one account that behaves; the last operation is a read after everything has come to rest. */
export interface Played {
  readonly operations: readonly Operation[];
}

const CERTAIN = ['balance', 'balance', 'withdrawal', 'withdrawal', 'partly', 'nothing', 'deposit', 'transfer'] as const;
const DOUBTFUL = ['stand-in', 'unknown', 'unknown-lost', 'accepted', 'sent'] as const;
type Kind = (typeof CERTAIN)[number] | (typeof DOUBTFUL)[number];

/** One call: when its effect comes after the one before it, how far its call and answer lie from that, when it is settled. */
interface Drawn {
  readonly kind: Kind;
  readonly amount: number;
  readonly afterMs: number;
  readonly callMs: number;
  readonly answerMs: number;
  readonly settlesMs: number;
  readonly seen: boolean;
}

const drawn = (kind: fc.Arbitrary<Kind>): fc.Arbitrary<Drawn> =>
  fc.record({
    kind,
    amount: fc.constantFrom(1000, 2000, 5000),
    afterMs: fc.integer({ min: 1, max: 40 }),
    callMs: fc.integer({ min: 1, max: 20 }),
    answerMs: fc.integer({ min: 1, max: 20 }),
    settlesMs: fc.integer({ min: 1, max: 60 }),
    seen: fc.boolean(),
  });

interface Length {
  readonly minLength: number;
  readonly maxLength: number;
}

/** Histories with everything that may happen; `doubtful` of 100 calls leave their client in doubt. */
export const histories = (opening: number, doubtful: number, length: Length): fc.Arbitrary<Played> => {
  const certain = { arbitrary: fc.constantFrom<Kind>(...CERTAIN), weight: 100 - doubtful };
  const kind = fc.oneof(certain, { arbitrary: fc.constantFrom<Kind>(...DOUBTFUL), weight: doubtful });
  return fc.array(drawn(kind), { ...length, size: 'max' }).map((calls) => play(calls, opening));
};

/** Histories of which clients know all outcomes, and that all is over, so that the final balance is certain. */
export const withoutDoubt = (opening: number, length: Length): fc.Arbitrary<Played> =>
  fc.array(drawn(fc.constantFrom<Kind>(...CERTAIN)), { ...length, size: 'max' }).map((calls) =>
    play(
      calls.map((call) => ({ ...call, seen: true })),
      opening,
    ),
  );

/** An account to which things happen one after the other, at their time. */
class PlayedAccount {
  held = 0;
  private readonly later: { atMs: number; happen: () => void }[] = [];

  constructor(public ledger: number) {}

  get available(): number {
    return this.ledger - this.held;
  }

  at(atMs: number, happen: () => void): void {
    this.later.push({ atMs, happen });
  }

  until(atMs: number): void {
    this.later.sort((one, other) => one.atMs - other.atMs);
    for (let next = this.later[0]; next !== undefined && next.atMs <= atMs; next = this.later[0]) {
      this.later.shift();
      next.happen();
    }
  }
}

function play(calls: readonly Drawn[], opening: number): Played {
  const account = new PlayedAccount(opening);
  let nowMs = 0;
  const operations = calls.map((call, index) => {
    nowMs += call.afterMs;
    account.until(nowMs);
    return happen(account, call, nowMs, String(index));
  });
  account.until(Infinity);
  const { ledger, held, available } = account;
  const restMs = nowMs + 1000;
  const rest = { id: 'rest', account: 'ACC-0001', invokedAtMs: restMs, completedAtMs: restMs + 1 };
  return { operations: [...operations, { ...rest, kind: 'balance', ledger, held, available }] };
}

function happen(account: PlayedAccount, call: Drawn, nowMs: number, id: string): Operation {
  const { kind, amount, settlesMs } = call;
  const completedAtMs = nowMs + call.answerMs;
  const head = { id, account: 'ACC-0001', invokedAtMs: nowMs - call.callMs, completedAtMs };
  const settledAtMs = nowMs + settlesMs;
  const ended = call.seen ? { endedByMs: Math.max(settledAtMs, completedAtMs) + 1 } : {};
  const later = (effect: () => void) => account.at(settledAtMs, effect);
  switch (kind) {
    case 'balance': {
      const { ledger, held, available } = account;
      return { ...head, kind: 'balance', ledger, held, available };
    }
    case 'deposit':
      account.ledger += amount;
      return { ...head, kind: 'deposit', outcome: 'settled', amount };
    case 'accepted':
      later(() => (account.ledger += amount));
      return { ...head, kind: 'deposit', outcome: 'accepted', amount };
    case 'sent':
      later(() => (account.ledger += amount));
      return { ...head, kind: 'transfer-in', outcome: 'sent', amount };
    case 'transfer':
      if (account.available < amount) return { ...head, kind: 'transfer-out', outcome: 'insufficient', amount };
      account.ledger -= amount;
      return { ...head, kind: 'transfer-out', outcome: 'posted', amount };
    case 'unknown-lost':
      return { ...head, kind: 'withdrawal', outcome: 'unknown', amount };
    case 'stand-in':
      later(() => (account.ledger -= amount));
      return {
        ...{ ...head, ...ended, kind: 'withdrawal', outcome: 'dispensed' },
        ...{ authorisation: 'stand-in', amount, taken: amount },
      };
    case 'withdrawal':
    case 'partly':
    case 'nothing':
    case 'unknown': {
      if (account.available < amount) return { ...head, kind: 'withdrawal', outcome: 'insufficient', amount };
      const taken = { withdrawal: amount, unknown: amount, partly: 1000, nothing: 0 }[kind];
      account.held += amount;
      later(() => {
        account.held -= amount;
        account.ledger -= taken;
      });
      const common = { ...head, kind: 'withdrawal', amount } as const;
      if (kind === 'unknown') return { ...common, outcome: 'unknown' };
      if (kind === 'nothing') return { ...common, ...ended, outcome: 'nothing' };
      return { ...common, ...ended, outcome: 'dispensed', authorisation: 'host', taken };
    }
  }
}
