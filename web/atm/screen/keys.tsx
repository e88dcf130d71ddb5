import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';

export function BackKey({ machine }: { readonly machine: Machine }) {
  return (
    <button type="button" class="soft-key" onClick={() => machine.dispatch({ kind: 'cancel' })}>
      {words.value.back}
    </button>
  );
}
