import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { armFaultSchema, type TerminalAudit, type TerminalMoney, type TerminalRegistry } from '#contracts';
import { ArmedFaultPoints, FAULT_POINTS, Problem, validate, type FaultPoints } from '#platform';
import { AuditTerminals } from '../audit/audit-terminals.js';
import { Money } from './money.js';
import { ReplicaStatus, type ReplicaStatusBody } from './replica-status.js';
import { TerminalView } from './terminal-view.js';

const pointSchema = armFaultSchema.omit({ replica: true });

/** For the gateways. */
@Controller('/internal')
export class InternalController {
  constructor(
    private readonly terminals: TerminalView,
    private readonly auditor: AuditTerminals,
    private readonly money: Money,
    private readonly replica: ReplicaStatus,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  @Get('terminals')
  registry(): Promise<TerminalRegistry> {
    return this.terminals.registry();
  }

  @Get('status')
  status(): Promise<ReplicaStatusBody> {
    return this.replica.read();
  }

  @Get('money')
  readMoney(): Promise<TerminalMoney> {
    return this.money.read();
  }

  @Get('audit')
  audit(): Promise<TerminalAudit> {
    return this.auditor.audit();
  }

  /** Arms a fault point of this replica. Only the demo profile has points that can be armed. */
  @Post('faults')
  @HttpCode(204)
  arm(@Body() body: unknown): void {
    if (!(this.faults instanceof ArmedFaultPoints)) throw new Problem('not-found', 'There is no such thing here.');
    const { point, action, times } = validate(pointSchema, body);
    this.faults.arm(point, action, times);
  }
}
