import { useState } from 'preact/hooks';
import { DEMO_CARDS } from '../shared/demo.js';
import { BankCard } from './hardware/bank-card.js';
import type { Machine } from './machine/machine.js';
import { SCREEN_ID } from './screen/screen.js';
import { words } from './words/words.js';

/** The demo profile's cards, to be picked; the one in the machine is not in the wallet. */
export function Wallet({ machine }: { readonly machine: Machine }) {
  const { card, screen } = machine.state.value;
  const { wallet, walletHint, insertCard, cardKinds } = words.value;
  return (
    <section class="wallet" aria-label={wallet}>
      <h2>{wallet}</h2>
      <p class="wallet__hint">{walletHint}</p>
      <ul class="wallet__cards">
        {DEMO_CARDS.map(({ number, kind }) => (
          <li key={number} data-away={card === number}>
            <button
              type="button"
              disabled={screen.kind !== 'idle'}
              data-card={number.slice(-4)}
              onClick={() => {
                // Before the card is disabled: keys that follow at once would be lost with it.
                document.getElementById(SCREEN_ID)?.focus({ preventScroll: true });
                machine.dispatch({ kind: 'card-inserted', card: number });
              }}
            >
              <span class="visually-hidden">{insertCard} </span>
              <BankCard number={number} kind={kind} label={cardKinds[kind]} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const CARD_NUMBER = /^\d{12,19}$/;

/** Outside the demo profile: a field that stands for the reader. It is emptied as soon as the card is in. */
export function CardReader({ machine }: { readonly machine: Machine }) {
  const { reader } = words.value;
  const [number, setNumber] = useState('');
  const insert = (event: Event) => {
    event.preventDefault();
    document.getElementById(SCREEN_ID)?.focus({ preventScroll: true });
    setNumber('');
    machine.dispatch({ kind: 'card-inserted', card: number });
  };
  return (
    <form class="wallet reader" aria-label={reader.label} onSubmit={insert}>
      <label class="field">
        {reader.label}
        <input
          inputMode="numeric"
          autocomplete="off"
          value={number}
          onInput={({ currentTarget }) => setNumber(currentTarget.value.replaceAll(/\D/g, ''))}
        />
      </label>
      <button type="submit" class="button button--main" disabled={!CARD_NUMBER.test(number)}>
        {reader.insert}
      </button>
      <p class="wallet__hint">{reader.note}</p>
    </form>
  );
}
