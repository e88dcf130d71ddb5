/**
 * One call about one account as a client saw it: what it asked for, when, and what it was told. Times are milliseconds of one clock that never
 * goes back (`performance.now()` of the process that has all clients); amounts are minor units, as the HTTP contract shows them.
 *
 * The check means something only where several clients use the same account at the same time (the same card at several ATMs) and read its
 * balance in between, and where the last operation of each account is a balance read after everything has come to rest.
 */
export interface OperationHead {
  /** Unique in a history; named in witnesses. */
  readonly id: string;
  readonly account: string;
  /** Before the first attempt was sent. Repeats with the same Idempotency-Key belong to the same operation. */
  readonly invokedAtMs: number;
}

/** An operation whose answer came: its effect lies between the two times. */
interface Answered {
  /** After the answer was read. */
  readonly completedAtMs: number;
}

/** What a later look at the same thing told: it was over by then. Absent where nobody looked, or it was not over. */
interface SeenEnded {
  /** When that later answer was read. */
  readonly endedByMs?: number;
}

/**
 * Only what the host itself answered (`source: "host"`). Reads that were answered from a cache, or not at all, say nothing about the order of
 * things: leave them out.
 */
export interface BalanceRead extends OperationHead, Answered {
  readonly kind: 'balance';
  readonly ledger: number;
  readonly held: number;
  readonly available: number;
}

/**
 * - `dispensed`: cash came out, `taken` of it (less than `amount` where the dispenser gave a part). Ended when it is seen `settled`.
 * - `insufficient`: declined with 51.
 * - `nothing`: no cash came out, and none will (503, `reversing`, `reversed`, any other response code). The host may have held the amount for a
 *   while all the same. Ended when it is seen `reversed` or `declined`.
 * - `suspense`: nobody can say what came out; the hold stays.
 * - `unknown`: no answer, ever; it may have an effect at any later time, or none.
 *
 * A request that was refused as such (400, 401, 404, 409, 422, 429) has no effect: leave it out.
 */
export type Withdrawal = OperationHead & { readonly kind: 'withdrawal'; readonly amount: number } & (
    | ({
        readonly outcome: 'dispensed';
        readonly authorisation: 'host' | 'stand-in';
        readonly taken: number;
      } & Answered &
        SeenEnded)
    | ({ readonly outcome: 'insufficient' } & Answered)
    | ({ readonly outcome: 'nothing' } & SeenEnded)
    | { readonly outcome: 'suspense' }
    | { readonly outcome: 'unknown' }
  );

/** `settled`: credited when the answer came. `accepted`: it will be. */
export type Deposit = OperationHead & { readonly kind: 'deposit'; readonly amount: number } & (
    ({ readonly outcome: 'settled' } & Answered) | { readonly outcome: 'accepted' } | { readonly outcome: 'unknown' }
  );

/** The paying side of a transfer; the other account has a `transfer-in` of its own with the same times. */
export type TransferOut = OperationHead & { readonly kind: 'transfer-out'; readonly amount: number } & (
    | ({ readonly outcome: 'posted' } & Answered)
    | ({ readonly outcome: 'insufficient' } & Answered)
    | { readonly outcome: 'unknown' }
  );

/** `posted`: both accounts at one broker, so both change at once. `sent`: the other one is at another broker, and the money is on its way. */
export type TransferIn = OperationHead & { readonly kind: 'transfer-in'; readonly amount: number } & (
    ({ readonly outcome: 'posted' } & Answered) | { readonly outcome: 'sent' } | { readonly outcome: 'unknown' }
  );

export type Operation = BalanceRead | Withdrawal | Deposit | TransferOut | TransferIn;
