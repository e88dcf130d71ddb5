import type { Evidence } from './evidence.js';

/**
 * What a broken invariant means to whoever owns the money: `lost`, something that happened is missing; `doubled`, it is there more than
 * once; `unexplained`, something is there, or is not answered, that nobody can account for.
 */
export type Verdict = 'lost' | 'doubled' | 'unexplained';

export interface Finding {
  readonly verdict: Verdict;
  readonly what: string;
}

/** Something that must hold after every run (docs: DESIGN of the money's way), judged from outside the bank. */
export interface Invariant {
  readonly name: string;
  /** What breaks it; nothing where it holds. */
  readonly check: (evidence: Evidence) => Promise<readonly Finding[]> | readonly Finding[];
}

/** An invariant of one database, as a query for what breaks it. */
export interface SqlInvariant {
  readonly name: string;
  readonly of: 'terminal' | 'accounts';
  readonly verdict: Verdict;
  /** SELECT of one column `what`, in words; a row for each violation. */
  readonly violations: string;
}

export function sqlInvariant({ name, of, verdict, violations }: SqlInvariant): Invariant {
  return {
    name,
    async check({ databases }) {
      const asked = of === 'terminal' ? [databases.terminal] : databases.accounts;
      const found = await Promise.all(
        asked.map(async ({ broker, rows }) => {
          const violating = await rows<{ what: string }>(`SELECT what::text FROM (${violations}) violation LIMIT 100`);
          return violating.map(({ what }): Finding => ({ verdict, what: `${broker}: ${what}` }));
        }),
      );
      return found.flat();
    },
  };
}
