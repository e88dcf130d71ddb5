import { resendDelayMs } from '../src/protocol/backoff.js';
import {
  DIALOG_END,
  DIALOG_ERROR,
  type DialogSide,
  type EndAnswer,
  headerOf,
  isEnding,
} from '../src/protocol/dialog/index.js';
import { answerQueue, requestQueue } from '../src/protocol/queue-names.js';
import { route } from '../src/protocol/routing.js';
import type { Ending } from './observation.js';
import type { MessageParcel, Posting } from './parcel.js';
import { Refusal, type Replica } from './replica.js';
import type { Queued } from './store.js';
import type { SimulatedTransaction } from './transaction.js';

/** Between two looks for messages whose answer is overdue, milliseconds, before jitter. */
const SWEEP_MS = 1_000;

/** Type of all messages that are not the library's own. */
const MESSAGE = 'message';

/** The sending half of a broker: dialogs begun, sent on and ended, re-sending, answers and acknowledgements. */
export class Source {
  /** Brokers that open dialogs went to last; only to be told of a change. */
  private readonly lastChoice = new Map<string, string | null>();

  constructor(private readonly replica: Replica) {
    this.sweep();
  }

  /** A dialog with endpoints; `toBroker` null leaves the choice to the routes. */
  begin(tx: SimulatedTransaction, service: string, farService: string, toBroker: string | null): string {
    const { broker, protections, random } = this.replica;
    const dialogId = random.uuid();
    const endpoint = protections.dialog.begun({ dialogId, service, farService, toBroker });
    broker.store.keep(tx, endpoint, this.replica.now());
    return dialogId;
  }

  /** Throws `Refusal` where the dialog is not open at this end. */
  send(tx: SimulatedTransaction, dialogId: string, side: DialogSide, body: string, toBroker: string | null): void {
    this.enqueue(tx, dialogId, side, MESSAGE, body);
    tx.see({ kind: 'sent', dialog: dialogId, side, broker: this.replica.broker.name, payload: body, toBroker });
  }

  /** Throws `Refusal` where the dialog is not open at this end. */
  end(tx: SimulatedTransaction, dialogId: string, side: DialogSide, ending: Ending): void {
    this.enqueue(tx, dialogId, side, ending === null ? DIALOG_END : DIALOG_ERROR, ending ?? '');
    tx.see({ kind: 'ended', dialog: dialogId, side, broker: this.replica.broker.name, ending });
  }

  /** A dialog of one message, without endpoints. */
  sendAlone(tx: SimulatedTransaction, fromService: string, toService: string, toBroker: string, body: string): void {
    const dialogId = this.replica.random.uuid();
    this.keep(tx, { dialogId, side: null, sequence: 1, fromService, toService, toBroker, type: MESSAGE, body });
    const { name } = this.replica.broker;
    tx.see({ kind: 'sent', dialog: dialogId, side: 'initiator', broker: name, payload: body, toBroker });
  }

  /** An answer: the message is done with. A late or repeated one finds nothing. */
  answered(messageId: string, answer: string): void {
    const { broker, protections } = this.replica;
    const queued = broker.store.transmission.get(messageId);
    if (queued === undefined) return this.replica.reach('a late answer found nothing');
    this.replica.transact('answer', (tx) => {
      tx.remove(broker.store.transmission, messageId);
      if (!isEnding(queued.type)) {
        broker.handler.answered(tx);
        const { dialogId: dialog, side, body: payload } = queued;
        return tx.see({ kind: 'answered', dialog, side: side ?? 'initiator', broker: broker.name, payload, answer });
      }
      const endpoint = queued.side && broker.store.endpoint(queued.dialogId, queued.side);
      if (endpoint === null) return;
      const ended = protections.dialog.endAnswered(endpoint, JSON.parse(answer) as EndAnswer);
      broker.store.keep(tx, ended, this.replica.now());
    });
  }

  acknowledged(dialogId: string, fromBroker: string): void {
    const { broker, protections } = this.replica;
    this.replica.transact('acknowledgement', (tx) => {
      const outcome = protections.dialog.acknowledged(broker.store.endpoint(dialogId, 'initiator'), fromBroker);
      if (outcome.kind === 'lock') {
        this.replica.reach('a dialog was locked by its first acknowledgement');
        this.replica.tell(() => `locks ${dialogId.slice(0, 4)} to ${fromBroker}`);
        broker.store.keep(tx, outcome.endpoint, this.replica.now());
        tx.afterCommit(() => this.post(this.queuedOf(dialogId, 'initiator')));
      } else if (outcome.kind === 'refuse') {
        this.replica.reach('a second target was refused');
        const parcel = { kind: 'refusal', dialogId, fromBroker: broker.name, toBroker: fromBroker } as const;
        tx.afterCommit(() => this.replica.sender.post([{ queue: answerQueue(fromBroker), parcel }]));
      }
    });
  }

