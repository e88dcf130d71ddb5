import type { Logger } from '../ports/logger.js';
import type { RouteTable } from '../ports/store.js';
import { queueNamePart } from '../protocol/queue-names.js';
import { ANY_SERVICE, merged, type Route } from '../protocol/routing.js';
import { Routes } from '../routes.js';

export interface EngineRoutesOptions {
  readonly table: RouteTable;
  /** Names of the channels that there are. */
  readonly channels: readonly string[];
  /** Takes the routes, at the start and whenever they have changed. */
  readonly use: (routes: readonly Route[]) => void;
  readonly logger: Logger;
}

/** Routes as they are in the table, followed by every replica while it runs. */
export class EngineRoutes extends Routes {
  private unwatch: () => Promise<void> = () => Promise.resolve();
  private inUse = '';

  constructor(private readonly options: EngineRoutesOptions) {
    super();
  }

  /** Needs the database. */
  async start(initial: readonly Route[]): Promise<void> {
    const { table, logger } = this.options;
    await table.ensure(merged(initial));
    await this.reload();
    this.unwatch = table.watch(() => {
      this.reload().catch((error: unknown) => logger.debug({ err: error }, 'routes could not be read'));
    });
  }

  async stop(): Promise<void> {
    await this.unwatch();
  }

  list(): Promise<Route[]> {
    return this.options.table.all();
  }

  async put(routes: readonly Route[]): Promise<void> {
    for (const one of routes) this.check(one);
    await this.options.table.replace(merged(routes));
    await this.reload();
  }

  private async reload(): Promise<void> {
    const routes = await this.list();
    const text = JSON.stringify(routes);
    if (text === this.inUse) return;
    this.inUse = text;
    this.options.use(routes);
    this.options.logger.info({ routes: routes.length }, 'routes are in use');
  }

  private check({ service, broker, channels }: Route): void {
    if (service !== ANY_SERVICE) queueNamePart(service);
    if (broker !== null) queueNamePart(broker);
    const unknown = channels.find((channel) => !this.options.channels.includes(channel));
    if (unknown !== undefined) throw new RangeError(`there is no channel ${unknown}`);
  }
}
