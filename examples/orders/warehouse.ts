import { z } from 'zod';
import { Database, type SqlTransaction } from '#database';
import { DIALOG_END, Dialogs, HandleExpress, HandleMessage, MessageService, type ReceivedMessage } from '#messaging';
import { packingLine, reservation, stockQuestion } from './messages.js';
import type { PackingLine, Reservation, StockQuestion } from './messages.js';

export const WAREHOUSE_TABLES = `
  CREATE TABLE stock (article text PRIMARY KEY, pieces integer NOT NULL CHECK (pieces >= 0));
  CREATE TABLE packed (position serial, dialog_id uuid NOT NULL, order_id text NOT NULL, article text NOT NULL);
  INSERT INTO stock VALUES ('lamp', 5), ('table', 1), ('chair', 4)`;

const READ = { name: 'stock-read', text: 'SELECT pieces FROM stock WHERE article = $1' };
const TAKE = {
  name: 'stock-take',
  text: 'UPDATE stock SET pieces = pieces - $2 WHERE article = $1 AND pieces >= $2 RETURNING pieces',
};
const PACK = { name: 'pack', text: 'INSERT INTO packed (dialog_id, order_id, article) VALUES ($1, $2, $3)' };
const CONTENTS = {
  name: 'contents',
  text: 'SELECT order_id, article FROM packed WHERE dialog_id = $1 ORDER BY position',
};

/** Broker instance `depot`. Every effect is in the transaction that also notes the message as processed. */
@MessageService('warehouse')
export class Warehouse {
  constructor(
    private readonly database: Database,
    private readonly dialogs: Dialogs,
  ) {}

  /** Express: only reads, so it may be asked any number of times. */
  @HandleExpress<StockQuestion>({ type: 'stock', version: 1, schema: stockQuestion })
  async stock({ article }: StockQuestion) {
    const [row] = await this.database.query<{ pieces: number }>(READ, [article]);
    return { pieces: row?.pieces ?? 0 };
  }

  /** Recoverable: applied once, however often it comes; a repeat gets the stored answer. */
  @HandleMessage<Reservation>({ type: 'reserve', version: 1, schema: reservation })
  async reserve({ body }: ReceivedMessage<Reservation>, tx: SqlTransaction) {
    const taken = await tx.query(TAKE, [body.article, body.pieces]);
    return { reserved: taken.length === 1 };
  }

  /** The lines of one dialog come one after the other, in the order in which they were sent. */
  @HandleMessage<PackingLine>({ type: 'pack', version: 1, schema: packingLine })
  async pack({ dialogId, body }: ReceivedMessage<PackingLine>, tx: SqlTransaction) {
    await tx.query(PACK, [dialogId, body.orderId, body.article]);
    return null;
  }

  /** The shop has said all: the parcel is closed, and the shop is told on the same dialog. */
  @HandleMessage<null>({ type: DIALOG_END, version: 1, schema: z.null() })
  async close({ dialogId }: ReceivedMessage<null>, tx: SqlTransaction) {
    const lines = await tx.query<{ order_id: string; article: string }>(CONTENTS, [dialogId]);
    const body = { orderId: lines[0]?.order_id ?? '', contents: lines.map(({ article }) => article) };
    await this.dialogs.send(tx, dialogId, { type: 'parcel', version: 1, body });
    return null;
  }
}
