import type { Machine } from '../machine/machine.js';
import { MENU } from '../machine/state.js';
import { words } from '../words/words.js';

export function MenuScreen({ machine }: { readonly machine: Machine }) {
  const { menu } = words.value;
  return (
    <>
      <h1>{menu.title}</h1>
      <ul class="menu">
        {MENU.map((item) => (
          <li key={item}>
            <button
              type="button"
              class="soft-key"
              data-item={item}
              onClick={() => machine.dispatch({ kind: 'chosen', item })}
            >
              {menu.items[item]}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
