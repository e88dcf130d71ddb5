import { Inject, Injectable } from '@nestjs/common';
import type { Scale } from '#contracts';
import { Problem } from '#platform';
import { GATEWAY_CONFIG, type GatewayConfig } from '../../config.js';

/** What the supervisor of a cluster on one machine understands (tools/cluster/control.ts). */
type Order =
  | { readonly do: 'kill'; readonly name: string; readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' }
  | { readonly do: 'start'; readonly name: string }
  | ({ readonly do: 'scale' } & Scale);

/** A replica that starts is ready within seconds; a supervisor that tries further after this is not waited for, milliseconds. */
const ORDER_MS_MAX = 30_000;

/** Whoever started the processes of this cluster, where that is a supervisor on this machine. */
@Injectable()
export class Supervisor {
  constructor(@Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig) {}

  get isThere(): boolean {
    return this.config.SUPERVISOR_URL !== undefined;
  }

  /** Resolves when it is done. Throws 409 with the supervisor's words where it refuses, 503 where it does not answer. */
  async order(order: Order): Promise<void> {
    const { SUPERVISOR_URL: url, SUPERVISOR_TOKEN: token } = this.config;
    if (url === undefined) {
      throw new Problem(
        'unsupported',
        'This cluster has no local supervisor that could do that: it was not started by ./cashpoint up.',
      );
    }
    const signal = AbortSignal.timeout(ORDER_MS_MAX);
    const headers = { authorization: `Bearer ${token ?? ''}` };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(order), signal }).catch(() => null);
    if (answer === null) throw new Problem('unavailable', 'The supervisor of this cluster does not answer.', {}, 1);
    const { error } = (await answer.json()) as { error?: string };
    if (answer.status === 409) throw new Problem('conflict', error ?? 'The supervisor refuses.');
    if (!answer.ok) throw new Problem('unavailable', 'The supervisor of this cluster could not do it.', {}, 1);
  }
}
