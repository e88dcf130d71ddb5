import { GroupCommit, type SqlTransaction, type TransactionRunner } from '#database';
import type { TraceContext } from '#tracing';
import {
  type DialogEndpoints,
  keyText,
  type NewParked,
  type ParkedMessages,
  type ParkedPosition,
} from '../ports/dialog-store.js';
import type { FaultPoints } from '../ports/fault-points.js';
import type { Logger } from '../ports/logger.js';
import type { ProcessedMessages } from '../ports/store.js';
import { DIALOG_ERROR, type DialogProtocol, type Endpoint, isEnding } from '../protocol/dialog/index.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import { admit, type Arrived, callHandler, contextOf, firstById, refuseStale } from './arrived.js';
import type { Counters } from './counters.js';
import { type Judged, judge, runsOf, targetKeyOf } from './dialog-order.js';
import type { Handlers } from './handlers.js';
import { notApplied, type Receipt } from './inbox.js';

/** Most messages in one transaction. */
const MESSAGES_MAX = 400;

/** Transactions at once. */
const TRANSACTIONS_MAX = 2;

/** What became of a message on a dialog. */
export type DialogReceipt =
  | Receipt
  /** Kept, and this broker has to be confirmed before it is applied. */
  | { readonly outcome: 'unconfirmed' }
  /** Kept until what is before it has been applied, or an operator acts. */
  | { readonly outcome: 'parked' }
  /** Has no business here. */
  | { readonly outcome: 'dropped' };

export interface DialogInboxOptions {
  readonly transactions: TransactionRunner;
  readonly processed: ProcessedMessages;
  readonly endpoints: DialogEndpoints;
  readonly parked: ParkedMessages;
  readonly handlers: Handlers;
  readonly traces: TraceContext;
  readonly protocol: DialogProtocol;
  /** Takes messages that were parked and have become next. */
  readonly redeliver: (envelopes: readonly Envelope[]) => void;
  /** Whether a copy is too old to be told from one that was forgotten. */
  readonly isStale: (envelope: Envelope) => boolean;
  readonly faultPoints: FaultPoints;
  readonly logger: Logger;
  readonly counters: Counters;
}

/**
 * Applies messages of dialogs, each once and in sequence. Endpoints (locked in one order), parked messages, inbox rows,
 * effects and answers of what arrives together commit in one transaction. What was parked and has become next is applied in
 * a transaction of its own, so that it cannot take down the message that it waited for; should the process die in
 * between, its source sends it again.
 */
export class DialogInbox {
  private readonly commits: GroupCommit<Arrived, DialogReceipt>;

  constructor(private readonly options: DialogInboxOptions) {
    this.commits = new GroupCommit<Arrived, DialogReceipt>({
      run: (arrived) => options.transactions.transaction((tx) => this.apply(arrived, tx)),
      itemsMax: MESSAGES_MAX,
      inFlightMax: TRANSACTIONS_MAX,
    });
  }

  /** Never rejects. */
  async receive(envelope: Envelope, isParked = false): Promise<DialogReceipt> {
    try {
      return await this.commits.submit(await admit(envelope, isParked, this.options.handlers));
    } catch (error) {
      return notApplied(envelope, error, this.options);
    }
  }

  /** Lets the later messages of the dialog pass one that is left to an operator. */
  async overtake(envelope: Envelope, tx: SqlTransaction): Promise<void> {
    const { endpoints: store, parked, protocol } = this.options;
    const key = targetKeyOf(envelope);
    const [endpoint] = await store.lock(tx, [key]);
    if (endpoint?.nextReceiveSequence !== envelope.sequence || envelope.dialog === undefined) return;
    const { endpoint: moved } = protocol.receive(endpoint, { ...envelope, ...envelope.dialog });
    if (moved === null) return;
    await store.saveProgress(tx, [moved]);
    const positions = await parked.positions(tx, [envelope.dialogId]);
    await this.releaseNext(positions, new Map([[keyText(key), moved]]), tx);
  }

