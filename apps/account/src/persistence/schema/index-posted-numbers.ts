import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For who reads only the newest lines (`RunningLedgerSum`). Numbers grow with the table, so a block range index is enough, and costs inserts nothing. */
const POSTED_NUMBERS = /* sql */ `
CREATE INDEX ledger_line_posted ON ledger_line USING brin (posted_no) WITH (pages_per_range = 32, autosummarize = on);
`;

export class IndexPostedNumbers1767000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(POSTED_NUMBERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ledger_line_posted');
  }
}
