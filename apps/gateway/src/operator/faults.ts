import { Inject, Injectable } from '@nestjs/common';
import type { ArmFault } from '#contracts';
import { Problem } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { Upstreams } from '../upstreams.js';

const FAULT_TIMEOUT_MS = 2_000;

/** Arms fault points in named replicas. Outside the demo profile the call does not exist. */
@Injectable()
export class Faults {
  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly upstreams: Upstreams,
  ) {}

  /** Throws 404 for a replica that is not there, and what the replica itself refuses. */
  async arm({ replica, point, action, times }: ArmFault): Promise<void> {
    if (this.config.CASHPOINT_PROFILE !== 'demo') throw new Problem('not-found', 'There is no such call.');
    const { pool, url } = await this.find(replica);
    const answer = await pool.requestAt(url, {
      method: 'POST',
      path: '/internal/faults',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ point, action, times }),
      timeoutMs: FAULT_TIMEOUT_MS,
    });
    if (answer === null) throw new Problem('unavailable', `Replica ${replica} does not answer.`, {}, 1);
    if (answer.status === 404) throw new Problem('not-found', `Replica ${replica} has no fault points.`);
    if (answer.status >= 300) throw new Problem('malformed', `Replica ${replica} refused the fault.`);
  }

  private async find(replica: string) {
    const pools = [this.upstreams.terminals, ...this.upstreams.accounts.values()];
    const answers = await Promise.all(
      pools.map(async (pool) => {
        const asked = await pool.requestEach({ method: 'GET', path: '/internal/status', timeoutMs: FAULT_TIMEOUT_MS });
        return asked.map((found) => ({ pool, ...found }));
      }),
    );
    const found = answers.flat().find(({ answer }) => answer?.replica === replica);
    if (found === undefined) throw new Problem('not-found', `There is no replica ${replica} that answers.`);
    return found;
  }
}
