import type {
  BalanceBody,
  DepositReceipt,
  ProblemBody,
  SessionBody,
  StatementBody,
  TransferReceipt,
  WithdrawalBody,
} from '#contracts';
import type { Notes } from '#money';
import type { Ending } from './endings.js';

export const MENU = ['withdraw', 'balance', 'deposit', 'transfer', 'statement', 'return-card'] as const;
export type MenuItem = (typeof MENU)[number];

/** What the machine is waiting for while it says so. */
export type Work = 'pin' | 'balance' | 'withdrawal' | 'deposit' | 'transfer' | 'statement' | 'card';

/** Why an amount was not taken; the amounts are possible ones. */
export interface AmountHint {
  readonly kind: 'impossible' | 'too-much';
  readonly amounts: readonly number[];
}

/** What the screen shows. */
export type Screen =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pin'; readonly triesLeft: number | null }
  | { readonly kind: 'working'; readonly work: Work }
  | { readonly kind: 'menu' }
  | { readonly kind: 'amount'; readonly digits: string; readonly hint: AmountHint | null }
  | { readonly kind: 'balance' }
  | { readonly kind: 'statement'; readonly statement: StatementBody }
  | { readonly kind: 'deposit'; readonly notes: readonly Notes[] }
  | { readonly kind: 'transfer-account'; readonly account: string; readonly unknown: boolean }
  | { readonly kind: 'transfer-amount'; readonly account: string; readonly digits: string }
  | { readonly kind: 'take-card'; readonly next: Ending }
  | { readonly kind: 'take-cash'; readonly next: Ending }
  | { readonly kind: 'ending'; readonly ending: Ending };

/** Everything the machine knows; never the PIN. */
export interface MachineState {
  /** Counts cards inserted; what belongs to an earlier one comes too late. */
  readonly visit: number;
  readonly screen: Screen;
  /** Number of the card in the slot. */
  readonly card: string | null;
  readonly session: SessionBody | null;
  readonly balance: BalanceBody | null;
  /** The last question for the balance came to nothing. */
  readonly balanceFailed: boolean;
  /** What the machine can give; null while it is not known. */
  readonly notes: readonly Notes[] | null;
  readonly withdrawal: WithdrawalBody | null;
  /** Confirmed before the withdrawal was known to the bank; entered as soon as it is. */
  readonly pendingAmount: number | null;
}

export const OUT_OF_CARDS: MachineState = {
  visit: 0,
  screen: { kind: 'idle' },
  card: null,
  session: null,
  balance: null,
  balanceFailed: false,
  notes: null,
  withdrawal: null,
  pendingAmount: null,
};

/** What happens to the machine: by the customer, or as the outcome of a call. */
export type MachineEvent =
  | { readonly kind: 'card-inserted'; readonly card: string }
  | { readonly kind: 'pin-entered' }
  | { readonly kind: 'chosen'; readonly item: MenuItem }
  | { readonly kind: 'digit'; readonly digit: string }
  | { readonly kind: 'erase' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'amount-chosen'; readonly amount: number }
  | { readonly kind: 'notes-changed'; readonly notes: readonly Notes[] }
  | { readonly kind: 'account-typed'; readonly account: string }
  | { readonly kind: 'card-taken' }
  | { readonly kind: 'cash-taken' }
  | { readonly kind: 'done' }
  | { readonly kind: 'left' }
  | Outcome;

export type Outcome =
  | { readonly kind: 'session-opened'; readonly session: SessionBody }
  | { readonly kind: 'balance-known'; readonly balance: BalanceBody }
  /** Null where no gateway has answered. */
  | { readonly kind: 'balance-unknown'; readonly problem: ProblemBody | null }
  | { readonly kind: 'notes-known'; readonly notes: readonly Notes[] }
  | { readonly kind: 'withdrawal-selected'; readonly withdrawal: WithdrawalBody }
  | { readonly kind: 'withdrawal-answered'; readonly withdrawal: WithdrawalBody }
  | { readonly kind: 'withdrawal-followed'; readonly withdrawal: WithdrawalBody }
  | { readonly kind: 'deposited'; readonly receipt: DepositReceipt }
  | { readonly kind: 'transferred'; readonly receipt: TransferReceipt }
  | { readonly kind: 'statement-read'; readonly statement: StatementBody }
  | { readonly kind: 'refused'; readonly work: Work; readonly problem: ProblemBody }
  /** No gateway has answered in time, whatever was tried. */
  | { readonly kind: 'no-answer'; readonly work: Work };

/** What the machine has to do; outcomes come back as events of the same visit. */
export type Effect =
  | { readonly kind: 'open-session'; readonly card: string }
  | { readonly kind: 'clear-pin' }
  | { readonly kind: 'read-balance' }
  | { readonly kind: 'read-notes' }
  | { readonly kind: 'select-withdrawal' }
  | { readonly kind: 'enter-amount'; readonly withdrawalId: string; readonly amount: number }
  /** While the amount is typed: the way of the balance request that left with the selection. */
  | { readonly kind: 'watch-balance-request'; readonly withdrawalId: string }
  /** Until it is settled or nothing more comes of it; its way is read at least once. */
  | { readonly kind: 'follow-withdrawal'; readonly withdrawalId: string }
  | { readonly kind: 'deposit'; readonly notes: readonly Notes[] }
  | { readonly kind: 'transfer'; readonly account: string; readonly amount: number }
  | { readonly kind: 'read-statement' }
  | { readonly kind: 'close-session' };

export interface Step {
  readonly state: MachineState;
  readonly effects: readonly Effect[];
}

const OUTCOMES: Readonly<Record<Outcome['kind'], true>> = {
  'session-opened': true,
  'balance-known': true,
  'balance-unknown': true,
  'notes-known': true,
  'withdrawal-selected': true,
  'withdrawal-answered': true,
  'withdrawal-followed': true,
  deposited: true,
  transferred: true,
  'statement-read': true,
  refused: true,
  'no-answer': true,
};

/** Whether it is the bank's doing and not the customer's. */
export const isOutcome = (event: MachineEvent): event is Outcome => event.kind in OUTCOMES;
