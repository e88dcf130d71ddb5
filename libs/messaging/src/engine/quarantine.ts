import { GroupCommit, isRetryable, type SqlTransaction } from '#database';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Beginning, QuarantineStore, Standing } from '../ports/quarantine-store.js';
import type { Envelope } from '../protocol/envelope.js';
import { FAILURE_POLICY, type FailurePolicy, retryDelayMs, STARTS_MAX } from '../protocol/failures.js';
import { contextOf } from './arrived.js';
import type { Counters } from './counters.js';
import type { DialogReceipt } from './dialog-inbox.js';
import { targetKeyOf } from './dialog-order.js';
import type { Handlers } from './handlers.js';

/** A replica that says nothing for so long while it handles a message has died over it, milliseconds. */
const LEASE_MS = 15_000;

const RENEW_MS = 5_000;

/** Messages whose standing is asked for in one statement. */
const MESSAGES_MAX = 400;

/** Longest error that is kept, characters. */
const ERROR_LENGTH_MAX = 1_000;

export interface QuarantineOptions {
  readonly store: QuarantineStore;
  readonly handlers: Handlers;
  /** Applies a message; never rejects. `isParked`: it was parked, and its turn has come. */
  readonly apply: (envelope: Envelope, isParked: boolean) => Promise<DialogReceipt>;
  /** Lets the later messages of its dialog pass. */
  readonly overtake: (envelope: Envelope, tx: SqlTransaction) => Promise<void>;
  /** Called when a message is to be tried again after so many milliseconds. */
  readonly onParked: (delayMs: number) => void;
  /** Copies older than this count for nothing, milliseconds (see `RetentionPolicy`). */
  readonly channelLifetimeMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/**
 * Keeps messages that fail, or whose handling ends the process, away from the others. What arrives for the first time passes
 * without a look. A copy that comes again is recorded as begun (in a commit of its own) before it is applied; one that was left
 * behind so before is handled by itself, and parked as `crashed` when that has happened too often. A message whose handler
 * throws is parked as `failed` and tried again from there, with backoff, until it is applied or left to an operator.
 */
export class Quarantine {
  private readonly begins: GroupCommit<Beginning, Standing>;
  private readonly finishes: GroupCommit<string, void>;
  private readonly inProgress = new Set<string>();
  private cancelRenewal: (() => void) | null = null;
  /** Those left behind are handled one after the other, so that none dies with another. */
  private alone: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: QuarantineOptions) {
    const { store } = options;
    this.begins = new GroupCommit<Beginning, Standing>({
      run: (messages) => beginOnce(store, messages),
      itemsMax: MESSAGES_MAX,
      inFlightMax: 1,
    });
    this.finishes = new GroupCommit<string, void>({
      run: async (ids) => {
        await store.finish(ids);
        return ids.map(() => undefined);
      },
      itemsMax: MESSAGES_MAX,
      inFlightMax: 1,
    });
  }

  /** Applies a message that has arrived from a channel. Never rejects. */
  receive(envelope: Envelope): Promise<DialogReceipt> {
    return envelope.again === undefined ? this.apply(envelope, false) : this.receiveAgain(envelope);
  }

  /** Applies a message that was parked until its turn. Never rejects. */
  receiveInTurn(envelope: Envelope): Promise<DialogReceipt> {
    return this.apply(envelope, true);
  }

  /** Applies a message that is parked after a failure. Never rejects. */
  async retry(envelope: Envelope): Promise<DialogReceipt> {
    const receipt = await this.receiveAgain(envelope, true);
    if (receipt.outcome === 'answered') await this.options.store.release([envelope.messageId]).catch(() => undefined);
    return receipt;
  }

  private async receiveAgain(envelope: Envelope, isRetry = false): Promise<DialogReceipt> {
    const { messageId } = envelope;
    if (this.inProgress.has(messageId)) return WAITING;
    try {
      const standing = await this.begins.submit({ messageId, isRetry });
      if (standing === 'begun') return await this.handle(envelope, isRetry);
      if (standing === 'processed') return await this.options.apply(envelope, isRetry);
      if (standing === 'left-behind') return await this.afterAllOthers(() => this.receiveLeftBehind(envelope, isRetry));
    } catch (error) {
      this.options.logger.warn({ ...contextOf(envelope), err: error }, 'how a message stands could not be told');
    }
    return WAITING;
  }

