/** Sessions, stored answers to keyed requests, the tries of cards that do not exist, and last known balances. */
export const SESSIONS = `
CREATE TABLE session (
  session_id    uuid PRIMARY KEY,
  terminal_id   text NOT NULL REFERENCES terminal,
  card_token    text NOT NULL,
  masked_number text NOT NULL,
  account_id    text NOT NULL,
  broker        text NOT NULL,
  currency      text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  ended_at      timestamptz,
  ended_by      uuid,
  CHECK (expires_at > created_at),
  CHECK (ended_by IS NULL OR ended_at IS NOT NULL)
);

-- status and body are null while the request is being worked on. body is text: a replay is the same to the byte.
CREATE TABLE idempotency (
  scope       text NOT NULL,
  key         text NOT NULL CHECK (length(key) <= 128),
  fingerprint text NOT NULL,
  status      smallint CHECK (status BETWEEN 200 AND 499),
  body        text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key),
  CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE unknown_card (
  card_hash  text PRIMARY KEY,
  tries_left smallint NOT NULL CHECK (tries_left BETWEEN 0 AND 2)
);

CREATE TABLE cached_balance (
  account_id text PRIMARY KEY,
  ledger     bigint NOT NULL,
  held       bigint NOT NULL,
  available  bigint NOT NULL,
  currency   text NOT NULL,
  as_of      timestamptz NOT NULL
) WITH (fillfactor = 70);
`;
