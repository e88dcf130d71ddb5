import { Controller, Get, Param } from '@nestjs/common';
import type { OperatorAccountBody } from '#contracts';
import { AccountView } from './account-view.js';

@Controller('v1/operator/accounts/:accountId')
export class OperatorAccountController {
  constructor(private readonly accounts: AccountView) {}

  @Get()
  read(@Param('accountId') accountId: string): Promise<OperatorAccountBody> {
    return this.accounts.read(accountId);
  }
}
