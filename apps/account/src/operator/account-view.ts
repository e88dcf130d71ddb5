import { Inject, Injectable } from '@nestjs/common';
import type { OperatorAccountBody } from '#contracts';
import { Database, type Statement } from '#database';
import { minorUnits, toNumber } from '#money';
import { BalanceReader } from '../balance/balance-reader.js';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config.js';
import { StatementReader } from '../statement/statement-reader.js';

const ENTRIES_SHOWN = 20;

const READ_STATUS: Statement = {
  name: 'read-account-status',
  text: /* sql */ `SELECT status FROM account WHERE account_id = $1`,
};

/** An account as an operator sees it: the public contract's integers. */
@Injectable()
export class AccountView {
  constructor(
    private readonly database: Database,
    private readonly balances: BalanceReader,
    private readonly statements: StatementReader,
    @Inject(ACCOUNT_CONFIG) private readonly config: AccountConfig,
  ) {}

  /** Throws `not-found` where there is no such account. */
  async read(accountId: string): Promise<OperatorAccountBody> {
    const balances = await this.balances.read(accountId);
    const { entries } = await this.statements.read(accountId, ENTRIES_SHOWN);
    const [row] = await this.database.query<{ status: string }>(READ_STATUS, [accountId]);
    return {
      accountId,
      broker: this.config.BROKER,
      currency: balances.currency,
      status: row?.status ?? 'unknown',
      ledger: integer(balances.ledger),
      held: integer(balances.held),
      available: integer(balances.available),
      entries: entries.map((entry) => ({
        ...entry,
        amount: integer(entry.amount),
        balance: integer(entry.balance),
      })),
    };
  }
}

const integer = (amount: string): number => toNumber(minorUnits(amount));
