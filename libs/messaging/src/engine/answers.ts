import { GroupCommit, type SqlTransaction, type TransactionRunner } from '#database';
import type { TraceContext } from '#tracing';
import type { Logger } from '../ports/logger.js';
import { type DialogEndpoints, keyText } from '../ports/dialog-store.js';
import type { QueuedMessage, TransmissionQueue } from '../ports/store.js';
import { type DialogProtocol, isEnding, readEndAnswer } from '../protocol/dialog/index.js';
import type { Envelope, JsonValue } from '../protocol/envelope.js';
import { groupBy } from '../protocol/group-by.js';
import { contextOf, sharedTrace } from './arrived.js';
import type { Counters } from './counters.js';
import type { Sightings } from './sightings.js';
import { type HandlerOf, type Handlers, validBody } from './handlers.js';

/** Most answers in one transaction. */
const ANSWERS_MAX = 400;

/** Transactions at once. */
const TRANSACTIONS_MAX = 2;

/** One that takes longer than this does not hold up the next one, milliseconds. */
const ALONE_MS = 25;

/** Between two transactions, milliseconds: what comes meanwhile shares the next one. */
const PAUSE_MS = 1;

interface Answer {
  readonly inReplyTo: string;
  readonly body: JsonValue;
}

interface Answered {
  readonly request: QueuedMessage;
  readonly body: JsonValue;
}

export interface AnswersOptions {
  readonly transactions: TransactionRunner;
  readonly queue: TransmissionQueue;
  readonly endpoints: DialogEndpoints;
  readonly protocol: DialogProtocol;
  readonly handlers: Handlers;
  readonly traces: TraceContext;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly sightings: Sightings;
}

/**
 * Takes answers at the source: the message leaves the transmission queue and its answer's effect happens in one
 * transaction, once. A late or repeated answer finds no message and does nothing. Where a handler throws, the message
 * stays, is sent again, and its stored answer comes back.
 */
export class Answers {
  private readonly commits: GroupCommit<Answer, void>;

  constructor(private readonly options: AnswersOptions) {
    this.commits = new GroupCommit<Answer, void>({
      run: (answers) => this.options.transactions.transaction((tx) => this.take(answers, tx)),
      itemsMax: ANSWERS_MAX,
      inFlightMax: TRANSACTIONS_MAX,
      aloneMs: ALONE_MS,
      pauseMs: PAUSE_MS,
    });
  }

  /** Never rejects. */
  async receive({ inReplyTo, body, type, dialogId }: Envelope): Promise<void> {
    const { counters, logger } = this.options;
    try {
      if (inReplyTo !== undefined) await this.commits.submit({ inReplyTo, body });
    } catch (error) {
      counters.failed++;
      logger.error({ inReplyTo, dialogId, type, err: error }, 'answer failed and will come again');
    }
  }

  private async take(answers: readonly Answer[], tx: SqlTransaction): Promise<void[]> {
    const { queue, counters, sightings, traces, logger } = this.options;
    const bodies = new Map(answers.map(({ inReplyTo, body }) => [inReplyTo, body]));
    const requests = await queue.remove(tx, [...bodies.keys()]);
    const answered = requests.map((request) => ({ request, body: bodies.get(request.messageId) ?? null }));
    await this.endDialogs(answered, tx);
    const groups = groupBy(answered, ({ request }) => this.handlerOf(request));
    for (const [handler, group] of groups) {
      if (handler === undefined) continue;
      const ofHandler = await received(handler, group);
      await traces.run(sharedTrace(ofHandler), () => handler.handle(ofHandler, tx));
    }
    tx.afterCommit(() => {
      counters.lateAnswers += answers.length - requests.length;
      for (const request of requests) logger.debug(contextOf(request), 'message answered');
      const taken = new Set(requests.map(({ messageId }) => messageId));
      for (const { inReplyTo } of answers)
        sightings.note(taken.has(inReplyTo) ? 'answered' : 'answered-late', inReplyTo);
    });
    return answers.map(() => undefined);
  }

  /** The answer to an end says how much is still to come; often nothing, and the dialog is over here. */
  private async endDialogs(answered: readonly Answered[], tx: SqlTransaction): Promise<void> {
    const { endpoints, protocol } = this.options;
    const ends = answered.flatMap(({ request: { dialogId, dialogSide: side, type }, body }) =>
      side !== null && isEnding(type) ? [{ dialogId, side, answer: readEndAnswer(body) }] : [],
    );
    if (ends.length === 0) return;
    const answers = new Map(ends.map((end) => [keyText(end), end.answer]));
    const locked = await endpoints.lock(tx, ends);
    await endpoints.saveProgress(
      tx,
      locked.map((endpoint) => protocol.endAnswered(endpoint, answers.get(keyText(endpoint)) ?? { sent: 0 })),
    );
  }

  /** None where the sender does not care for the answers of this type. */
  private handlerOf({ fromService, type, version }: QueuedMessage): HandlerOf<'answers'> | undefined {
    return this.options.handlers.find('answers', fromService, type, version);
  }
}

function received(handler: HandlerOf<'answers'>, group: readonly Answered[]) {
  return Promise.all(
    group.map(async ({ request, body }) => ({
      inReplyTo: request.messageId,
      dialogId: request.dialogId,
      traceparent: request.traceparent ?? undefined,
      request: request.body,
      body: await validBody(handler.schema, body),
    })),
  );
}
