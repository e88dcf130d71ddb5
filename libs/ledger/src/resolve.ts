import { minorUnits, type MinorUnits } from '#money';
import { advance, subjectOf, type AdviceHead, type AdviceResult, type Subject } from './advice.js';
import { holdOf, type WithdrawalHead } from './authorisation.js';
import { customerLine, ownLine, type Line } from './entry.js';
import { unchanged, type Change, type Decision, type LedgerState } from './state.js';

interface Resolution extends WithdrawalHead, AdviceHead {
  /** Notes that went to the reject bin, and those that the machine took back; out of the cassettes, not with the customer. */
  readonly rejected: MinorUnits;
  readonly retracted: MinorUnits;
}

/** ISO 8583 0220: the customer took `taken`. */
export interface Complete extends Resolution {
  readonly taken: MinorUnits;
}

/** ISO 8583 0420: the customer has nothing. */
export type Reverse = Resolution;

/**
 * Posts what was taken and releases the hold, whatever its amount. Without a hold (stand-in, or the authorisation never
 * arrived) it posts all the same, below the limit if it must, which is recorded; a late authorisation is refused.
 */
export function complete(state: LedgerState, command: Complete): Decision<AdviceResult> {
  const subject = subjectOf(state, command, [command.taken, command.rejected, command.retracted]);
  if ('outcome' in subject) return unchanged(subject);
  return resolve(subject, command, 'completed', command.taken);
}

/**
 * Releases the hold and gives the daily usage back. Where the host does not know the withdrawal, it remembers it as
 * reversed (tombstone), so that an authorisation that comes later is refused.
 */
export function reverse(state: LedgerState, command: Reverse): Decision<AdviceResult> {
  const subject = subjectOf(state, command, [command.rejected, command.retracted]);
  if ('outcome' in subject) return unchanged(subject);
  return resolve(subject, command, 'reversed', minorUnits(0n));
}

function resolve(
  subject: Subject,
  command: Resolution,
  state: 'completed' | 'reversed',
  taken: MinorUnits,
): Decision<AdviceResult> {
  const { withdrawalId: causeId, terminalId, rrn, requestedAt, adviceId } = command;
  const lines = linesOf(subject, command, taken);
  const entryId = lines.length > 0 ? command.entryId : null;
  const { authorisation, card } = advance(
    subject,
    { state, taken: state === 'completed' ? taken : null, suspense: minorUnits(0n), entryId, adviceId },
    { available: holdOf(subject.authorisation) - taken, used: taken },
  );
  const changes: Change[] = [{ kind: 'authorisation', authorisation }];
  if (card !== undefined) changes.push({ kind: 'card', card });
  if (entryId !== null) {
    const kind = state === 'completed' ? 'withdrawal' : 'reversal';
    const { currency } = subject.account;
    const head = { entryId, kind, causeId, currency, terminalId, rrn, requestedAt, adviceId } as const;
    changes.push({ kind: 'entry', entry: { ...head, lines } });
  }
  return { result: { outcome: 'posted', entryId }, changes };
}

/** What stands in suspense has already left the cassettes; it is taken back from there, and only the rest credited to them. */
function linesOf({ account, authorisation }: Subject, command: Resolution, taken: MinorUnits): Line[] {
  const binned = command.rejected + command.retracted;
  return [
    ...customerLine(account.accountId, account.ledger, 0n - taken),
    ...ownLine('atm-bin', command.terminalId, -binned),
    ...ownLine('suspense', command.terminalId, authorisation.suspense),
    ...ownLine('atm-cash', command.terminalId, taken + binned - authorisation.suspense),
  ];
}
