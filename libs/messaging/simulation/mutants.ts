import { DIALOG_PROTOCOL, type DialogProtocol } from '../src/protocol/dialog/index.js';
import type { Rule } from './oracle.js';
import { PROTECTED, type Protections } from './protocol.js';

export interface Mutant {
  /** What it does without. */
  readonly lacks: string;
  /** The rule that is broken then, among others. */
  readonly breaks: Rule | 'left-over';
  readonly protections: Protections;
}

const withDialog = (change: Partial<DialogProtocol>): Protections => ({
  ...PROTECTED,
  dialog: { ...DIALOG_PROTOCOL, ...change },
});

/** The protocol without one of its protections each; the simulation has to notice every one. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  inbox: {
    lacks: 'the inbox: nothing is known, every copy is new',
    breaks: 'applied-twice',
    protections: { ...PROTECTED, known: () => undefined },
  },
  transaction: {
    lacks: 'one transaction: the inbox row is written when the effect has been committed',
    breaks: 'applied-twice',
    protections: {
      ...PROTECTED,
      remember: (tx, store, messageId, processed) =>
        tx.afterCommit(() => void store.processed.set(messageId, processed)),
    },
  },
  lock: {
    lacks: 'the lock: every acknowledgement moves the dialog to the broker that it came from',
    breaks: 'two-brokers',
    protections: withDialog({
      acknowledged: (endpoint, fromBroker) =>
        DIALOG_PROTOCOL.acknowledged(endpoint && { ...endpoint, farBroker: null }, fromBroker),
    }),
  },
  handshake: {
    lacks: 'the handshake: a target applies what it gets, whether the initiator has locked it or not',
    breaks: 'two-brokers',
    protections: withDialog({
      receive: (endpoint, arrival) => DIALOG_PROTOCOL.receive(endpoint, { ...arrival, locked: true }),
    }),
  },
  sequence: {
    lacks: 'the sequence check: whatever comes is next',
    breaks: 'out-of-order',
    protections: withDialog({
      receive: (endpoint, arrival) =>
        DIALOG_PROTOCOL.receive(endpoint && { ...endpoint, nextReceiveSequence: arrival.sequence }, arrival),
    }),
  },
  resend: {
    lacks: 're-sending: what a channel swallows is gone',
    breaks: 'never-applied',
    protections: { ...PROTECTED, resends: false },
  },
  age: {
    lacks: 'a look at the age of copies: what was forgotten is taken for new',
    breaks: 'applied-twice',
    protections: { ...PROTECTED, isStale: () => false },
  },
  confirmation: {
    lacks: "the source's word: what is old is forgotten, whether its source still has it or not",
    breaks: 'applied-twice',
    protections: { ...PROTECTED, asksBeforeForgetting: false },
  },
  patience: {
    lacks: 'patience: what its source has thrown away is forgotten while a channel may still hold it',
    breaks: 'applied-twice',
    protections: { ...PROTECTED, forgetAfterMs: () => 0 },
  },
  moment: {
    lacks: 'the right moment: the age of a copy is looked at when it is taken, not in the transaction that applies it',
    breaks: 'applied-twice',
    protections: { ...PROTECTED, looksInTransaction: false },
  },
  reminder: {
    lacks: 'reminders: what waits for its confirmation is acknowledged with every copy, but not by itself',
    breaks: 'left-over',
    protections: { ...PROTECTED, acknowledgesAgain: false },
  },
  addressee: {
    lacks: 'the look at the addressee: a broker takes what names another one',
    breaks: 'wrong-broker',
    protections: { ...PROTECTED, isMeant: () => true },
  },
  farewell: {
    lacks: 'the count in the answer to an end: who ends a dialog takes nothing more from it',
    breaks: 'never-applied',
    protections: withDialog({
      endAnswered: (endpoint) => ({ ...endpoint, farLastSequence: endpoint.nextReceiveSequence - 1, ended: true }),
    }),
  },
  refusal: {
    lacks: 'forgetting: a target that was not chosen keeps what it has parked',
    breaks: 'left-over',
    protections: withDialog({ isForgotten: () => false }),
  },
};
