import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Rows of the transmission queue live for milliseconds, so it is vacuumed by count and not by share, and keeps its pages
 * (giving them back would need a lock that stops the senders).
 */
const TRANSMISSION_QUEUE = `
CREATE TABLE messaging.transmission_queue (
  message_id      uuid        PRIMARY KEY,
  dialog_id       uuid        NOT NULL,
  sequence        integer     NOT NULL CHECK (sequence >= 1),
  from_service    text        NOT NULL,
  to_service      text        NOT NULL,
  to_broker       text        NOT NULL,
  type            text        NOT NULL,
  version         integer     NOT NULL CHECK (version >= 1),
  body            jsonb       NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  attempts        integer     NOT NULL CHECK (attempts >= 0),
  next_attempt_at timestamptz NOT NULL
) WITH (
  fillfactor = 80, vacuum_truncate = off,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000
);
CREATE INDEX transmission_queue_due ON messaging.transmission_queue (next_attempt_at);
`;

/** Each row is written twice in its transaction (claimed, then answered); the free half of a page takes the second version. */
const PROCESSED_MESSAGE = `
CREATE TABLE messaging.processed_message (
  message_id   uuid        PRIMARY KEY,
  dialog_id    uuid        NOT NULL,
  type         text        NOT NULL,
  fingerprint  bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
  answer       jsonb,
  from_broker  text        NOT NULL,
  processed_at timestamptz NOT NULL DEFAULT now()
) WITH (
  fillfactor = 55,
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0.05
);
`;

const ROUTE = `
CREATE TABLE messaging.route (
  route_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service  text   NOT NULL CHECK (service <> ''),
  broker   text   CHECK (broker <> ''),
  channels text[] NOT NULL DEFAULT '{}',
  UNIQUE NULLS NOT DISTINCT (service, broker)
);
`;

class CreateMessaging1700000000000 implements MigrationInterface {
  readonly name = 'CreateMessaging1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA messaging');
    for (const table of [TRANSMISSION_QUEUE, PROCESSED_MESSAGE, ROUTE]) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA messaging CASCADE');
  }
}

/** The tables of this library, in schema `messaging`; every broker instance's database needs them. */
export const MESSAGING_MIGRATIONS: readonly (new () => MigrationInterface)[] = [CreateMessaging1700000000000];
