import { randomUUID } from 'node:crypto';
import { loadContestant } from './contestants/contestants.js';
import { ACCOUNTS } from './books.js';
import { type Contestant, LANES, type Source } from './contestant.js';
import { MomentLog } from './moments.js';
import { type FromSide, machineMs, type Phase, type SideOptions, type ToSide } from './sides.js';

/** Most transfers that are committed and not applied: more would only wait in a queue. */
const WINDOW = 2_000;

/** How often the target says how far it is, milliseconds. */
const REPORT_MS = 10;

const AMOUNT = 100;

const tell = (message: FromSide): void => void process.send?.(message);

/** Commits numbered transfers, and notes when each was committed. */
class Sending {
  private readonly committed = new MomentLog();
  private next = 0;
  private applied = 0;
  private isOpen: (() => void)[] = [];

  constructor(private readonly source: Source) {}

  /** So many are applied, of all that were ever sent. */
  heard(count: number): void {
    this.applied = count;
    if (this.next - count >= WINDOW) return;
    for (const resume of this.isOpen.splice(0)) resume();
  }

  async send({ milliseconds, perSecond }: Phase): Promise<void> {
    const first = this.next;
    const begin = machineMs();
    const end = begin + milliseconds;
    const lane = async () => {
      for (;;) {
        const dueAt = perSecond === undefined ? machineMs() : begin + ((this.next - first) * 1_000) / perSecond;
        if (dueAt >= end) return;
        const number = this.next++;
        if (perSecond === undefined) await this.window();
        else await until(dueAt);
        await this.source.commit({ id: randomUUID(), number, account: (number % ACCOUNTS) + 1, amount: AMOUNT });
        this.committed.note(number, machineMs());
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    tell({ is: 'sent', moments: this.committed.from(first) });
  }

  private async window(): Promise<void> {
    while (this.next - this.applied >= WINDOW) await new Promise<void>((resume) => this.isOpen.push(resume));
  }
}

/** Timers have a resolution of a millisecond; what is due within it begins now. */
async function until(ms: number): Promise<void> {
  const waitMs = ms - machineMs();
  if (waitMs > 0.5) await new Promise((resolve) => setTimeout(resolve, waitMs));
}

async function beSource(contestant: Contestant, { place }: SideOptions): Promise<void> {
  const source = await contestant.openSource(place);
  const sending = new Sending(source);
  listen({
    send: ({ phase }) => sending.send(phase),
    applied: async ({ count }) => sending.heard(count),
    close: () => source.close(),
  });
}

async function beTarget(contestant: Contestant, { place }: SideOptions): Promise<void> {
  const log = new MomentLog();
  let count = 0;
  let told = 0;
  const target = await contestant.openTarget(place, (transfers) => {
    const now = machineMs();
    for (const { number } of transfers) if (log.note(number, now)) count++;
  });
  setInterval(() => {
    if (count > told) tell({ is: 'applied', count: (told = count) });
  }, REPORT_MS).unref();
  listen({
    tell: async ({ first }) => tell({ is: 'told', moments: log.from(first) }),
    close: () => target.close(),
  });
}

type Reactions = { readonly [Do in ToSide['do']]?: (message: Extract<ToSide, { do: Do }>) => Promise<void> };

function listen(reactions: Reactions): void {
  process.on('message', (message: ToSide) => {
    const react = reactions[message.do] as ((message: ToSide) => Promise<void>) | undefined;
    react?.(message)
      .then(() => message.do === 'close' && process.exit(0))
      .catch(fail);
  });
  tell({ is: 'ready' });
}

function fail(error: unknown): void {
  tell({ is: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

// Whoever asked for this process has ended.
process.on('disconnect', () => process.exit(1));

const options = JSON.parse(process.argv[2] ?? '') as SideOptions;
const be = options.side === 'source' ? beSource : beTarget;
loadContestant(options.entry)
  .then((contestant) => be(contestant, options))
  .catch(fail);
