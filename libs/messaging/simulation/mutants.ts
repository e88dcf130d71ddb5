import { DIALOG_PROTOCOL, type DialogProtocol } from '../src/protocol/dialog/index.js';
import { PROTECTED, type Protections } from './protocol.js';

export interface Mutant {
  readonly protections: Protections;
  /** What it does without. */
  readonly lacks: string;
}

const withDialog = (change: Partial<DialogProtocol>): Protections => ({
  ...PROTECTED,
  dialog: { ...DIALOG_PROTOCOL, ...change },
});

/** The protocol without one of its protections each; the simulation has to notice every one. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  inbox: {
    lacks: 'the inbox: nothing is known, every copy is new',
    protections: { ...PROTECTED, known: () => undefined },
  },
  lock: {
    lacks: 'the lock: every acknowledgement moves the dialog to the broker that it came from',
    protections: withDialog({
      acknowledged: (endpoint, fromBroker) =>
        DIALOG_PROTOCOL.acknowledged(endpoint && { ...endpoint, farBroker: null }, fromBroker),
    }),
  },
  handshake: {
    lacks: 'the handshake: a target applies what it gets, whether the initiator has locked it or not',
    protections: withDialog({
      receive: (endpoint, arrival) => DIALOG_PROTOCOL.receive(endpoint, { ...arrival, locked: true }),
    }),
  },
  sequence: {
    lacks: 'the sequence check: whatever comes is next',
    protections: withDialog({
      receive: (endpoint, arrival) =>
        DIALOG_PROTOCOL.receive(endpoint && { ...endpoint, nextReceiveSequence: arrival.sequence }, arrival),
    }),
  },
  resend: {
    lacks: 're-sending: what a channel swallows is gone',
    protections: { ...PROTECTED, resends: false },
  },
  addressee: {
    lacks: 'the look at the addressee: a broker takes what names another one',
    protections: { ...PROTECTED, isMeant: () => true },
  },
};
