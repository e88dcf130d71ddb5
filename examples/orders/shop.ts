import { randomUUID } from 'node:crypto';
import { Database, type SqlTransaction } from '#database';
import { Dialogs, HandleAnswers, HandleMessage, MessageService, Messaging } from '#messaging';
import type { ReceivedAnswer, ReceivedMessage } from '#messaging';
import { parcel, reservationAnswer, stockAnswer } from './messages.js';
import type { Parcel, Reservation, ReservationAnswer } from './messages.js';

export const SHOP_TABLES = `
  CREATE TABLE customer_order (order_id text PRIMARY KEY, state text NOT NULL, contents text[])`;

const PLACE = { name: 'place', text: `INSERT INTO customer_order VALUES ($1, 'placed')` };
const DECIDE = { name: 'decide', text: 'UPDATE customer_order SET state = $2 WHERE order_id = $1' };
const SEND_OFF = {
  name: 'send-off',
  text: `UPDATE customer_order SET state = 'sent', contents = $2 WHERE order_id = $1`,
};
const FIND = { name: 'find', text: 'SELECT state, contents FROM customer_order WHERE order_id = $1' };

type Answered = ReceivedAnswer<ReservationAnswer, Reservation>;

const BETWEEN = { fromService: 'orders', toService: 'warehouse', toBroker: 'depot' };

/** Broker instance `shop`. Knows the warehouse by its messages only. */
@MessageService('orders')
export class Shop {
  constructor(
    private readonly database: Database,
    private readonly messaging: Messaging,
    private readonly dialogs: Dialogs,
  ) {}

  /** Express: the answer, or "don't know" where none comes in time. */
  async piecesOf(article: string): Promise<number | 'unknown'> {
    const patience = { attemptTimeoutMs: 1_000, attemptsMax: 5 };
    const question = { ...BETWEEN, type: 'stock', version: 1, body: { article } };
    const outcome = await this.messaging.request({ ...question, ...patience });
    return outcome.outcome === 'answered' ? stockAnswer.parse(outcome.body).pieces : 'unknown';
  }

  /** The order and the message that reserves are committed together, or neither is. */
  async place(orderId: string, article: string, pieces: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(PLACE, [orderId]);
      const reserve = { type: 'reserve', version: 1, body: { orderId, article, pieces } };
      await this.messaging.send(tx, [{ ...BETWEEN, dialogId: randomUUID(), sequence: 1, ...reserve }]);
    });
  }

  /** Runs once for each answer, in the transaction that takes the message out of the transmission queue. */
  @HandleAnswers<ReservationAnswer, Reservation>({ type: 'reserve', version: 1, schema: reservationAnswer })
  async decided(answers: readonly Answered[], tx: SqlTransaction): Promise<void> {
    for (const { request, body } of answers) {
      await tx.query(DECIDE, [request.orderId, body.reserved ? 'reserved' : 'refused']);
    }
  }

  /** A dialog: several messages in their order, and an end. */
  async pack(orderId: string, articles: readonly string[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      const dialogId = await this.dialogs.begin(tx, BETWEEN);
      const lines = articles.map((article) => ({ type: 'pack', version: 1, body: { orderId, article } }));
      await this.dialogs.send(tx, dialogId, lines);
      await this.dialogs.end(tx, dialogId);
    });
  }

  /** What the warehouse says on the dialog. */
  @HandleMessage<Parcel>({ type: 'parcel', version: 1, schema: parcel })
  async sent({ body }: ReceivedMessage<Parcel>, tx: SqlTransaction) {
    await tx.query(SEND_OFF, [body.orderId, body.contents]);
    return null;
  }

  async find(orderId: string): Promise<{ state: string; contents: string[] | null } | undefined> {
    return (await this.database.query<{ state: string; contents: string[] | null }>(FIND, [orderId]))[0];
  }
}
