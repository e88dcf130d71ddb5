import { useEffect } from 'preact/hooks';
import { announce } from '../../shared/ui/announcer.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';

const PLACES = 4;

/** Dots only: the digits are in the PIN pad and nowhere in the page. */
export function PinScreen({ machine, triesLeft }: { readonly machine: Machine; readonly triesLeft: number | null }) {
  const { pin } = words.value;
  const length = machine.pinLength.value;
  useEffect(() => {
    if (length > 0) announce(pin.typed(length));
  }, [length]);
  return (
    <div class="screen__centre">
      <h1>{pin.title}</h1>
      <p class="pin" aria-hidden="true">
        {Array.from({ length: Math.max(PLACES, length) }, (_, index) => (
          <span key={index} class="pin__place" data-filled={index < length} />
        ))}
      </p>
      {triesLeft === null ? (
        <p class="screen__hint">{pin.text}</p>
      ) : (
        <p class="screen__alert" role="alert">
          {pin.wrong(triesLeft)}
        </p>
      )}
    </div>
  );
}
