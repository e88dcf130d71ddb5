import type { ClusterBody, TrafficEvent } from '#contracts';
import { CUSTOMERS, type Edge } from './layout.js';

type Way = Pick<Edge, 'from' | 'to'>;

export const wayOf = ({ from, to }: Way): string => `${from} > ${to}`;

/**
 * What moves on each way of the picture, per second. A message is told by who sends and who applies it, not by the channel it came through; it is
 * drawn on the channel that senders use.
 */
export function ratesOf(traffic: TrafficEvent, { gateways }: ClusterBody): ReadonlyMap<string, number> {
  const rates = new Map<string, number>();
  const add = (way: Way, perSecond: number) => {
    if (perSecond > 0) rates.set(wayOf(way), (rates.get(wayOf(way)) ?? 0) + perSecond);
  };
  const isGateway = new Set(gateways.map(({ name }) => name));
  for (const flow of traffic.flows) {
    add(flow, flow.perSecond);
    if (isGateway.has(flow.from)) add({ from: CUSTOMERS, to: flow.from }, flow.perSecond);
  }
  const inUse = traffic.replicas.find(({ channel }) => channel !== null)?.channel ?? null;
  for (const {
    broker,
    channel,
    sentPerSecond,
    resentPerSecond,
    receivedPerSecond,
    duplicatesPerSecond,
  } of traffic.replicas) {
    const to = channel ?? inUse;
    if (to === null) continue;
    add({ from: broker, to }, sentPerSecond + resentPerSecond);
    add({ from: to, to: broker }, receivedPerSecond + duplicatesPerSecond);
  }
  return rates;
}
