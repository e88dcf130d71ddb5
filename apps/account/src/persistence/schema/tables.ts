/** Tables of the account service. Amounts are bigint minor units; credit is positive, debit negative. */
export const TABLES = /* sql */ `
-- Everything that a line may be about: customers' accounts and the bank's own (atm-cash:<terminal> and so on).
CREATE TABLE ledger_account (
  ledger_account_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('customer', 'opening', 'atm-cash', 'atm-bin', 'atm-deposit', 'suspense')),
  currency char(3) NOT NULL
);

-- Customers' accounts. The totals are the triggers' own and move with lines and holds only.
CREATE TABLE account (
  -- That the ledger has it is seen to by the trigger \`in_ledger\` when it comes: a foreign key looks whenever a transaction changes its totals twice.
  account_id text PRIMARY KEY,
  currency char(3) NOT NULL,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  overdraft_limit bigint NOT NULL DEFAULT 0 CHECK (overdraft_limit >= 0),
  ledger_balance bigint NOT NULL DEFAULT 0,
  held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  forced bigint NOT NULL DEFAULT 0 CHECK (forced >= 0),
  CONSTRAINT account_available CHECK (ledger_balance - held >= -(overdraft_limit + forced))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE ledger_entry (
  entry_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('opening', 'withdrawal', 'deposit', 'transfer', 'suspense', 'reversal')),
  -- The withdrawal, deposit or transfer that it is for.
  cause_id uuid NOT NULL,
  currency char(3) NOT NULL,
  terminal_id text,
  rrn text,
  requested_at timestamptz NOT NULL,
  posted_at timestamptz NOT NULL DEFAULT now(),
  -- The message that caused it; null for what was asked for synchronously.
  advice_id uuid,
  CHECK ((advice_id IS NULL) = (kind IN ('opening', 'transfer')))
);

-- One entry of a kind per cause, and a hold resolves once: by a withdrawal or a reversal, never both.
CREATE UNIQUE INDEX ledger_entry_cause
  ON ledger_entry (cause_id, (CASE WHEN kind IN ('withdrawal', 'reversal') THEN 'resolution' ELSE kind END));

CREATE TABLE ledger_line (
  -- That entry and account are there is seen to by the trigger \`posted\`, once per statement.
  entry_id uuid NOT NULL,
  line_no smallint NOT NULL CHECK (line_no >= 1),
  -- Order of posting; within one account also the order of commit, since its row is locked.
  posted_no bigint GENERATED ALWAYS AS IDENTITY,
  ledger_account_id text NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0),
  -- The customer's ledger balance after this line; null on the bank's own accounts, which have no stored total.
  balance_after bigint,
  PRIMARY KEY (entry_id, line_no)
);

-- Statements: a customer's lines, newest first. The bank's own lines are not in it.
CREATE INDEX ledger_line_statement ON ledger_line (ledger_account_id, posted_no DESC) WHERE balance_after IS NOT NULL;

CREATE TABLE card (
  -- HMAC of the card number; the number itself is nowhere.
  card_token text PRIMARY KEY,
  masked_number text NOT NULL CHECK (masked_number ~ '^[0-9]{6}[*]{6}[0-9]{4}$'),
  account_id text NOT NULL REFERENCES account,
  pin_verifier bytea NOT NULL CHECK (length(pin_verifier) = 32),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
  tries_left smallint NOT NULL DEFAULT 3 CHECK (tries_left BETWEEN 0 AND 3),
  daily_limit bigint CHECK (daily_limit >= 0),
  spent_on date,
  spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- One PIN try. \`pending\` means consumed but not yet evaluated, or its replica died in between.
CREATE TABLE pin_attempt (
  attempt_id uuid PRIMARY KEY,
  card_token text NOT NULL REFERENCES card,
  terminal_id text NOT NULL,
  outcome text NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'verified', 'wrong-pin')),
  -- What was left once this try was consumed.
  tries_left smallint NOT NULL CHECK (tries_left BETWEEN 0 AND 2),
  attempted_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE INDEX pin_attempt_pending ON pin_attempt (card_token) WHERE outcome = 'pending';

-- No foreign key to the card: an advice is a fact even about a card that is gone.
CREATE TABLE authorisation (
  withdrawal_id uuid PRIMARY KEY,
  -- That the account is there is seen to by the trigger \`inserted\`, once per statement.
  account_id text NOT NULL,
  card_token text NOT NULL,
  terminal_id text NOT NULL,
  stan text NOT NULL,
  rrn text NOT NULL,
  requested_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('held', 'declined', 'suspended', 'completed', 'reversed')),
  amount bigint NOT NULL CHECK (amount >= 0),
  held bigint NOT NULL GENERATED ALWAYS AS (CASE WHEN state IN ('held', 'suspended') THEN amount ELSE 0 END) STORED,
  taken bigint CHECK (taken >= 0),
  suspense bigint NOT NULL DEFAULT 0 CHECK (suspense >= 0),
  forced bigint NOT NULL DEFAULT 0 CHECK (forced >= 0),
  response_code char(2) CHECK (response_code IN ('00', '12', '51', '61', '62')),
  counted_on date,
  entry_id uuid,
  advice_id uuid,
  decided_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'completed') = (taken IS NOT NULL)),
  CHECK ((state = 'suspended') = (suspense > 0)),
  CHECK (state <> 'held' OR (response_code IS NOT DISTINCT FROM '00' AND amount > 0 AND advice_id IS NULL)),
  CHECK (state <> 'declined' OR (response_code IS NOT NULL AND response_code <> '00' AND advice_id IS NULL)),
  CHECK (state IN ('held', 'declined') OR advice_id IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE transfer (
  transfer_id uuid PRIMARY KEY,
  from_account_id text NOT NULL REFERENCES account,
  to_account_id text NOT NULL REFERENCES account,
  amount bigint NOT NULL,
  rrn text NOT NULL,
  requested_at timestamptz NOT NULL,
  response_code char(2) NOT NULL,
  entry_id uuid UNIQUE REFERENCES ledger_entry,
  CHECK ((response_code = '00') = (entry_id IS NOT NULL)),
  CHECK (entry_id IS NULL OR (from_account_id <> to_account_id AND amount > 0))
);
`;
