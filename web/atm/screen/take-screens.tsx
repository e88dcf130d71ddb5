import { money } from '../../shared/i18n/format.js';
import type { Ending } from '../machine/endings.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';

/** Card before cash. */
export function TakeCardScreen({ machine, hasCash }: { readonly machine: Machine; readonly hasCash: boolean }) {
  const { takeCard } = words.value;
  return (
    <div class="screen__centre">
      <h1>{takeCard.title}</h1>
      <p class="screen__lead">{hasCash ? takeCard.text : takeCard.leaving}</p>
      <button type="button" class="soft-key soft-key--main" onClick={() => machine.dispatch({ kind: 'card-taken' })}>
        {takeCard.button}
      </button>
    </div>
  );
}

export function TakeCashScreen({ machine, ending }: { readonly machine: Machine; readonly ending: Ending }) {
  const { takeCash } = words.value;
  const currency = machine.state.value.withdrawal?.currency ?? 'EUR';
  const { cash } = ending.facts;
  return (
    <div class="screen__centre">
      <h1>{takeCash.title}</h1>
      {'amount' in cash && <p class="typed figures">{money(cash.amount, currency)}</p>}
      <button type="button" class="soft-key soft-key--main" onClick={() => machine.dispatch({ kind: 'cash-taken' })}>
        {takeCash.button}
      </button>
    </div>
  );
}
