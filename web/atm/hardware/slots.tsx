import { DEMO_CARDS } from '../../shared/demo.js';
import type { Machine } from '../machine/machine.js';
import type { MachineState } from '../machine/state.js';
import { words } from '../words/words.js';
import { BankCard } from './bank-card.js';
import { Note } from './note.js';
import './slots.css';

/** Notes that are drawn; a thick bundle looks the same. */
const NOTES_DRAWN_MAX = 8;

export function CardSlot({ machine }: { readonly machine: Machine }) {
  const { card, screen } = machine.state.value;
  const { cardSlot, cardKinds, takeCard } = words.value;
  const kind = DEMO_CARDS.find(({ number }) => number === card)?.kind ?? 'plain';
  const isOut = screen.kind === 'take-card';
  return (
    <div class="slot card-slot" data-state={card === null ? 'empty' : isOut ? 'out' : 'in'}>
      <span class="slot__label">{cardSlot}</span>
      <div class="card-slot__mouth">
        <div class="slot__slit" />
        {card !== null && (
          <button
            type="button"
            class="card-slot__card"
            disabled={!isOut}
            onClick={() => machine.dispatch({ kind: 'card-taken' })}
          >
            <span class="visually-hidden">{takeCard.button} </span>
            <BankCard number={card} kind={kind} label={cardKinds[kind]} />
          </button>
        )}
      </div>
    </div>
  );
}

export function CashSlot({ machine }: { readonly machine: Machine }) {
  const { screen } = machine.state.value;
  const { cashSlot, takeCash } = words.value;
  const isOut = screen.kind === 'take-cash';
  return (
    <div class="slot cash-slot" data-state={isOut ? 'out' : 'closed'}>
      <span class="slot__label">{cashSlot}</span>
      <div class="slot__slit" />
      {isOut && (
        <button type="button" class="cash-slot__notes" onClick={() => machine.dispatch({ kind: 'cash-taken' })}>
          <span class="visually-hidden">{takeCash.button}</span>
          {drawn(screen).map((denomination, index) => (
            <span key={index} class="cash-slot__note" style={{ '--index': index }}>
              <Note denomination={denomination} />
            </span>
          ))}
        </button>
      )}
    </div>
  );
}

const drawn = ({ next }: MachineState['screen'] & { kind: 'take-cash' }): number[] =>
  next.notes
    .flatMap(({ denomination, count }) => Array.from({ length: count }, () => denomination))
    .slice(0, NOTES_DRAWN_MAX);
