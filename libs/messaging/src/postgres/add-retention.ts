import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row per source. `question_id`: its round; `asked_at`: the round is about what was processed before; `confirmed_at`: when
 * the source's answer came; `kept`: what it still had; `walked_to`: how far pruning has come. What was processed before
 * `pruned_before` may be gone: an audit that looks for the messages of effects must not miss those.
 */
const RETENTION = `
CREATE TABLE messaging.retention (
  from_broker   text        PRIMARY KEY,
  question_id   uuid,
  asked_at      timestamptz,
  confirmed_at  timestamptz,
  kept          uuid[]      NOT NULL DEFAULT '{}',
  walked_to     uuid,
  pruned_before timestamptz NOT NULL DEFAULT '-infinity',
  CHECK ((question_id IS NULL) = (asked_at IS NULL)),
  CHECK (confirmed_at IS NULL OR question_id IS NOT NULL),
  CHECK (walked_to IS NULL OR confirmed_at IS NOT NULL)
) WITH (fillfactor = 50);
INSERT INTO messaging.retention (from_broker) SELECT DISTINCT from_broker FROM messaging.processed_message;
`;

export class AddRetention1700000000002 implements MigrationInterface {
  readonly name = 'AddRetention1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RETENTION);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE messaging.retention');
  }
}
