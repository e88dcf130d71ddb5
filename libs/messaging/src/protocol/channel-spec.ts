/** One channel as configured. */
export interface ChannelSpec {
  readonly name: string;
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
}

/** The text does not describe channels. Never repeats a URL, since it may hold a password. */
export class ChannelSpecError extends Error {}

const KIND: Readonly<Record<string, ChannelSpec['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/**
 * Reads `active=redis://127.0.0.1:6379,passive=postgres://…`: names are free, the order is the order of preference, the
 * first being the active one. Throws `ChannelSpecError`.
 */
export function parseChannels(text: string): readonly ChannelSpec[] {
  const specs = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseChannel);
  if (specs.length === 0)
    throw new ChannelSpecError('at least one channel is needed, such as active=redis://host:6379');
  const names = specs.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new ChannelSpecError(`channel ${repeated} is given twice`);
  return specs;
}

function parseChannel(part: string, index: number): ChannelSpec {
  const [, name, url] = /^([A-Za-z][A-Za-z0-9-]*)=(\S+)$/.exec(part) ?? [];
  if (name === undefined || url === undefined) {
    throw new ChannelSpecError(`channel ${index + 1} is not of the form name=url`);
  }
  const kind = URL.canParse(url) ? KIND[new URL(url).protocol] : undefined;
  if (kind === undefined) throw new ChannelSpecError(`channel ${name} needs a redis:// or postgres:// address`);
  return { name, kind, url };
}
