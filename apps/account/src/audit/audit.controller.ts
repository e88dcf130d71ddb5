import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { hostAuditRequestSchema, type HostAudit, type HostMoney } from '#contracts';
import { validate } from '#platform';
import { AuditLedger } from './audit-ledger.js';
import { RunningLedgerSum } from './running-ledger-sum.js';

@Controller('internal')
export class AuditController {
  constructor(
    private readonly auditor: AuditLedger,
    private readonly ledgerSum: RunningLedgerSum,
  ) {}

  @Get('money')
  money(): Promise<HostMoney> {
    return this.ledgerSum.read();
  }

  @Get('transfers-in-flight')
  transfersInFlight(): Promise<string[]> {
    return this.auditor.transfersInFlight();
  }

  @Post('audit')
  @HttpCode(200)
  audit(@Body() body: unknown): Promise<HostAudit> {
    return this.auditor.audit(validate(hostAuditRequestSchema, body));
  }
}
