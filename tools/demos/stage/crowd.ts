import { sessionOf } from '../../atm/demo-customers.js';
import { type DemoBank, cashOf } from './demo-bank.js';

const AMOUNT = 2_000;

/** Between two withdrawals of one person, milliseconds. */
const PAUSE_MS = 50;

export interface Crowd {
  /** Withdrawals answered so far. */
  readonly count: number;
  /** Value of the notes that came out, minor units. */
  readonly taken: number;
  /** Calls that were refused or never answered, in words. */
  readonly failures: readonly string[];
  /** Resolves after the withdrawals that are under way. */
  leave(): Promise<void>;
}

/** People who take cash again and again, each with a card and an account of their own (from 1), until they leave. */
export function gatherCrowd(bank: DemoBank, people: number): Crowd {
  const failures: string[] = [];
  let [count, taken, leaving] = [0, 0, false];
  const person = async (number: number) => {
    const atm = bank.atm(number);
    const session = await sessionOf(atm, number);
    while (!leaving) {
      const answer = await atm.withdraw(session, AMOUNT);
      if (!answer.ok) failures.push(`${answer.status} ${answer.problem.detail}`);
      else {
        count += 1;
        taken += cashOf(answer.body);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const gone = Promise.all(
    Array.from({ length: people }, (_, index) =>
      person(index + 1).catch((error: unknown) =>
        failures.push(error instanceof Error ? error.message : String(error)),
      ),
    ),
  );
  return {
    get count() {
      return count;
    },
    get taken() {
      return taken;
    },
    failures,
    async leave() {
      leaving = true;
      await gone;
    },
  };
}
