import { DIALOG_ERROR, type DialogSide, type Endpoint, isEnding } from '../src/protocol/dialog/index.js';
import { answerQueue } from '../src/protocol/queue-names.js';
import { type DialogParcel, type MessageParcel, short } from './parcel.js';
import type { Replica } from './replica.js';
import { endpointKey, type Parked } from './store.js';
import type { SimulatedTransaction } from './transaction.js';

/** Parked for longer than this, an unconfirmed message is acknowledged again, milliseconds. */
const ACKNOWLEDGE_AGAIN_MS = 4_000;

/** The receiving half of a broker: inbox row, endpoint, effect and answer in one transaction. */
export class Inbox {
  constructor(private readonly replica: Replica) {
    this.acknowledgeAgain();
  }

  /** All in one transaction, or, where that fails, each in one of its own. */
  receive(messages: readonly MessageParcel[]): void {
    const done = this.receiveTogether(messages);
    if (done || messages.length === 1) return;
    for (const message of messages) if (this.replica.up) this.receiveTogether([message]);
  }

  /** Whether this copy is dropped for its age. */
  isStale({ madeAt }: MessageParcel): boolean {
    const { protections, retention } = this.replica;
    const stale = protections.isStale(madeAt, this.replica.wallClock(), retention);
    if (stale) this.replica.reach('a stale copy was dropped');
    return stale;
  }

  /** The initiator has chosen another target: nothing of the dialog stays here. */
  refused(dialogId: string, fromBroker: string): void {
    const { broker, protections } = this.replica;
    const { store } = broker;
    if (!protections.dialog.isForgotten(store.endpoint(dialogId, 'target'), fromBroker)) return;
    this.replica.transact('refusal', (tx) => {
      this.replica.tell(() => `forgets ${short(dialogId)}`);
      this.replica.reach('a refused target forgot the dialog');
      tx.remove(store.endpoints, endpointKey(dialogId, 'target'));
      for (const [messageId, { parcel }] of store.parked) {
        if (parcel.dialogId === dialogId && parcel.side === 'initiator') tx.remove(store.parked, messageId);
      }
    });
  }

  private receiveTogether(messages: readonly MessageParcel[]): boolean {
    // A service that is not here must not make an endpoint: its acknowledgement would lock the dialog to nobody.
    const served = messages.filter(({ toService }) => this.replica.broker.services.includes(toService));
    if (served.length === 0) return true;
    return this.replica.transact('messages', (tx) => {
      for (const message of served) this.receiveOne(tx, message);
    });
  }

  private receiveOne(tx: SimulatedTransaction, message: MessageParcel): void {
    const { broker, protections } = this.replica;
    // What is parked is not applied yet, however old this copy of it is.
    if (protections.looksInTransaction && !broker.store.parked.has(message.messageId) && this.isStale(message)) return;
    const known = protections.known(broker.store, message.messageId);
    if (known !== undefined) {
      this.replica.reach('a repeat was answered from the inbox');
      this.answer(tx, message, known.answer);
    } else if (message.side === null) this.apply(tx, message);
    else this.receiveOnDialog(tx, { ...message, side: message.side });
  }

  private receiveOnDialog(tx: SimulatedTransaction, message: DialogParcel): void {
    const { broker, protections } = this.replica;
    const { store } = broker;
    const side = opposite(message.side);
    const { endpoint, verdict } = protections.dialog.receive(store.endpoint(message.dialogId, side), message);
    if (endpoint !== null) store.keep(tx, endpoint, this.replica.now());
    this.replica.tell(() => `${verdict.kind}${'reason' in verdict ? ` (${verdict.reason})` : ''} ${message.body}`);
    switch (verdict.kind) {
      case 'apply':
        tx.remove(store.parked, message.messageId);
        this.applyOnDialog(tx, message, side);
        break;
      case 'park':
        this.park(tx, message, verdict.reason);
        if (verdict.reason === 'unconfirmed') tx.afterCommit(() => this.acknowledge(message));
        break;
      case 'repeat':
      case 'drop':
        return;
    }
    if (endpoint?.confirmed === true) tx.afterCommit(() => this.drain(message.dialogId, side));
  }

  private park(tx: SimulatedTransaction, parcel: DialogParcel, reason: Parked['reason']): void {
    this.replica.reach(reason === 'gap' ? 'a message was parked for a gap' : 'a message was parked unconfirmed');
    tx.put(this.replica.broker.store.parked, parcel.messageId, { parcel, reason, parkedAt: this.replica.now() });
  }

