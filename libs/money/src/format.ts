import type { MinorUnits } from './minor-units.js';

/** For people: `20000n` is `200.00`, `-5n` is `-0.05`. Two decimals, as all currencies of the demo have. */
export function formatMinorUnits(amount: MinorUnits): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? 0n - amount : amount).toString().padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
