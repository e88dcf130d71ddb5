import type { WithdrawalBody } from '#contracts';
import { formatMinorUnits, minorUnits } from '#money';
import { OPENING, sessionOf } from '../../tools/atm/demo-customers.js';
import type { Bank } from './bank.js';
import { eventually } from '../../tools/eventually.js';

/** What a client was told about one withdrawal. */
export interface Receipt {
  readonly card: number;
  readonly withdrawalId: string;
  readonly amount: number;
  readonly state: WithdrawalBody['state'];
  readonly dispensed: number;
  readonly authorisation: WithdrawalBody['authorisation'];
  /** From card in to card out. */
  readonly milliseconds: number;
}

export interface LoadRecord {
  readonly receipts: readonly Receipt[];
  /** Calls that were refused or never answered, in words. */
  readonly failures: readonly string[];
}

export interface Load {
  /** Ends after the withdrawals that are under way. */
  stop(): Promise<LoadRecord>;
  /** Withdrawals answered so far. */
  readonly count: number;
  /** Resolves when `count` more withdrawals were answered. */
  more(count: number): Promise<unknown>;
}

/** For so many more withdrawals of a cluster that is being killed, on a slow machine, milliseconds. */
const MORE_MS_MAX = 60_000;

const AMOUNTS = [1000, 2000, 5000, 7000, 20_000, 38_000];

/** People with a card and an account each, who take cash again and again until stopped, and keep their receipts. */
export function startLoad(bank: Bank, customers: readonly number[]): Load {
  const receipts: Receipt[] = [];
  const failures: string[] = [];
  let stopped = false;
  const person = async (card: number) => {
    const atm = bank.atm(card);
    for (let turn = 0; !stopped; turn++) {
      try {
        receipts.push(await takeCash(atm, card, AMOUNTS[(card + turn) % AMOUNTS.length] ?? 1000, turn));
      } catch (error) {
        failures.push(`card ${card}, turn ${turn}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const people = customers.map(person);
  return {
    async stop() {
      stopped = true;
      await Promise.all(people);
      return { receipts, failures };
    },
    get count() {
      return receipts.length;
    },
    more(count) {
      const goal = receipts.length + count;
      return eventually(`${count} more withdrawals`, () => receipts.length >= goal, MORE_MS_MAX);
    },
  };
}

/** Every second time in two steps, as a person who types does. */
async function takeCash(atm: ReturnType<Bank['atm']>, card: number, amount: number, turn: number): Promise<Receipt> {
  const startedAt = performance.now();
  const session = await sessionOf(atm, card);
  const selected = await atm.withdraw(session, turn % 2 === 0 ? amount : undefined);
  if (!selected.ok) throw new Error(`withdrawal refused: ${JSON.stringify(selected.problem)}`);
  const { withdrawalId } = selected.body;
  const answer = turn % 2 === 0 ? selected : await atm.enterAmount(session, withdrawalId, amount);
  if (!answer.ok) throw new Error(`amount refused: ${JSON.stringify(answer.problem)}`);
  const { state, dispensed, authorisation } = answer.body;
  await atm.closeSession(session);
  const milliseconds = performance.now() - startedAt;
  return { card, withdrawalId, amount, state, dispensed: sum(dispensed), authorisation, milliseconds };
}

/**
 * Compares what the clients were told with the books, account by account and withdrawal by withdrawal; answers every difference. Knows nothing of how
 * the bank works: receipts on one side, balances and the list of entries on the other.
 */
export async function differences(bank: Bank, receipts: readonly Receipt[]): Promise<string[]> {
  const found: string[] = [];
  for (const card of new Set(receipts.map((receipt) => receipt.card))) {
    const mine = receipts.filter((receipt) => receipt.card === card);
    const taken = mine.reduce((total, { dispensed }) => total + dispensed, 0);
    const { ledger, held, entries } = await bank.account(card);
    if (ledger !== OPENING - taken) {
      found.push(`card ${card}: took ${money(taken)}, the ledger fell by ${money(OPENING - ledger)}`);
    }
    if (held !== 0) found.push(`card ${card}: ${money(held)} still held`);
    const unmatched = mine.filter(({ dispensed }) => dispensed > 0).map(({ dispensed }) => -dispensed);
    for (const { kind, amount } of entries) {
      if (kind !== 'withdrawal') continue;
      const match = unmatched.indexOf(amount);
      if (match < 0) found.push(`card ${card}: ${money(-amount)} is posted without a receipt`);
      else unmatched.splice(match, 1);
    }
    // The oldest entry is the opening; where it does not show, older entries are cut off. Sent again, an advice may be posted after later ones.
    const isWhole = entries.some(({ kind }) => kind === 'opening');
    if (isWhole && unmatched.length > 0)
      found.push(`card ${card}: receipts that are not posted: ${unmatched.join(', ')}`);
  }
  return found;
}

const sum = (notes: WithdrawalBody['dispensed']) =>
  notes.reduce((total, { denomination, count }) => total + denomination * count, 0);
const money = (amount: number) => formatMinorUnits(minorUnits(BigInt(amount)));