  private enqueue(tx: SimulatedTransaction, dialogId: string, side: DialogSide, type: string, body: string): void {
    const { broker, protections } = this.replica;
    const endpoint = broker.store.endpoint(dialogId, side);
    const sending = endpoint && protections.dialog.send(endpoint, type);
    if (sending?.outcome !== 'sent') throw new Refusal('the dialog is not open');
    broker.store.keep(tx, sending.endpoint, this.replica.now());
    const { service: fromService, farService: toService, farBroker: toBroker } = sending.endpoint;
    this.keep(tx, { dialogId, side, sequence: sending.sequence, fromService, toService, toBroker, type, body });
  }

  private keep(
    tx: SimulatedTransaction,
    message: Omit<Queued, 'messageId' | 'routingKey' | 'attempts' | 'nextAttemptAt'>,
  ): void {
    const { broker, random } = this.replica;
    const queued: Queued = {
      ...message,
      messageId: random.uuid(),
      routingKey: message.dialogId,
      attempts: 1,
      nextAttemptAt: this.replica.now() + resendDelayMs(1),
    };
    tx.put(broker.store.transmission, queued.messageId, queued);
    tx.afterCommit(() => this.post([queued]));
  }

  private queuedOf(dialogId: string, side: DialogSide): Queued[] {
    return [...this.replica.broker.store.transmission.values()].filter(
      (queued) => queued.dialogId === dialogId && queued.side === side,
    );
  }

  private sweep(): void {
    if (!this.replica.protections.resends) return;
    this.replica.later(this.replica.random.between(0.8 * SWEEP_MS, 1.2 * SWEEP_MS), () => {
      this.resend();
      this.sweep();
    });
  }

  private resend(): void {
    const { broker, random } = this.replica;
    const now = this.replica.now();
    const due = [...broker.store.transmission.values()].filter(({ nextAttemptAt }) => nextAttemptAt <= now);
    if (due.length === 0) return;
    this.replica.transact('sweep', (tx) => {
      for (const queued of due) {
        const attempts = queued.attempts + 1;
        const nextAttemptAt = now + resendDelayMs(attempts) * (0.8 + 0.4 * random.fraction());
        tx.put(broker.store.transmission, queued.messageId, { ...queued, attempts, nextAttemptAt });
      }
      tx.afterCommit(() => this.post(due));
    });
  }

  private post(messages: readonly Queued[]): void {
    this.replica.sender.post(messages.map((queued) => this.posting(queued)).filter((posting) => posting !== null));
  }

  /** Where a message goes at this attempt; null where no route leads to its service. */
  private posting(queued: Queued): Posting | null {
    const { broker } = this.replica;
    const { messageId, dialogId, side, sequence, fromService, toService, type, body } = queued;
    const address = this.addressOf(queued);
    if (address === null) return null;
    const parcel: MessageParcel = {
      kind: 'message',
      messageId,
      dialogId,
      side,
      sequence,
      fromService,
      fromBroker: broker.name,
      toService,
      ...address,
      madeAt: this.replica.wallClock(),
      type,
      body,
    };
    return { queue: queueOf(parcel), parcel };
  }

  private addressOf(queued: Queued): Pick<MessageParcel, 'toBroker' | 'locked'> | null {
    const { store } = this.replica.broker;
    if (queued.side === null) return { toBroker: queued.toBroker, locked: true };
    const endpoint = store.endpoint(queued.dialogId, queued.side);
    if (endpoint === null) throw new Error('a message without its endpoint');
    const { locked } = headerOf(endpoint);
    if (endpoint.farBroker !== null) return { toBroker: endpoint.farBroker, locked };
    const routing = route(this.replica.routes, { service: queued.toService, key: queued.routingKey });
    if (routing.kind === 'unknown-service') return null;
    const toBroker = routing.kind === 'broker' ? routing.broker : null;
    if ((this.lastChoice.get(queued.dialogId) ?? toBroker) !== toBroker) {
      this.replica.reach('an open dialog changed its broker with the routes');
    }
    this.lastChoice.set(queued.dialogId, toBroker);
    return { toBroker, locked };
  }
}

/** Initiators may have no service that is listened to; what their targets send comes with the answers. */
function queueOf({ side, toService, toBroker }: MessageParcel): string {
  if (toBroker === null) return toService;
  return side === 'target' ? answerQueue(toBroker) : requestQueue(toService, toBroker);
}
