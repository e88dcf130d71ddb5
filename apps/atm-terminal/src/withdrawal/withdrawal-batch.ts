import type { OutgoingMessage } from '#messaging';
import type { AuthorisationResult, WithdrawalState } from '#contracts';
import { noteMix, type MinorUnits, type Notes } from '#money';
import type { DispenseOutcome } from '../dispenser/dispenser.js';
import { without } from '../cassette/notes.js';
import type { JournalRecord } from '../journal/journal.js';
import type { StandInBudget } from '../stand-in/stand-in-limits.js';
import { adviceFor } from './advice.js';
import { follow, type WithdrawalEvent } from './transitions.js';
import type { Withdrawal } from './withdrawal.js';

/** What a driver found out about a withdrawal; what it means is decided under the locks. */
export type WithdrawalNews =
  | { readonly kind: 'amount-entered'; readonly amount: MinorUnits }
  | {
      readonly kind: 'authorisation-answered';
      readonly answer: AuthorisationResult;
      /** Replica of the account service that answered. */
      readonly host?: string;
    }
  | { readonly kind: 'host-unreachable' }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'dispenser-answered'; readonly outcome: DispenseOutcome };

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

/**
 * Decides what the news of one transaction do, one after the other, and collects everything that must be stored with it. No I/O:
 * what it decides depends on nothing but what was read under the locks.
 */
export class WithdrawalBatch {
  readonly journal: JournalRecord[] = [];
  readonly advices: OutgoingMessage[] = [];
  private readonly current: Map<string, Withdrawal>;
  private readonly before = new Map<string, WithdrawalState>();
  private readonly cassettes: Map<string, readonly Notes[]>;
  private readonly changes = new Map<string, CassetteChange>();

  constructor(readonly state: BatchState) {
    this.current = new Map(state.withdrawals.map((withdrawal) => [withdrawal.withdrawalId, withdrawal]));
    this.cassettes = new Map(state.cassettes);
  }

  /** Whether an approved withdrawal found no notes: what was read without locks may then be wrong. */
  notesGone = false;

  /** The withdrawal after the news; as it is where another replica was first. `traceparent`: the trace that its advice belongs to. */
  take(withdrawalId: string, news: WithdrawalNews, traceparent?: string): Withdrawal {
    const withdrawal = this.withdrawal(withdrawalId);
    const event = this.eventOf(withdrawal, news);
    const step = event === null ? null : follow(withdrawal, event, this.state.at);
    if (event === null || step === null) return withdrawal;
    const { transition } = step;
    this.before.set(withdrawalId, this.before.get(withdrawalId) ?? withdrawal.state);
    this.current.set(withdrawalId, step.withdrawal);
    this.moveNotes(step.withdrawal, event);
    if (transition.journal !== undefined) this.record(step.withdrawal, transition.journal, event, news);
    if (transition.advice !== undefined) {
      this.advices.push({ ...adviceFor(step.withdrawal, transition.advice, event.kind, this.state.at), traceparent });
    }
    return step.withdrawal;
  }

  /** Withdrawals that moved, each with the state in which it was read. */
  moved(): { was: WithdrawalState; withdrawal: Withdrawal }[] {
    return [...this.before].map(([id, was]) => ({ was, withdrawal: this.withdrawal(id) }));
  }

  cassetteChanges(): CassetteChange[] {
    return [...this.changes.values()].filter(({ change }) => change !== 0);
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
      case 'abandoned':
        return news;
      case 'dispenser-answered':
        return eventOfOutcome(news.outcome);
      case 'authorisation-answered':
        return withdrawal.state === 'authorising' ? this.eventOfAuthorisation(withdrawal, news.answer) : null;
      case 'host-unreachable':
        return withdrawal.state === 'authorising' ? this.standIn(withdrawal) : null;
    }
  }

  private eventOfAuthorisation(withdrawal: Withdrawal, answer: AuthorisationResult): WithdrawalEvent {
    if (!answer.approved) return { kind: 'declined', responseCode: answer.responseCode };
    const notes = this.mixFor(withdrawal);
    if (notes !== null) return { kind: 'approved', notes };
    this.notesGone = true;
    return { kind: 'notes-gone' };
  }

  private standIn(withdrawal: Withdrawal): WithdrawalEvent {
    const { amount } = withdrawal;
    const notes = this.mixFor(withdrawal);
    if (amount === null || notes === null || !this.state.standIn.grant({ ...withdrawal, amount })) {
      return { kind: 'host-unavailable' };
    }
    return { kind: 'stood-in', notes };
  }

  private mixFor({ amount, terminalId }: Withdrawal): Notes[] | null {
    return amount === null ? null : noteMix(amount, this.cassettes.get(terminalId) ?? []);
  }

  private moveNotes({ terminalId, noteMix: mix }: Withdrawal, event: WithdrawalEvent): void {
    if (event.kind === 'approved' || event.kind === 'stood-in') {
      this.cassettes.set(terminalId, without(this.cassettes.get(terminalId) ?? [], event.notes));
      for (const { denomination, count } of event.notes) this.change(terminalId, denomination, -count);
    }
    if (event.kind === 'notes-taken' || event.kind === 'nothing-taken') {
      const taken = event.kind === 'notes-taken' ? event.taken : [];
      const back = without(mix ?? [], taken, event.rejected, event.retracted);
      for (const { denomination, count } of back) this.change(terminalId, denomination, count);
    }
  }

  private change(terminalId: string, denomination: number, change: number): void {
    const key = `${terminalId} ${denomination}`;
    const sum = (this.changes.get(key)?.change ?? 0) + change;
    this.changes.set(key, { terminalId, denomination, change: sum });
  }

  private record(withdrawal: Withdrawal, kind: string, event: WithdrawalEvent, news: WithdrawalNews): void {
    const { terminalId, withdrawalId, sessionId, stan, rrn, authorisation, responseCode } = withdrawal;
    const amount = withdrawal.amount?.toString() ?? null;
    const { kind: cause, ...found } = event;
    const host = news.kind === 'authorisation-answered' ? news.host : undefined;
    const who = { replica: this.state.replica, ...(host === undefined ? {} : { host }) };
    const data = { withdrawalId, sessionId, stan, rrn, amount, authorisation, responseCode, cause, ...found, ...who };
    this.journal.push({ terminalId, kind, data });
  }
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
