import { type ChildProcess, fork } from 'node:child_process';
import type { FromSide, Moments, Phase, SideOptions, ToSide } from './sides.js';

const READY_MS_MAX = 60_000;
const CLOSE_MS_MAX = 10_000;

/** Longer than any phase with what it may have to wait for, milliseconds. */
const ANSWER_MS_MAX = 600_000;

/** One side of a contestant, seen from the process that measures it. */
export class SideProcess {
  private applied = 0;
  private listeners: ((message: FromSide) => void)[] = [];
  private failure: Error | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    child.on('message', (message: FromSide) => this.hear(message));
    child.once('exit', (code, signal) => {
      this.hear({ is: 'failed', error: `ended with ${signal ?? code ?? 'nothing'}` });
    });
  }

  /** Resolves when it is ready; ends with this process. */
  static async start(options: SideOptions): Promise<SideProcess> {
    const child = fork(new URL('./side-process.js', import.meta.url), [JSON.stringify(options)], {
      serialization: 'advanced',
    });
    const side = new SideProcess(child, `${options.entry.contestant} (${options.side})`);
    try {
      await side.until('is ready', (message) => message.is === 'ready', READY_MS_MAX);
      return side;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  tell(message: ToSide): void {
    if (this.child.connected) this.child.send(message);
  }

  /** Calls `listener` whenever more is applied. */
  onApplied(listener: (count: number) => void): void {
    this.listeners.push((message) => message.is === 'applied' && listener(message.count));
  }

  /** Sends for a while; answers when each was committed. */
  async send(phase: Phase): Promise<Moments> {
    this.tell({ do: 'send', phase });
    const sent = await this.until('has sent', (message) => message.is === 'sent', ANSWER_MS_MAX);
    return sent.moments;
  }

  async untilApplied(count: number, timeoutMs: number): Promise<void> {
    if (this.applied >= count) return;
    await this.until(
      `has applied ${count}`,
      (message) => message.is === 'applied' && message.count >= count,
      timeoutMs,
    );
  }

  async tellMoments(first: number): Promise<Moments> {
    this.tell({ do: 'tell', first });
    return (await this.until('tells', (message) => message.is === 'told', ANSWER_MS_MAX)).moments;
  }

  /** Ends the process: by itself, or after a while by force. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.tell({ do: 'close' });
    const force = setTimeout(() => this.child.kill('SIGKILL'), CLOSE_MS_MAX);
    await ended;
    clearTimeout(force);
  }

  private hear(message: FromSide): void {
    if (message.is === 'applied') this.applied = message.count;
    if (message.is === 'failed') this.failure ??= new Error(`${this.name}: ${message.error}`);
    for (const listener of [...this.listeners]) listener(message);
  }

  /** The next message that is meant. Rejects where the process fails, or says nothing of the kind in time. */
  private until<Meant extends FromSide>(
    what: string,
    isMeant: (message: FromSide) => message is Meant,
    timeoutMs: number,
  ): Promise<Meant>;
  private until(what: string, isMeant: (message: FromSide) => boolean, timeoutMs: number): Promise<FromSide>;
  private until(what: string, isMeant: (message: FromSide) => boolean, timeoutMs: number): Promise<FromSide> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.listeners = this.listeners.filter((one) => one !== listener);
        settle();
      };
      const listener = (message: FromSide) => {
        const { failure } = this;
        if (isMeant(message)) end(() => resolve(message));
        else if (failure !== null) end(() => reject(failure));
      };
      const late = () => new Error(`${this.name}: waited ${timeoutMs} ms in vain until it ${what}`);
      const timer = setTimeout(() => end(() => reject(late())), timeoutMs);
      this.listeners.push(listener);
      const { failure } = this;
      if (failure !== null) end(() => reject(failure));
    });
  }
}
