import { lookup } from 'node:dns/promises';
import { readFile, stat } from 'node:fs/promises';

/** Where the replicas of an upstream are found. */
export interface EndpointSource {
  /** As configured, for messages. */
  readonly spec: string;
  /** How often the answer may change, milliseconds; null: never. */
  readonly refreshMs: number | null;
  /** Base URLs (`http://host:port`, each once) as they are now. Rejects where that cannot be told; the caller keeps the old ones. */
  read(): Promise<readonly string[]>;
}

/** An endpoint specification that cannot be understood. */
export class EndpointSpecError extends Error {}

const FORMS = 'http://host:port|http://host:port, dns://host:port or file:///path/endpoints.json#name';

/**
 * Parses where replicas are found: a list (`http://a:3000|http://b:3000`), all addresses of a DNS name (`dns://account:3000`, asked
 * again every second), or an entry of a JSON file (`file:///path/endpoints.json#account-a`, `{"account-a": ["http://…"]}`, read
 * again when it changes). Throws `EndpointSpecError`.
 */
export function parseEndpoints(spec: string): EndpointSource {
  const trimmed = spec.trim();
  if (trimmed.startsWith('dns://')) return dnsEndpoints(trimmed);
  if (trimmed.startsWith('file://')) return fileEndpoints(trimmed);
  const urls = [...new Set(trimmed.split('|').map((url) => baseUrl(url.trim(), spec)))];
  return { spec, refreshMs: null, read: () => Promise.resolve(urls) };
}

const DNS_REFRESH_MS = 1_000;

function dnsEndpoints(spec: string): EndpointSource {
  const { hostname, port } = parseUrl(spec, spec);
  if (port === '') throw new EndpointSpecError(`${spec}: dns:// needs a port`);
  return {
    spec,
    refreshMs: DNS_REFRESH_MS,
    async read() {
      const addresses = await lookup(hostname, { all: true });
      // A name with A and AAAA records has every replica twice; one family is enough.
      const family = addresses.some((found) => found.family === 4) ? 4 : 6;
      const hosts = addresses.filter((found) => found.family === family).map((found) => found.address);
      return [...new Set(hosts)].sort().map((host) => `http://${family === 6 ? `[${host}]` : host}:${port}`);
    },
  };
}

const FILE_REFRESH_MS = 500;

function fileEndpoints(spec: string): EndpointSource {
  const url = parseUrl(spec, spec);
  const name = decodeURIComponent(url.hash.slice(1));
  if (name === '') throw new EndpointSpecError(`${spec}: file:// needs #name of the entry`);
  url.hash = '';
  let version = '';
  let urls: readonly string[] = [];
  return {
    spec,
    refreshMs: FILE_REFRESH_MS,
    async read() {
      const { mtimeMs, ino, size } = await stat(url);
      const found = `${ino}:${mtimeMs}:${size}`;
      if (found === version) return urls;
      urls = entryOf(JSON.parse(await readFile(url, 'utf8')), name, spec);
      version = found;
      return urls;
    },
  };
}

function entryOf(content: unknown, name: string, spec: string): string[] {
  const entry = (content as Readonly<Record<string, unknown>> | null)?.[name];
  if (!Array.isArray(entry)) throw new EndpointSpecError(`${spec}: there is no list named ${name} in the file`);
  return [...new Set(entry.map((url) => baseUrl(String(url), spec)))];
}

function baseUrl(text: string, spec: string): string {
  const url = parseUrl(text, spec);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url.protocol !== 'http:' || !bare) throw new EndpointSpecError(`${spec}: expected ${FORMS}`);
  return url.origin;
}

function parseUrl(text: string, spec: string): URL {
  if (!URL.canParse(text)) throw new EndpointSpecError(`${spec === '' ? '(empty)' : spec}: expected ${FORMS}`);
  return new URL(text);
}