  private async apply(batch: readonly Arrived[], tx: SqlTransaction): Promise<DialogReceipt[]> {
    const arrived = [...firstById(batch).values()];
    const receipts = await this.stored(arrived, tx);
    const fresh = arrived.filter(({ envelope }) => !receipts.has(envelope.messageId));
    let applied = 0;
    if (fresh.length > 0) applied = await this.applyFresh(fresh, receipts, tx);
    await this.options.faultPoints.reach('inbox.before-commit');
    const results = batch.map(({ envelope, fingerprint }): DialogReceipt => {
      const receipt = receipts.get(envelope.messageId) ?? { outcome: 'dropped' };
      const twin = arrived.find((one) => one.envelope.messageId === envelope.messageId);
      return twin?.fingerprint === fingerprint ? receipt : { outcome: 'refused' };
    });
    tx.afterCommit(() => this.count(batch, results, applied));
    return results;
  }

  /** Adds the receipts of messages that the inbox does not know; returns how many were applied. */
  private async applyFresh(
    fresh: readonly Arrived[],
    receipts: Map<string, DialogReceipt>,
    tx: SqlTransaction,
  ): Promise<number> {
    const { parked, protocol } = this.options;
    const endpoints = await this.lock(fresh, tx);
    const positions = await parked.positions(tx, [...new Set(fresh.map(({ envelope }) => envelope.dialogId))]);
    const waiting = new Map(positions.map((position) => [position.messageId, position]));
    refuseStale(fresh, (messageId) => waiting.has(messageId), this.options.isStale);
    const isHeldBack = ({ envelope, isParked }: Arrived) => !isParked && isHeld(waiting.get(envelope.messageId));
    const judged = judge(
      protocol,
      endpoints,
      fresh.filter((arrived) => !isHeldBack(arrived)),
    ).map((one) => (isOvertaken(one, waiting) ? { ...one, verdict: { kind: 'apply' as const } } : one));
    for (const arrived of fresh) {
      if (isHeldBack(arrived)) receipts.set(arrived.envelope.messageId, { outcome: 'parked' });
    }
    await this.park(judged, waiting, receipts, tx);
    await this.answerRepeats(judged, receipts, tx);
    const ready = judged.filter(({ verdict }) => verdict.kind === 'apply').map(({ arrived }) => arrived);
    await this.advance(ready, endpoints, judged, tx);
    for (const [messageId, answer] of await this.handle(ready, endpoints, tx)) {
      receipts.set(messageId, { outcome: 'answered', answer });
    }
    const released = ready.map(({ envelope }) => envelope.messageId).filter((messageId) => waiting.has(messageId));
    await parked.remove(tx, released);
    await this.releaseNext(positions, endpoints, tx);
    return ready.length;
  }

  /** The receivers' endpoints, made where a target sees a dialog the first time. */
  private async lock(fresh: readonly Arrived[], tx: SqlTransaction): Promise<Map<string, Endpoint>> {
    const { endpoints, protocol } = this.options;
    const keys = [...new Map(fresh.map(({ envelope }) => targetKeyOf(envelope)).map((key) => [keyText(key), key]))];
    const known = await endpoints.lock(
      tx,
      keys.map(([, key]) => key),
    );
    const found = new Map(known.map((endpoint) => [keyText(endpoint), endpoint]));
    const missing = new Map<string, Endpoint>();
    for (const { envelope } of fresh) {
      const text = keyText(targetKeyOf(envelope));
      if (found.has(text) || missing.has(text) || envelope.dialog?.side !== 'initiator') continue;
      const { endpoint } = protocol.receive(null, { ...envelope, ...envelope.dialog });
      // As it was before this message; the batch goes through the protocol when the rows are locked.
      if (endpoint !== null) missing.set(text, { ...endpoint, confirmed: false, nextReceiveSequence: 1, ended: false });
    }
    // What another replica had made may have been forgotten again before it could be locked.
    while (missing.size > 0) {
      await endpoints.insert(tx, [...missing.values()]);
      for (const endpoint of await endpoints.lock(tx, [...missing.values()])) {
        found.set(keyText(endpoint), endpoint);
        missing.delete(keyText(endpoint));
      }
    }
    return found;
  }

