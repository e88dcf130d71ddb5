import { Random } from '../../../libs/messaging/simulation/random.js';
import { Atm } from '../../atm/atm.js';
import { within } from '../../within.js';
import type { Customers, WhoHangsUp } from '../faults/inject.js';
import type { RunClock } from './ask.js';
import type { Operation } from './operation.js';
import { VirtualAtm } from './virtual-atm.js';

export interface LoadOptions {
  readonly gateways: readonly string[];
  readonly seed: number;
  /** How many virtual ATMs. */
  readonly atms: number;
  readonly clock: RunClock;
}

/** Terminals of the demo profile. */
const TERMINALS = 8;

/** A machine counts an attempt as lost after so long, milliseconds; longer than a gateway needs to leave a frozen replica. */
const ATTEMPT_MS_MAX = 8_000;
const CALL_MS_MAX = 24_000;
const CLOSE_MS_MAX = 10_000;
/** A customer who walks away does so in the middle of the call. */
const IMPATIENT_MS = 25;

/** Cards that several ATMs use at once: two of rich accounts, and the one with 50.00, which is to be overdrawn if it can be. */
const SHARED_CARDS = [1, 1, 1, 2, 2, 99, 99];
/** Own cards of the other ATMs; of the first and the second half in turn, which are two brokers where accounts are sharded. */
const ownCard = (index: number): number => (index % 2 === 0 ? 3 + index / 2 : 51 + (index - 1) / 2);
const MOST_ATMS = SHARED_CARDS.length + 80;

/** Accounts between which money is sent, of both halves. */
const FRIENDS = [1, 2, 3, 51];

const cardNumber = (number: number): string => `4000001000000${String(number).padStart(3, '0')}`;
const accountId = (number: number): string => `ACC-${String(number).padStart(4, '0')}`;

/** Customers of a whole bank, each with a record of what they were told; several share a card and its account. */
export class Load implements Customers {
  private readonly operations = new Map<number, Operation>();
  private readonly connections: Atm[] = [];
  private readonly atms: readonly VirtualAtm[];
  private running: Promise<unknown> = Promise.resolve();
  private leaving: WhoHangsUp = 'nobody';
  private numbers = 0;

  constructor(private readonly options: LoadOptions) {
    if (options.atms > MOST_ATMS) throw new RangeError(`there are cards for at most ${MOST_ATMS} virtual ATMs`);
    this.atms = Array.from({ length: options.atms }, (_, index) => this.atmOf(index));
  }

  /** Accounts that the customers move money on. */
  get accounts(): readonly string[] {
    const used = Array.from({ length: this.options.atms }, (_, index) => accountId(cardOf(index)));
    return [...new Set([...used, ...FRIENDS.map(accountId)])].sort();
  }

  /** What was recorded so far, in order of beginning. */
  get record(): Operation[] {
    return [...this.operations.values()].sort((one, other) => one.invokedAtMs - other.invokedAtMs);
  }

  start(): void {
    this.running = Promise.all(this.atms.map((atm) => atm.run()));
    this.running.catch(() => undefined);
  }

  hangUp(who: WhoHangsUp): void {
    this.leaving = who;
  }

  get someoneStays(): boolean {
    return this.atms.some(({ stays }) => stays);
  }

  /** Resolves when everybody has ended what they were doing. Rejects where one of them met something that is no answer at all. */
  async stop(): Promise<void> {
    for (const atm of this.atms) atm.stop();
    await this.running;
  }

  /** Asks again for all that is unknown; the bank should be well again. */
  async settleOpen(): Promise<void> {
    await Promise.all(this.atms.map((atm) => atm.settleOpen()));
  }

  /** The last thing that happens on each account, so that its history has an end that everything before must lead to. */
  async readEveryBalance(): Promise<void> {
    for (const atm of this.atms) await atm.readBalanceOnce();
  }

  async close(): Promise<void> {
    await within(
      'the customers’ connections close',
      CLOSE_MS_MAX,
      Promise.all(this.connections.map((atm) => atm.close())),
    );
  }

  private atmOf(index: number): VirtualAtm {
    const { seed, clock } = this.options;
    const card = cardOf(index);
    const connection = { gateways: this.gatewaysFrom(index), terminalId: `ATM-00${(index % TERMINALS) + 1}` };
    const atm = new Atm({ ...connection, attemptMsMax: ATTEMPT_MS_MAX, callMsMax: CALL_MS_MAX });
    const impatient = new Atm({ ...connection, attemptMsMax: IMPATIENT_MS, callMsMax: 0 });
    const resigned = new Atm({ ...connection, attemptMsMax: ATTEMPT_MS_MAX, callMsMax: 0 });
    this.connections.push(atm, impatient, resigned);
    return new VirtualAtm({
      ...{ number: index + 1, atm, impatient, resigned, clock },
      card: cardNumber(card),
      account: card === 99 ? 'poor' : 'rich',
      friends: card === 99 ? [] : FRIENDS.filter((friend) => friend !== card).map(accountId),
      random: new Random(seed * 1_000 + index),
      nextNumber: () => ++this.numbers,
      record: (operation) => this.operations.set(operation.number, operation),
      whoHangsUp: () => this.leaving,
    });
  }

  /** Every ATM knows all gateways, and they do not all begin with the same. */
  private gatewaysFrom(index: number): readonly string[] {
    const { gateways } = this.options;
    const first = index % gateways.length;
    return [...gateways.slice(first), ...gateways.slice(0, first)];
  }
}

const cardOf = (index: number): number => SHARED_CARDS[index] ?? ownCard(index - SHARED_CARDS.length);
