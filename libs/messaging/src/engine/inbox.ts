import { GroupCommit, type SqlTransaction, type TransactionRunner } from '#database';
import type { TraceContext } from '#tracing';
import type { ParkedMessages } from '../ports/dialog-store.js';
import type { FaultPoints } from '../ports/fault-points.js';
import type { Logger } from '../ports/logger.js';
import type { ProcessedMessages } from '../ports/store.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import { groupBy } from '../protocol/group-by.js';
import { admit, type Arrived, callHandler, contextOf, firstById, refuseStale, StaleCopy } from './arrived.js';
import type { Counters } from './counters.js';
import type { Handlers } from './handlers.js';
import type { Sightings } from './sightings.js';

/** Most messages in one transaction. */
const MESSAGES_MAX = 400;

/** Transactions at once. */
const TRANSACTIONS_MAX = 2;

/** One that takes longer than this does not hold up the next one, milliseconds. */
const ALONE_MS = 25;

/** Between two transactions, milliseconds: what comes meanwhile shares the next one. */
const PAUSE_MS = 1;

/** What became of a message. */
export type Receipt =
  /** Applied now or before; the answer goes to the sender. */
  | { readonly outcome: 'answered'; readonly answer: JsonValue }
  /** Not applied, and will not be. */
  | { readonly outcome: 'refused' }
  /** Too old to be applied; if it matters, a younger copy comes. */
  | { readonly outcome: 'stale' }
  /** Not applied; left no trace. */
  | { readonly outcome: 'failed'; readonly error: unknown };

export interface InboxOptions {
  readonly transactions: TransactionRunner;
  readonly processed: ProcessedMessages;
  readonly parked: ParkedMessages;
  readonly handlers: Handlers;
  readonly traces: TraceContext;
  /** Whether a copy is too old to be told from one that was forgotten. */
  readonly isStale: (envelope: Envelope) => boolean;
  readonly faultPoints: FaultPoints;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly sightings: Sightings;
}

/**
 * Applies each message once. Inbox row, effect and answer of what arrives together commit in one transaction; a repeat gets
 * the stored answer; a known id with another content is refused. Where a handler throws, each message of that
 * transaction is tried in one of its own, so that a bad one fails alone.
 */
export class Inbox {
  private readonly commits: GroupCommit<Arrived, Receipt>;

  constructor(private readonly options: InboxOptions) {
    this.commits = new GroupCommit<Arrived, Receipt>({
      run: (arrived) => this.options.transactions.transaction((tx) => this.apply(arrived, tx)),
      itemsMax: MESSAGES_MAX,
      inFlightMax: TRANSACTIONS_MAX,
      aloneMs: ALONE_MS,
      pauseMs: PAUSE_MS,
    });
  }

  /** Never rejects. */
  async receive(envelope: Envelope, isParked = false): Promise<Receipt> {
    try {
      return await this.commits.submit(await admit(envelope, isParked, this.options.handlers));
    } catch (error) {
      return notApplied(envelope, error, this.options);
    }
  }

  private async apply(batch: readonly Arrived[], tx: SqlTransaction): Promise<Receipt[]> {
    const { processed, faultPoints } = this.options;
    const first = firstById(batch);
    const claimed = await processed.claim(tx, [...first.values()]);
    const fresh = [...first.values()].filter(({ envelope }) => claimed.has(envelope.messageId));
    const parked = await this.parked(fresh, tx);
    refuseStale(fresh, (messageId) => parked.has(messageId), this.options.isStale);
    const answers = await this.handle(fresh, tx);
    if (fresh.length > 0) {
      processed.storeAnswers(
        tx,
        fresh.map(({ envelope: { messageId } }) => ({ messageId, answer: answers.get(messageId) ?? null })),
      );
    }
    const known = await this.known(
      [...first.keys()].filter((messageId) => !claimed.has(messageId)),
      tx,
    );
    for (const { envelope, fingerprint } of fresh) {
      known.set(envelope.messageId, { fingerprint, answer: answers.get(envelope.messageId) ?? null });
    }
    await faultPoints.reach('inbox.before-commit');
    const receipts = batch.map((arrived) => receiptOf(arrived, known));
    tx.afterCommit(() => this.count(batch, receipts, new Set(fresh)));
    return receipts;
  }

  /** Those of the messages said to be parked that still are; costs nothing where none is. */
  private async parked(fresh: readonly Arrived[], tx: SqlTransaction): Promise<ReadonlySet<string>> {
    const ids = fresh.filter(({ isParked }) => isParked).map(({ envelope }) => envelope.messageId);
    const envelopes = ids.length === 0 ? [] : await this.options.parked.envelopes(tx, ids);
    return new Set(envelopes.map(({ messageId }) => messageId));
  }

  /** One call per handler, its messages in the order of their arrival. */
  private async handle(fresh: readonly Arrived[], tx: SqlTransaction): Promise<Map<string, JsonValue>> {
    const answers = new Map<string, JsonValue>();
    for (const [handler, group] of groupBy(fresh, (arrived) => arrived.handler)) {
      for (const [messageId, answer] of await callHandler(this.options.traces, handler, group, tx))
        answers.set(messageId, answer);
    }
    return answers;
  }

  private async known(messageIds: readonly string[], tx: SqlTransaction): Promise<Map<string, Known>> {
    if (messageIds.length === 0) return new Map();
    const rows = await this.options.processed.find(tx, messageIds);
    return new Map(rows.map(({ messageId, ...row }) => [messageId, row]));
  }

  private count(batch: readonly Arrived[], receipts: readonly Receipt[], fresh: ReadonlySet<Arrived>): void {
    const { counters, sightings, logger } = this.options;
    const refused = batch.filter((_, index) => receipts[index]?.outcome === 'refused');
    counters.received += fresh.size;
    counters.refused += refused.length;
    counters.duplicates += batch.length - fresh.size - refused.length;
    for (const [index, arrived] of batch.entries()) {
      if (receipts[index]?.outcome !== 'answered') continue;
      sightings.note(fresh.has(arrived) ? 'applied' : 'repeated', arrived.envelope.messageId);
    }
    for (const { envelope } of batch) logger.debug(contextOf(envelope), 'message received');
    for (const { envelope } of refused) {
      logger.error({ ...contextOf(envelope), alarm: true }, 'message refused: its id is known with another content');
    }
  }
}

/** What has become of a message whose transaction was rolled back, counted and logged. */
export function notApplied(
  envelope: Envelope,
  error: unknown,
  { counters, logger }: Pick<InboxOptions, 'counters' | 'logger'>,
): Receipt {
  if (error instanceof StaleCopy) {
    counters.stale++;
    return { outcome: 'stale' };
  }
  counters.failed++;
  logger.error({ ...contextOf(envelope), err: error }, 'message failed and will be tried again');
  return { outcome: 'failed', error };
}

interface Known {
  readonly fingerprint: string;
  readonly answer: JsonValue;
}

function receiptOf(arrived: Arrived, known: ReadonlyMap<string, Known>): Receipt {
  const stored = known.get(arrived.envelope.messageId);
  if (stored === undefined) throw new Error('a claimed message is not in the inbox');
  if (stored.fingerprint !== arrived.fingerprint) return { outcome: 'refused' };
  return { outcome: 'answered', answer: stored.answer };
}
