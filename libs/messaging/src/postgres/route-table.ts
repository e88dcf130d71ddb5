import type { Database, Statement } from '#database';
import type { RouteTable } from '../ports/store.js';
import type { Route } from '../protocol/routing.js';

const ENSURE: Statement = {
  name: 'messaging-route-ensure',
  text: `
    INSERT INTO messaging.route (service, broker, channels)
    SELECT r.service, r.broker, ARRAY(SELECT jsonb_array_elements_text(r.channels))
      FROM jsonb_to_recordset($1::jsonb) AS r(service text, broker text, channels jsonb)
    ON CONFLICT (service, broker) DO NOTHING`,
};

const ALL: Statement = {
  name: 'messaging-route-all',
  text: 'SELECT service, broker, channels FROM messaging.route ORDER BY route_id',
};

/** Routes as rows. */
export class PostgresRouteTable implements RouteTable {
  constructor(private readonly database: Database) {}

  async ensure(routes: readonly Route[]): Promise<void> {
    if (routes.length > 0) await this.database.query(ENSURE, [JSON.stringify(routes)]);
  }

  all(): Promise<Route[]> {
    return this.database.query<{ service: string; broker: string | null; channels: string[] }>(ALL);
  }
}
