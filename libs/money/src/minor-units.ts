/** An amount in the smallest unit of its currency (cents): 200.00 is `20000n`. Never a float. */
export type MinorUnits = bigint & { readonly __unit: 'minor' };

const DECIMAL_INTEGER = /^-?\d{1,18}$/;

/** Takes a bigint, or the decimal string that messages and `bigint` columns carry. Throws on anything else. */
export function minorUnits(value: bigint | string): MinorUnits {
  if (typeof value === 'bigint') return value as MinorUnits;
  if (!DECIMAL_INTEGER.test(value)) throw new RangeError(`not an amount in minor units: ${JSON.stringify(value)}`);
  return BigInt(value) as MinorUnits;
}

/** Takes the JSON number of the HTTP contract. Throws where it is not a safe integer. */
export function minorUnitsFromNumber(value: number): MinorUnits {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount in minor units: ${value}`);
  return BigInt(value) as MinorUnits;
}

/** The JSON number of the HTTP contract. Throws where a number would lose digits. */
export function toNumber(amount: MinorUnits): number {
  const value = Number(amount);
  if (!Number.isSafeInteger(value)) throw new RangeError(`amount does not fit a JSON number: ${amount}`);
  return value;
}
