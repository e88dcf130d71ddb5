/**
 * Which channel senders use (article "Active/Passive Mechanism"): the first that is up, in the order of preference. The
 * first of all is the active one, the others are passive. States and transitions of a channel:
 *
 *     up ──(add or probe failed)──▶ down ──(probe succeeded)──▶ up
 *
 * Every channel counts as up until proved otherwise. One that is down is left alone but for probes, so that nobody
 * waits on it; senders return to a better one with the first probe that succeeds. Time is passed in, milliseconds.
 */
export interface ChannelHealth {
  readonly name: string;
  readonly up: boolean;
  /** When an add or probe last told how it is. */
  readonly checkedAt: number;
  /** Between two probes while it is up and nothing is sent on it: it should be known to be there before it is needed. */
  readonly idleProbeMs: number;
}

/** Channels in the order of preference. */
export type ActivePassive = readonly ChannelHealth[];

/** Between two probes of a channel that is down, milliseconds. */
export const PROBE_DOWN_MS = 1_000;

export const allUp = (channels: readonly Pick<ChannelHealth, 'name' | 'idleProbeMs'>[], now: number): ActivePassive =>
  channels.map(({ name, idleProbeMs }) => ({ name, idleProbeMs, up: true, checkedAt: now }));

/** Channels that a send tries, best first; empty where none is up. */
export const sendOrder = (state: ActivePassive): string[] => state.filter(({ up }) => up).map(({ name }) => name);

/** The channel that the next send uses, or null. */
export const inUse = (state: ActivePassive): string | null => sendOrder(state)[0] ?? null;

/** After an add or a probe: whether `name` took it. */
export const observed = (state: ActivePassive, name: string, up: boolean, now: number): ActivePassive =>
  state.map((channel) => (channel.name === name ? { ...channel, up, checkedAt: now } : channel));

/** Channels that have to be probed now. */
export const dueForProbe = (state: ActivePassive, now: number): string[] =>
  state
    .filter(({ up, checkedAt, idleProbeMs }) => now - checkedAt >= (up ? idleProbeMs : PROBE_DOWN_MS))
    .map(({ name }) => name);

export const isUp = (state: ActivePassive, name: string): boolean =>
  state.some((channel) => channel.name === name && channel.up);
