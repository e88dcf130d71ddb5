import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database, ServerStatus } from '#database';

/** Which server of a mirrored database is the primary, and how often that has changed. Nothing where there is one server only. */
export function registerDatabaseMetrics(registry: Registry, database: Database): void {
  const { primary } = database;
  if (primary === null) return;
  const registers = [registry];
  const gauge = (name: string, help: string, value: (server: ServerStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers,
      collect() {
        this.reset();
        for (const server of primary.servers) this.set({ server: server.name }, value(server));
      },
    });
  gauge('database_server_up', '1 where the server answers', ({ state }) => (state === 'up' ? 1 : 0));
  gauge('database_server_primary', '1 for the server that takes the writes', ({ role }) =>
    role === 'primary' ? 1 : 0,
  );
  const failovers = new Counter({
    name: 'database_failovers_total',
    help: 'Times that another server became the primary',
    registers,
  });
  const seconds = new Gauge({
    name: 'database_failover_seconds',
    help: 'Time without a primary at the last failover, as this replica saw it',
    registers,
  });
  primary.on('moved', (milliseconds) => {
    failovers.inc();
    seconds.set(milliseconds / 1_000);
  });
}
