import type { OutgoingMessage } from '#messaging';
import type { AuthorisationResult } from '#contracts';
import { noteMix, type MinorUnits, type Notes } from '#money';
import type { Claim } from '../idempotency/idempotency.js';
import type { DispenseOutcome } from '../dispenser/dispenser.js';
import { without } from '../cassette/notes.js';
import type { JournalRecord } from '../journal/journal.js';
import type { StandInBudget } from '../stand-in/stand-in-limits.js';
import { adviceFor } from './advice.js';
import { follow, type WithdrawalEvent } from './transitions.js';
import type { Withdrawal } from './withdrawal.js';

/** That the host holds the amount. */
export interface Approval {
  readonly answer: AuthorisationResult;
  /** Replica of the account service that answered. */
  readonly host: string | undefined;
  /** When it was heard of. */
  readonly at: Date;
}

/** What a driver found out about a withdrawal; what it means is decided under the locks. */
export type WithdrawalNews =
  | {
      readonly kind: 'amount-entered';
      readonly amount: MinorUnits;
      /** What the client's own key stands for from now on; null where the client gave none, or it is claimed otherwise. */
      readonly claim: Claim | null;
    }
  | { readonly kind: 'declined'; readonly answer: AuthorisationResult; readonly host: string | undefined }
  | { readonly kind: 'host-unreachable' }
  /** Commanded upon the host's approval; without one where it was approved before, or stood in. */
  | { readonly kind: 'dispenser-answered'; readonly outcome: DispenseOutcome; readonly approval: Approval | null }
  /** The dispenser was told to give nothing; it may have given by then. */
  | {
      readonly kind: 'called-off';
      readonly outcome: DispenseOutcome;
      readonly because: 'abandoned' | 'host-unavailable';
    };

/** What was read under the locks of one transaction. */
export interface BatchState {
  readonly withdrawals: readonly Withdrawal[];
  /** Notes in the cassettes, per terminal. */
  readonly cassettes: ReadonlyMap<string, readonly Notes[]>;
  readonly standIn: StandInBudget;
  readonly at: Date;
  /** Who decides; only for the journal. */
  readonly replica: string;
}

/** A change of what a cassette has. */
export interface CassetteChange {
  readonly terminalId: string;
  readonly denomination: number;
  readonly change: number;
}

/** What outcomes add to a terminal's totals. */
export interface TotalChange {
  readonly terminalId: string;
  readonly taken: bigint;
  readonly rejected: bigint;
  readonly retracted: bigint;
  readonly suspense: bigint;
}

/**
 * Decides what the news of one transaction do, one after the other, and collects everything that must be stored with it. No I/O:
 * what it decides depends on nothing but what was read under the locks.
 */
export class WithdrawalBatch {
  readonly journal: JournalRecord[] = [];
  readonly advices: OutgoingMessage[] = [];
  private readonly current: Map<string, Withdrawal>;
  private readonly arriving = new Map<string, Claim | null>();
  private readonly before = new Map<string, Withdrawal>();
  private readonly cassettes: Map<string, readonly Notes[]>;
  private readonly changes = new Map<string, CassetteChange>();

  constructor(readonly state: BatchState) {
    this.current = new Map(state.withdrawals.map((withdrawal) => [withdrawal.withdrawalId, withdrawal]));
    this.cassettes = new Map(state.cassettes);
  }

  /** Whether an amount found no notes: what was read without locks may then be wrong. */
  notesGone = false;

  /** The withdrawal after the news; as it is where another replica was first. `traceparent`: the trace that its advice belongs to. */
  take(withdrawalId: string, news: WithdrawalNews, traceparent?: string): Withdrawal {
    const withdrawal = this.withdrawal(withdrawalId);
    const event = this.eventOf(withdrawal, news);
    const step = event === null ? null : follow(withdrawal, event, this.state.at);
    if (event === null || step === null) return withdrawal;
    const { transition } = step;
    this.note(withdrawal, news);
    this.current.set(withdrawalId, step.withdrawal);
    this.moveNotes(withdrawal, event);
    if (transition.journal !== undefined) this.record(step.withdrawal, transition.journal, event, news);
    if (transition.advice !== undefined) {
      this.advices.push({ ...adviceFor(step.withdrawal, transition.advice, event.kind, this.state.at), traceparent });
    }
    return step.withdrawal;
  }

  /** Withdrawals that get their rows, each with what its key stands for. */
  arrivals(): { claim: Claim | null; withdrawal: Withdrawal }[] {
    return [...this.arriving].map(([id, claim]) => ({ claim, withdrawal: this.withdrawal(id) }));
  }

  /** Withdrawals that moved, each with what it was when it was read. */
  moves(): { was: Withdrawal; withdrawal: Withdrawal }[] {
    return [...this.before].map(([id, was]) => ({ was, withdrawal: this.withdrawal(id) }));
  }

  cassetteChanges(): CassetteChange[] {
    return [...this.changes.values()].filter(({ change }) => change !== 0);
  }

  /** One for each terminal; none where nothing became of any money. */
  totalChanges(): TotalChange[] {
    const changes = new Map<string, TotalChange>();
    for (const { was, withdrawal } of this.moves()) {
      const sum = changes.get(was.terminalId) ?? NOTHING;
      const change = {
        terminalId: was.terminalId,
        taken: sum.taken + withdrawal.taken - was.taken,
        rejected: sum.rejected + withdrawal.rejected - was.rejected,
        retracted: sum.retracted + withdrawal.retracted - was.retracted,
        suspense: sum.suspense + withdrawal.suspense - was.suspense,
      };
      changes.set(was.terminalId, change);
    }
    return [...changes.values()].filter((change) => TOTALS.some((name) => change[name] !== 0n));
  }

