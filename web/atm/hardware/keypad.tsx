import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import './keypad.css';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];
const ACTIONS = ['cancel', 'erase', 'confirm'] as const;

/** The keys of the machine. The keyboard does the same (see `useKeyboard`). */
export function Keypad({ machine }: { readonly machine: Machine }) {
  const { keypad, keys } = words.value;
  return (
    // A key that is clicked does not take the focus: Enter on the keyboard goes on meaning Enter.
    <div class="keypad" role="group" aria-label={keypad} onMouseDown={(event) => event.preventDefault()}>
      {DIGITS.map((digit) => (
        <button key={digit} type="button" class="keypad__key" data-key={digit} onClick={() => machine.press(digit)}>
          {digit}
        </button>
      ))}
      {ACTIONS.map((action) => (
        <button
          key={action}
          type="button"
          class="keypad__key keypad__key--action"
          data-key={action}
          onClick={() => machine.press(action)}
        >
          {keys[action]}
        </button>
      ))}
    </div>
  );
}
