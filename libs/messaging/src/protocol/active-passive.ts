import type { ChannelPolicy } from './channel-spec.js';

/**
 * Which channel senders use. States and transitions of a channel:
 *
 *     up ──(add failed, or canary lost)──▶ down ──(canary came back)──▶ up
 *
 * Every channel counts as up until proved otherwise. One that is down is left alone but for probes, so that nobody
 * waits on it; senders return to it with the first probe that succeeds. One that does not stay up is probed ever more
 * seldom, so that senders do not go back and forth. Time is passed in, milliseconds.
 */
export interface ChannelHealth {
  readonly name: string;
  readonly up: boolean;
  /** When it was last seen to work, or not to. */
  readonly checkedAt: number;
  /** Between two probes while it is up and nothing comes from it: it should be known to be there before it is needed. */
  readonly idleProbeMs: number;
  /** When it came up or went down last. */
  readonly changedAt: number;
  /** How often in a row it went down soon after it had come up. */
  readonly relapses: number;
}

/** Channels in the order of preference. */
export type ActivePassive = readonly ChannelHealth[];

/** Between two probes of a channel that is down, milliseconds; doubled with every relapse. */
export const PROBE_DOWN_MS = 1_000;

/** Longest time between two probes of a channel that is down, milliseconds. */
export const PROBE_DOWN_MS_MAX = 16_000;

/** Who goes down within this time after coming up has relapsed, milliseconds. */
export const STEADY_MS = 10_000;

export const allUp = (channels: readonly Pick<ChannelHealth, 'name' | 'idleProbeMs'>[], now: number): ActivePassive =>
  channels.map(({ name, idleProbeMs }) => ({
    name,
    idleProbeMs,
    up: true,
    checkedAt: now,
    changedAt: -Infinity,
    relapses: 0,
  }));

/**
 * Channels that a send tries, best first; empty where none is up. `active-passive` (article "Active/Passive Mechanism"):
 * the first one that is up, in the order of preference. `active-active`: each turn begins with the next one that is up.
 */
export function sendOrder(state: ActivePassive, policy: ChannelPolicy = 'active-passive', turn = 0): string[] {
  const names = state.filter(({ up }) => up).map(({ name }) => name);
  return policy === 'active-passive' ? names : rotated(names, turn);
}

/** The same names, beginning with the one `by` places further on. */
export function rotated(names: readonly string[], by: number): string[] {
  const first = names.length === 0 ? 0 : by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

/** The channel that is preferred now, or null. */
export const inUse = (state: ActivePassive): string | null => sendOrder(state)[0] ?? null;

/** After an add failed, or a probe: whether `name` works. */
export const observed = (state: ActivePassive, name: string, up: boolean, now: number): ActivePassive =>
  state.map((channel) => (channel.name === name ? seen(channel, up, now) : channel));

/** Channels that have to be probed now. */
export const dueForProbe = (state: ActivePassive, now: number): string[] =>
  state.filter((channel) => now - channel.checkedAt >= probeMs(channel)).map(({ name }) => name);

/** How long it is until a channel has to be probed, milliseconds. */
export const untilProbeMs = (state: ActivePassive, now: number): number =>
  Math.min(...state.map((channel) => channel.checkedAt + probeMs(channel) - now));

export const isUp = (state: ActivePassive, name: string): boolean =>
  state.some((channel) => channel.name === name && channel.up);

function seen(channel: ChannelHealth, up: boolean, now: number): ChannelHealth {
  if (up === channel.up) return { ...channel, checkedAt: now };
  if (up) return { ...channel, up, checkedAt: now, changedAt: now };
  const relapsed = now - channel.changedAt < STEADY_MS;
  return { ...channel, up, checkedAt: now, changedAt: now, relapses: relapsed ? channel.relapses + 1 : 0 };
}

const probeMs = ({ up, idleProbeMs, relapses }: ChannelHealth) =>
  up ? idleProbeMs : Math.min(PROBE_DOWN_MS_MAX, PROBE_DOWN_MS * 2 ** relapses);
