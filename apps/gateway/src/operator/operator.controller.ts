import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { armFaultSchema, type AuditBody, type ClusterBody } from '#contracts';
import { validate } from '#platform';
import { Audit } from './audit.js';
import { ClusterCensus } from './cluster-census.js';
import { describeCluster } from './describe-cluster.js';
import { Faults } from './faults.js';

/** The operator calls that the gateway answers itself, because no single replica could. */
@Controller('v1/operator')
export class OperatorController {
  constructor(
    private readonly census: ClusterCensus,
    private readonly audit: Audit,
    private readonly faults: Faults,
  ) {}

  @Get('cluster')
  async readCluster(): Promise<ClusterBody> {
    return describeCluster(await this.census.take());
  }

  @Get('audit')
  readAudit(): Promise<AuditBody> {
    return this.audit.read();
  }

  @Post('faults')
  @HttpCode(204)
  async armFault(@Body() body: unknown): Promise<void> {
    await this.faults.arm(validate(armFaultSchema, body));
  }
}
