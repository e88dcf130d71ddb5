import { nearestAmounts, notesFor, typedAmount, withDigit, worthOf } from './amounts.js';
import { afterOutcome } from './outcomes.js';
import { type Ending, endsTheVisit, withoutMoney } from './endings.js';
import {
  type AmountHint,
  type Effect,
  isOutcome,
  type MachineEvent,
  type MachineState,
  type MenuItem,
  OUT_OF_CARDS,
  type Outcome,
  type Screen,
  type Step,
} from './state.js';
import { show, stay } from './step.js';

type ByCustomer = Exclude<MachineEvent, Outcome>;

const ACCOUNT_MAX = 34;

/** What the machine does next. Pure: the same state and event always lead to the same step; what does not fit the screen changes nothing. */
export function transition(state: MachineState, event: MachineEvent): Step {
  return isOutcome(event) ? afterOutcome(state, event) : byCustomer(state, event);
}

function byCustomer(state: MachineState, event: ByCustomer): Step {
  const { screen } = state;
  if (event.kind === 'left') return whenLeft(state);
  switch (screen.kind) {
    case 'idle':
      return event.kind === 'card-inserted' ? insertCard(state, event.card) : stay(state);
    case 'pin':
      return atPin(state, event);
    case 'menu':
      if (event.kind === 'chosen') return choose(state, event.item);
      return event.kind === 'cancel' ? leave(state, 'goodbye') : stay(state);
    case 'amount':
      return atAmount(state, screen, event);
    case 'deposit':
      return atDeposit(state, screen, event);
    case 'transfer-account':
    case 'transfer-amount':
      return atTransfer(state, screen, event);
    case 'balance':
    case 'statement':
      return event.kind === 'cancel' || event.kind === 'confirm' ? show(state, { kind: 'menu' }) : stay(state);
    case 'take-card':
      return event.kind === 'card-taken' || event.kind === 'confirm' ? takeCard(state, screen.next) : stay(state);
    case 'take-cash':
      return event.kind === 'cash-taken' || event.kind === 'confirm'
        ? show(state, { kind: 'ending', ending: screen.next })
        : stay(state);
    case 'ending':
      return atEnding(state, screen.ending, event);
    case 'working':
      return stay(state);
  }
}

/** Nobody has touched the machine for long: what waits to be taken counts as taken, everything else ends with the card. */
function whenLeft(state: MachineState): Step {
  const { screen } = state;
  switch (screen.kind) {
    case 'idle':
    case 'working':
      return stay(state);
    case 'take-card':
      return takeCard(state, screen.next);
    case 'take-cash':
      return show(state, { kind: 'ending', ending: screen.next });
    case 'ending':
      return state.card === null ? atEnding(state, screen.ending, { kind: 'done' }) : leave(state, 'left');
    case 'pin':
    case 'menu':
    case 'amount':
    case 'balance':
    case 'statement':
    case 'deposit':
    case 'transfer-account':
    case 'transfer-amount':
      return leave(state, 'left');
  }
}

function insertCard({ visit }: MachineState, card: string): Step {
  return { state: { ...OUT_OF_CARDS, visit: visit + 1, card, screen: { kind: 'pin', triesLeft: null } }, effects: [] };
}

/** The card comes out; the session ends with it. */
function leave(state: MachineState, kind: Ending['kind']): Step {
  return show(state, { kind: 'take-card', next: withoutMoney(kind) }, { kind: 'clear-pin' });
}

function atPin(state: MachineState, event: ByCustomer): Step {
  if (event.kind === 'cancel') return leave(state, 'goodbye');
  if (event.kind !== 'pin-entered' || state.card === null) return stay(state);
  return show(state, { kind: 'working', work: 'pin' }, { kind: 'open-session', card: state.card });
}

function choose(state: MachineState, item: MenuItem): Step {
  switch (item) {
    case 'withdraw':
      return {
        state: { ...state, withdrawal: null, pendingAmount: null, screen: { kind: 'amount', digits: '', hint: null } },
        effects: [{ kind: 'select-withdrawal' }, { kind: 'read-notes' }, { kind: 'read-balance' }],
      };
    case 'balance':
      return show({ ...state, balance: null }, { kind: 'working', work: 'balance' }, { kind: 'read-balance' });
    case 'deposit':
      return show(state, { kind: 'deposit', notes: [] });
    case 'transfer':
      return show(state, { kind: 'transfer-account', account: 'ACC-', unknown: false }, { kind: 'read-balance' });
    case 'statement':
      return show(state, { kind: 'working', work: 'statement' }, { kind: 'read-statement' });
    case 'return-card':
      return leave(state, 'goodbye');
  }
}

