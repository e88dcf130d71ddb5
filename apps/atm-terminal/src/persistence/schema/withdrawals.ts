/** RRN (ISO 8583 field 37): last digit of the year, day of the year, eight hexadecimal digits. */
export const NEXT_RRN = `
CREATE OR REPLACE FUNCTION next_rrn() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT right(to_char(now() AT TIME ZONE 'UTC', 'YYYYDDD'), 4) || upper(lpad(to_hex(nextval('rrn_sequence')), 8, '0'))
$$;
ALTER SEQUENCE rrn_sequence MAXVALUE 4294967295;
`;

/** STAN (ISO 8583 field 11): six digits. */
export const NUMBERS = `
CREATE SEQUENCE stan_sequence MINVALUE 1 MAXVALUE 999999 CYCLE;
CREATE SEQUENCE rrn_sequence MINVALUE 0 CYCLE;

CREATE FUNCTION next_stan() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT lpad(nextval('stan_sequence')::text, 6, '0')
$$;
${NEXT_RRN}`;

/**
 * A withdrawal's row comes with its intent, before the hold is asked for: what the dispenser has done is known from its own record, so from
 * `authorising` every outcome follows.
 */
export const WITHDRAWAL_TRANSITIONS = `
CREATE OR REPLACE FUNCTION withdrawal_transition_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (
    ('awaiting-amount', 'authorising'),
    ('authorising', 'dispensing'), ('authorising', 'declined'), ('authorising', 'reversing'),
    ('authorising', 'dispensed'), ('authorising', 'suspense'),
    ('dispensing', 'dispensed'), ('dispensing', 'reversing'), ('dispensing', 'suspense'),
    ('dispensed', 'settled'), ('reversing', 'reversed')
  ) THEN
    RAISE EXCEPTION 'withdrawal % cannot go from % to %', OLD.withdrawal_id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
`;

/**
 * What was requested stays, and where the money is changes with an outcome only. Each is looked at by an UPDATE that names one of its columns: PostgreSQL reads
 * a trigger's condition anew for every statement.
 */
export const WITHDRAWAL_FACTS = `
CREATE OR REPLACE TRIGGER withdrawal_facts
  BEFORE UPDATE OF withdrawal_id, session_id, terminal_id, account_id, currency, stan, rrn, created_at ON withdrawal FOR EACH ROW
  WHEN ((OLD.withdrawal_id, OLD.session_id, OLD.terminal_id, OLD.account_id, OLD.currency, OLD.stan, OLD.rrn, OLD.created_at)
        IS DISTINCT FROM
        (NEW.withdrawal_id, NEW.session_id, NEW.terminal_id, NEW.account_id, NEW.currency, NEW.stan, NEW.rrn, NEW.created_at))
  EXECUTE FUNCTION withdrawal_facts_are_fixed();

CREATE OR REPLACE TRIGGER withdrawal_money BEFORE UPDATE OF amount, taken, rejected, retracted, suspense ON withdrawal FOR EACH ROW
  WHEN (OLD.amount IS DISTINCT FROM NEW.amount AND OLD.amount IS NOT NULL
     OR OLD.state NOT IN ('authorising', 'dispensing') AND (OLD.taken, OLD.rejected, OLD.retracted, OLD.suspense)
        IS DISTINCT FROM (NEW.taken, NEW.rejected, NEW.retracted, NEW.suspense))
  EXECUTE FUNCTION withdrawal_facts_are_fixed();
`;

