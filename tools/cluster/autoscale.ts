import type { MemberRecord } from './cluster-record.js';

/** Between two looks at what the replicas ask for, milliseconds. */
const LOOK_MS = 1_000;

/** How long a group is left alone after it was changed, milliseconds: new replicas need to show what they change. */
const SETTLE_MS = 4_000;

const ANSWER_MS_MAX = 1_000;

/** The metric that says how many replicas a broker instance should have. KEDA scales on the same one. */
const DESIRED = /^activation_desired_replicas(?:\{[^}]*\})? (\d+)/m;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What is scaled. */
export interface ScalableCluster {
  readonly records: readonly MemberRecord[];
  scale(what: string, count: number): Promise<void>;
}

/** How many replicas there should be where each of those that answer wishes so many: enough for the one that sees most. */
export function sizeFor(present: number, wishes: readonly number[], { min, max }: Bounds): number {
  const wish = wishes.length === 0 ? present : Math.max(...wishes);
  return Math.min(max, Math.max(min, wish));
}

/**
 * External activation on one machine: adds account replicas while those there are cannot keep up with the queues, and drains
 * and removes them when they are not needed any more. The replicas decide, with their own hysteresis; this only obeys.
 */
export class Autoscaler {
  private readonly settledAt = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly cluster: ScalableCluster,
    private readonly bounds: Bounds,
    private readonly report: (what: string) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => {
        if (!this.stopped) this.start();
      });
    }, LOOK_MS);
  }

  /** Resolves when a change that is under way is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const accounts = this.cluster.records.filter(({ kind }) => kind === 'account');
    const groups = new Map<string, MemberRecord[]>();
    for (const record of accounts) {
      const group = record.name.replace(/-\d+$/, '');
      groups.set(group, [...(groups.get(group) ?? []), record]);
    }
    for (const [group, members] of groups) await this.adapt(group, members);
  }

  private async adapt(group: string, members: readonly MemberRecord[]): Promise<void> {
    if (this.stopped || Date.now() < (this.settledAt.get(group) ?? 0)) return;
    const wishes = await Promise.all(members.map(({ url }) => wishOf(url)));
    const size = sizeFor(
      members.length,
      wishes.filter((wish) => wish !== null),
      this.bounds,
    );
    if (size === members.length) return;
    try {
      await this.cluster.scale(group, size);
      this.report(`${group}: ${members.length} → ${size} replicas`);
    } catch (error) {
      this.report(`${group}: not scaled to ${size}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.settledAt.set(group, Date.now() + SETTLE_MS);
  }
}

/** Null where the replica does not answer. */
async function wishOf(url: string): Promise<number | null> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const desired = DESIRED.exec(await answer.text())?.[1];
    return desired === undefined ? null : Number(desired);
  } catch {
    return null;
  }
}
