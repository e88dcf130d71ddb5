import type { Observation } from './observation.js';

/**
 * A transaction on durable state that is kept in maps: either all of it happens or nothing. Transactions run one after
 * the other, as those that lock the same rows do.
 */
export class SimulatedTransaction {
  private readonly undo: (() => void)[] = [];
  private readonly hooks: (() => void)[] = [];
  /** What the application did or was told; it has happened once this commits. */
  readonly seen: Observation[] = [];

  put<Key, Value>(table: Map<Key, Value>, key: Key, value: Value): void {
    this.remember(table, key);
    table.set(key, value);
  }

  remove<Key, Value>(table: Map<Key, Value>, key: Key): void {
    this.remember(table, key);
    table.delete(key);
  }

  see(observation: Observation): void {
    this.seen.push(observation);
  }

  /** Done by the process after the commit, if it lives that long. */
  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  runHooks(): void {
    for (const hook of this.hooks) hook();
  }

  rollBack(): void {
    for (const restore of this.undo.reverse()) restore();
  }

  private remember<Key, Value>(table: Map<Key, Value>, key: Key): void {
    const before = table.get(key);
    this.undo.push(before === undefined ? () => void table.delete(key) : () => void table.set(key, before));
  }
}
