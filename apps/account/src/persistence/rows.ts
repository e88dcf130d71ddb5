import type { Account, Authorisation, AuthorisationState, Card, ResponseCode, Transfer } from '#ledger';
import { minorUnits } from '#money';

/** Rows as node-postgres delivers them (bigint as string, timestamptz as Date), and what they are to the ledger. */
export type AccountRow = {
  account_id: string;
  currency: string;
  status: 'open' | 'closed';
  ledger_balance: string;
  held: string;
  forced: string;
  overdraft_limit: string;
  as_of: string;
};

export function accountOf(row: AccountRow): Account {
  return {
    accountId: row.account_id,
    currency: row.currency,
    status: row.status,
    ledger: minorUnits(row.ledger_balance),
    held: minorUnits(row.held),
    forced: minorUnits(row.forced),
    overdraftLimit: minorUnits(row.overdraft_limit),
  };
}

export type WithdrawalRow = {
  withdrawal_id: string | null;
  account_id: string;
  card_token: string;
  terminal_id: string;
  stan: string;
  rrn: string;
  requested_at: Date;
  state: AuthorisationState;
  amount: string;
  taken: string | null;
  suspense: string;
  forced: string;
  response_code: ResponseCode | null;
  counted_on: string | null;
  entry_id: string | null;
  advice_id: string | null;
  card: string | null;
  card_account_id: string;
  card_status: 'active' | 'blocked';
  daily_limit: string | null;
  spent_on: string | null;
  spent: string;
};

export function authorisationsOf(row: WithdrawalRow): Authorisation[] {
  if (row.withdrawal_id === null) return [];
  return [
    {
      withdrawalId: row.withdrawal_id,
      accountId: row.account_id,
      cardToken: row.card_token,
      terminalId: row.terminal_id,
      stan: row.stan,
      rrn: row.rrn,
      requestedAt: row.requested_at.toISOString(),
      state: row.state,
      amount: minorUnits(row.amount),
      taken: row.taken === null ? null : minorUnits(row.taken),
      suspense: minorUnits(row.suspense),
      forced: minorUnits(row.forced),
      responseCode: row.response_code,
      countedOn: row.counted_on,
      entryId: row.entry_id,
      adviceId: row.advice_id,
    },
  ];
}

export function cardsOf(row: WithdrawalRow): Card[] {
  if (row.card === null) return [];
  return [
    {
      cardToken: row.card,
      accountId: row.card_account_id,
      status: row.card_status,
      dailyLimit: row.daily_limit === null ? null : minorUnits(row.daily_limit),
      spentOn: row.spent_on,
      spent: minorUnits(row.spent),
    },
  ];
}

export type DepositRow = { cause_id: string; entry_id: string };

export type CreditOrRefundRow = { cause_id: string; kind: 'transfer-credit' | 'transfer-refund'; entry_id: string };

export type TransferRow = {
  transfer_id: string;
  from_account_id: string;
  to_account_id: string;
  to_broker: string | null;
  amount: string;
  rrn: string;
  requested_at: Date;
  response_code: ResponseCode;
  entry_id: string | null;
};

export function transferOf(row: TransferRow): Transfer {
  return {
    transferId: row.transfer_id,
    fromAccountId: row.from_account_id,
    toAccountId: row.to_account_id,
    toBroker: row.to_broker,
    amount: minorUnits(row.amount),
    rrn: row.rrn,
    requestedAt: row.requested_at.toISOString(),
    responseCode: row.response_code,
    entryId: row.entry_id,
  };
}
