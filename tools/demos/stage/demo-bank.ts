import pg from 'pg';
import type { AuditBody, WithdrawalBody } from '#contracts';
import { Atm } from '../../atm/atm.js';
import { terminalId } from '../../atm/demo-customers.js';
import { Operator } from '../../atm/operator.js';
import { availableChannels, channelDatabase, CHANNEL_ROLES } from '../../cluster/channels.js';
import type { RunningCluster } from '../../cluster/start-cluster.js';
import { createDatabases } from '../../servers/postgres-server.js';
import { eventually } from '../../eventually.js';

/** The cluster of one demo, as its customers, its operator and whoever looks into its databases see it. */
export class DemoBank {
  readonly operator = new Operator(() => this.cluster.gatewayUrls);
  private readonly atms: Atm[] = [];
  private readonly pools = new Map<string, pg.Pool>();

  constructor(readonly cluster: RunningCluster) {}

  /** A terminal of the demo, which talks to the first gateway as long as that answers. */
  atm(number = 1): Atm {
    const atm = new Atm({ gateways: this.cluster.gatewayUrls, terminalId: terminalId(number) });
    this.atms.push(atm);
    return atm;
  }

  /** Rows of one of the cluster's databases. */
  async rows<Row extends object>(database: string, text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool(database).query<Row>(text, values)).rows;
  }

  /** Rows that a table has. */
  async count(database: string, table: string): Promise<number> {
    const [row] = await this.rows<{ count: number }>(database, `SELECT count(*)::integer AS count FROM ${table}`);
    return row?.count ?? 0;
  }

  /** Connection string of a database beside the cluster's own; made where it is missing. */
  async ownDatabase(name: string): Promise<string> {
    await createDatabases(this.cluster.databaseUrl('postgres'), [name]);
    return this.cluster.databaseUrl(name);
  }

  /** The cluster's channels, as configuration has them. */
  async channels(): Promise<string> {
    const { channels } = await this.cluster.status();
    const urls = CHANNEL_ROLES.map((role) => {
      if (availableChannels() === 'postgres') return this.cluster.databaseUrl(channelDatabase(role));
      return channels.find((channel) => channel.role === role)?.url ?? '';
    });
    return CHANNEL_ROLES.map((role, index) => `${role}=${urls[index]}`).join(',');
  }

  /** Sum of a metric over all replicas of an app that answer. */
  async metric(app: string, name: string): Promise<number> {
    return (await this.metrics(app, name)).reduce((sum, value) => sum + value, 0);
  }

  /** A metric of every replica of an app that answers. `name` may be followed by the label to look for: `name{kind="…"`. */
  async metrics(app: string, name: string): Promise<number[]> {
    const { replicas } = await this.cluster.status();
    const texts = await Promise.all(
      replicas
        .filter((replica) => replica.kind === app)
        .map(({ url }) => fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) }).then((one) => one.text()))
        .map((text) => text.catch(() => '')),
    );
    return texts.map((text) => valueOf(text, name));
  }

  /** The audit once nothing is on its way any more. */
  auditWhenQuiet(): Promise<AuditBody> {
    return eventually('an audit with nothing in flight', async () => {
      const audit = await this.operator.audit().catch(() => null);
      return audit?.inFlight === 0 && audit;
    });
  }

  async untilUp(): Promise<void> {
    await eventually('all replicas are up', async () => {
      const { replicas, gateways } = await this.cluster.status();
      return [...replicas, ...gateways].every(({ state }) => state === 'up');
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.atms.map((atm) => atm.close()), ...[...this.pools.values()].map((pool) => pool.end())]);
  }

  private pool(database: string): pg.Pool {
    const pool =
      this.pools.get(database) ?? new pg.Pool({ connectionString: this.cluster.databaseUrl(database), max: 2 });
    pool.removeAllListeners('error').on('error', () => undefined);
    this.pools.set(database, pool);
    return pool;
  }
}

/** Minor units as people write them. */
export function money(minorUnits: number): string {
  return (minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Value of the notes that came out, minor units. */
export const cashOf = ({ dispensed }: WithdrawalBody): number =>
  dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0);

export const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Of the Prometheus text: the sum over all labels but those given. */
function valueOf(text: string, name: string): number {
  const lines = text.split('\n').filter((line) => [' ', '{', ','].some((next) => line.startsWith(`${name}${next}`)));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
