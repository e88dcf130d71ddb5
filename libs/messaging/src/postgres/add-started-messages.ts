import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Messages that came a second time and are being handled. Unlogged: after a crash of the database nothing is known of a crash
 * of the process, which is as well.
 */
const STARTED_MESSAGE = `
CREATE UNLOGGED TABLE messaging.started_message (
  message_id  uuid        PRIMARY KEY,
  starts      integer     NOT NULL DEFAULT 1 CHECK (starts >= 1),
  lease_until timestamptz NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
`;

export class AddStartedMessages1700000000003 implements MigrationInterface {
  readonly name = 'AddStartedMessages1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(STARTED_MESSAGE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE messaging.started_message');
  }
}
