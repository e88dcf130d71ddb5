import type { SessionBody } from '#contracts';
import { Atm } from '../../atm/atm.js';
import type { RunClock } from '../load/ask.js';

/** One withdrawal of a probe. */
export interface Probed {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Whether it was answered with cash, by whatever gateway and replica. */
  readonly ok: boolean;
  /** The machine that asked; its session is known to no other one. */
  readonly atm: Atm;
  readonly session: SessionBody;
  readonly withdrawalId: string | null;
}

const PIN = '1234';
const AMOUNT = 1_000;
const PAUSE_MS = 20;
const FIRST_CARD = 11;

/** Cash machines that do nothing but take 10.00 after 10.00, each with a card of its own: how long that takes is what is measured. */
export class Probes {
  readonly probed: Probed[] = [];
  private readonly atms: readonly Atm[];
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    gateways: readonly string[],
    count: number,
    private readonly clock: RunClock,
  ) {
    this.atms = Array.from({ length: count }, (_, index) => {
      const inTurn = [...gateways.slice(index % gateways.length), ...gateways.slice(0, index % gateways.length)];
      return new Atm({ gateways: inTurn, terminalId: `ATM-00${(index % 8) + 1}` });
    });
  }

  start(): void {
    this.running = Promise.all(this.atms.map((atm, index) => this.probe(atm, FIRST_CARD + index)));
    this.running.catch(() => undefined);
  }

  /** Milliseconds from the notes to the settlement of a withdrawal, asked for until it is settled. */
  async settlementMs({ atm, session, withdrawalId }: Probed): Promise<number> {
    if (withdrawalId === null) throw new Error('there is nothing that could be settled');
    const answer = await atm.untilEnded(session, withdrawalId);
    if (!answer.ok || answer.body.settledAt === null || answer.body.dispensedAt === null) {
      throw new Error(`withdrawal ${withdrawalId} does not settle`);
    }
    return Date.parse(answer.body.settledAt) - Date.parse(answer.body.dispensedAt);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await Promise.all(this.atms.map((atm) => atm.close()));
  }

  private async probe(atm: Atm, card: number): Promise<void> {
    const opened = await atm.openSession(`4000001000000${String(card).padStart(3, '0')}`, PIN);
    if (!opened.ok) throw new Error(`no session: ${opened.problem.title}`);
    while (!this.stopped) {
      const beganAtMs = this.clock();
      const answer = await atm.withdraw(opened.body, AMOUNT).catch(() => null);
      const withdrawal = answer?.ok === true ? answer.body : null;
      const ok = (withdrawal?.dispensed.length ?? 0) > 0;
      const withdrawalId = withdrawal?.withdrawalId ?? null;
      this.probed.push({ beganAtMs, endedAtMs: this.clock(), ok, atm, session: opened.body, withdrawalId });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
