import { identify } from '../processes/identity.js';
import { keepLogSmall, lastError, lastLines } from '../processes/log-file.js';
import { type ServerProcess, stopProcess, untilReady } from '../processes/server-process.js';
import { Refusal } from '../refusal.js';
import type { MemberRecord, MemberState, Section } from './cluster-record.js';

/** How to run one process of the cluster. */
export interface MemberPlan {
  readonly section: Section;
  readonly name: string;
  readonly kind: string;
  readonly role: string;
  /** Without secrets: it is shown. */
  readonly url: string;
  readonly logFile: string;
  /** The signal that asks it to finish what it does and end. */
  readonly stopSignal: NodeJS.Signals;
  launch(): Promise<ServerProcess>;
  /** Resolves where it is ready for work. */
  probe(): Promise<void>;
}

const READY_MS_MAX = 60_000;
const POLL_MS = 25;
/** Longer than the apps take to drain at most. */
const STOP_MS_MAX = 12_000;
const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 5_000;
/** Who has been ready for this long has recovered from what it died of before. */
const STEADY_MS = 2_000;
/** As many deaths in a row are no accident. */
const DEATHS_OF_A_CRASH_LOOP = 3;

/** Signals after which a process is gone, and stays down; the others only freeze it and wake it. */
export const ENDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT'];
export const PAUSING_SIGNALS: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT'];

/**
 * One process that should run until somebody says otherwise. While it is wanted it is started again whenever it ends, after 200 ms at
 * first and up to 5 s in a crash loop. `start`, `kill` and `stop` change what is wanted; only the loop in `keepRunning` changes what is.
 */
export class Member {
  private state: MemberState = 'down';
  private process: ServerProcess | null = null;
  private wanted = false;
  private deaths = 0;
  private error: string | null = null;
  private running: Promise<void> = Promise.resolve();
  private cutBackoffShort = (): void => undefined;

  constructor(
    readonly plan: MemberPlan,
    private readonly changed: () => void,
  ) {}

  get record(): MemberRecord {
    const { section, name, kind, role, url, stopSignal } = this.plan;
    const identity = this.process === null || this.process.hasEnded() ? null : identify(this.process.pid);
    return { section, name, kind, role, url, stopSignal, process: identity, state: this.state, lastError: this.error };
  }

  get isWanted(): boolean {
    return this.wanted;
  }

  /** Resolves when it is ready. Rejects where it keeps dying, hangs, or is stopped meanwhile; it is tried further all the same. */
  async start(): Promise<void> {
    if (!this.wanted) await this.running;
    // Asked again: somebody else may have started it while we waited for its last end.
    if (!this.wanted) {
      this.wanted = true;
      this.deaths = 0;
      this.running = this.keepRunning();
    }
    const deadline = Date.now() + READY_MS_MAX;
    while (this.state !== 'up') {
      if (!this.wanted) throw new Refusal(`${this.plan.name} was stopped while it started`);
      if (this.state === 'crashing') throw new Refusal(`${this.plan.name} does not start:\n${this.lastLines()}`);
      if (Date.now() > deadline) throw new Refusal(`${this.plan.name} is not ready:\n${this.lastLines()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Sends the signal. After an ending one the process stays down, and the promise resolves when it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (PAUSING_SIGNALS.includes(signal)) return void this.process?.signal(signal);
    await this.end(signal);
  }

  /** Drains and stops it. */
  stop(): Promise<void> {
    return this.end(this.plan.stopSignal);
  }

  keepLogSmall(): void {
    keepLogSmall(this.plan.logFile);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.wanted = false;
    this.cutBackoffShort();
    if (this.process !== null) await stopProcess(this.process, signal, STOP_MS_MAX);
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    this.become('starting');
    while (this.wanted) {
      const readyAt = await this.runOnce().catch((error: unknown) => {
        this.error = error instanceof Error ? error.message : String(error);
        return null;
      });
      this.process = null;
      if (!this.wanted) break;
      this.deaths = readyAt !== null && Date.now() - readyAt > STEADY_MS ? 1 : this.deaths + 1;
      this.become(this.deaths >= DEATHS_OF_A_CRASH_LOOP ? 'crashing' : 'starting');
      await this.backOff();
    }
    this.become('down');
  }

  /** Runs it to its end; answers when it became ready, or null where it never did. */
  private async runOnce(): Promise<number | null> {
    const server = await this.plan.launch();
    this.process = server;
    this.changed();
    // It was stopped while it was being launched, when there was nothing yet to send a signal to.
    if (!this.wanted) server.signal('SIGKILL');
    const readyAt = await this.untilReady(server);
    await server.ended;
    if (this.wanted) this.error = lastError(this.plan.logFile);
    return readyAt;
  }

  private async untilReady(server: ServerProcess): Promise<number | null> {
    try {
      await untilReady(this.plan.name, server, this.plan.logFile, READY_MS_MAX, () => this.plan.probe());
    } catch {
      server.signal('SIGKILL');
      return null;
    }
    if (this.wanted) this.become('up');
    return Date.now();
  }

  private backOff(): Promise<void> {
    const delay = Math.min(BACKOFF_MS_MIN * 2 ** (this.deaths - 1), BACKOFF_MS_MAX);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.cutBackoffShort = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private become(state: MemberState): void {
    this.state = state;
    this.changed();
  }

  private lastLines(): string {
    return [this.error, lastLines(this.plan.logFile)].filter(Boolean).join('\n');
  }
}
