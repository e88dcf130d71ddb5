import { money, plainAmount, timeOfDay } from '../../shared/i18n/format.js';
import { Note } from '../hardware/note.js';
import { isEmpty, notesFor, quickAmounts, typedAmount } from '../machine/amounts.js';
import type { Machine } from '../machine/machine.js';
import type { MachineState, Screen } from '../machine/state.js';
import { words } from '../words/words.js';
import { BackKey } from './keys.js';

/** The amount is typed or chosen while the bank is already asked for the balance; the notes follow what the machine really has. */
export function AmountScreen({
  machine,
  screen,
}: {
  readonly machine: Machine;
  readonly screen: Screen & { kind: 'amount' };
}) {
  const state = machine.state.value;
  const { amount: text } = words.value;
  const currency = state.session?.account.currency ?? 'EUR';
  const amount = typedAmount(screen.digits);
  const empty = isEmpty(state.notes);
  const offered = screen.hint?.amounts ?? quickAmounts(state.notes, state.balance?.available ?? null);
  return (
    <>
      <div class="screen__head">
        <h1>{text.title}</h1>
        <BalanceChip state={state} />
      </div>
      <p class="typed figures" aria-label={text.typed} data-empty={amount === 0}>
        {money(amount, currency)}
      </p>
      {(screen.hint !== null || empty) && (
        <p class="screen__alert" role="alert">
          {empty ? text.empty : text.impossible(money(amount, currency))}
        </p>
      )}
      <ul class="quick" aria-label={screen.hint === null ? text.quick : text.try}>
        {offered.map((one) => (
          <li key={one}>
            <button
              type="button"
              class="soft-key soft-key--small figures"
              data-amount={one}
              onClick={() => machine.dispatch({ kind: 'amount-chosen', amount: one })}
            >
              {plainAmount(one)}
            </button>
          </li>
        ))}
      </ul>
      {screen.hint === null && !empty && <Mix state={state} amount={amount} />}
      <div class="screen__foot">
        <BackKey machine={machine} />
        <button
          type="button"
          class="soft-key soft-key--main"
          aria-disabled={amount === 0}
          onClick={() => machine.dispatch({ kind: 'confirm' })}
        >
          {text.confirm}
        </button>
      </div>
    </>
  );
}

/** The balance request left when the withdrawal was chosen; this is its answer, whenever it comes. */
function BalanceChip({ state: { balance, balanceFailed } }: { readonly state: MachineState }) {
  const { amount: text } = words.value;
  if (balance === null) {
    return (
      <p class="chip" data-state={balanceFailed ? 'failed' : 'asking'} role="status">
        {balanceFailed ? text.unknown : text.asking}
      </p>
    );
  }
  const available = money(balance.available, balance.currency);
  const isLive = balance.source === 'host';
  return (
    <p class="chip" data-state={isLive ? 'live' : 'cached'} role="status">
      {isLive ? text.available(available) : text.cached(available, timeOfDay(balance.asOf))}
    </p>
  );
}

/** The notes for what is typed, from the machine's own stock. */
function Mix({ state, amount }: { readonly state: MachineState; readonly amount: number }) {
  const { amount: text } = words.value;
  const mix = notesFor(amount, state.notes);
  const tooMuch = state.balance !== null && amount > state.balance.available;
  return (
    <div class="mix" aria-live="polite">
      {mix !== null && mix.length > 0 && (
        <>
          <span class="mix__label">{text.mix}</span>
          <ul>
            {mix.map(({ denomination, count }) => (
              <li key={denomination} aria-label={`${count} × ${plainAmount(denomination)}`}>
                <span class="figures">{count} ×</span> <Note denomination={denomination} />
              </li>
            ))}
          </ul>
        </>
      )}
      {mix === null && <span>{text.impossible(money(amount, state.session?.account.currency ?? 'EUR'))}</span>}
      {tooMuch && <span>{text.more}</span>}
    </div>
  );
}
