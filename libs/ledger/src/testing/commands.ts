import { minorUnits } from '#money';
import type { Account, Authorise, Card, Complete, Deposit, MoveBetween, Reverse, Suspend } from '../index.js';

/** Builders of the things that the tests are about; what a test does not name is unremarkable. */
export function anAccount(over: Partial<Account> = {}): Account {
  const zero = minorUnits(0n);
  return {
    accountId: 'A',
    currency: 'EUR',
    status: 'open',
    ledger: zero,
    held: zero,
    overdraftLimit: zero,
    forced: zero,
    ...over,
  };
}

export function aCard(over: Partial<Card> = {}): Card {
  const card = { cardToken: 'card-A', accountId: 'A', status: 'active', dailyLimit: null, spentOn: null } as const;
  return { ...card, spent: minorUnits(0n), ...over };
}

export const head = (withdrawalId = 'w1') => ({
  withdrawalId,
  accountId: 'A',
  cardToken: 'card-A',
  terminalId: 'T',
  stan: '000001',
  rrn: '600100000001',
  requestedAt: '2026-03-01T10:00:00.000Z',
});

export function anAuthorise(over: Partial<Authorise> = {}): Authorise {
  return { ...head(), amount: minorUnits(100n), ...over };
}

export function aCompletion(over: Partial<Complete> = {}): Complete {
  return { ...aReversal(over), taken: minorUnits(100n), ...over };
}

export function aReversal(over: Partial<Reverse> = {}): Reverse {
  const none = { rejected: minorUnits(0n), retracted: minorUnits(0n) };
  const id = over.withdrawalId ?? 'w1';
  return { ...head(), ...none, entryId: `entry-${id}`, adviceId: `advice-${id}`, ...over };
}

export function aSuspension(over: Partial<Suspend> = {}): Suspend {
  const id = over.withdrawalId ?? 'w1';
  return { ...head(), amount: minorUnits(100n), entryId: `suspense-${id}`, adviceId: `advice-${id}`, ...over };
}

export function aDeposit(over: Partial<Deposit> = {}): Deposit {
  const { accountId, terminalId, rrn, requestedAt } = head();
  const id = over.depositId ?? 'd1';
  const ids = { depositId: id, entryId: `entry-${id}`, adviceId: `advice-${id}` };
  return { accountId, terminalId, rrn, requestedAt, amount: minorUnits(100n), ...ids, ...over };
}

export function aTransfer(over: Partial<MoveBetween> = {}): MoveBetween {
  const { rrn, requestedAt } = head();
  const id = over.transferId ?? 't1';
  const accounts = { fromAccountId: 'A', toAccountId: 'B' };
  return { ...accounts, rrn, requestedAt, amount: minorUnits(100n), transferId: id, entryId: `entry-${id}`, ...over };
}
