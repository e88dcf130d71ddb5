/** Something that must always hold; `violations` selects a row for each case where it does not. */
export interface Invariant {
  readonly name: string;
  readonly violations: string;
}

/** Amount of a list of notes (jsonb), minor units. Most lists are empty, and to see that costs next to nothing. */
const worth = (notes: string) =>
  `CASE WHEN ${notes} <> '[]'
        THEN (SELECT coalesce(sum((n ->> 'denomination')::bigint * (n ->> 'count')::bigint), 0) FROM jsonb_array_elements(${notes}) n)
        ELSE 0 END`;

/** Withdrawals whose advice the host has not answered. */
const UNANSWERED = `state IN ('dispensed', 'reversing', 'suspense') AND settled_at IS NULL`;

/** The journal's hashes are computed anew, and its end compared with what the terminal says that it is. */
const JOURNAL: Invariant[] = [
  {
    name: 'the journal of every terminal is an unbroken chain',
    violations: `
      SELECT 1 FROM (
        SELECT j.*, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER chain AS hash_before,
               row_number() OVER chain AS position
          FROM journal j WINDOW chain AS (PARTITION BY terminal_id ORDER BY seq)) AS record
       WHERE previous_hash <> hash_before OR seq <> position
          OR hash <> journal_record_hash(previous_hash, terminal_id, seq, at, kind, data)`,
  },
  {
    name: 'every journal ends where its terminal says',
    violations: `
      SELECT 1 FROM terminal t LEFT JOIN journal j ON (j.terminal_id, j.seq) = (t.terminal_id, t.journal_seq)
       WHERE t.journal_hash <> coalesce(j.hash, decode(repeat('00', 32), 'hex'))
          OR EXISTS (SELECT 1 FROM journal later WHERE later.terminal_id = t.terminal_id AND later.seq > t.journal_seq)`,
  },
];

/** In both directions: nothing was given without having been intended, nothing intended is without outcome or case. */
const DISPENSER: Invariant[] = [
  {
    name: 'every withdrawal with an outcome says what its dispenser says',
    violations: `
      SELECT 1 FROM withdrawal w LEFT JOIN dispenser.record r USING (withdrawal_id)
       WHERE w.note_mix IS NOT NULL AND w.state NOT IN ('authorising', 'dispensing', 'declined')
         AND (r.withdrawal_id IS NULL
              OR (w.taken, w.rejected, w.retracted) IS DISTINCT FROM (${worth('r.taken')}, ${worth('r.rejected')}, ${worth('r.retracted')})
              OR (w.suspense > 0) <> (r.outcome = 'unknown'))`,
  },
  {
    name: 'every dispense was intended',
    violations: `
      SELECT 1 FROM dispenser.record r LEFT JOIN withdrawal w USING (withdrawal_id)
       WHERE r.outcome <> 'voided' AND (w.note_mix IS NULL OR w.note_mix <> r.notes OR ${worth('w.note_mix')} <> w.amount)`,
  },
  {
    name: 'every unknown outcome has its case',
    violations: `
      SELECT 1 FROM withdrawal w FULL JOIN suspense_case s USING (withdrawal_id)
       WHERE (coalesce(w.suspense, 0) > 0 OR s.withdrawal_id IS NOT NULL)
         AND (w.suspense IS DISTINCT FROM s.amount OR w.terminal_id IS DISTINCT FROM s.terminal_id)`,
  },
  {
    name: 'what left the cassettes is taken, rejected, retracted, in suspense or being dispensed',
    violations: `
      SELECT 1
        FROM (SELECT terminal_id, sum((loaded - remaining) * denomination) AS gone FROM cassette GROUP BY 1) c
        LEFT JOIN (SELECT terminal_id, sum(taken + rejected + retracted + suspense
                                           + CASE WHEN state IN ('authorising', 'dispensing') THEN ${worth('note_mix')} ELSE 0 END) AS explained
                     FROM withdrawal GROUP BY 1) w USING (terminal_id)
       WHERE c.gone <> coalesce(w.explained, 0)`,
  },
];

/** What a terminal's row says of all its withdrawals and deposits. */
const TOTALS: Invariant[] = [
  {
    name: "every terminal's totals are the sums of its withdrawals and deposits",
    violations: `
      SELECT 1 FROM terminal t
        LEFT JOIN (SELECT terminal_id, sum(taken) AS taken, sum(rejected) AS rejected, sum(retracted) AS retracted, sum(suspense) AS suspense
                     FROM withdrawal GROUP BY 1) w USING (terminal_id)
        LEFT JOIN (SELECT terminal_id, sum(amount) AS deposited FROM deposit GROUP BY 1) d USING (terminal_id)
       WHERE (t.taken, t.rejected, t.retracted, t.suspense, t.deposited) IS DISTINCT FROM
             (coalesce(w.taken, 0), coalesce(w.rejected, 0), coalesce(w.retracted, 0), coalesce(w.suspense, 0), coalesce(d.deposited, 0))`,
  },
];

/** Each effect has its message from the same transaction; each is kept until its answer. */
const MESSAGES: Invariant[] = [
  {
    name: 'every outcome without answer is in the transmission queue',
    violations: `
      SELECT 1 FROM (SELECT withdrawal_id AS id FROM withdrawal WHERE ${UNANSWERED}
                     UNION ALL SELECT deposit_id FROM deposit WHERE state = 'accepted') unanswered
       WHERE NOT EXISTS (SELECT 1 FROM messaging.transmission_queue q WHERE q.dialog_id = unanswered.id)`,
  },
  {
    name: 'every advice in the transmission queue has its outcome',
    violations: `
      SELECT 1 FROM messaging.transmission_queue q
        LEFT JOIN withdrawal w ON w.withdrawal_id = q.dialog_id
        LEFT JOIN deposit d ON d.deposit_id = q.dialog_id
       WHERE (q.from_service, q.to_service) = ('atm', 'account')
         AND (CASE q.type WHEN 'completion-advice' THEN w.state = 'dispensed'
                          WHEN 'reversal-advice' THEN w.state = 'reversing'
                          WHEN 'suspense-advice' THEN w.state = 'suspense' AND w.settled_at IS NULL
                          WHEN 'deposit-advice' THEN d.state = 'accepted' END) IS NOT TRUE`,
  },
];

/** A withdrawal counts on the day on which it stood in; over midnight that may be the day after its request. */
const STAND_IN: Invariant[] = [
  {
    name: 'stand-in stays within its caps',
    violations: `SELECT 1 FROM stand_in_usage WHERE amount > cap`,
  },
  {
    name: 'what stood in was counted against every cap',
    violations: `
      SELECT 1
        FROM (SELECT scope, subject, sum(w.amount) AS amount
                FROM withdrawal w JOIN session s USING (session_id),
                     LATERAL (VALUES ('card', s.card_token), ('terminal', w.terminal_id), ('global', 'all')) AS v (scope, subject)
               WHERE w.authorisation = 'stand-in' GROUP BY 1, 2) stood_in
        FULL JOIN (SELECT scope, subject, sum(amount) AS amount FROM stand_in_usage GROUP BY 1, 2) counted USING (scope, subject)
       WHERE coalesce(stood_in.amount, 0) <> coalesce(counted.amount, 0)`,
  },
];

/** What the terminal database can judge alone. */
export const INVARIANTS: readonly Invariant[] = [...JOURNAL, ...DISPENSER, ...TOTALS, ...MESSAGES, ...STAND_IN];
