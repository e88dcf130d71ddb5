import { randomUUIDv7 } from 'node:crypto';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { RetentionStore } from '../ports/retention-store.js';
import type { Posting } from '../protocol/bundle.js';
import type { Envelope } from '../protocol/envelope.js';
import {
  forgetAfterMs,
  isStale,
  KEPT_IDS_MAX,
  readKept,
  retentionAnswer,
  retentionQuestion,
  type RetentionPolicy,
} from '../protocol/retention.js';
import type { Counters } from './counters.js';
import type { Relay } from './relay.js';

/** Between two looks, milliseconds; oftener where messages are forgotten sooner. */
const LOOK_MS_MAX = 30_000;

/** A replica to which nothing comes and that finds nothing to forget looks ever more seldom, at least once in so many of these. */
const IDLE_LOOKS_MAX = 4;

/** An answer that takes longer is asked for again, milliseconds. */
const OVERDUE_MS_MAX = 60_000;

/** Rows that one step looks at. */
const ROWS_MAX = 1_000;

/** Pause after a step, in multiples of what the step took: forgetting never has more than a fifth of one connection. */
const REST = 4;

const REST_MS_MIN = 20;

export interface RetentionOptions {
  readonly broker: string;
  readonly store: RetentionStore;
  readonly policy: RetentionPolicy;
  /** Takes questions and answers to the other broker. */
  readonly relay: Relay;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/**
 * Forgets what was applied, once its source has said that it threw the message away (never by age alone) and no copy
 * that a channel may still hold would be accepted any more. Sources keep no state for this: they answer with what stands
 * in their transmission queue.
 */
export class Retention {
  private cancel: () => void = () => undefined;
  private stopped = true;
  private running: Promise<void> = Promise.resolve();
  private failing = false;
  private lookEvery = 1;
  private receivedBefore = 0;

  constructor(private readonly options: RetentionOptions) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the step under way, if any, is over. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.running;
  }

  /** Whether this copy is too old to be told from one that was forgotten. */
  isStale(envelope: Envelope): boolean {
    return isStale(envelope, this.options.clock.now(), this.options.policy);
  }

  /** At the source: what to answer to a target; nothing where the database cannot tell, since the target asks again. */
  async question(envelope: Envelope): Promise<Posting | null> {
    const { store, broker, logger } = this.options;
    try {
      const kept = await store.kept(envelope.fromBroker, KEPT_IDS_MAX);
      const head = {
        messageId: randomUUIDv7(),
        fromBroker: broker,
        toBroker: envelope.fromBroker,
        sentAt: this.nowText(),
      };
      return retentionAnswer(envelope, head, kept);
    } catch (error) {
      logger.warn({ fromBroker: envelope.fromBroker, err: error }, 'cannot say what is still kept');
      return null;
    }
  }

  /** At the target: a source has answered. */
  async answered({ fromBroker, inReplyTo, body }: Envelope): Promise<void> {
    const kept = readKept(body);
    if (inReplyTo === undefined || kept === null) return;
    try {
      await this.options.store.confirm({ fromBroker, questionId: inReplyTo }, kept);
    } catch (error) {
      this.options.logger.warn({ fromBroker, err: error }, 'what may be forgotten was not recorded; it is asked again');
    }
  }

  private schedule(): void {
    const lookMs = Math.min(LOOK_MS_MAX, this.options.policy.channelLifetimeMs / 4);
    // Replicas that started together should not look together.
    this.cancel = this.options.clock.after(lookMs * this.lookEvery * (0.8 + 0.4 * Math.random()), () => {
      this.running = this.look().finally(() => {
        if (!this.stopped) this.schedule();
      });
    });
  }

  private async look(): Promise<void> {
    const { store, policy, logger } = this.options;
    try {
      const forgotten = await this.prune();
      await store.forgetStarts(forgetAfterMs(policy));
      const asked = await this.ask();
      this.setPace(forgotten + asked);
      if (this.failing) logger.info({}, 'retention works again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) logger.warn({ err: error }, 'retention fails');
      this.failing = true;
    }
  }

  private setPace(found: number): void {
    const { received } = this.options.counters;
    const isQuiet = found === 0 && received === this.receivedBefore;
    this.receivedBefore = received;
    this.lookEvery = isQuiet ? Math.min(IDLE_LOOKS_MAX, this.lookEvery * 2) : 1;
  }

  /** Answers how many messages and ends of dialogs were forgotten. */
  private async prune(): Promise<number> {
    const { store, policy, counters, clock } = this.options;
    const before = counters.forgotten;
    while (!this.stopped) {
      const startedAt = performance.now();
      const { more, forgotten } = await store.prune(forgetAfterMs(policy), ROWS_MAX);
      counters.forgotten += forgotten;
      if (!more) break;
      const restMs = Math.max(REST_MS_MIN, REST * (performance.now() - startedAt));
      await new Promise<void>((resolve) => void clock.after(restMs, resolve));
    }
    return counters.forgotten - before;
  }

  /** Answers how many sources were asked. */
  private async ask(): Promise<number> {
    const { store, policy, relay, broker } = this.options;
    if (this.stopped) return 0;
    const questions = await store.ask(Math.min(OVERDUE_MS_MAX, policy.channelLifetimeMs));
    const sentAt = this.nowText();
    relay.post(
      questions.map(({ fromBroker, questionId }) =>
        retentionQuestion({ messageId: questionId, fromBroker: broker, toBroker: fromBroker, sentAt }),
      ),
    );
    return questions.length;
  }

  private nowText(): string {
    return new Date(this.options.clock.now()).toISOString();
  }
}
