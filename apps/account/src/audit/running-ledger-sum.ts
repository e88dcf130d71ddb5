import { Injectable } from '@nestjs/common';
import type { HostMoney } from '#contracts';
import { Database, type Statement } from '#database';

/**
 * Lines after $1, those up to $2 apart from those after it, and where the database stands: transactions before `oldest` are over, `next` has not begun.
 * Customers' totals are the triggers' own (ADR 0001).
 */
const READ: Statement = {
  name: 'running-ledger-sum',
  text: /* sql */ `
    SELECT coalesce(sum(amount) FILTER (WHERE posted_no <= $2), 0)::text AS settled,
           coalesce(sum(amount), 0)::text AS all,
           coalesce(max(posted_no), $1)::text AS last,
           pg_snapshot_xmin(pg_current_snapshot())::text AS oldest,
           pg_snapshot_xmax(pg_current_snapshot())::text AS next,
           (SELECT coalesce(sum(ledger_balance), 0)::text FROM account) AS customers,
           (SELECT coalesce(sum(held), 0)::text FROM account) AS held
      FROM ledger_line WHERE posted_no > $1::bigint`,
};

interface Row extends Record<string, unknown> {
  readonly settled: string;
  readonly all: string;
  readonly last: string;
  readonly oldest: string;
  readonly next: string;
  readonly customers: string;
  readonly held: string;
}

/** A number that was drawn may be written a moment later, by a transaction that shows only then; milliseconds. */
const SETTLED_AFTER_MS = 10_000;

/**
 * The sum of all ledger lines, for a gauge that looks every second. The first look reads the whole ledger, later ones only what is new: lines up to
 * `through` can neither change (they are append-only) nor become more (every transaction that may have drawn such a number is over),
 * so their sum is kept in memory. The audit trusts none of this and sums anew.
 */
@Injectable()
export class RunningLedgerSum {
  private through = 0n;
  private sum = 0n;
  private mark: { readonly through: bigint; readonly next: bigint; readonly atMs: number } | null = null;
  private reading: Promise<HostMoney> | null = null;

  constructor(private readonly database: Database) {}

  /** Askers at the same time share one look. */
  read(): Promise<HostMoney> {
    return (this.reading ??= this.look().finally(() => (this.reading = null)));
  }

  private async look(): Promise<HostMoney> {
    const values = [this.through, this.mark?.through ?? this.through].map(String);
    const [row] = await this.database.query<Row>(READ, values);
    if (row === undefined) throw new Error('sums without a row');
    const ledger = this.sum + BigInt(row.all);
    this.advance(row);
    return { ledger: String(ledger), customers: row.customers, held: row.held };
  }

  private advance({ settled, last, oldest, next }: Row): void {
    const { mark } = this;
    if (mark === null) {
      this.mark = { through: BigInt(last), next: BigInt(next), atMs: performance.now() };
    } else if (BigInt(oldest) >= mark.next && performance.now() - mark.atMs > SETTLED_AFTER_MS) {
      this.sum += BigInt(settled);
      this.through = mark.through;
      this.mark = null;
    }
  }
}
