import { plainAmount } from '../../shared/i18n/format.js';
import { rosette } from './guilloche.js';
import './note.css';

const ROSETTE = rosette({ waves: 13, depth: 34, turns: 5 });
const RING = rosette({ waves: 31, depth: 12, turns: 3 });

/** A banknote of no country. The colour follows from the denomination (`data-note` in the style sheet). */
export function Note({ denomination }: { readonly denomination: number }) {
  const figure = plainAmount(denomination);
  return (
    <svg class="note" data-note={figure} viewBox="0 0 200 100" aria-hidden="true">
      <rect class="note__paper" x="1" y="1" width="198" height="98" rx="6" />
      <g class="note__ink">
        <path d={ROSETTE} transform="translate(92 0)" />
        <path d={RING} transform="translate(6 18) scale(.64)" />
        <path d="M0 88h200M0 12h200" />
      </g>
      <text class="note__figure" x="20" y="62">
        {figure}
      </text>
      <text class="note__small" x="184" y="92" text-anchor="end">
        CASHPOINT
      </text>
    </svg>
  );
}
