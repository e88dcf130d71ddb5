import { findRedis } from '../../tools/servers/redis-server.js';
import { keepServer, type KeptServer } from './kept-server.js';

declare global {
  // `var` is what makes it a property of globalThis, which set-up and tear-down share.
  var cashpointTestServers: KeptServer[] | undefined;
}

/** One PostgreSQL and, where it is installed, one Redis for the whole test run; see `test-servers.ts` for their use. */
export default async function startServers(): Promise<void> {
  const postgres = await keepServer('postgres');
  globalThis.cashpointTestServers = [postgres];
  process.env['TEST_POSTGRES_URL'] = postgres.url;
  process.env['TEST_FOLDER'] = postgres.folder;
  if (findRedis() === null) return;
  const redis = await keepServer('redis');
  globalThis.cashpointTestServers.push(redis);
  process.env['TEST_REDIS_URL'] = redis.url;
}
