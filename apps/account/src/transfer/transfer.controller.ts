import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { hostTransferSchema, type HostTransferResult } from '#contracts';
import { validate } from '#platform';
import { TransferMoney } from './transfer-money.js';

@Controller('internal/transfers')
export class TransferController {
  constructor(private readonly transfers: TransferMoney) {}

  @Post()
  @HttpCode(200)
  transfer(@Body() body: unknown): Promise<HostTransferResult> {
    return this.transfers.transfer(validate(hostTransferSchema, body));
  }
}
