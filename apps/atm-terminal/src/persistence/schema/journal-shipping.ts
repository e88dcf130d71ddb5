import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each terminal's journal has been handed to the archive, and the dialogs with it that are open. */
const JOURNAL_SHIPPING = `
CREATE TABLE journal_cursor (
  terminal_id text PRIMARY KEY REFERENCES terminal,
  shipped_seq bigint NOT NULL DEFAULT 0 CHECK (shipped_seq >= 0)
) WITH (fillfactor = 50);

INSERT INTO journal_cursor (terminal_id) SELECT terminal_id FROM terminal;

CREATE FUNCTION provide_journal_cursor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO journal_cursor (terminal_id) VALUES (NEW.terminal_id);
  RETURN NULL;
END $$;

CREATE TRIGGER provide_journal_cursor AFTER INSERT ON terminal FOR EACH ROW EXECUTE FUNCTION provide_journal_cursor();

CREATE TABLE journal_dialog (
  session_id   uuid PRIMARY KEY REFERENCES session,
  dialog_id    uuid NOT NULL UNIQUE,
  -- When somebody should look next whether the session is over.
  next_look_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX journal_dialog_due ON journal_dialog (next_look_at);
`;

export class ShipJournals1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(JOURNAL_SHIPPING);
  }

  /** The archive would get everything a second time. */
  async down(): Promise<void> {
    throw new Error('the journals that were shipped cannot be taken back');
  }
}
