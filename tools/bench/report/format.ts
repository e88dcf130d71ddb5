import type { Sizes } from '../../cluster/sizes.js';
import type { Percentiles } from '../percentiles.js';

/** `12,345`; below ten with one digit after the point. */
export const rate = (perSecond: number): string =>
  perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en-US');

export const ratio = (value: number): string => value.toFixed(value < 0.1 ? 3 : 2);

/** Milliseconds. */
export const time = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));

export const times = ({ p50, p99, p999 }: Percentiles): string => [p50, p99, p999].map(time).join(' / ');

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

export const replicas = ({ gateways, terminals, accounts }: Sizes): string =>
  gateways === terminals && terminals === accounts
    ? `${gateways} of each`
    : `${gateways} gateways, ${terminals} atm-terminal, ${accounts} account`;
