import type { ComponentChildren } from 'preact';
import type { Outcome } from '../use-action.js';
import './panels.css';

interface Props {
  readonly id: string;
  readonly heading: string;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** One part of the desk, with its heading. */
export function Panel({ id, heading, wide = false, children }: Props) {
  return (
    <section class={`card panel${wide ? ' panel--wide' : ''}`} aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      {children}
    </section>
  );
}

/** What came of the last action; it is announced by itself. */
export function OutcomeLine({ outcome }: { readonly outcome: Outcome | null }) {
  return outcome === null ? null : <p class={outcome.ok ? 'outcome' : 'outcome refusal'}>{outcome.words}</p>;
}
