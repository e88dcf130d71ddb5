import { z } from 'zod';

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** One record of a terminal's electronic journal, with its place in the terminal's chain. */
export const journalRecordSchema = z.strictObject({
  seq: z.int().min(1),
  /** Microseconds, UTC, since the hash covers them. */
  at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  kind: z.string(),
  data: z.record(z.string(), z.json()),
  /** SHA-256, hexadecimal, of the record before this one in the terminal's journal, and of this one. */
  previousHash: hashSchema,
  hash: hashSchema,
});

/** Part of a session's dialog with the service `journal`: records of the session that were made since the part before, in their order. */
export const journalRecordsSchema = z.strictObject({
  sessionId: z.uuid(),
  terminalId: z.string(),
  records: z.array(journalRecordSchema).min(1),
});

export type JournalRecordBody = z.infer<typeof journalRecordSchema>;
export type JournalRecords = z.infer<typeof journalRecordsSchema>;
