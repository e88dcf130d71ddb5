import { randomBytes, randomInt } from 'node:crypto';
import type { ArmFault } from '#contracts';
import { Operator } from '../../atm/operator.js';
import { CHECKOUT } from '../../checkout.js';
import { probeReady } from '../../cluster/replica.js';
import { eventually } from '../../eventually.js';
import { Refusal } from '../../refusal.js';
import { freePort, isPortFree } from '../../servers/free-port.js';
import { type ComposeLayout, MIRRORED, SIMPLE } from './compose-layout.js';
import { compose, cutOff, docker, engineAnswers } from './docker.js';
import { metricsOf } from './metrics-of.js';
import type { Target, TargetDatabase } from './target.js';

const UP_MS_MAX = 300_000;
const APP_PORT = 3_000;
/** Patroni's own interface, by which a server says whether it is the primary. */
const PATRONI_PORT = 8_008;
const PATRONI_MS_MAX = 2_000;

/** As `docker-compose.yml` has it. */
const SERVICE_PASSWORD = 'demo-service-password';
const NETWORK = 'cluster';

const isChannel = (name: string): boolean => name.startsWith('redis-');

/** Networks of the virtual address: 10.251.100.0/24 and up. Docker gives the networks that choose none 172.17.0.0 to 172.31.255.255 and 192.168.0.0/16. */
const SUBNETS = [100, 240] as const;

/** The bank in containers, as the compose files describe it, in a project of its own. */
export class ComposeTarget implements Target {
  private readonly operator = new Operator(() => this.gatewayUrls);

  private constructor(
    private readonly layout: ComposeLayout,
    private readonly project: string,
    private readonly firstPort: number,
    private readonly subnet: string,
  ) {}

  /**
   * Builds the images and starts everything; with `ha` the database is mirrored, and there is a virtual address. Throws `Refusal` where no engine
   * answers.
   */
  static async start({ ha = false } = {}): Promise<ComposeTarget> {
    if (!engineAnswers()) throw new Refusal('no container engine answers; is Docker running?');
    const project = `cashpoint-chaos-${randomBytes(3).toString('hex')}`;
    const subnet = `10.251.${randomInt(...SUBNETS)}`;
    const target = new ComposeTarget(ha ? MIRRORED : SIMPLE, project, await freePair(), subnet);
    try {
      await target.compose('up', '--build', '--detach', '--wait');
    } catch (error) {
      await target.close(false);
      throw error;
    }
    return target;
  }

  get description(): string {
    return this.layout.description;
  }

  get shape(): ComposeLayout['shape'] {
    return this.layout.shape;
  }

  /** Null where gateways do not share an address. */
  get address(): string | null {
    return this.layout === MIRRORED ? `http://${this.subnet}.100:${APP_PORT}` : null;
  }

  get gatewayUrls(): readonly string[] {
    return [this.firstPort, this.firstPort + 1].map((port) => `http://127.0.0.1:${port}`);
  }

  async databases(): Promise<{ terminal: TargetDatabase; accounts: TargetDatabase[] }> {
    const addresses = await Promise.all(this.layout.databases.map((name) => this.addressOf(name)));
    const servers = addresses.map((address) => `${address}:5432`).join(',');
    const of = (broker: string): TargetDatabase => {
      const name = broker.replace('-', '_');
      return { broker, url: `postgres://${name}:${SERVICE_PASSWORD}@${servers}/${name}` };
    };
    return { terminal: of('terminal'), accounts: [of('account-a')] };
  }

  async kill(name: string): Promise<void> {
    await docker('kill', this.container(name));
  }

  async start(name: string): Promise<void> {
    await docker('start', this.container(name));
    for (const companion of this.layout.companionsOf(name)) {
      await docker('restart', '--time', '1', `${this.project}-${companion}`);
    }
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
      await docker('network', 'connect', '--alias', this.layout.serviceOf(channel), network, this.container(channel));
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
    const { databases } = this.layout;
    return eventually('a database is primary', async () => {
      for (const name of databases) if (databases.length === 1 || (await this.isPrimary(name))) return name;
      return null;
    });
  }

  async incarnation(name: string): Promise<string | null> {
    const state = await docker('inspect', '--format', '{{.State.Pid}}', this.container(name));
    return state === '0' ? null : state;
  }

  async untilUp(name?: string): Promise<void> {
    const { accounts, terminals, gateways, channels } = this.shape;
    const { databases } = this.layout;
    const names = name === undefined ? [...databases, ...accounts, ...terminals, ...gateways, ...channels] : [name];
    for (const one of names) await eventually(`${one} is up`, () => this.isUp(one), UP_MS_MAX);
  }

  async metrics(): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    await Promise.all(
      [...this.shape.accounts, ...this.shape.terminals].map(async (name) => {
        const address = await this.addressOf(name).catch(() => '');
        if (address === '') return;
        const text = await metricsOf(`http://${address}:${APP_PORT}`);
        if (text !== null) texts.set(name, text);
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
      if (this.layout.databases.includes(name)) return await this.isHealthy(name);
      if (isChannel(name)) return (await docker('exec', this.container(name), 'redis-cli', 'PING')) === 'PONG';
      await probeReady(`http://${address}:${APP_PORT}`);
      return true;
    } catch {
      return false;
    }
  }

  private async isHealthy(name: string): Promise<boolean> {
    return (await docker('inspect', '--format', '{{.State.Health.Status}}', this.container(name))) === 'healthy';
  }

  private async isPrimary(name: string): Promise<boolean> {
    const url = `http://${await this.addressOf(name)}:${PATRONI_PORT}/primary`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATRONI_MS_MAX) }).catch(() => null);
    return answer?.ok === true;
  }

  /** In the cluster's network; empty while the container is not in it. */
  private addressOf(name: string): Promise<string> {
    const network = `${this.project}_${NETWORK}`;
    const format = `{{with index .NetworkSettings.Networks "${network}"}}{{.IPAddress}}{{end}}`;
    return docker('inspect', '--format', format, this.container(name));
  }

  private container(name: string): string {
    return `${this.project}-${this.layout.containerOf(name)}`;
  }

  private compose(...args: readonly string[]): Promise<string> {
    const ports = [this.firstPort, this.firstPort + 1];
    const environment = {
      ...{ CASHPOINT_PORTS: ports.join('-'), CASHPOINT_PORT: String(ports[0]), CASHPOINT_PORT_2: String(ports[1]) },
      ...{ CASHPOINT_VIP: `${this.subnet}.100`, CASHPOINT_VIP_SUBNET: `${this.subnet}.0/24` },
    };
    const files = this.layout.files.flatMap((file) => ['--file', file]);
    return compose({ project: this.project, folder: CHECKOUT, environment }, ...files, ...args);
  }
}

async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isPortFree(port + 1)) return port;
  }
}
