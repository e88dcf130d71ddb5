/** Which end of a dialog. */
export type Side = 'initiator' | 'target';

/** How a dialog was ended: with an error's reason, or null where it just ended. */
export type Ending = string | null;

/**
 * What applications see of the messaging, and nothing else: what they sent in a transaction that committed, what was
 * handed to them in one, and what came back. This is all that the oracle is told.
 */
export type Observation =
  | {
      readonly kind: 'sent';
      readonly dialog: string;
      /** The end that sends. */
      readonly side: Side;
      readonly broker: string;
      /** Unique among all messages of the history. */
      readonly payload: string;
      /** The broker instance that the application asked for, if any. */
      readonly toBroker: string | null;
    }
  | {
      readonly kind: 'applied';
      readonly dialog: string;
      /** The end that sent what is applied. */
      readonly side: Side;
      readonly broker: string;
      readonly payload: string;
      /** What the handler answered; another one every time that a handler runs. */
      readonly answer: string;
    }
  | {
      readonly kind: 'answered';
      readonly dialog: string;
      /** The end that had sent what is answered. */
      readonly side: Side;
      readonly broker: string;
      readonly payload: string;
      readonly answer: string;
    }
  /** The application at this end ended the dialog. */
  | {
      readonly kind: 'ended';
      readonly dialog: string;
      readonly side: Side;
      readonly broker: string;
      readonly ending: Ending;
    }
  /** The application at this end was told that the far end had ended the dialog. */
  | {
      readonly kind: 'far-ended';
      readonly dialog: string;
      readonly side: Side;
      readonly broker: string;
      readonly ending: Ending;
    }
  /** An express request began. */
  | { readonly kind: 'asked'; readonly request: string }
  /** A handler answered it; may happen several times. */
  | { readonly kind: 'served'; readonly request: string; readonly answer: string }
  /** Whoever asked has the outcome; null where it timed out. */
  | { readonly kind: 'settled'; readonly request: string; readonly answer: string | null }
  /** Whoever asked died with its process. */
  | { readonly kind: 'forgotten'; readonly request: string };
