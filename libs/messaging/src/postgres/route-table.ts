import type { Database, Statement } from '#database';
import type { RouteTable } from '../ports/store.js';
import type { Route } from '../protocol/routing.js';

/** Services that have routes keep them as they were last put. */
const ENSURE: Statement = {
  name: 'messaging-route-ensure',
  text: `
    INSERT INTO messaging.route (service, broker, channels)
    SELECT r.service, r.broker, ARRAY(SELECT jsonb_array_elements_text(r.channels))
      FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (service text, broker text, channels jsonb))
           WITH ORDINALITY AS r(service, broker, channels, position)
     WHERE NOT EXISTS (SELECT FROM messaging.route AS known WHERE known.service = r.service)
     ORDER BY r.position
    ON CONFLICT (service, broker) DO NOTHING`,
};

const ALL: Statement = {
  name: 'messaging-route-all',
  text: 'SELECT service, broker, channels FROM messaging.route ORDER BY route_id',
};

const CLEAR: Statement = { name: 'messaging-route-clear', text: 'DELETE FROM messaging.route' };

const TELL: Statement = { name: 'messaging-route-tell', text: `SELECT pg_notify('messaging_routes', '')` };

/** How often the table is read even if nobody has told of a change, milliseconds. */
const POLL_MS = 60_000;

/** Routes as rows. */
export class PostgresRouteTable implements RouteTable {
  constructor(private readonly database: Database) {}

  async ensure(routes: readonly Route[]): Promise<void> {
    if (routes.length > 0) await this.database.query(ENSURE, [JSON.stringify(routes)]);
  }

  all(): Promise<Route[]> {
    return this.database.query<{ service: string; broker: string | null; channels: string[] }>(ALL);
  }

  async replace(routes: readonly Route[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(CLEAR);
      await tx.query(ENSURE, [JSON.stringify(routes)]);
      await tx.query(TELL);
    });
  }

  watch(changed: () => void): () => Promise<void> {
    const poll = setInterval(changed, POLL_MS).unref();
    const deafen = this.database.listen('messaging_routes', changed);
    return async () => {
      clearInterval(poll);
      await deafen();
    };
  }
}
