import { Controller, Get, Param } from '@nestjs/common';
import type { Balances } from '#contracts';
import { BalanceReader } from './balance-reader.js';

@Controller('internal/accounts/:accountId/balances')
export class BalanceController {
  constructor(private readonly balances: BalanceReader) {}

  @Get()
  read(@Param('accountId') accountId: string): Promise<Balances> {
    return this.balances.read(accountId);
  }
}
