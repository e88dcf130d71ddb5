import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArmFault, AuditBody, ClusterBody, OperatorAccountBody, SessionBody } from '#contracts';
import { Atm, type Answer, type AtmOptions } from '../../tools/atm/atm.js';
import { type RunningCluster, startCluster, type StartClusterOptions } from '../../tools/cluster/start-cluster.js';
import { eventually } from './eventually.js';

export const PIN = '1234';
/** Initial ledger balance of the demo's accounts, minor units. */
export const OPENING = 100_000_000;

/** Number of the demo card whose account is ACC-`number`. */
export const cardNumber = (number: number): string => `4000001000000${String(number).padStart(3, '0')}`;
export const accountId = (number: number): string => `ACC-${String(number).padStart(4, '0')}`;
export const terminalId = (number: number): string => `ATM-${String(((number - 1) % 8) + 1).padStart(3, '0')}`;

/** A whole bank on this machine for one test file: real processes on free ports in a folder of its own. */
export class Bank {
  private readonly atms: Atm[] = [];

  private constructor(readonly cluster: RunningCluster) {}

  static async open(options: Partial<StartClusterOptions> = {}): Promise<Bank> {
    const dataDir = await mkdtemp(join(tmpdir(), 'cashpoint-test-'));
    // The database may run as another user, who must be able to pass through.
    await chmod(dataDir, 0o711);
    return new Bank(await startCluster({ dataDir, ...options }));
  }

  async close(): Promise<void> {
    await Promise.all(this.atms.map((atm) => atm.close()));
    await this.cluster.discard();
  }

  get gateways(): readonly string[] {
    return this.cluster.gatewayUrls;
  }

  /** A cash machine that starts with one of the gateways, so that many of them use all. */
  atm(number = 1, options: Partial<AtmOptions> = {}): Atm {
    const first = number % this.gateways.length;
    const gateways = [...this.gateways.slice(first), ...this.gateways.slice(0, first)];
    const atm = new Atm({ gateways, terminalId: terminalId(number), ...options });
    this.atms.push(atm);
    return atm;
  }

  audit(): Promise<AuditBody> {
    return this.operator('GET', '/v1/operator/audit') as Promise<AuditBody>;
  }

  /** The audit once nothing is on its way any more. */
  auditWhenQuiet(timeoutMs = 60_000): Promise<AuditBody> {
    return eventually(
      'an audit with nothing in flight',
      async () => {
        const audit = await this.audit().catch(() => null);
        return audit?.inFlight === 0 && audit;
      },
      timeoutMs,
    );
  }

  members(): Promise<ClusterBody> {
    return this.operator('GET', '/v1/operator/cluster') as Promise<ClusterBody>;
  }

  account(number: number): Promise<OperatorAccountBody> {
    return this.operator('GET', `/v1/operator/accounts/${accountId(number)}`) as Promise<OperatorAccountBody>;
  }

  async arm(fault: Omit<ArmFault, 'times'> & { times?: number }): Promise<void> {
    await this.operator('POST', '/v1/operator/faults', { times: 1, ...fault });
  }

  /** Resolves when every process that should run is up and answers. */
  async untilUp(): Promise<void> {
    await eventually('all replicas are up', async () => {
      const { replicas, gateways } = await this.cluster.status();
      return [...replicas, ...gateways].every(({ state }) => state === 'up');
    });
  }

  async pidOf(name: string): Promise<number | null> {
    const { replicas, gateways, channels } = await this.cluster.status();
    return [...replicas, ...gateways, ...channels].find((member) => member.name === name)?.pid ?? null;
  }

  private async operator(method: string, path: string, body?: object): Promise<unknown> {
    for (const gateway of this.gateways) {
      const response = await fetch(`${gateway}${path}`, {
        method,
        headers: { authorization: 'Bearer demo-operator', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      }).catch(() => null);
      if (response === null) continue;
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    }
    throw new Error(`${method} ${path}: no gateway answers`);
  }
}

/** The body, or the refusal as an error: for steps that must succeed. */
export function granted<Body>(answer: Answer<Body>): Body {
  if (answer.ok) return answer.body;
  throw new Error(`refused with ${answer.status}: ${JSON.stringify(answer.problem)}`);
}

/** A session of demo card `number`. */
export async function sessionOf(atm: Atm, number: number): Promise<SessionBody> {
  return granted(await atm.openSession(cardNumber(number), PIN));
}
