import type { Statement } from '#database';

/** The terminal that lies furthest behind, unless another replica is at it. */
export const LOCK_CURSOR: Statement = {
  name: 'journal-cursor-lock',
  text: `SELECT c.terminal_id, c.shipped_seq FROM journal_cursor c JOIN terminal t USING (terminal_id)
          WHERE t.journal_seq > c.shipped_seq
          ORDER BY t.journal_seq - c.shipped_seq DESC LIMIT 1 FOR UPDATE OF c SKIP LOCKED`,
};

/** $1 terminal, $2 what is shipped, $3 most records. Records are committed in the order of their numbers, so there are no gaps. */
export const READ_RECORDS: Statement = {
  name: 'journal-records-read',
  text: `SELECT seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, kind, data,
                encode(previous_hash, 'hex') AS previous_hash, encode(hash, 'hex') AS hash
           FROM journal WHERE terminal_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
};

export const MOVE_CURSOR: Statement = {
  name: 'journal-cursor-move',
  text: `UPDATE journal_cursor SET shipped_seq = $2 WHERE terminal_id = $1`,
};

/** Locked, so that nobody ends a dialog on which something is just being sent. */
export const LOCK_DIALOGS: Statement = {
  name: 'journal-dialogs-lock',
  text: `SELECT session_id, dialog_id FROM journal_dialog WHERE session_id = ANY($1::uuid[]) ORDER BY session_id FOR UPDATE`,
};

export const KEEP_DIALOGS: Statement = {
  name: 'journal-dialogs-keep',
  text: `INSERT INTO journal_dialog (session_id, dialog_id, next_look_at)
         SELECT session_id, dialog_id, now() + $3 * interval '1 millisecond'
           FROM unnest($1::uuid[], $2::uuid[]) AS g (session_id, dialog_id)`,
};

/**
 * $1 milliseconds after which a session that has ended has made its last record, $2 most dialogs. `over`: it has ended or expired, nobody
 * drives a withdrawal of it any more, and everything that it has in the journal is shipped.
 */
export const LOOK_AT_DIALOGS: Statement = {
  name: 'journal-dialogs-look',
  text: `SELECT d.session_id, d.dialog_id,
                coalesce(s.ended_at, s.expires_at) < now() - $1 * interval '1 millisecond'
                AND NOT EXISTS (SELECT FROM withdrawal w
                                 WHERE w.session_id = d.session_id AND w.state IN ('authorising', 'dispensing'))
                AND NOT EXISTS (SELECT FROM journal_cursor c JOIN journal j USING (terminal_id)
                                 WHERE c.terminal_id = s.terminal_id AND j.seq > c.shipped_seq
                                   AND j.data ->> 'sessionId' = d.session_id::text) AS over
           FROM journal_dialog d JOIN session s USING (session_id)
          WHERE d.next_look_at <= now() ORDER BY d.next_look_at LIMIT $2 FOR UPDATE OF d SKIP LOCKED`,
};

export const FORGET_DIALOGS: Statement = {
  name: 'journal-dialogs-forget',
  text: `DELETE FROM journal_dialog WHERE session_id = ANY($1::uuid[])`,
};

export const LOOK_LATER: Statement = {
  name: 'journal-dialogs-look-later',
  text: `UPDATE journal_dialog SET next_look_at = now() + $2 * interval '1 millisecond' WHERE session_id = ANY($1::uuid[])`,
};
