import type { ProblemBody, WithdrawalBody } from '#contracts';
import { typedAmount } from './amounts.js';
import {
  endingOf,
  endingOfDeposit,
  endingOfProblem,
  endingOfTransfer,
  referenceOfRequest,
  unclear,
  withNews,
  withoutMoney,
} from './endings.js';
import type { Effect, MachineState, Outcome, Screen, Step, Work } from './state.js';
import { show, stay } from './step.js';

/** What the outcome of a call leads to. */
export function afterOutcome(state: MachineState, event: Outcome): Step {
  switch (event.kind) {
    case 'session-opened':
      return show({ ...state, session: event.session }, { kind: 'menu' });
    case 'balance-known':
      return known({ ...state, balance: event.balance, balanceFailed: false });
    case 'balance-unknown':
      return unknownBalance(state, event.problem);
    case 'notes-known':
      return stay({ ...state, notes: event.notes });
    case 'withdrawal-selected':
      return selected({ ...state, withdrawal: event.withdrawal });
    case 'withdrawal-answered':
      return answered({ ...state, withdrawal: event.withdrawal }, event.withdrawal);
    case 'withdrawal-followed':
      return isCurrent(state, event.withdrawal) ? followed({ ...state, withdrawal: event.withdrawal }) : stay(state);
    case 'deposited':
      return show(state, { kind: 'ending', ending: endingOfDeposit(event.receipt) });
    case 'transferred':
      return show(state, { kind: 'ending', ending: endingOfTransfer(event.receipt) });
    case 'statement-read':
      return show(state, { kind: 'statement', statement: event.statement });
    case 'refused':
      return refused(state, event.work, event.problem);
    case 'no-answer':
      return noAnswer(state, event.work);
  }
}

/** News of an earlier withdrawal come too late for whoever has begun another. */
const isCurrent = ({ withdrawal }: MachineState, { withdrawalId }: WithdrawalBody): boolean =>
  withdrawal?.withdrawalId === withdrawalId;

const isWorking = ({ screen }: MachineState, work: Work): boolean => screen.kind === 'working' && screen.work === work;

const known = (state: MachineState): Step =>
  isWorking(state, 'balance') ? show(state, { kind: 'balance' }) : stay(state);

/** Who only glances at it goes on without it. */
function unknownBalance(state: MachineState, problem: ProblemBody | null): Step {
  if (!isWorking(state, 'balance')) return stay({ ...state, balanceFailed: true });
  const ending = problem === null ? withoutMoney('no-gateway') : endingOfProblem(problem);
  return show(state, { kind: 'ending', ending });
}

/** The amount may have been confirmed before. */
function selected(state: MachineState): Step {
  const { withdrawal, pendingAmount } = state;
  if (withdrawal === null) return stay(state);
  const { withdrawalId } = withdrawal;
  const effect: Effect =
    pendingAmount === null
      ? { kind: 'watch-balance-request', withdrawalId }
      : { kind: 'enter-amount', withdrawalId, amount: pendingAmount };
  return { state, effects: [effect] };
}

/** Cash waits behind the card; everything else is said at once. */
function answered(state: MachineState, withdrawal: WithdrawalBody): Step {
  const ending = endingOf(withdrawal);
  const screen: Screen = ending.notes.length > 0 ? { kind: 'take-card', next: ending } : { kind: 'ending', ending };
  const { withdrawalId } = withdrawal;
  return show({ ...state, pendingAmount: null }, screen, { kind: 'follow-withdrawal', withdrawalId });
}

/** What is shown follows what is known: reserved becomes charged, the receipt's balance the new one, unclear becomes clear. */
function followed(state: MachineState): Step {
  const step = shownAnew(state);
  return state.withdrawal?.state === 'settled' ? { ...step, effects: [{ kind: 'read-balance' }] } : step;
}

function shownAnew(state: MachineState): Step {
  const { screen, withdrawal } = state;
  if (screen.kind === 'ending' && screen.ending.kind === 'unclear' && withdrawal !== null) {
    const ending = endingOf(withdrawal);
    const cashIsOut = ending.notes.length > 0 && state.card !== null;
    return show(state, cashIsOut ? { kind: 'take-card', next: ending } : { kind: 'ending', ending });
  }
  if (screen.kind === 'ending') return show(state, { kind: 'ending', ending: withNews(screen.ending, withdrawal) });
  if (screen.kind === 'take-card' || screen.kind === 'take-cash') {
    return show(state, { ...screen, next: withNews(screen.next, withdrawal) });
  }
  return stay(state);
}

function refused(state: MachineState, work: Work, problem: ProblemBody): Step {
  if (work === 'pin' && problem.type.endsWith(':wrong-pin')) {
    return show(state, { kind: 'pin', triesLeft: problem.triesLeft ?? 0 });
  }
  // No session can have ended yet: it is the terminal's key that is not accepted.
  if (work === 'pin' && problem.status === 401) {
    return show(state, {
      kind: 'ending',
      ending: withoutMoney('terminal-unknown', referenceOfRequest(problem.requestId)),
    });
  }
  if (problem.type.endsWith(':invalid-amount') && state.pendingAmount !== null) return impossible(state, problem);
  if (work === 'transfer' && problem.status === 404) {
    return show(state, { kind: 'transfer-account', account: 'ACC-', unknown: true });
  }
  // Whether the bank could be reached, and what came of it, stands in the withdrawal.
  const { withdrawal } = state;
  if (work === 'withdrawal' && problem.status >= 500 && withdrawal !== null && state.pendingAmount !== null) {
    const { withdrawalId } = withdrawal;
    const ending = unclear(withdrawal);
    return show(
      { ...state, pendingAmount: null },
      { kind: 'ending', ending },
      { kind: 'follow-withdrawal', withdrawalId },
    );
  }
  return show({ ...state, pendingAmount: null }, { kind: 'ending', ending: endingOfProblem(problem) });
}

function impossible(state: MachineState, problem: ProblemBody): Step {
  const { pendingAmount } = state;
  const possible = problem['possibleAmounts'];
  const amounts = Array.isArray(possible) ? possible.filter((one) => typeof one === 'number') : [];
  const digits = String((pendingAmount ?? typedAmount('')) / 100);
  const hint = { kind: 'impossible', amounts } as const;
  return show({ ...state, pendingAmount: null }, { kind: 'amount', digits, hint }, { kind: 'read-notes' });
}

/** Only an amount that was on its way leaves anything open; asking goes on. */
function noAnswer(state: MachineState, work: Work): Step {
  const { withdrawal, pendingAmount } = state;
  if (work === 'withdrawal' && withdrawal !== null && pendingAmount !== null) {
    const { withdrawalId } = withdrawal;
    const screen: Screen = { kind: 'ending', ending: unclear(withdrawal) };
    return show({ ...state, pendingAmount: null }, screen, { kind: 'follow-withdrawal', withdrawalId });
  }
  const ending = work === 'deposit' || work === 'transfer' ? unclear(null) : withoutMoney('no-gateway');
  return show({ ...state, pendingAmount: null }, { kind: 'ending', ending });
}
