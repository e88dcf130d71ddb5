import type { ClusterBody, RouteBody } from '#contracts';

export type RouteFault = 'name' | 'at' | 'channel' | 'twice';

/** As the contract has it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What is wrong with each route, by its place in the table; the cluster itself has the last word. */
export function faultsOf(routes: readonly RouteBody[], cluster: ClusterBody | null): ReadonlyMap<number, RouteFault> {
  const brokers = new Set(cluster?.brokers.map(({ name }) => name));
  const channels = new Set(cluster?.channels.map(({ name }) => name));
  const seen = new Set<string>();
  const faults = new Map<number, RouteFault>();
  routes.forEach((route, place) => {
    const key = JSON.stringify([route.at, route.service, route.broker]);
    const fault = faultOf(route, brokers, channels) ?? (seen.has(key) ? 'twice' : null);
    if (fault !== null) faults.set(place, fault);
    seen.add(key);
  });
  return faults;
}

function faultOf({ at, service, broker, channels }: RouteBody, brokers: Set<string>, known: Set<string>) {
  if (!NAME.test(service) || (broker !== null && !NAME.test(broker))) return 'name';
  if (!brokers.has(at)) return 'at';
  return channels.every((channel) => known.has(channel)) ? null : 'channel';
}

/** `active, passive` as a list; empty: all channels. */
export const channelsOf = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '');
