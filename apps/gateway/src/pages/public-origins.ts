import { parseEndpoints } from '#platform';

/** Origins of all gateways (`https://host:port`), as browsers reach them. */
export interface PublicOrigins {
  /** Rejects where that cannot be told right now. */
  read(): Promise<readonly string[]>;
}

/**
 * Parses `https://a.bank.example|https://b.bank.example`, or an entry of a file (`file:///path/endpoints.json#gateway`) that is read again
 * when it changes. Throws where it is neither.
 */
export function parsePublicOrigins(spec: string): PublicOrigins {
  if (spec.trim().startsWith('file://')) return parseEndpoints(spec);
  const origins = [...new Set(spec.split('|').map((text) => originOf(text.trim())))];
  return { read: () => Promise.resolve(origins) };
}

/**
 * The origins for a caller who reached this gateway under `host` (its Host header): a gateway on a loopback address is one on the machine that
 * was reached, under whatever name that was.
 */
export function originsSeenFrom(origins: readonly string[], host: string): string[] {
  const hostname = hostnameOf(host);
  return origins.map((origin) => {
    const url = new URL(origin);
    if (hostname !== null && LOOPBACK.has(url.hostname)) url.hostname = hostname;
    return url.origin;
  });
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function hostnameOf(host: string): string | null {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new Error('must be origins: https://host:port|https://host:port, or file:///path/endpoints.json#name');
  }
  return url.origin;
}
