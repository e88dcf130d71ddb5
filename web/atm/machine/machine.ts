import { type ReadonlySignal, signal } from '@preact/signals';
import type { SessionBody, TrailBody } from '#contracts';
import { NoAnswerError, type Reply } from '../../shared/api/attempt.js';
import type { Bank } from './bank.js';
import { isMoving } from './endings.js';
import { PinPad } from './pin-pad.js';
import {
  type Effect,
  isOutcome,
  type MachineEvent,
  type MachineState,
  OUT_OF_CARDS,
  type Outcome,
  type Work,
} from './state.js';
import { transition } from './transition.js';

/** After so long without a touch the customer has left, milliseconds. */
const LEFT_MS = 120_000;

const FOLLOW_PAUSE_MS = 300;
const FOLLOW_MS_MAX = 120_000;

export interface Surroundings {
  /** Whether anybody looks at the trail. */
  readonly isWatched: () => boolean;
  /** A new customer. */
  readonly onVisit: () => void;
}

/** The cash machine: its state, the PIN pad, and the calls that follow from what happens. */
export class Machine {
  readonly #state = signal<MachineState>(OUT_OF_CARDS);
  readonly #pinLength = signal(0);
  readonly #trail = signal<TrailBody | null>(null);
  readonly #pin = new PinPad();
  #timer = 0;

  constructor(
    private readonly bank: Bank,
    private readonly surroundings: Surroundings,
  ) {}

  get state(): ReadonlySignal<MachineState> {
    return this.#state;
  }

  get pinLength(): ReadonlySignal<number> {
    return this.#pinLength;
  }

  /** The way of the current withdrawal, as last heard. */
  get trail(): ReadonlySignal<TrailBody | null> {
    return this.#trail;
  }

