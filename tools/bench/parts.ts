import { Refusal } from '../refusal.js';

/** What the benchmark consists of; each may be asked for by its letter or its name. */
export const PARTS = {
  limit: 'a',
  path: 'b',
  messaging: 'c',
  peers: 'd',
  idle: 'e',
  scaling: 'f',
  failover: 'g',
  growth: 'h',
} as const;

export type Part = keyof typeof PARTS;

export const ALL_PARTS = Object.keys(PARTS) as Part[];

/** `a,b` or `limit,path`. Throws `Refusal` where there is no such part. */
export function partsNamed(given: string): ReadonlySet<Part> {
  const parts = given.split(',').map((one) => {
    const wanted = one.trim();
    const part = ALL_PARTS.find((name) => name === wanted || PARTS[name] === wanted);
    if (part === undefined) {
      const known = ALL_PARTS.map((name) => `${PARTS[name]} (${name})`).join(', ');
      throw new Refusal(`the benchmark has no part "${wanted}"; it has ${known}`);
    }
    return part;
  });
  return new Set(parts);
}
