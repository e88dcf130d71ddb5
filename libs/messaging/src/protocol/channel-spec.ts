/** One channel as configured. */
export interface ChannelSpec {
  readonly name: string;
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
}

/** Whether senders use one channel and keep the others for when it fails, or spread over all that are up. */
export type ChannelPolicy = 'active-passive' | 'active-active';

/** The channels of a broker instance, in the order of preference. */
export interface ChannelPlan {
  readonly policy: ChannelPolicy;
  readonly channels: readonly ChannelSpec[];
}

/** The text does not describe channels. Never repeats a URL, since it may hold a password. */
export class ChannelSpecError extends Error {}

const KIND: Readonly<Record<string, ChannelSpec['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** A comma between channels; those within an address stand between the servers of a mirrored database. */
const SEPARATOR = /,(?=\s*(?:[A-Za-z][A-Za-z0-9-]*=|$))/;

const POLICY = /^(active-passive|active-active):/;

/**
 * Reads `active=redis://127.0.0.1:6379,passive=postgres://…`: names are free, the order is the order of preference, the
 * first being the active one. `active-active:one=redis://…,other=redis://…` spreads over all of them instead. Throws
 * `ChannelSpecError`. An address of PostgreSQL may name several servers (`postgres://one,two/db`).
 */
export function parseChannels(text: string): ChannelPlan {
  const policy = (POLICY.exec(text.trim())?.[1] ?? 'active-passive') as ChannelPolicy;
  const channels = text
    .trim()
    .replace(POLICY, '')
    .split(SEPARATOR)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseChannel);
  if (channels.length === 0)
    throw new ChannelSpecError('at least one channel is needed, such as active=redis://host:6379');
  const names = channels.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new ChannelSpecError(`channel ${repeated} is given twice`);
  return { policy, channels };
}

function parseChannel(part: string, index: number): ChannelSpec {
  const [, name, url] = /^([A-Za-z][A-Za-z0-9-]*)=(\S+)$/.exec(part) ?? [];
  if (name === undefined || url === undefined) {
    throw new ChannelSpecError(`channel ${index + 1} is not of the form name=url`);
  }
  const kind = KIND[url.split('//')[0] ?? ''];
  const isAddress = kind === 'postgres' ? /^\w+:\/\/[^/]/.test(url) : URL.canParse(url);
  if (kind === undefined || !isAddress)
    throw new ChannelSpecError(`channel ${name} needs a redis:// or postgres:// address`);
  return { name, kind, url };
}