  private async receiveLeftBehind(envelope: Envelope, isRetry: boolean): Promise<DialogReceipt> {
    const { store, logger, counters, channelLifetimeMs } = this.options;
    const starts = await store.beginAgain(envelope.messageId, LEASE_MS);
    if (starts === null) return WAITING;
    if (starts <= STARTS_MAX) return this.handle(envelope, isRetry);
    const crashes = starts - 1;
    const error = `replicas have died of it ${crashes} times`;
    const crash = { envelope, side: sideOf(envelope), error, crashes, channelLifetimeMs };
    await store.crash(crash, (tx) => this.giveUp(envelope, tx));
    counters.quarantined++;
    logger.error({ ...contextOf(envelope), crashes, alarm: true }, 'message is parked: replicas die of it');
    return WAITING;
  }

  private async apply(envelope: Envelope, isParked: boolean): Promise<DialogReceipt> {
    const receipt = await this.options.apply(envelope, isParked);
    if (receipt.outcome === 'failed') await this.recordFailure(envelope, receipt.error);
    return receipt;
  }

  /** What PostgreSQL rolled back for its neighbours' sake has not failed; its source sends it again. */
  private async recordFailure(envelope: Envelope, failure: unknown): Promise<void> {
    if (isRetryable(failure)) return;
    const { store, logger, counters, channelLifetimeMs, onParked } = this.options;
    const policy = this.policyOf(envelope);
    const error = (failure instanceof Error ? failure.message : String(failure)).slice(0, ERROR_LENGTH_MAX);
    const delayMs = (attempts: number) => retryDelayMs(policy, attempts, Math.random());
    const attempt = { envelope, side: sideOf(envelope), error, channelLifetimeMs, delayMs };
    try {
      const failed = await store.fail(attempt, (tx) => this.giveUp(envelope, tx));
      if (failed === null) return;
      if (failed.delayMs !== null) onParked(failed.delayMs);
      else {
        counters.quarantined++;
        const { attempts } = failed;
        logger.error(
          { ...contextOf(envelope), attempts, alarm: true },
          'message is parked: all its attempts have failed',
        );
      }
    } catch (error) {
      logger.warn({ ...contextOf(envelope), err: error }, 'a failed attempt could not be recorded');
    }
  }

  private async giveUp(envelope: Envelope, tx: SqlTransaction): Promise<void> {
    const { onFailure } = this.policyOf(envelope);
    if (onFailure === 'overtake' && envelope.dialog !== undefined) await this.options.overtake(envelope, tx);
  }

  private policyOf({ toService, type, version }: Envelope): FailurePolicy {
    return { ...FAILURE_POLICY, ...this.options.handlers.find('messages', toService, type, version)?.failures };
  }

  /** Says that the message is in progress for as long as it is. */
  private async handle(envelope: Envelope, isRetry: boolean): Promise<DialogReceipt> {
    const { messageId } = envelope;
    this.inProgress.add(messageId);
    this.cancelRenewal ??= this.renewLater();
    try {
      return await this.apply(envelope, isRetry);
    } finally {
      this.inProgress.delete(messageId);
      // A row that stays is found processed or parked, or left behind once too often.
      void this.finishes.submit(messageId).catch(() => undefined);
    }
  }

  private renewLater(): () => void {
    return this.options.clock.after(RENEW_MS, () => {
      const ids = [...this.inProgress];
      this.cancelRenewal = ids.length === 0 ? null : this.renewLater();
      if (ids.length > 0) void this.options.store.renew(ids, LEASE_MS).catch(() => undefined);
    });
  }

  private afterAllOthers<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.alone.then(work, work);
    this.alone = turn.catch(() => undefined);
    return turn;
  }
}

/** Kept, or in other hands. */
const WAITING: DialogReceipt = { outcome: 'parked' };

const sideOf = (envelope: Envelope) => (envelope.dialog === undefined ? null : targetKeyOf(envelope).side);

/** A message that came twice at the same time is begun once. */
async function beginOnce(store: QuarantineStore, messages: readonly Beginning[]): Promise<Standing[]> {
  const first = new Map(messages.toReversed().map((message) => [message.messageId, message]));
  const standings = await store.begin([...first.values()], LEASE_MS);
  return messages.map((message) => {
    const { messageId } = message;
    return first.get(messageId) === message ? (standings.get(messageId) ?? 'in-progress') : 'in-progress';
  });
}
