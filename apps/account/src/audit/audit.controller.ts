import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { hostAuditRequestSchema, type HostAudit } from '#contracts';
import { validate } from '#platform';
import { AuditLedger } from './audit-ledger.js';

@Controller('internal/audit')
export class AuditController {
  constructor(private readonly auditor: AuditLedger) {}

  @Post()
  @HttpCode(200)
  audit(@Body() body: unknown): Promise<HostAudit> {
    return this.auditor.audit(validate(hostAuditRequestSchema, body));
  }
}
