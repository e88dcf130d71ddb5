import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Transfers to accounts that other broker instances have. The target of such a transfer is no row of this database. */
const TRANSFERS_BETWEEN_BROKERS = /* sql */ `
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_kind_check;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_kind_check CHECK (
  kind IN ('customer', 'opening', 'atm-cash', 'atm-bin', 'atm-deposit', 'suspense', 'transfer-clearing'));

ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_kind_check, DROP CONSTRAINT ledger_entry_check;
ALTER TABLE ledger_entry
  ADD CONSTRAINT ledger_entry_kind_check CHECK (kind IN (
    'opening', 'withdrawal', 'deposit', 'transfer', 'transfer-credit', 'transfer-refund', 'suspense', 'reversal')),
  -- A refund follows from an answer, which is no message of its own.
  ADD CONSTRAINT ledger_entry_has_message CHECK (
    (advice_id IS NULL) = (kind IN ('opening', 'transfer', 'transfer-refund')));

-- The audit of what is between this broker and the others reads these lines alone.
CREATE INDEX ledger_line_clearing ON ledger_line (ledger_account_id) WHERE ledger_account_id LIKE 'transfer-clearing:%';

ALTER TABLE transfer DROP CONSTRAINT transfer_to_account_id_fkey;
-- Null: the target account is in this database.
ALTER TABLE transfer ADD COLUMN to_broker text CHECK (to_broker <> '');

CREATE FUNCTION transfer_target_is_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM account WHERE account_id = NEW.to_account_id) THEN
    RAISE EXCEPTION 'transfer % is to an account that is not here', NEW.transfer_id
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'transfer_to_account_id_fkey';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER target_is_known AFTER INSERT ON transfer
  FOR EACH ROW WHEN (NEW.to_broker IS NULL) EXECUTE FUNCTION transfer_target_is_known();
`;

/** The journals of the terminals' sessions, for good. A broker has whole sessions, never parts of one. */
const JOURNAL_ARCHIVE = /* sql */ `
CREATE TABLE journal_archive (
  terminal_id     text        NOT NULL,
  seq             bigint      NOT NULL CHECK (seq > 0),
  session_id      uuid        NOT NULL,
  at              timestamptz NOT NULL,
  kind            text        NOT NULL,
  data            jsonb       NOT NULL,
  previous_hash   bytea       NOT NULL CHECK (length(previous_hash) = 32),
  hash            bytea       NOT NULL CHECK (length(hash) = 32),
  dialog_id       uuid        NOT NULL,
  dialog_sequence integer     NOT NULL CHECK (dialog_sequence >= 1),
  -- Order of arrival.
  archived_no     bigint      GENERATED ALWAYS AS IDENTITY,
  archived_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (terminal_id, seq)
);
CREATE INDEX journal_archive_session ON journal_archive (session_id, seq);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_archive
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;

export class ShardAccounts1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TRANSFERS_BETWEEN_BROKERS);
    await runner.query(JOURNAL_ARCHIVE);
  }

  /** A ledger is not taken back. */
  async down(): Promise<void> {
    throw new Error('the account schema cannot be reverted: its entries must stay');
  }
}
