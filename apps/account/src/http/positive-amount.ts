import { minorUnits, type MinorUnits } from '#money';
import { Problem } from '#platform';

/** The amount of a request to move money. Throws `invalid-amount` where it is not greater than zero. */
export function positiveAmount(amount: string): MinorUnits {
  const value = minorUnits(amount);
  if (value <= 0n) throw new Problem('invalid-amount', 'The amount must be greater than zero.');
  return value;
}
