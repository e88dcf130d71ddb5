import { checkAccounts } from '../linearizability/check-accounts.js';
import type { Operation as Step } from '../linearizability/operation.js';
import type { Verdict } from '../linearizability/verdict.js';
import { cashOf, type Operation, type OperationOf } from '../load/operation.js';
import type { Evidence } from './evidence.js';

/** Response code of a decline for want of money (ISO 8583 field 39). */
const INSUFFICIENT = '51';

/** By account: whether one order of operations explains what the clients saw. */
export function checkHistories({
  operations,
  baseline,
  brokerOf,
}: Pick<Evidence, 'operations' | 'baseline' | 'brokerOf'>): Verdict[] {
  const steps = operations.flatMap((operation) => stepsOf(operation, brokerOf));
  return checkAccounts(steps, { opening: (account) => Number(baseline.balances.get(account) ?? 0n) });
}

type BrokerOf = Evidence['brokerOf'];

function stepsOf(operation: Operation, brokerOf: BrokerOf): Step[] {
  const { accountId } = operation;
  // Refused as such, it had no effect; without a session there is no account.
  if (accountId === null || operation.outcome === 'refused') return [];
  switch (operation.kind) {
    case 'balance':
      return balanceRead(operation, accountId);
    case 'withdrawal':
      return [withdrawal(operation, accountId)];
    case 'deposit':
      return [deposit(operation, accountId)];
    case 'transfer':
      return transfer(operation, accountId, brokerOf);
    case 'ask':
    case 'statement':
      return [];
  }
}

function headOf({ kind, number, invokedAtMs, completedAtMs }: Operation, account: string) {
  return { id: `${kind} ${number}`, account, invokedAtMs, completedAtMs };
}

function balanceRead(operation: OperationOf<'balance'>, account: string): Step[] {
  const { balance } = operation;
  if (balance?.source !== 'host') return [];
  const { ledger, held, available } = balance;
  return [{ kind: 'balance', ...headOf(operation, account), ledger, held, available }];
}

function withdrawal(operation: OperationOf<'withdrawal'>, account: string): Step {
  const { amount, withdrawal: answer } = operation;
  const { completedAtMs, ...begun } = headOf(operation, account);
  const head = { kind: 'withdrawal', amount, ...begun } as const;
  if (answer === null) return { ...head, outcome: 'unknown' };
  if (answer.state === 'suspense') return { ...head, outcome: 'suspense' };
  const taken = cashOf(answer);
  if (taken > 0) {
    const authorisation = answer.authorisation ?? 'host';
    const settled = answer.state === 'settled' ? { endedByMs: completedAtMs } : {};
    return { ...head, completedAtMs, outcome: 'dispensed', authorisation, taken, ...settled };
  }
  if (answer.state === 'declined' && answer.responseCode === INSUFFICIENT) {
    return { ...head, completedAtMs, outcome: 'insufficient' };
  }
  const ended = answer.state === 'reversed' || answer.state === 'declined' ? { endedByMs: completedAtMs } : {};
  return { ...head, outcome: 'nothing', ...ended };
}

function deposit(operation: OperationOf<'deposit'>, account: string): Step {
  const { amount, deposit: receipt } = operation;
  const { completedAtMs, ...begun } = headOf(operation, account);
  const head = { kind: 'deposit', amount, ...begun } as const;
  if (receipt === null) return { ...head, outcome: 'unknown' };
  return receipt.state === 'settled'
    ? { ...head, completedAtMs, outcome: 'settled' }
    : { ...head, outcome: 'accepted' };
}

function transfer(operation: OperationOf<'transfer'>, account: string, brokerOf: BrokerOf): Step[] {
  const { amount, toAccountId, transfer: receipt } = operation;
  const { completedAtMs, ...out } = headOf(operation, account);
  const into = { ...out, id: `${out.id} in`, account: toAccountId };
  if (receipt === null) {
    return [
      { kind: 'transfer-out', amount, ...out, outcome: 'unknown' },
      { kind: 'transfer-in', amount, ...into, outcome: 'unknown' },
    ];
  }
  if (receipt.state === 'declined') {
    return [{ kind: 'transfer-out', amount, ...out, completedAtMs, outcome: 'insufficient' }];
  }
  const together = brokerOf(account) === brokerOf(toAccountId);
  return [
    { kind: 'transfer-out', amount, ...out, completedAtMs, outcome: 'posted' },
    together
      ? { kind: 'transfer-in', amount, ...into, completedAtMs, outcome: 'posted' }
      : { kind: 'transfer-in', amount, ...into, outcome: 'sent' },
  ];
}
