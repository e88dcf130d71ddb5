import { hash } from 'node:crypto';
import { groupBy } from './group-by.js';

/** Where a service can be reached. */
export interface Route {
  /** `ANY_SERVICE`: the default, for services without a route of their own. */
  readonly service: string;
  /** A broker instance that has the service; null leaves the choice to the next hop. */
  readonly broker: string | null;
  /** Channels that lead there; empty means all. */
  readonly channels: readonly string[];
}

/** Service of the default route. */
export const ANY_SERVICE = '*';

/** What has to be known of a message to choose its broker. */
export interface Destination {
  readonly service: string;
  readonly broker?: string | null | undefined;
  /** Conversation group, else dialog: equal keys reach the same broker as long as the routes are the same. */
  readonly key: string;
}

export type Routing =
  | { readonly kind: 'broker'; readonly broker: string; readonly channels: readonly string[] }
  /** A route without a broker matches: whoever is reached next decides. */
  | { readonly kind: 'next-hop'; readonly channels: readonly string[] }
  | { readonly kind: 'unknown-service' };

/**
 * Chooses the broker of a message and the channels to it (DESIGN §5, after SQL Server Service Broker). A given broker is
 * taken as it is; routes only say by which channels: those for service and broker, else for the service, else the default
 * ones. No broker given: of the service's routes (else the default ones) one without a broker wins; where all name
 * brokers, the key is rendezvous-hashed over the distinct ones.
 */
export function route(routes: readonly Route[], destination: Destination): Routing {
  const { service, key } = destination;
  const given = destination.broker ?? null;
  const own = routes.filter((one) => one.service === service);
  const matching = own.length > 0 ? own : routes.filter((one) => one.service === ANY_SERVICE);
  if (given !== null) return { kind: 'broker', broker: given, channels: channelsTo(given, own, routes) };
  if (matching.length === 0) return { kind: 'unknown-service' };
  const open = matching.filter(({ broker }) => broker === null);
  if (open.length > 0) return { kind: 'next-hop', channels: channelsOf(open) };
  const brokers = matching.map(({ broker }) => broker).filter((broker) => broker !== null);
  const broker = rendezvous([...new Set(brokers)], key);
  return { kind: 'broker', broker, channels: channelsOf(matching.filter((one) => one.broker === broker)) };
}

/** The same routes with one for each service and broker, which leads over the channels of all that were given for them. */
export function merged(routes: readonly Route[]): Route[] {
  const groups = groupBy(routes, ({ service, broker }) => JSON.stringify([service, broker]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, channels: channelsOf(group) }];
  });
}

function channelsTo(broker: string, own: readonly Route[], routes: readonly Route[]): readonly string[] {
  const rest = routes.filter(({ service }) => service === ANY_SERVICE);
  const groups = [own, rest].flatMap((some) => [
    some.filter((one) => one.broker === broker),
    some.filter((one) => one.broker === null),
  ]);
  return channelsOf(groups.find((group) => group.length > 0) ?? []);
}

/** All that the routes name; a route that names none may use every channel, and then so may the message. */
const channelsOf = (routes: readonly Route[]): readonly string[] =>
  routes.some(({ channels }) => channels.length === 0) ? [] : [...new Set(routes.flatMap(({ channels }) => channels))];

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
  hash('sha256', JSON.stringify([broker, key]), 'buffer').readUIntBE(0, 6);
