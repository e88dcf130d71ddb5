import { randomUUIDv7 } from 'node:crypto';
import type { SqlTransaction } from '#database';
import { type DialogMessage, DialogNotOpen, type DialogReference, Dialogs, type NewDialog } from '../dialogs.js';
import type { DialogEndpoints, Reservation } from '../ports/dialog-store.js';
import type { QueuedMessage } from '../ports/store.js';
import { isPositiveInteger, isUuid } from '../protocol/bundle.js';
import { DIALOG_END, DIALOG_ERROR, type DialogProtocol, isEnding } from '../protocol/dialog/index.js';
import { queueNamePart } from '../protocol/queue-names.js';
import type { Outgoing } from './outgoing.js';

export interface EngineDialogsOptions {
  readonly endpoints: DialogEndpoints;
  readonly outgoing: Outgoing;
  readonly protocol: DialogProtocol;
  /** Called when messages are on their way. */
  readonly onSend: () => void;
}

/** The sending side of dialogs: numbers come from the endpoint's row, so that they have no gaps whoever rolls back. */
export class EngineDialogs extends Dialogs {
  constructor(private readonly options: EngineDialogsOptions) {
    super();
  }

  async begin(tx: SqlTransaction, dialog: NewDialog): Promise<string> {
    const { endpoints, outgoing, protocol } = this.options;
    const { dialogId = randomUUIDv7(), fromService: service, toService: farService, conversationGroup } = dialog;
    if (!isUuid(dialogId)) throw new RangeError('dialog ids are UUIDs');
    for (const name of [service, farService]) queueNamePart(name);
    const toBroker = dialog.toBroker === undefined ? null : queueNamePart(dialog.toBroker);
    const leads = outgoing.addressOf({ service: farService, broker: toBroker, key: conversationGroup ?? dialogId });
    if (leads === null) throw new Error(`no route leads to service ${farService}`);
    await endpoints.begin(tx, protocol.begun({ dialogId, service, farService, toBroker }), conversationGroup ?? null);
    return dialogId;
  }

  async send(
    tx: SqlTransaction,
    dialog: DialogReference,
    messages: DialogMessage | readonly DialogMessage[],
  ): Promise<void> {
    const list = isList(messages) ? messages : [messages];
    if (list.length === 0) return;
    for (const message of list) check(message);
    const endpoint = await this.reserve(tx, dialog, list.length, false, null);
    if (endpoint === undefined) throw new DialogNotOpen(dialogIdOf(dialog));
    await this.enqueue(tx, endpoint, list);
  }

  end(tx: SqlTransaction, dialog: DialogReference): Promise<void> {
    return this.finish(tx, dialog, null);
  }

  endWithError(tx: SqlTransaction, dialog: DialogReference, reason: string): Promise<void> {
    return this.finish(tx, dialog, reason);
  }

  private async finish(tx: SqlTransaction, dialog: DialogReference, reason: string | null): Promise<void> {
    const type = reason === null ? DIALOG_END : DIALOG_ERROR;
    const body = reason === null ? null : { reason };
    const endpoint = await this.reserve(tx, dialog, 1, true, reason);
    if (endpoint !== undefined) await this.enqueue(tx, endpoint, [{ type, version: 1, body }]);
  }

  /** Undefined where the endpoint is not open. */
  private async reserve(
    tx: SqlTransaction,
    dialog: DialogReference,
    count: number,
    ending: boolean,
    reason: string | null,
  ): Promise<Reservation | undefined> {
    const key = { dialogId: dialogIdOf(dialog), side: typeof dialog === 'string' ? null : dialog.side };
    const [endpoint, other] = await this.options.endpoints.reserve(tx, key, count, ending, reason);
    if (other !== undefined) throw new RangeError('both ends of the dialog are here: say which one is meant');
    return endpoint;
  }

  private async enqueue(tx: SqlTransaction, from: Reservation, messages: readonly DialogMessage[]): Promise<void> {
    await this.options.outgoing.enqueue(
      tx,
      messages.map((message, index) => ({
        ...queued(from, message, from.firstSequence + index),
        traceparent: this.options.outgoing.traceOf(message.traceparent),
      })),
    );
    this.options.onSend();
  }
}

function queued(from: Reservation, message: DialogMessage, sequence: number): Omit<QueuedMessage, 'traceparent'> {
  const { messageId = randomUUIDv7(), type, version, body } = message;
  return {
    messageId,
    dialogId: from.dialogId,
    sequence,
    fromService: from.service,
    toService: from.farService,
    toBroker: from.farBroker,
    dialogSide: from.side,
    routingKey: from.conversationGroup ?? from.dialogId,
    type,
    version,
    body,
  };
}

function check({ messageId, type, version }: DialogMessage): void {
  if (messageId !== undefined && !isUuid(messageId)) throw new RangeError('message ids are UUIDs');
  if (!isPositiveInteger(version)) throw new RangeError('versions count from 1');
  if (isEnding(type)) throw new RangeError('use end or endWithError to end a dialog');
}

const dialogIdOf = (dialog: DialogReference) => (typeof dialog === 'string' ? dialog : dialog.dialogId);

const isList = (messages: DialogMessage | readonly DialogMessage[]): messages is readonly DialogMessage[] =>
  Array.isArray(messages);