  private async park(
    judged: readonly Judged[],
    waiting: ReadonlyMap<string, ParkedPosition>,
    receipts: Map<string, DialogReceipt>,
    tx: SqlTransaction,
  ): Promise<void> {
    const { parked, counters } = this.options;
    const messages: NewParked[] = [];
    for (const { arrived, verdict } of judged) {
      if (verdict.kind !== 'park') continue;
      const { envelope } = arrived;
      const outcome = verdict.reason === 'unconfirmed' ? 'unconfirmed' : 'parked';
      receipts.set(envelope.messageId, { outcome });
      const already = waiting.get(envelope.messageId);
      if (already !== undefined && !isHeld(already)) continue;
      messages.push({ envelope, side: targetKeyOf(envelope).side, reason: verdict.reason });
    }
    await parked.park(tx, messages);
    tx.afterCommit(() => void (counters.parked += messages.length));
  }

  /** Another replica may have applied them since the first look. */
  private async answerRepeats(
    judged: readonly Judged[],
    receipts: Map<string, DialogReceipt>,
    tx: SqlTransaction,
  ): Promise<void> {
    const repeats = judged.filter(({ verdict }) => verdict.kind === 'repeat').map(({ arrived }) => arrived);
    for (const [messageId, receipt] of await this.stored(repeats, tx)) receipts.set(messageId, receipt);
    for (const { envelope } of repeats) {
      if (!receipts.has(envelope.messageId)) receipts.set(envelope.messageId, { outcome: 'refused' });
    }
  }

  /** Claims what is applied now and moves the endpoints on; how a dialog ended is kept until its handler has run. */
  private async advance(
    ready: readonly Arrived[],
    endpoints: ReadonlyMap<string, Endpoint>,
    judged: readonly Judged[],
    tx: SqlTransaction,
  ): Promise<void> {
    const { processed, endpoints: store } = this.options;
    if (ready.length > 0) {
      const claimed = await processed.claim(tx, ready);
      if (claimed.size < ready.length) throw new Error('a message has the id of one on another dialog');
    }
    const touched = new Set(judged.map(({ arrived }) => keyText(targetKeyOf(arrived.envelope))));
    const changed = [...touched].map((key) => endpoints.get(key)).filter((endpoint) => endpoint !== undefined);
    await store.saveProgress(
      tx,
      changed.map((endpoint) => ({ ...endpoint, ended: endpoint.ended && !endsNow(endpoint, ready) })),
    );
  }

  private async handle(
    ready: readonly Arrived[],
    endpoints: ReadonlyMap<string, Endpoint>,
    tx: SqlTransaction,
  ): Promise<Map<string, JsonValue>> {
    const answers = new Map<string, JsonValue>();
    for (const run of runsOf(ready)) {
      for (const [messageId, answer] of await callHandler(this.options.traces, run.handler, run.arrived, tx)) {
        answers.set(messageId, answer);
      }
    }
    await this.finish(ready, endpoints, answers, tx);
    if (ready.length > 0) {
      this.options.processed.storeAnswers(
        tx,
        [...answers].map(([messageId, answer]) => ({ messageId, answer })),
      );
    }
    return answers;
  }

  /** Ends the dialogs whose last message is among these, and answers ends with how much was sent from here. */
  private async finish(
    ready: readonly Arrived[],
    endpoints: ReadonlyMap<string, Endpoint>,
    answers: Map<string, JsonValue>,
    tx: SqlTransaction,
  ): Promise<void> {
    const { endpoints: store, protocol } = this.options;
    const over = [...endpoints.values()].filter((endpoint) => endpoint.ended && endsNow(endpoint, ready));
    if (over.length === 0) return;
    const ends = ready.filter(({ envelope }) => isEnding(envelope.type));
    const reasons = new Map(ends.map(({ envelope }) => [keyText(targetKeyOf(envelope)), reasonOf(envelope)]));
    await store.saveProgress(
      tx,
      over.map((endpoint) => ({ ...endpoint, errorReason: reasons.get(keyText(endpoint)) ?? null })),
    );
    const asTheyAre = new Map((await store.lock(tx, over)).map((endpoint) => [keyText(endpoint), endpoint]));
    for (const { envelope } of ends) {
      const endpoint = asTheyAre.get(keyText(targetKeyOf(envelope)));
      if (endpoint !== undefined) answers.set(envelope.messageId, { sent: protocol.answerToEnd(endpoint).sent });
    }
  }

