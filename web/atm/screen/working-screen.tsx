import { useEffect, useState } from 'preact/hooks';
import { announce } from '../../shared/ui/announcer.js';
import type { Work } from '../machine/state.js';
import { words } from '../words/words.js';

/** When a wait is worth a word more, milliseconds. */
const SLOW_MS = 2_500;
const VERY_SLOW_MS = 8_000;

export function WorkingScreen({ work }: { readonly work: Work }) {
  const [patience, setPatience] = useState(0);
  useEffect(() => {
    setPatience(0);
    const timers = [SLOW_MS, VERY_SLOW_MS].map((delay, index) => setTimeout(() => setPatience(index + 1), delay));
    return () => timers.forEach(clearTimeout);
  }, [work]);
  const { working, slow, verySlow } = words.value;
  const more = [null, slow, verySlow][patience] ?? null;
  useEffect(() => {
    if (more !== null) announce(more);
  }, [more]);
  return (
    <div class="screen__centre" aria-busy="true">
      <span class="pulse" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <h1>{working[work]}</h1>
      <p class="screen__hint screen__hint--reserved">{more}</p>
    </div>
  );
}
