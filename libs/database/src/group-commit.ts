import { AsyncLocalStorage } from 'node:async_hooks';

export interface GroupCommitOptions<Item, Result> {
  /** Does the work of all items in one transaction and answers in their order. Rejects if nothing was done. */
  readonly run: (items: Item[]) => Promise<Result[]>;
  /** Most items in one transaction. */
  readonly itemsMax: number;
  /** Most transactions at once; what arrives while all are busy forms the next one. */
  readonly inFlightMax: number;
  /**
   * How long a transaction keeps the next one from beginning beside it, milliseconds; not at all where it is not given. While the work goes
   * well there is then one group at a time, and large ones; one that is slow holds the others up for no longer than this.
   */
  readonly aloneMs?: number;
  /**
   * Pause after a transaction before the next one begins, milliseconds; none where it is not given. What a transaction has answered comes
   * back with its next step and shares the next transaction; a call that comes when nothing ran for that long does not wait.
   */
  readonly pauseMs?: number;
}

/** For the transactions of requests: one at a time and process, as large as they come. */
export const REQUEST_GROUPS = { itemsMax: 128, inFlightMax: 1, pauseMs: 1 } as const;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets calls that arrive together, in one turn of the event loop or while others run, share one transaction ("natural group commit"): a lone
 * call is not delayed; every caller gets its own result, and only after the commit. Where a shared transaction fails, its items are run again
 * one by one, so that a bad one fails alone. Hence `run` must be idempotent per item or leave no trace when it rejects; a commit whose answer
 * was lost counts as rejected. `run` sees the asynchronous context (trace, request) in which the group was made and not that of any caller,
 * since it works for several.
 */
export class GroupCommit<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private inFlight = 0;
  private startedAt = -Infinity;
  /** No transaction begins before, milliseconds of the process. */
  private restUntil = -Infinity;
  private gathering: NodeJS.Immediate | undefined;
  private turn: NodeJS.Timeout | undefined;
  private readonly inNobodysContext = AsyncLocalStorage.snapshot();

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  submit(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.inFlight < this.options.inFlightMax) this.inNobodysContext(() => this.startSoon());
    });
  }

  /** Once all have spoken that this turn of the event loop has woken: what shared one transaction shares the next one too. */
  private startSoon(): void {
    this.gathering ??= setImmediate(() => {
      this.gathering = undefined;
      this.start();
    });
  }

  private start(): void {
    while (this.waiting.length > 0 && this.inFlight < this.options.inFlightMax) {
      if (this.waitsForTurn()) return;
      const group = this.waiting.splice(0, this.options.itemsMax);
      this.inFlight++;
      this.startedAt = performance.now();
      void this.settle(group).finally(() => this.afterOne());
    }
  }

  /** Whether a pause or the one that began last has still to be left alone; if so, looks again when that is over. A timer costs as much as a small query. */
  private waitsForTurn(): boolean {
    const { aloneMs = 0 } = this.options;
    const aloneUntil = this.inFlight > 0 ? this.startedAt + aloneMs : -Infinity;
    const waitMs = Math.max(this.restUntil, aloneUntil) - performance.now();
    if (waitMs <= 0) return false;
    clearTimeout(this.turn);
    this.turn = setTimeout(() => this.start(), waitMs);
    return true;
  }

  private afterOne(): void {
    this.inFlight--;
    const { pauseMs = 0 } = this.options;
    if (pauseMs > 0) this.restUntil = performance.now() + pauseMs;
    this.start();
  }

  private async settle(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) await this.settle([one]);
    }
  }
}
