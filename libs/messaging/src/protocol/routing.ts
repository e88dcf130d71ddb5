import { createHash } from 'node:crypto';

/** Where a service can be reached. */
export interface Route {
  readonly service: string;
  /** A broker instance that has the service; null leaves the choice to the next hop. */
  readonly broker: string | null;
  /** Channels that lead there; empty means all. */
  readonly channels: readonly string[];
}

/** What has to be known of a message to choose its broker. */
export interface Destination {
  readonly service: string;
  readonly broker?: string | undefined;
  /** Conversation group, else dialog: equal keys reach the same broker as long as the routes are the same. */
  readonly key: string;
}

export type Routing =
  | { readonly kind: 'broker'; readonly broker: string }
  /** A route without a broker matches: whoever is reached next decides. */
  | { readonly kind: 'next-hop' }
  | { readonly kind: 'unknown-service' };

/**
 * Chooses the broker of a message (DESIGN §5, after SQL Server Service Broker): a given broker is taken as it is; else a
 * route without a broker wins; else the key is rendezvous-hashed over the distinct brokers of the service.
 */
export function route(routes: readonly Route[], destination: Destination): Routing {
  if (destination.broker !== undefined) return { kind: 'broker', broker: destination.broker };
  const matching = routes.filter(({ service }) => service === destination.service);
  if (matching.length === 0) return { kind: 'unknown-service' };
  const brokers = matching.map(({ broker }) => broker).filter((broker) => broker !== null);
  if (brokers.length < matching.length) return { kind: 'next-hop' };
  return { kind: 'broker', broker: rendezvous([...new Set(brokers)], destination.key) };
}

/** Highest random weight hashing (Thaler and Ravishankar, 1998): a broker more or less moves only its own share of the keys. */
function rendezvous(brokers: readonly string[], key: string): string {
  const [first, ...others] = brokers;
  if (first === undefined) throw new RangeError('no broker to choose from');
  if (others.length === 0) return first;
  const weighed = brokers.map((broker) => ({ broker, weight: weight(broker, key) }));
  return weighed.reduce((best, one) => (isHeavier(one, best) ? one : best)).broker;
}

interface Weighed {
  readonly broker: string;
  readonly weight: number;
}

/** Names decide a tie, so that the order of the routes never matters. */
const isHeavier = (one: Weighed, other: Weighed) =>
  one.weight > other.weight || (one.weight === other.weight && one.broker > other.broker);

const weight = (broker: string, key: string) =>
  createHash('sha256')
    .update(JSON.stringify([broker, key]))
    .digest()
    .readUIntBE(0, 6);