  /** After the commit, what was parked and is next now comes again. */
  private async releaseNext(
    positions: readonly ParkedPosition[],
    endpoints: ReadonlyMap<string, Endpoint>,
    tx: SqlTransaction,
  ): Promise<void> {
    const next = new Map([...endpoints].map(([key, endpoint]) => [key, endpoint.nextReceiveSequence]));
    const ids: string[] = [];
    for (const position of positions) {
      const key = keyText(position);
      const confirmed = endpoints.get(key)?.confirmed === true;
      if (!confirmed || isHeld(position) || position.sequence !== next.get(key) || ids.length === MESSAGES_MAX)
        continue;
      next.set(key, position.sequence + 1);
      ids.push(position.messageId);
    }
    if (ids.length === 0) return;
    const envelopes = await this.options.parked.envelopes(tx, ids);
    tx.afterCommit(() => this.options.redeliver(envelopes));
  }

  /** Receipts of those that the inbox knows. */
  private async stored(arrived: readonly Arrived[], tx: SqlTransaction): Promise<Map<string, DialogReceipt>> {
    if (arrived.length === 0) return new Map();
    const rows = await this.options.processed.find(
      tx,
      arrived.map(({ envelope }) => envelope.messageId),
    );
    const known = new Map(rows.map((row) => [row.messageId, row]));
    const receipts = arrived.flatMap(({ envelope, fingerprint }): [string, DialogReceipt][] => {
      const row = known.get(envelope.messageId);
      if (row === undefined) return [];
      const isSame = row.fingerprint === fingerprint;
      return [[envelope.messageId, isSame ? { outcome: 'answered', answer: row.answer } : { outcome: 'refused' }]];
    });
    return new Map(receipts);
  }

  private count(batch: readonly Arrived[], receipts: readonly DialogReceipt[], applied: number): void {
    const { counters, logger } = this.options;
    const those = (outcome: DialogReceipt['outcome']) =>
      batch.filter((_, index) => receipts[index]?.outcome === outcome);
    counters.received += applied;
    counters.duplicates += those('answered').length - applied;
    counters.refused += those('refused').length;
    counters.misdirected += those('dropped').length;
    for (const { envelope } of batch) logger.debug(contextOf(envelope), 'message received');
    for (const { envelope } of those('refused')) {
      logger.error(
        { ...contextOf(envelope), sequence: envelope.sequence, alarm: true },
        'message refused: its id or its place in the dialog is known with another content',
      );
    }
    for (const { envelope } of those('dropped')) {
      logger.warn(
        { ...contextOf(envelope), sequence: envelope.sequence },
        'message dropped: not of a dialog of this end',
      );
    }
  }
}

/** Whether it waits for an operator or for its own next attempt, and not for its turn. */
const isHeld = (position: ParkedPosition | undefined) =>
  position !== undefined && (position.reason === 'failed' || position.reason === 'crashed');

/** Whether it was passed by its dialog and is applied after all. */
const isOvertaken = ({ arrived, verdict }: Judged, waiting: ReadonlyMap<string, ParkedPosition>) =>
  arrived.isParked && verdict.kind === 'repeat' && isHeld(waiting.get(arrived.envelope.messageId));

/** Whether the message that ended the dialog at this end is among these. */
const endsNow = ({ dialogId, nextReceiveSequence, side }: Endpoint, ready: readonly Arrived[]) =>
  ready.some(
    ({ envelope }) =>
      envelope.dialogId === dialogId && envelope.dialog?.side !== side && envelope.sequence === nextReceiveSequence - 1,
  );

function reasonOf({ type, body }: Envelope): string | null {
  if (type !== DIALOG_ERROR) return null;
  const reason = (body as { readonly reason?: unknown } | null)?.reason;
  return typeof reason === 'string' ? reason : 'no reason given';
}
