import { randomBytes } from 'node:crypto';
import type { ArmFault } from '#contracts';
import { Operator } from '../../atm/operator.js';
import { CHECKOUT } from '../../checkout.js';
import { probeReady } from '../../cluster/replica.js';
import { eventually } from '../../eventually.js';
import { Refusal } from '../../refusal.js';
import { freePort, isPortFree } from '../../servers/free-port.js';
import type { Shape } from '../schedule/plan-faults.js';
import { compose, cutOff, docker, engineAnswers } from './docker.js';
import type { Target, TargetDatabase } from './target.js';

const UP_MS_MAX = 120_000;
const METRICS_MS_MAX = 2_000;
const APP_PORT = 3_000;

/** As `docker-compose.yml` has it. */
const SERVICE_PASSWORD = 'demo-service-password';
const NETWORK = 'cluster';

const SHAPE: Shape = {
  gateways: ['gateway-1', 'gateway-2'],
  terminals: ['atm-terminal-1', 'atm-terminal-2'],
  accounts: ['account-1', 'account-2', 'account-3'],
  channels: ['redis-active-1', 'redis-passive-1'],
  capabilities: ['channel-processes', 'channel-links', 'scaling', 'restart'],
};

const serviceOf = (name: string): string => name.replace(/-\d+$/, '');
const isChannel = (name: string): boolean => name.startsWith('redis-');

/**
 * The bank in containers, as `docker-compose.yml` describes it, in a project of its own. Members are called as their containers are,
 * without the project's name.
 */
export class ComposeTarget implements Target {
  readonly description = 'containers, docker compose, single topology, channels on redis';
  readonly shape = SHAPE;
  private readonly operator = new Operator(() => this.gatewayUrls);

  private constructor(
    private readonly project: string,
    private readonly firstPort: number,
  ) {}

  /** Builds the images and starts everything. Throws `Refusal` where no engine answers. */
  static async start(): Promise<ComposeTarget> {
    if (!engineAnswers()) throw new Refusal('no container engine answers; is Docker running?');
    const target = new ComposeTarget(`cashpoint-chaos-${randomBytes(3).toString('hex')}`, await freePair());
    try {
      await target.compose('up', '--build', '--detach', '--wait');
    } catch (error) {
      await target.close(false);
      throw error;
    }
    return target;
  }

  get gatewayUrls(): readonly string[] {
    return [this.firstPort, this.firstPort + 1].map((port) => `http://127.0.0.1:${port}`);
  }

  async databases(): Promise<{ terminal: TargetDatabase; accounts: TargetDatabase[] }> {
    const address = await this.addressOf('postgres-1');
    const of = (broker: string): TargetDatabase => {
      const name = broker.replace('-', '_');
      return { broker, url: `postgres://${name}:${SERVICE_PASSWORD}@${address}:5432/${name}` };
    };
    return { terminal: of('terminal'), accounts: [of('account-a')] };
  }

  async kill(name: string): Promise<void> {
    await docker('kill', this.container(name));
  }

  async start(name: string): Promise<void> {
    await docker('start', this.container(name));
    await this.untilUp(name);
  }

  async freeze(name: string): Promise<void> {
    await docker('pause', this.container(name));
  }

  async thaw(name: string): Promise<void> {
    await docker('unpause', this.container(name));
  }

  async empty(channel: string): Promise<void> {
    await docker('exec', this.container(channel), 'redis-cli', 'FLUSHALL');
  }

  /** `half-open` drops packets, `cut` takes the container off its network. */
  async spoilLink(channel: string, how: Parameters<Target['spoilLink']>[1]): Promise<() => Promise<void>> {
    if (how === 'half-open') return cutOff(await this.addressOf(channel));
    if (how !== 'cut') throw new Error('containers have no link that could be slowed down');
    const network = `${this.project}_${NETWORK}`;
    await docker('network', 'disconnect', network, this.container(channel));
    return async () => {
      await docker('network', 'connect', '--alias', serviceOf(channel), network, this.container(channel));
    };
  }

  arm(fault: ArmFault): Promise<void> {
    return this.operator.arm(fault);
  }

  async scale(app: string, count: number): Promise<void> {
    // Gateways have two published ports and no more.
    if (app === 'gateway') return;
    const sizes = [`--scale=${app}=${count}`];
    await this.compose('up', '--detach', '--wait', '--no-build', '--no-recreate', '--no-deps', ...sizes, app);
  }

  async rollingRestart(): Promise<void> {
    const { accounts, terminals, gateways, channels } = this.shape;
    for (const name of [...accounts, ...terminals, ...gateways, ...channels]) {
      await docker('stop', this.container(name));
      await this.start(name);
    }
  }

  primary(): Promise<string> {
    return Promise.resolve('postgres-1');
  }

  async incarnation(name: string): Promise<string | null> {
    const state = await docker('inspect', '--format', '{{.State.Pid}}', this.container(name));
    return state === '0' ? null : state;
  }

  async untilUp(name?: string): Promise<void> {
    const { accounts, terminals, gateways, channels } = this.shape;
    const names = name === undefined ? [...accounts, ...terminals, ...gateways, ...channels] : [name];
    for (const one of names) await eventually(`${one} is up`, () => this.isUp(one), UP_MS_MAX);
  }

  async metrics(): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    await Promise.all(
      [...this.shape.accounts, ...this.shape.terminals].map(async (name) => {
        const address = await this.addressOf(name).catch(() => '');
        if (address === '') return;
        const signal = AbortSignal.timeout(METRICS_MS_MAX);
        const answer = await fetch(`http://${address}:${APP_PORT}/metrics`, { signal }).catch(() => null);
        const text = await answer?.text().catch(() => null);
        if (typeof text === 'string') texts.set(name, text);
      }),
    );
    return texts;
  }

  async close(keep: boolean): Promise<string | null> {
    if (keep)
      return `the containers of project ${this.project}; docker compose -p ${this.project} down -v removes them`;
    await this.compose('down', '--volumes', '--remove-orphans', '--timeout', '5');
    return null;
  }

  private async isUp(name: string): Promise<boolean> {
    const address = await this.addressOf(name);
    if (address === '') return false;
    try {
      if (isChannel(name)) return (await docker('exec', this.container(name), 'redis-cli', 'PING')) === 'PONG';
      await probeReady(`http://${address}:${APP_PORT}`);
      return true;
    } catch {
      return false;
    }
  }

  /** In the cluster's network; empty while the container is not in it. */
  private addressOf(name: string): Promise<string> {
    const network = `${this.project}_${NETWORK}`;
    const format = `{{with index .NetworkSettings.Networks "${network}"}}{{.IPAddress}}{{end}}`;
    return docker('inspect', '--format', format, this.container(name));
  }

  private container(name: string): string {
    return `${this.project}-${name}`;
  }

  private compose(...args: readonly string[]): Promise<string> {
    const environment = { CASHPOINT_PORTS: `${this.firstPort}-${this.firstPort + 1}` };
    return compose({ project: this.project, folder: CHECKOUT, environment }, ...args);
  }
}

async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isPortFree(port + 1)) return port;
  }
}
