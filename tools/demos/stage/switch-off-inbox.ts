import pg from 'pg';

/** Takes every row out again in the transaction that has put it in, at its very end. */
const FORGET_EVERYTHING = `
  CREATE FUNCTION sabotage_forget() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM messaging.processed_message WHERE message_id = NEW.message_id;
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER sabotage_forget AFTER INSERT ON messaging.processed_message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sabotage_forget()`;

/**
 * SABOTAGE, for demos: from now on the inbox of this database remembers nothing, and takes every repeat for new. Done to the
 * database from outside, so that no code of the library or of the bank knows how to do without its protection.
 */
export async function switchOffInbox(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(FORGET_EVERYTHING);
  } finally {
    await client.end();
  }
}