  /** A key of the pad, or of the keyboard: a digit, `erase`, `confirm` or `cancel`. */
  press(key: string): void {
    if (this.#state.value.screen.kind === 'pin') this.pressPin(key);
    else if (key === 'erase' || key === 'confirm' || key === 'cancel') this.dispatch({ kind: key });
    else this.dispatch({ kind: 'digit', digit: key });
  }

  dispatch(event: MachineEvent): void {
    const before = this.#state.value;
    const { state, effects } = transition(before, event);
    this.#state.value = state;
    if (state.visit !== before.visit) {
      this.#trail.value = null;
      this.surroundings.onVisit();
    }
    if (!isOutcome(event)) this.#expectLife();
    const session = state.session ?? before.session;
    for (const effect of effects) void this.run(effect, session, state.visit);
  }

  private pressPin(key: string): void {
    if (key === 'erase') this.#pin.erase();
    else if (key === 'cancel') this.dispatch({ kind: 'cancel' });
    else if (key !== 'confirm') this.#pin.press(key);
    else if (this.#pin.complete) this.dispatch({ kind: 'pin-entered' });
    this.#pinLength.value = this.#pin.length;
    this.#expectLife();
  }

  #expectLife(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.dispatch({ kind: 'left' }), LEFT_MS);
  }

  private async run(effect: Effect, session: SessionBody | null, visit: number): Promise<void> {
    const tell = (outcome: Outcome) => {
      if (this.#state.value.visit === visit) this.dispatch(outcome);
    };
    try {
      if (effect.kind === 'open-session') await this.openSession(effect.card, tell);
      else if (effect.kind === 'clear-pin') this.clearPin();
      else if (session !== null) await this.runInSession(effect, session, tell);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      const work = workOf(effect);
      if (effect.kind === 'read-balance') tell({ kind: 'balance-unknown', problem: null });
      else if (work !== null) tell({ kind: 'no-answer', work });
    }
  }

  private clearPin(): void {
    this.#pin.clear();
    this.#pinLength.value = 0;
  }

  private async openSession(card: string, tell: (outcome: Outcome) => void): Promise<void> {
    const pin = this.#pin.take();
    this.#pinLength.value = 0;
    const reply = await this.bank.openSession(card, pin);
    tell(outcomeOf(reply, 'pin', (session) => ({ kind: 'session-opened', session })));
  }

  private async runInSession(effect: Effect, session: SessionBody, tell: (outcome: Outcome) => void): Promise<void> {
    const { bank } = this;
    switch (effect.kind) {
      case 'read-balance': {
        const reply = await bank.balance(session);
        return tell(
          reply.ok
            ? { kind: 'balance-known', balance: reply.body }
            : { kind: 'balance-unknown', problem: reply.problem },
        );
      }
      case 'read-notes': {
        const reply = await bank.notes(session);
        return reply.ok ? tell({ kind: 'notes-known', notes: reply.body.notes }) : undefined;
      }
      case 'select-withdrawal':
        this.#trail.value = null;
        return tell(
          outcomeOf(await bank.selectWithdrawal(session), 'withdrawal', (withdrawal) => ({
            kind: 'withdrawal-selected',
            withdrawal,
          })),
        );
      case 'enter-amount':
        return tell(
          outcomeOf(
            await bank.enterAmount(session, effect.withdrawalId, effect.amount),
            'withdrawal',
            (withdrawal) => ({
              kind: 'withdrawal-answered',
              withdrawal,
            }),
          ),
        );
      case 'watch-balance-request':
        return this.watchBalanceRequest(session, effect.withdrawalId);
      case 'follow-withdrawal':
        return this.follow(session, effect.withdrawalId, tell);
      case 'deposit':
        return tell(
          outcomeOf(await bank.deposit(session, effect.notes), 'deposit', (receipt) => ({
            kind: 'deposited',
            receipt,
          })),
        );
      case 'transfer':
        return tell(
          outcomeOf(await bank.transfer(session, effect.account, effect.amount), 'transfer', (receipt) => ({
            kind: 'transferred',
            receipt,
          })),
        );
      case 'read-statement':
        return tell(
          outcomeOf(await bank.statement(session), 'statement', (statement) => ({ kind: 'statement-read', statement })),
        );
      case 'close-session':
        await bank.closeSession(session);
        return;
      case 'open-session':
      case 'clear-pin':
        return;
    }
  }

  /** For who looks behind the glass only. */
  private async watchBalanceRequest(session: SessionBody, withdrawalId: string): Promise<void> {
    const isTyping = () =>
      this.#state.value.screen.kind === 'amount' && this.#state.value.withdrawal?.withdrawalId === withdrawalId;
    while (isTyping()) {
      if (this.surroundings.isWatched()) await this.readTrail(session, withdrawalId);
      if (this.#trail.value?.steps.some(({ kind }) => kind === 'balance-heard' || kind === 'balance-unknown')) return;
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_PAUSE_MS));
    }
  }

  /** Asks until nothing more comes of it, through whatever gateway answers; and once more for the whole trail. */
  private async follow(session: SessionBody, withdrawalId: string, tell: (outcome: Outcome) => void): Promise<void> {
    const deadline = performance.now() + FOLLOW_MS_MAX;
    let known = '';
    while (performance.now() < deadline) {
      const reply = await this.bank.withdrawal(session, withdrawalId).catch(nothing);
      if (reply !== null && !reply.ok && reply.status === 401) return;
      if (reply?.ok === true) {
        if (reply.body.state !== known) tell({ kind: 'withdrawal-followed', withdrawal: reply.body });
        known = reply.body.state;
      }
      const over = reply?.ok === true && !isMoving(reply.body);
      if (over || this.surroundings.isWatched()) await this.readTrail(session, withdrawalId);
      if (over) return;
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_PAUSE_MS));
    }
  }

  private async readTrail(session: SessionBody, withdrawalId: string): Promise<void> {
    const reply = await this.bank.trail(session, withdrawalId).catch(nothing);
    if (reply?.ok === true && this.#state.value.withdrawal?.withdrawalId === withdrawalId)
      this.#trail.value = reply.body;
  }
}

const nothing = (): null => null;

function outcomeOf<Body>(reply: Reply<Body>, work: Work, then: (body: Body) => Outcome): Outcome {
  return reply.ok ? then(reply.body) : { kind: 'refused', work, problem: reply.problem };
}

/** Null for what nobody waits for. */
function workOf(effect: Effect): Work | null {
  switch (effect.kind) {
    case 'open-session':
      return 'pin';
    case 'read-balance':
      return 'balance';
    case 'select-withdrawal':
    case 'enter-amount':
      return 'withdrawal';
    case 'deposit':
    case 'transfer':
      return effect.kind;
    case 'read-statement':
      return 'statement';
    case 'read-notes':
    case 'watch-balance-request':
    case 'follow-withdrawal':
    case 'close-session':
    case 'clear-pin':
      return null;
  }
}
