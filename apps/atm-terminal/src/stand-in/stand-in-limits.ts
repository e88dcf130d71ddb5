import type { MinorUnits } from '#money';

/** Most that stand-in lets through on one business date, minor units. */
export interface StandInCaps {
  readonly card: bigint;
  readonly terminal: bigint;
  readonly global: bigint;
}

/** What counts against a cap: the card's token, the terminal's id, everything. */
export interface StandInSubject {
  readonly scope: keyof StandInCaps;
  readonly subject: string;
}

export interface StandInRequest {
  readonly accountId: string;
  readonly cardToken: string;
  readonly terminalId: string;
  readonly amount: MinorUnits;
}

export function subjectsOf({ cardToken, terminalId }: Omit<StandInRequest, 'amount' | 'accountId'>): StandInSubject[] {
  return [
    { scope: 'card', subject: cardToken },
    { scope: 'global', subject: 'all' },
    { scope: 'terminal', subject: terminalId },
  ];
}

/** One usage row as it was read under its lock, and as it is to be written. */
export interface StandInUsage extends StandInSubject {
  readonly amount: bigint;
}

/**
 * What stand-in may still let through, for one transaction that holds the locks of what it was made from. Decides request after request;
 * each one granted counts for the next.
 */
export class StandInBudget {
  private readonly used: Map<string, bigint>;
  private readonly available: Map<string, bigint>;
  private readonly touched = new Map<string, StandInSubject>();

  constructor(
    private readonly caps: StandInCaps,
    used: readonly StandInUsage[],
    /** Per account: last known available balance less what stood in and is not in it yet. Accounts never heard of are absent. */
    available: ReadonlyMap<string, bigint>,
  ) {
    this.used = new Map(used.map((usage) => [identity(usage), usage.amount]));
    this.available = new Map(available);
  }

  /** Whether the request stays within every limit; if so it is counted. */
  grant(request: StandInRequest): boolean {
    const { accountId, amount } = request;
    const subjects = subjectsOf(request);
    const covered = (this.available.get(accountId) ?? 0n) >= amount;
    if (!covered || subjects.some((subject) => this.usedBy(subject) + amount > this.caps[subject.scope])) return false;
    this.available.set(accountId, (this.available.get(accountId) ?? 0n) - amount);
    for (const subject of subjects) {
      this.used.set(identity(subject), this.usedBy(subject) + amount);
      this.touched.set(identity(subject), subject);
    }
    return true;
  }

  /** Usage rows that were changed, with the amounts to be stored. */
  changes(): StandInUsage[] {
    return [...this.touched.values()].map((subject) => ({ ...subject, amount: this.usedBy(subject) }));
  }

  private usedBy(subject: StandInSubject): bigint {
    return this.used.get(identity(subject)) ?? 0n;
  }
}

const identity = ({ scope, subject }: StandInSubject) => `${scope} ${subject}`;
