import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { scaleSchema } from '#contracts';
import { Problem, validate } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config.js';
import { Faults } from '../faults.js';
import { Supervisor } from './supervisor.js';

/** As `./cashpoint status` has them: `account-a-1`, `redis-active`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/;

/** What the demo does to its own processes. Outside the demo profile none of these calls exists. */
@Controller('v1/operator')
export class MembersController {
  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly supervisor: Supervisor,
    private readonly faults: Faults,
  ) {}

  /** Without a supervisor a replica can still be told to die; whatever keeps it running starts it again. */
  @Post('members/:member/kill')
  @HttpCode(204)
  async kill(@Param('member') member: string): Promise<void> {
    const name = this.known(member);
    if (this.supervisor.isThere) await this.supervisor.order({ do: 'kill', name, signal: 'SIGKILL' });
    else await this.faults.arm({ replica: name, point: 'now', action: 'kill', times: 1 });
  }

  @Post('members/:member/pause')
  @HttpCode(204)
  async pause(@Param('member') member: string): Promise<void> {
    await this.supervisor.order({ do: 'kill', name: this.known(member), signal: 'SIGSTOP' });
  }

  @Post('members/:member/resume')
  @HttpCode(204)
  async resume(@Param('member') member: string): Promise<void> {
    await this.supervisor.order({ do: 'kill', name: this.known(member), signal: 'SIGCONT' });
  }

  /** Who asks need not know whether it is dead or frozen. */
  @Post('members/:member/start')
  @HttpCode(204)
  async start(@Param('member') member: string): Promise<void> {
    await this.resume(member);
    await this.supervisor.order({ do: 'start', name: this.known(member) });
  }

  @Post('scale')
  @HttpCode(204)
  async scale(@Body() body: unknown): Promise<void> {
    this.refuseOutsideDemo();
    await this.supervisor.order({ do: 'scale', ...validate(scaleSchema, body) });
  }

  private known(member: string): string {
    this.refuseOutsideDemo();
    if (!NAME.test(member)) throw new Problem('not-found', 'There is no such member.');
    return member;
  }

  private refuseOutsideDemo(): void {
    if (this.config.CASHPOINT_PROFILE !== 'demo') throw new Problem('not-found', 'There is no such call.');
  }
}