/** Withdrawals: amounts in minor units; created_at in whole milliseconds, since messages carry no more. */
export const WITHDRAWALS = `
CREATE TABLE withdrawal (
  withdrawal_id uuid PRIMARY KEY,
  session_id    uuid NOT NULL REFERENCES session,
  terminal_id   text NOT NULL,
  account_id    text NOT NULL,
  currency      text NOT NULL,
  state         text NOT NULL CHECK (state IN ('awaiting-amount', 'authorising', 'dispensing', 'dispensed', 'settled',
                                               'declined', 'reversing', 'reversed', 'suspense')),
  amount        bigint CHECK (amount > 0),
  authorisation text CHECK (authorisation IN ('host', 'stand-in')),
  response_code text CHECK (response_code ~ '^[0-9A-Z]{2}$'),
  note_mix      jsonb,
  dispensed     jsonb NOT NULL DEFAULT '[]',
  taken         bigint NOT NULL DEFAULT 0 CHECK (taken >= 0),
  rejected      bigint NOT NULL DEFAULT 0 CHECK (rejected >= 0),
  retracted     bigint NOT NULL DEFAULT 0 CHECK (retracted >= 0),
  suspense      bigint NOT NULL DEFAULT 0 CHECK (suspense >= 0),
  stan          text NOT NULL DEFAULT next_stan() CHECK (stan ~ '^[0-9]{6}$'),
  rrn           text NOT NULL DEFAULT next_rrn() CHECK (rrn ~ '^[0-9]{4}[0-9A-Z]{8}$'),
  created_at    timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  dispensed_at  timestamptz,
  settled_at    timestamptz,
  CHECK ((state = 'awaiting-amount') = (amount IS NULL)),
  CHECK (taken + rejected + retracted + suspense <= coalesce(amount, 0)),
  CHECK (state NOT IN ('dispensing', 'dispensed', 'settled', 'suspense')
         OR (note_mix IS NOT NULL AND authorisation IS NOT NULL)),
  CHECK ((state IN ('dispensed', 'settled')) = (taken > 0)),
  CHECK ((state = 'suspense') = (suspense > 0)),
  CHECK (state NOT IN ('settled', 'reversed') OR settled_at IS NOT NULL),
  CHECK (settled_at IS NULL OR state IN ('settled', 'reversed', 'suspense'))
) WITH (fillfactor = 50);

CREATE INDEX withdrawal_unfinished ON withdrawal (updated_at) WHERE state IN ('authorising', 'dispensing');
CREATE INDEX withdrawal_stood_in ON withdrawal (account_id) WHERE authorisation = 'stand-in' AND settled_at IS NULL;

${WITHDRAWAL_TRANSITIONS}
CREATE TRIGGER withdrawal_transition BEFORE UPDATE OF state ON withdrawal FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION withdrawal_transition_is_legal();

CREATE FUNCTION withdrawal_facts_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was requested or has happened in withdrawal % cannot be changed', OLD.withdrawal_id
    USING ERRCODE = 'check_violation';
END $$;

${WITHDRAWAL_FACTS}
CREATE TRIGGER withdrawal_is_kept BEFORE DELETE OR TRUNCATE ON withdrawal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A dispense whose outcome is unknown, open until somebody has counted the notes.
CREATE TABLE suspense_case (
  withdrawal_id uuid PRIMARY KEY REFERENCES withdrawal,
  terminal_id   text NOT NULL,
  amount        bigint NOT NULL CHECK (amount > 0),
  opened_at     timestamptz NOT NULL DEFAULT now(),
  closed_at     timestamptz
);

-- What stand-in has let through on a business date, against the cap in force.
CREATE TABLE stand_in_usage (
  scope         text NOT NULL CHECK (scope IN ('card', 'terminal', 'global')),
  subject       text NOT NULL,
  business_date date NOT NULL,
  amount        bigint NOT NULL DEFAULT 0 CHECK (amount >= 0),
  cap           bigint NOT NULL,
  PRIMARY KEY (scope, subject, business_date),
  CHECK (amount <= cap)
);
`;

export const DEPOSITS_AND_TRANSFERS = `
CREATE TABLE deposit (
  deposit_id  uuid PRIMARY KEY,
  session_id  uuid NOT NULL REFERENCES session,
  terminal_id text NOT NULL,
  account_id  text NOT NULL,
  currency    text NOT NULL,
  notes       jsonb NOT NULL,
  amount      bigint NOT NULL CHECK (amount > 0),
  state       text NOT NULL DEFAULT 'accepted' CHECK (state IN ('accepted', 'settled')),
  stan        text NOT NULL DEFAULT next_stan(),
  rrn         text NOT NULL DEFAULT next_rrn(),
  created_at  timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  settled_at  timestamptz,
  CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);

-- requested: the host has not answered yet, or knows no such target account.
CREATE TABLE transfer (
  transfer_id     uuid PRIMARY KEY,
  session_id      uuid NOT NULL REFERENCES session,
  from_account_id text NOT NULL,
  to_account_id   text NOT NULL,
  amount          bigint NOT NULL CHECK (amount > 0),
  currency        text NOT NULL,
  state           text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'posted', 'declined')),
  response_code   text,
  rrn             text NOT NULL DEFAULT next_rrn(),
  created_at      timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  CHECK (from_account_id <> to_account_id),
  CHECK ((state = 'requested') = (response_code IS NULL))
);
`;

/**
 * The dispensers' own memory: in a schema of its own and written in transactions of its own, as a device would. One record per
 * command, for good; `voided` is a command that was called off before it came.
 */
export const DISPENSER = `
CREATE SCHEMA dispenser;

CREATE TABLE dispenser.record (
  withdrawal_id uuid PRIMARY KEY,
  terminal_id   text NOT NULL,
  outcome       text NOT NULL CHECK (outcome IN ('all', 'part', 'none', 'retracted', 'unknown', 'voided')),
  notes         jsonb NOT NULL,
  taken         jsonb NOT NULL DEFAULT '[]',
  rejected      jsonb NOT NULL DEFAULT '[]',
  retracted     jsonb NOT NULL DEFAULT '[]',
  at            timestamptz NOT NULL DEFAULT now(),
  CHECK (outcome IN ('all', 'part') OR taken = '[]'),
  CHECK (outcome NOT IN ('unknown', 'voided') OR (rejected = '[]' AND retracted = '[]'))
);

CREATE TRIGGER record_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispenser.record
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
`;
