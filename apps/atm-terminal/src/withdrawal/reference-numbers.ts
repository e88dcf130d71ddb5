import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '#database';

/** STAN and RRN of one withdrawal (ISO 8583 fields 11 and 37). */
export interface References {
  readonly stan: string;
  readonly rrn: string;
}

interface Row extends Record<string, unknown> {
  readonly stan: string;
  readonly serial: string;
}

/** As the database numbers what gets its numbers there (`next_stan`, `next_rrn`). */
const NEXT: Statement = {
  name: 'reference-numbers-next',
  text: `SELECT next_stan() AS stan, upper(lpad(to_hex(nextval('rrn_sequence')), 8, '0')) AS serial FROM generate_series(1, $1)`,
};

/** How many a replica takes at a time, and at how few it takes the next ones. */
const BLOCK = 256;
const FEW = 128;

/**
 * The numbers of withdrawals, which their first journal records have as well as their rows. A replica takes a block of them from the database's sequences;
 * what it has not used when it stops nobody will.
 */
@Injectable()
export class ReferenceNumbers {
  private readonly left: Row[] = [];
  private taking: Promise<void> | null = null;

  constructor(private readonly database: Database) {}

  async next(): Promise<References> {
    for (;;) {
      const row = this.left.pop();
      if (row !== undefined && this.left.length < FEW) void this.take().catch(() => undefined);
      if (row !== undefined) return { stan: row.stan, rrn: `${dayOf(new Date())}${row.serial}` };
      await this.take();
    }
  }

  private take(): Promise<void> {
    this.taking ??= this.database
      .query<Row>(NEXT, [BLOCK])
      .then((rows) => void this.left.unshift(...rows.toReversed()))
      .finally(() => (this.taking = null));
    return this.taking;
  }
}

const DAY_MS = 86_400_000;

/** First four digits of an RRN: last digit of the year, day of the year (UTC). */
function dayOf(now: Date): string {
  const year = now.getUTCFullYear();
  const day = Math.floor((now.getTime() - Date.UTC(year, 0, 0)) / DAY_MS);
  return `${year % 10}${String(day).padStart(3, '0')}`;
}
