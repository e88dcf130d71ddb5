import { useEffect } from 'preact/hooks';
import type { Machine } from '../machine/machine.js';

const KEYS: Readonly<Record<string, string>> = { Enter: 'confirm', Backspace: 'erase', Escape: 'cancel' };

/** What is focused takes Enter and what is typed itself. */
const OWN_KEYS = 'input, select, textarea, button, a, [contenteditable]';

/** The keyboard works the machine wherever the focus is, but for what the focused element does with a key itself. */
export function useKeyboard(machine: Machine): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : null;
      const typing = target?.matches('input, select, textarea') === true;
      const key = /^\d$/.test(event.key) ? event.key : KEYS[event.key];
      if (key === undefined || typing) return;
      if (key === 'confirm' && target?.matches(OWN_KEYS) === true) return;
      event.preventDefault();
      machine.press(key);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [machine]);
}
