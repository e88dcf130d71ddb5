import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AddRetention1700000000002 } from './add-retention.js';
import { AddStartedMessages1700000000003 } from './add-started-messages.js';
import { AddEnqueue1700000000005, EnqueueByPosition1700000000006 } from './add-enqueue.js';
import { AddTraceContext1700000000004 } from './add-trace-context.js';

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
CREATE INDEX transmission_queue_due ON messaging.transmission_queue (to_broker, next_attempt_at);
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

/**
 * What a message of a dialog with endpoints needs besides: the sender's end, and the key by which an open broker is chosen
 * anew at every attempt (`to_broker` is null until the dialog is locked). Null for messages that are dialogs of their own.
 */
const TRANSMISSION_QUEUE_DIALOGS = `
ALTER TABLE messaging.transmission_queue
  ALTER COLUMN to_broker DROP NOT NULL,
  ADD COLUMN dialog_side text CHECK (dialog_side IN ('initiator', 'target')),
  ADD COLUMN routing_key text,
  ADD CONSTRAINT open_broker_has_endpoint CHECK (to_broker IS NOT NULL OR (dialog_side IS NOT NULL AND routing_key IS NOT NULL));
CREATE INDEX transmission_queue_open ON messaging.transmission_queue (dialog_id) WHERE to_broker IS NULL;
`;

/** Both ends of a dialog may be in one broker, hence the side in the key. Sending and receiving write different columns. */
const DIALOG_ENDPOINT = `
CREATE TABLE messaging.dialog_endpoint (
  dialog_id             uuid        NOT NULL,
  side                  text        NOT NULL CHECK (side IN ('initiator', 'target')),
  service               text        NOT NULL CHECK (service <> ''),
  far_service           text        NOT NULL CHECK (far_service <> ''),
  far_broker            text        CHECK (far_broker <> ''),
  conversation_group    text,
  confirmed             boolean     NOT NULL,
  next_send_sequence    integer     NOT NULL DEFAULT 1 CHECK (next_send_sequence >= 1),
  end_sent              boolean     NOT NULL DEFAULT false,
  next_receive_sequence integer     NOT NULL DEFAULT 1 CHECK (next_receive_sequence >= 1),
  far_last_sequence     integer     CHECK (far_last_sequence >= 0),
  ended                 boolean     NOT NULL DEFAULT false,
  error_reason          text,
  state                 text        NOT NULL GENERATED ALWAYS AS (
                          CASE WHEN ended THEN 'ended' WHEN NOT confirmed THEN 'unconfirmed'
                               WHEN end_sent THEN 'ending' ELSE 'open' END) STORED,
  created_at            timestamptz NOT NULL DEFAULT now(),
  ended_at              timestamptz,
  PRIMARY KEY (dialog_id, side),
  CHECK (side = 'target' OR confirmed),
  CHECK (side = 'initiator' OR far_broker IS NOT NULL),
  CHECK (ended = (ended_at IS NOT NULL)),
  CHECK (NOT ended OR next_receive_sequence > far_last_sequence)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
CREATE INDEX dialog_endpoint_ended ON messaging.dialog_endpoint (ended_at) WHERE ended;
`;

/** Messages that have arrived and wait; `side` is the receiving end, null where the message is a dialog of its own. */
const PARKED_MESSAGE = `
CREATE TABLE messaging.parked_message (
  message_id      uuid        PRIMARY KEY,
  dialog_id       uuid        NOT NULL,
  side            text        CHECK (side IN ('initiator', 'target')),
  sequence        integer     NOT NULL CHECK (sequence >= 1),
  envelope        jsonb       NOT NULL,
  reason          text        NOT NULL CHECK (reason IN ('gap', 'unconfirmed', 'failed', 'crashed')),
  attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  crashes         integer     NOT NULL DEFAULT 0 CHECK (crashes >= 0),
  last_error      text,
  parked_at       timestamptz NOT NULL DEFAULT now(),
  next_attempt_at timestamptz
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX parked_message_dialog ON messaging.parked_message (dialog_id, sequence);
CREATE INDEX parked_message_due ON messaging.parked_message (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
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

class AddDialogs1700000000001 implements MigrationInterface {
  readonly name = 'AddDialogs1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const step of [TRANSMISSION_QUEUE_DIALOGS, DIALOG_ENDPOINT, PARKED_MESSAGE]) await runner.query(step);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE messaging.parked_message, messaging.dialog_endpoint');
    await runner.query(`
      ALTER TABLE messaging.transmission_queue
        DROP COLUMN dialog_side, DROP COLUMN routing_key, ALTER COLUMN to_broker SET NOT NULL`);
  }
}

/** The tables of this library, in schema `messaging`; every broker instance's database needs them. */
export const MESSAGING_MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  CreateMessaging1700000000000,
  AddDialogs1700000000001,
  AddRetention1700000000002,
  AddStartedMessages1700000000003,
  AddTraceContext1700000000004,
  AddEnqueue1700000000005,
  EnqueueByPosition1700000000006,
];
