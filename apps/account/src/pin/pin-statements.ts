import type { Statement } from '#database';

/** The card's row lock is what makes its tries one counter for all replicas. */
export const LOCK_CARDS: Statement = {
  name: 'lock-cards',
  text: /* sql */ `
    SELECT card_token, account_id, masked_number, pin_verifier, status, tries_left
      FROM card WHERE card_token = ANY($1::text[]) ORDER BY card_token FOR NO KEY UPDATE`,
};

/** These attempts, and whatever else is undecided about their cards. After five seconds nobody is about to decide one. */
export const LOAD_ATTEMPTS: Statement = {
  name: 'load-pin-attempts',
  text: /* sql */ `
    SELECT attempt_id, card_token, outcome, tries_left, attempted_at > clock_timestamp() - interval '5 s' AS fresh
      FROM pin_attempt
     WHERE attempt_id = ANY($1::uuid[]) OR (card_token = ANY($2::text[]) AND outcome = 'pending')`,
};

export const CONSUME_TRIES: Statement = {
  name: 'consume-pin-tries',
  text: /* sql */ `
    WITH consumed AS (
      INSERT INTO pin_attempt (attempt_id, card_token, terminal_id, tries_left)
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[])
      RETURNING card_token, tries_left
    )
    UPDATE card SET tries_left = least_left.tries_left
      FROM (SELECT card_token, min(tries_left) AS tries_left FROM consumed GROUP BY card_token) least_left
     WHERE card.card_token = least_left.card_token`,
};

/** Only what is undecided can be decided. A right PIN gives all tries back. */
export const DECIDE_ATTEMPTS: Statement = {
  name: 'decide-pin-attempts',
  text: /* sql */ `
    WITH decided AS (
      UPDATE pin_attempt SET outcome = judged.outcome
        FROM unnest($1::uuid[], $2::text[]) AS judged (attempt_id, outcome)
       WHERE pin_attempt.attempt_id = judged.attempt_id AND pin_attempt.outcome = 'pending'
      RETURNING pin_attempt.attempt_id, card_token, pin_attempt.outcome
    ), restored AS (
      UPDATE card SET tries_left = 3
        FROM (SELECT DISTINCT card_token FROM decided WHERE outcome = 'verified') verified
       WHERE card.card_token = verified.card_token
    )
    SELECT attempt_id FROM decided`,
};

/** Run after DECIDE_ATTEMPTS, in a snapshot of its own, which sees what somebody else decided meanwhile. */
export const READ_OUTCOMES: Statement = {
  name: 'read-pin-outcomes',
  text: /* sql */ `SELECT attempt_id, outcome FROM pin_attempt WHERE attempt_id = ANY($1::uuid[])`,
};