  /** Handlers run while the dialog is not over yet at this end, so that who is told of an end may have the last word. */
  private applyOnDialog(tx: SimulatedTransaction, message: DialogParcel, side: DialogSide): void {
    const { store } = this.replica.broker;
    const { dialogId } = message;
    const isOver = this.endpointOf(dialogId, side).ended;
    if (isOver) store.keep(tx, { ...this.endpointOf(dialogId, side), ended: false }, this.replica.now());
    if (isEnding(message.type)) this.tellOfEnd(tx, message, side);
    else this.apply(tx, message);
    if (isOver) store.keep(tx, { ...this.endpointOf(dialogId, side), ended: true }, this.replica.now());
  }

  private tellOfEnd(tx: SimulatedTransaction, message: DialogParcel, side: DialogSide): void {
    const { broker, protections } = this.replica;
    const { dialogId: dialog } = message;
    const ending = message.type === DIALOG_ERROR ? message.body : null;
    if (this.endpointOf(dialog, side).endSent) this.replica.reach('both ends ended the dialog at once');
    tx.see({ kind: 'far-ended', dialog, side, broker: broker.name, ending });
    broker.handler.ended(this.replica, tx, { dialogId: dialog, side });
    this.complete(tx, message, JSON.stringify(protections.dialog.answerToEnd(this.endpointOf(dialog, side))));
  }

  private endpointOf(dialogId: string, side: DialogSide): Endpoint {
    const endpoint = this.replica.broker.store.endpoint(dialogId, side);
    if (endpoint === null) throw new Error('a message was applied on a dialog that is not here');
    return endpoint;
  }

  private apply(tx: SimulatedTransaction, message: MessageParcel): void {
    const { broker } = this.replica;
    const { dialogId: dialog, side, body: payload } = message;
    const answer = broker.handler.apply(this.replica, tx, message);
    tx.see({ kind: 'applied', dialog, side: side ?? 'initiator', broker: broker.name, payload, answer });
    this.complete(tx, message, answer);
  }

  private complete(tx: SimulatedTransaction, message: MessageParcel, answer: string): void {
    const { broker, protections } = this.replica;
    const { messageId, fromBroker } = message;
    protections.remember(tx, broker.store, messageId, { answer, fromBroker, processedAt: this.replica.now() });
    this.answer(tx, message, answer);
  }

  private answer(tx: SimulatedTransaction, message: MessageParcel, body: string): void {
    const { messageId: inReplyTo, fromBroker: toBroker } = message;
    const parcel = { kind: 'answer', inReplyTo, fromBroker: this.replica.broker.name, toBroker, body } as const;
    tx.afterCommit(() => this.replica.sender.post([{ queue: answerQueue(toBroker), parcel }]));
  }

  /** What was parked and has become next is received again, in a transaction of its own. */
  private drain(dialogId: string, side: DialogSide): void {
    const { store } = this.replica.broker;
    const next = store.endpoint(dialogId, side)?.nextReceiveSequence;
    for (const { parcel } of store.parked.values()) {
      if (parcel.dialogId !== dialogId || parcel.side === side || parcel.sequence !== next) continue;
      this.replica.reach('a parked message was drained');
      return this.replica.later(0, () => this.receive([parcel]));
    }
  }

  private acknowledge({ dialogId, fromBroker: toBroker }: DialogParcel): void {
    const parcel = { kind: 'acknowledgement', dialogId, fromBroker: this.replica.broker.name, toBroker } as const;
    this.replica.sender.post([{ queue: answerQueue(toBroker), parcel }]);
  }

  private acknowledgeAgain(): void {
    if (!this.replica.protections.acknowledgesAgain) return;
    this.replica.later(ACKNOWLEDGE_AGAIN_MS, () => {
      const { store } = this.replica.broker;
      const latest = this.replica.now() - ACKNOWLEDGE_AGAIN_MS;
      for (const { parcel, reason, parkedAt } of store.parked.values()) {
        if (reason === 'unconfirmed' && parkedAt <= latest) this.acknowledge(parcel);
      }
      this.acknowledgeAgain();
    });
  }
}

const opposite = (side: DialogSide): DialogSide => (side === 'initiator' ? 'target' : 'initiator');
