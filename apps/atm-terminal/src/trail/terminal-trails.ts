import { Injectable } from '@nestjs/common';
import { MESSAGE, RESPONSE_CODE, type TerminalTrail, type TrailStep, type WithdrawalState } from '#contracts';
import { Database, type Statement } from '#database';
import { balanceRequestId } from '../balance/balance-prefetch.js';
import { adviceId } from '../withdrawal/advice.js';
import { withdrawalBody, type Withdrawal } from '../withdrawal/withdrawal.js';

/**
 * Its records among the latest 2,000 of its terminal (the journal has no index by withdrawal: every record would pay for it), and what
 * the dispenser says.
 */
const READ: Statement = {
  name: 'withdrawal-trail',
  text: `SELECT at, kind, coalesce(data ->> 'cause', data ->> 'outcome') AS cause, data ->> 'responseCode' AS code, data ->> 'replica' AS replica,
                data ->> 'host' AS host, (data ->> 'authorisedAt')::timestamptz AS authorised_at
           FROM (SELECT at, kind, data FROM journal WHERE terminal_id = $1 ORDER BY seq DESC LIMIT 2000) latest
          WHERE data ->> 'withdrawalId' = $2
         UNION ALL
         SELECT at, 'dispenser', outcome, NULL, NULL, NULL, NULL FROM dispenser.record WHERE withdrawal_id = $2::uuid
          ORDER BY at`,
};

interface Row extends Record<string, unknown> {
  readonly at: Date;
  readonly kind: string;
  readonly cause: string | null;
  readonly code: string | null;
  readonly replica: string | null;
  readonly host: string | null;
  readonly authorised_at: Date | null;
}

const STEP_OF: Readonly<Record<string, TrailStep['kind']>> = {
  'balance-not-known': 'balance-unknown',
  'dispense-intended': 'intended',
  'stood-in': 'intended',
  'withdrawal-declined': 'declined',
  dispenser: 'dispensed',
  'notes-taken': 'outcome',
  'nothing-taken': 'outcome',
  'outcome-unknown': 'outcome',
  'withdrawal-reversed': 'outcome',
};

const ADVICE_OF: Readonly<Partial<Record<WithdrawalState, string>>> = {
  dispensed: MESSAGE.completionAdvice,
  settled: MESSAGE.completionAdvice,
  reversing: MESSAGE.reversalAdvice,
  reversed: MESSAGE.reversalAdvice,
  suspense: MESSAGE.suspenseAdvice,
};

/** What the terminal's database says of how a withdrawal went. */
@Injectable()
export class TerminalTrails {
  constructor(private readonly database: Database) {}

  async of(withdrawal: Withdrawal): Promise<TerminalTrail> {
    const { withdrawalId, terminalId, accountId, broker, state, createdAt, settledAt } = withdrawal;
    const rows = await this.database.query<Row>(READ, [terminalId, withdrawalId]);
    const type = ADVICE_OF[state];
    return {
      withdrawal: withdrawalBody(withdrawal),
      accountId,
      broker,
      balanceRequestId: balanceRequestId(withdrawalId),
      message: type === undefined ? null : { messageId: adviceId(withdrawalId), type },
      steps: [
        step(createdAt, 'selected', null, null),
        ...rows.flatMap(stepsOf),
        ...(settledAt === null ? [] : [step(settledAt, 'settled', null, state)]),
      ],
    };
  }
}

/** A record that says which replica of the host decided stands for that decision, too: an outcome for its approval, which came before the dispenser. */
function stepsOf({ at, kind, cause, code, replica, host, authorised_at: authorisedAt }: Row): TrailStep[] {
  const found = STEP_OF[kind];
  if (found === undefined) return [];
  const decision =
    host === null
      ? []
      : [step(authorisedAt ?? at, 'authorised', host, authorisedAt === null ? code : RESPONSE_CODE.approved)];
  return [...decision, step(at, found, replica, cause)];
}

const step = (at: Date, kind: TrailStep['kind'], replica: string | null, detail: string | null): TrailStep => ({
  at: at.toISOString(),
  kind,
  replica,
  mti: null,
  detail,
});
