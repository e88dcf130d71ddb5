import type { Notes } from '#money';
import { money, plainAmount } from '../../shared/i18n/format.js';
import { Note } from '../hardware/note.js';
import { worthOf } from '../machine/amounts.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import { BackKey } from './keys.js';

/** What the slot takes, minor units. */
const DENOMINATIONS = [1_000, 2_000, 5_000, 10_000];

/** Most notes of one kind that the slot takes at once. */
const COUNT_MAX = 50;

export function DepositScreen({ machine, notes }: { readonly machine: Machine; readonly notes: readonly Notes[] }) {
  const { deposit } = words.value;
  const currency = machine.state.value.session?.account.currency ?? 'EUR';
  const countOf = (denomination: number) => notes.find((one) => one.denomination === denomination)?.count ?? 0;
  const change = (denomination: number, by: number) => {
    const count = Math.min(COUNT_MAX, Math.max(0, countOf(denomination) + by));
    const others = notes.filter((one) => one.denomination !== denomination);
    machine.dispatch({ kind: 'notes-changed', notes: count === 0 ? others : [...others, { denomination, count }] });
  };
  return (
    <>
      <h1>{deposit.title}</h1>
      <ul class="deposit">
        {DENOMINATIONS.map((denomination) => (
          <li key={denomination}>
            <Note denomination={denomination} />
            <span class="deposit__count">
              <button
                type="button"
                aria-label={deposit.remove(plainAmount(denomination))}
                onClick={() => change(denomination, -1)}
              >
                −
              </button>
              <span class="figures">{countOf(denomination)}</span>
              <button
                type="button"
                aria-label={deposit.add(plainAmount(denomination))}
                onClick={() => change(denomination, 1)}
              >
                +
              </button>
            </span>
          </li>
        ))}
      </ul>
      <p class="typed typed--small figures" aria-live="polite">
        {deposit.sum}: {money(worthOf(notes), currency)}
      </p>
      <div class="screen__foot">
        <BackKey machine={machine} />
        <button
          type="button"
          class="soft-key soft-key--main"
          aria-disabled={notes.length === 0}
          onClick={() => machine.dispatch({ kind: 'confirm' })}
        >
          {deposit.confirm}
        </button>
      </div>
    </>
  );
}
