import type { MinorUnits } from '#money';
import { advance, subjectOf, type AdviceHead, type AdviceResult } from './advice.js';
import { holdOf, type WithdrawalHead } from './authorisation.js';
import { ownLine } from './entry.js';
import { unchanged, type Change, type Decision, type LedgerState } from './state.js';

/** The dispenser cannot say whether the customer took `amount`. */
export interface Suspend extends WithdrawalHead, AdviceHead {
  readonly amount: MinorUnits;
}

/**
 * Moves the cash from the cassettes to suspense; the customer is not debited, but the hold stays open until the case is
 * resolved. Where there is no hold (stand-in) one is placed, below the limit if it must be, which is recorded.
 */
export function suspend(state: LedgerState, command: Suspend): Decision<AdviceResult> {
  if (command.amount <= 0n) return unchanged({ outcome: 'refused', reason: 'invalid-amount' });
  const subject = subjectOf(state, command, [command.amount]);
  if ('outcome' in subject) return unchanged(subject);
  const {
    account: { currency },
    authorisation: before,
  } = subject;
  if (before.state === 'suspended') return unchanged({ outcome: 'repeated', entryId: before.entryId });

  const { withdrawalId: causeId, terminalId, rrn, requestedAt, adviceId, entryId } = command;
  const held = before.state === 'held' ? before.amount : command.amount;
  const { authorisation, card } = advance(
    subject,
    { state: 'suspended', amount: held, suspense: command.amount, entryId, adviceId },
    { available: holdOf(before) - held, used: held },
  );
  const lines = [
    ...ownLine('suspense', terminalId, 0n - command.amount),
    ...ownLine('atm-cash', terminalId, command.amount),
  ];
  const head = { entryId, kind: 'suspense', causeId, currency, terminalId, rrn, requestedAt, adviceId } as const;
  const changes: Change[] = [
    { kind: 'authorisation', authorisation },
    { kind: 'entry', entry: { ...head, lines } },
  ];
  if (card !== undefined) changes.push({ kind: 'card', card });
  return { result: { outcome: 'posted', entryId }, changes };
}
