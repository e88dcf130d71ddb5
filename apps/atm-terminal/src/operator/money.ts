import { Injectable } from '@nestjs/common';
import { MESSAGE, type TerminalMoney } from '#contracts';
import { Database, type Statement } from '#database';

/** Cassettes, open cases and what is queued: all of them short, however many withdrawals there ever were. */
const READ: Statement = {
  name: 'terminal-money',
  text: `SELECT (SELECT coalesce(sum(remaining::bigint * denomination), 0)::text FROM cassette) AS cash,
                (SELECT coalesce(sum(amount), 0)::text FROM suspense_case WHERE closed_at IS NULL) AS suspense,
                (SELECT coalesce(sum(coalesce(body ->> 'taken', body ->> 'amount')::bigint), 0)::text
                   FROM messaging.transmission_queue
                  WHERE type IN ('${MESSAGE.completionAdvice}', '${MESSAGE.depositAdvice}', '${MESSAGE.suspenseAdvice}'))
                  AS "inFlight"`,
};

/** Where the terminals' money is. */
@Injectable()
export class Money {
  constructor(private readonly database: Database) {}

  async read(): Promise<TerminalMoney> {
    const [row] = await this.database.query<TerminalMoney & Record<string, unknown>>(READ);
    if (row === undefined) throw new Error('sums without a row');
    return row;
  }
}
