/** What one replica's messaging has seen since it started. */
export class Counters {
  /** Messages put on a channel the first time. */
  sent = 0;
  /** Messages put on a channel again, because their answer was overdue. */
  resent = 0;
  /** Messages that were applied. */
  received = 0;
  /** Messages that had been applied before; they were answered from the store. */
  duplicates = 0;
  /** Envelopes that were not applied and never will be: other content under a known id, a body that fails its schema, no handler. */
  refused = 0;
  /** Messages and answers whose handler threw; they come again. */
  failed = 0;
  /** Envelopes for another broker, or that are no envelopes; dropped. */
  misdirected = 0;
  /** Messages that came before the one that is next in their dialog, or before their dialog was confirmed; they wait. */
  parked = 0;
  /** Acknowledgements of brokers that their dialogs are not locked to; refused. */
  strays = 0;
  /** Copies of messages that had been on their way for longer than a channel may hold them; dropped. */
  stale = 0;
  /** Processed messages and ends of dialogs that were forgotten. */
  forgotten = 0;
  /** Messages that were left to an operator: all their attempts have failed, or replicas have died of them. */
  quarantined = 0;
  /** Answers to what was answered already, or given up; dropped. */
  lateAnswers = 0;
}
