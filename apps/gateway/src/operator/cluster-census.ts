import { Injectable } from '@nestjs/common';
import type { ReplicaAnswer, UpstreamPool } from '#platform';
import { Upstreams } from '../upstreams.js';
import type { FoundProcess } from './describe-cluster.js';
import { OwnStatus } from './own-status.js';
import { replicaStatusSchema, type ReplicaStatus } from './replica-status.js';

/**
 * Who does not answer within this is down as far as an operator is concerned, milliseconds. A process that is dead shows at once, whatever this
 * is; one that is only busy has the time to say so.
 */
const ANSWER_TIMEOUT_MS = 1_000;

/** Names change with the number of replicas, milliseconds. */
const LEARN_MS = 5_000;

/** Asks every process of the cluster how it is, all at once and each one directly. */
@Injectable()
export class ClusterCensus {
  private learnedAt = -Infinity;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly ownStatus: OwnStatus,
  ) {}

  async take(): Promise<FoundProcess[]> {
    const [gateways, replicas] = await Promise.all([this.gateways(), this.replicas()]);
    return [...gateways, ...replicas];
  }

  /**
   * Learns what everybody is called, from time to time: whoever takes over from the gateway that asks now would otherwise know it, once it is
   * dead, by its address only.
   */
  learnNames(): void {
    if (performance.now() - this.learnedAt < LEARN_MS) return;
    this.learnedAt = performance.now();
    const { gateways } = this.upstreams;
    if (gateways !== null) void this.ask(gateways, 'gateway', '');
    void this.replicas();
  }

  private async replicas(): Promise<FoundProcess[]> {
    const found = await Promise.all([
      this.ask(this.upstreams.terminals, 'atm-terminal', 'terminal'),
      ...[...this.upstreams.accounts].map(([broker, pool]) => this.ask(pool, 'account', broker)),
    ]);
    return found.flat();
  }

  /** This gateway may be in its own list under an address it does not know; it is told by its name. */
  private async gateways(): Promise<FoundProcess[]> {
    const status = this.ownStatus.read();
    const own: FoundProcess = { name: status.name, role: 'gateway', broker: '', status };
    const { gateways } = this.upstreams;
    const peers = gateways === null ? [] : await this.ask(gateways, 'gateway', '');
    const others = peers.filter(({ name }) => name !== own.name);
    return [own, ...others].sort((left, right) => left.name.localeCompare(right.name));
  }

  private async ask(pool: UpstreamPool, role: FoundProcess['role'], broker: string): Promise<FoundProcess[]> {
    const look = { method: 'GET', path: '/internal/status', timeoutMs: ANSWER_TIMEOUT_MS } as const;
    const answers = await pool.requestEach(look);
    const found = answers.map(({ name, answer }) => {
      const status = answer === null ? null : statusOf(answer);
      return { name, role, broker, status };
    });
    return found.sort((left, right) => left.name.localeCompare(right.name));
  }
}

/** A process that answers something else than its status is not what it should be: down. */
function statusOf({ status, body }: NonNullable<ReplicaAnswer['answer']>): ReplicaStatus | null {
  if (status !== 200) return null;
  try {
    return replicaStatusSchema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}
