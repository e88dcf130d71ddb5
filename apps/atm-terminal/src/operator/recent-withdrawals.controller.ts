import { Controller, Get, Query } from '@nestjs/common';
import { withdrawalsQuerySchema, type OperatorWithdrawals } from '#contracts';
import { Database } from '#database';
import { validate } from '#platform';
import { fromRow, RECENT, type WithdrawalRow } from '../withdrawal/withdrawal-rows.js';
import { withdrawalBody } from '../withdrawal/withdrawal.js';

/** For operators, whom the gateway has authenticated. */
@Controller('/v1/operator/withdrawals')
export class RecentWithdrawalsController {
  constructor(private readonly database: Database) {}

  @Get()
  async read(@Query() query: unknown): Promise<OperatorWithdrawals> {
    const { limit } = validate(withdrawalsQuerySchema, query);
    const rows = await this.database.query<WithdrawalRow>(RECENT, [limit]);
    return { withdrawals: rows.map((row) => ({ ...withdrawalBody(fromRow(row)), accountId: row.account_id })) };
  }
}