function atAmount(state: MachineState, screen: Screen & { kind: 'amount' }, event: ByCustomer): Step {
  const typed = (digits: string) => show(state, { kind: 'amount', digits, hint: null });
  if (event.kind === 'digit') return typed(withDigit(screen.digits, event.digit));
  if (event.kind === 'erase') return typed(screen.digits.slice(0, -1));
  if (event.kind === 'amount-chosen') return enterAmount(state, event.amount);
  if (event.kind === 'confirm') return enterAmount(state, typedAmount(screen.digits));
  return event.kind === 'cancel' ? show(state, { kind: 'menu' }) : stay(state);
}

function enterAmount(state: MachineState, amount: number): Step {
  if (amount === 0) return stay(state);
  const hint = hintFor(state, amount);
  if (hint !== null) return show(state, { kind: 'amount', digits: String(amount / 100), hint });
  const { withdrawal } = state;
  const working = { ...state, pendingAmount: amount, screen: { kind: 'working', work: 'withdrawal' } } as const;
  if (withdrawal === null) return stay(working);
  return { state: working, effects: [{ kind: 'enter-amount', withdrawalId: withdrawal.withdrawalId, amount }] };
}

/** What the machine knows itself; the bank decides the rest. A balance that the screen shows is no promise, so it is no reason to refuse. */
function hintFor({ notes }: MachineState, amount: number): AmountHint | null {
  if (notes === null || notesFor(amount, notes) !== null) return null;
  return { kind: 'impossible', amounts: nearestAmounts(amount, notes) };
}

function atDeposit(state: MachineState, screen: Screen & { kind: 'deposit' }, event: ByCustomer): Step {
  if (event.kind === 'cancel') return show(state, { kind: 'menu' });
  if (event.kind === 'notes-changed') return show(state, { kind: 'deposit', notes: event.notes });
  if (event.kind !== 'confirm' || worthOf(screen.notes) === 0) return stay(state);
  return show(state, { kind: 'working', work: 'deposit' }, { kind: 'deposit', notes: screen.notes });
}

type TransferScreen = Screen & { kind: 'transfer-account' | 'transfer-amount' };

function atTransfer(state: MachineState, screen: TransferScreen, event: ByCustomer): Step {
  if (event.kind === 'cancel') return show(state, { kind: 'menu' });
  if (screen.kind === 'transfer-amount') {
    const { account } = screen;
    const typed = (digits: string) => show(state, { kind: 'transfer-amount', account, digits });
    if (event.kind === 'digit') return typed(withDigit(screen.digits, event.digit));
    if (event.kind === 'erase') return typed(screen.digits.slice(0, -1));
    const amount = typedAmount(screen.digits);
    if (event.kind !== 'confirm' || amount === 0) return stay(state);
    return show(state, { kind: 'working', work: 'transfer' }, { kind: 'transfer', account, amount });
  }
  const typed = (account: string) =>
    show(state, { kind: 'transfer-account', account: asAccount(account), unknown: false });
  if (event.kind === 'account-typed') return typed(event.account);
  if (event.kind === 'digit') return typed(screen.account + event.digit);
  if (event.kind === 'erase') return typed(screen.account.slice(0, -1));
  if (event.kind !== 'confirm' || !/\d$/.test(screen.account)) return stay(state);
  return show(state, { kind: 'transfer-amount', account: screen.account, digits: '' });
}

/** As the contract takes account numbers. */
const asAccount = (text: string): string =>
  text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9-]/g, '')
    .slice(0, ACCOUNT_MAX);

/** Card before cash: only an empty card slot opens the cash slot. */
function takeCard(state: MachineState, next: Ending): Step {
  const screen: Screen = next.notes.length > 0 ? { kind: 'take-cash', next } : { kind: 'ending', ending: next };
  const step = show({ ...state, card: null }, screen);
  // While the booking of the cash is followed, the session is needed; it ends with the receipt.
  const over = next.notes.length === 0 && state.session !== null;
  return over ? { ...step, effects: [{ kind: 'close-session' }] } : step;
}

function atEnding(state: MachineState, ending: Ending, event: ByCustomer): Step {
  const onwards = event.kind === 'confirm' || event.kind === 'done' || event.kind === 'cancel';
  if (!onwards) return stay(state);
  if (state.card === null) {
    const effects: Effect[] = state.session !== null && ending.notes.length > 0 ? [{ kind: 'close-session' }] : [];
    return { state: { ...OUT_OF_CARDS, visit: state.visit }, effects };
  }
  if (state.session === null || endsTheVisit(ending) || event.kind === 'cancel') return leave(state, 'goodbye');
  return show(state, { kind: 'menu' });
}