  private note(withdrawal: Withdrawal, news: WithdrawalNews): void {
    const { withdrawalId, stored } = withdrawal;
    if (!stored) this.arriving.set(withdrawalId, news.kind === 'amount-entered' ? news.claim : null);
    else if (!this.arriving.has(withdrawalId) && !this.before.has(withdrawalId))
      this.before.set(withdrawalId, withdrawal);
  }

  private withdrawal(withdrawalId: string): Withdrawal {
    const withdrawal = this.current.get(withdrawalId);
    if (withdrawal === undefined) throw new Error(`withdrawal ${withdrawalId} was not read`);
    return withdrawal;
  }

  /** Null where the news are about a state that has passed; notes and limits must not be spent on those. */
  private eventOf(withdrawal: Withdrawal, news: WithdrawalNews): WithdrawalEvent | null {
    switch (news.kind) {
      case 'amount-entered':
        return withdrawal.state === 'awaiting-amount' ? this.reserve(withdrawal, news.amount) : null;
      case 'declined':
        return { kind: 'declined', responseCode: news.answer.responseCode };
      case 'host-unreachable':
        return withdrawal.state === 'authorising' ? this.standIn(withdrawal) : null;
      case 'dispenser-answered':
        return eventOfOutcome(news.outcome);
      case 'called-off':
        return withdrawal.state === 'authorising' && news.outcome.outcome === 'voided'
          ? { kind: news.because }
          : eventOfOutcome(news.outcome);
    }
  }

  private reserve({ terminalId }: Withdrawal, amount: MinorUnits): WithdrawalEvent | null {
    const notes = noteMix(amount, this.cassettes.get(terminalId) ?? []);
    if (notes !== null) return { kind: 'amount-entered', amount, notes };
    this.notesGone = true;
    return null;
  }

  /** Null where it is over a limit: the dispenser must be told before the withdrawal is given up. */
  private standIn(withdrawal: Withdrawal): WithdrawalEvent | null {
    const { amount } = withdrawal;
    return amount !== null && this.state.standIn.grant({ ...withdrawal, amount }) ? { kind: 'stood-in' } : null;
  }

  private moveNotes({ terminalId, noteMix: mix }: Withdrawal, event: WithdrawalEvent): void {
    switch (event.kind) {
      case 'amount-entered':
        this.cassettes.set(terminalId, without(this.cassettes.get(terminalId) ?? [], event.notes));
        for (const { denomination, count } of event.notes) this.change(terminalId, denomination, -count);
        return;
      case 'declined':
      case 'host-unavailable':
      case 'abandoned':
        return this.putBack(terminalId, mix ?? []);
      case 'notes-taken':
        return this.putBack(terminalId, without(mix ?? [], event.taken, event.rejected, event.retracted));
      case 'nothing-taken':
        return this.putBack(terminalId, without(mix ?? [], event.rejected, event.retracted));
      case 'stood-in':
      case 'outcome-unknown':
      case 'answered':
        return;
    }
  }

  private putBack(terminalId: string, notes: readonly Notes[]): void {
    for (const { denomination, count } of notes) this.change(terminalId, denomination, count);
  }

  private change(terminalId: string, denomination: number, change: number): void {
    const key = `${terminalId} ${denomination}`;
    const sum = (this.changes.get(key)?.change ?? 0) + change;
    this.changes.set(key, { terminalId, denomination, change: sum });
  }

  private record(withdrawal: Withdrawal, kind: string, event: WithdrawalEvent, news: WithdrawalNews): void {
    const { terminalId, withdrawalId, sessionId, stan, rrn, authorisation, responseCode } = withdrawal;
    const { kind: cause, ...found } = event;
    const amount = withdrawal.amount?.toString() ?? null;
    const who = { replica: this.state.replica, ...decisionIn(news) };
    const data = { ...found, withdrawalId, sessionId, stan, rrn, amount, authorisation, responseCode, cause, ...who };
    this.journal.push({ terminalId, kind, data });
  }
}

const TOTALS = ['taken', 'rejected', 'retracted', 'suspense'] as const;

const NOTHING = { taken: 0n, rejected: 0n, retracted: 0n, suspense: 0n };

/** Which replica of the host decided, and when that was heard of. */
function decisionIn(news: WithdrawalNews): { host?: string; authorisedAt?: string } {
  if (news.kind === 'declined') return news.host === undefined ? {} : { host: news.host };
  if (news.kind !== 'dispenser-answered' || news.approval?.host === undefined) return {};
  return { host: news.approval.host, authorisedAt: news.approval.at.toISOString() };
}

function eventOfOutcome(outcome: DispenseOutcome): WithdrawalEvent {
  switch (outcome.outcome) {
    case 'unknown':
      return { kind: 'outcome-unknown' };
    case 'voided':
      return { kind: 'nothing-taken', rejected: [], retracted: [] };
    case 'all':
    case 'part':
    case 'none':
    case 'retracted': {
      const { taken, rejected, retracted } = outcome;
      return taken.length > 0
        ? { kind: 'notes-taken', taken, rejected, retracted }
        : { kind: 'nothing-taken', rejected, retracted };
    }
  }
}
