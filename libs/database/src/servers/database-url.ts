/** Where a PostgreSQL server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** A connection string taken apart. */
export interface DatabaseUrl {
  /** In the order given; more than one where the database is mirrored. */
  readonly servers: readonly [ServerAddress, ...ServerAddress[]];
  /** Name of the database. */
  readonly database: string;
  /** Connection string of one of the servers, as node-postgres takes it. */
  readonly at: (server: ServerAddress) => string;
}

const SHAPE = /^(postgres(?:ql)?:\/\/(?:[^/?#@]*@)?)([^/?#@]+)\/([^/?#]+)(\?[^#]*)?$/;
const SERVER = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 5432;

/** More servers than this are a mistake, and each is asked twice a second by every replica. */
const SERVERS_MAX = 8;

/**
 * Reads `postgres://user:password@host1:5432,host2:5433/database`, the form in which libpq names several servers (PostgreSQL
 * manual, "Connection URIs"). Null where the text has another form; it may hold a password and is never repeated.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl | null {
  const [, head = '', hosts = '', database = '', query = ''] = SHAPE.exec(text) ?? [];
  const servers = hosts.split(',').map(serverOf);
  const [first] = servers;
  if (first === undefined || first === null || servers.includes(null) || servers.length > SERVERS_MAX) return null;
  const at = ({ host, port }: ServerAddress) =>
    `${head}${host.includes(':') ? `[${host}]` : host}:${port}/${database}${query}`;
  if (!URL.canParse(at(first))) return null;
  return {
    servers: servers as [ServerAddress, ...ServerAddress[]],
    database: decodeURIComponent(database),
    at,
  };
}

function serverOf(text: string): ServerAddress | null {
  const [, host, port = String(DEFAULT_PORT)] = SERVER.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return null;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
