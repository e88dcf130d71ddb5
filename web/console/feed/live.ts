import { signal } from '@preact/signals';
import type { ClusterBody, MoneyEvent, NoticeEvent, OperatorEvent, TrafficEvent } from '#contracts';
import type { FeedState } from './cluster-feed.js';

/** What is remembered: a minute of traffic at two events a second, and a screenful of what has happened. */
const TRAFFIC_MAX = 120;
const NOTICES_MAX = 40;

/** The cluster as the newest events have it. Written by `takeEvent` only. */
export const cluster = signal<ClusterBody | null>(null);
export const traffic = signal<TrafficEvent | null>(null);
export const trafficHistory = signal<readonly TrafficEvent[]>([]);
export const money = signal<MoneyEvent | null>(null);
/** What the money was when this page first saw it. */
export const moneyAtFirst = signal<MoneyEvent | null>(null);
export const notices = signal<readonly NoticeEvent[]>([]);

/** Where the events come from. */
export const feed = signal<{ readonly state: FeedState; readonly origin: string }>({ state: 'connecting', origin: '' });

export function takeEvent(event: OperatorEvent): void {
  switch (event.kind) {
    case 'cluster':
      cluster.value = event.data.cluster;
      return;
    case 'traffic':
      traffic.value = event.data;
      trafficHistory.value = [...trafficHistory.value.slice(1 - TRAFFIC_MAX), event.data];
      return;
    case 'money':
      moneyAtFirst.value ??= event.data.ledger === null ? null : event.data;
      money.value = event.data;
      return;
    case 'notice':
      notices.value = withNotice(notices.value, event.data).slice(0, NOTICES_MAX);
      return;
  }
}

/** Newest first. What happens to a member again and again, with nothing else in between, is told once, as of the last time. */
export function withNotice(told: readonly NoticeEvent[], newest: NoticeEvent): readonly NoticeEvent[] {
  const before = told.find(({ member }) => member === newest.member);
  const others = before?.what === newest.what ? told.filter((one) => one !== before) : told;
  return [newest, ...others];
}
