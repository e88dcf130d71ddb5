import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { trailDetail, trailStep } from '../../shared/i18n/trail.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import type { CallLog } from './call-log.js';
import { diagramOf, type Lane, LANES, type Row } from './diagram.js';
import './glass.css';

const WIDTH = 480;
const HEAD = 26;
const ROW = 42;
/** Height of the lanes before anything has happened. */
const EMPTY_ROWS = 3;

interface Props {
  readonly machine: Machine;
  readonly log: CallLog;
  readonly open: Signal<boolean>;
}

/** The drawer that draws what happens: who called whom, with what, and who had it in hand. */
export function Glass({ machine, log, open }: Props) {
  const { glass } = words.value;
  const rows = diagramOf(log.calls.value, machine.trail.value);
  const unheard = machine.trail.value?.unheard ?? [];
  const content = useRef<HTMLDivElement>(null);
  // What is new stays in sight.
  useEffect(() => content.current?.scrollTo({ top: content.current.scrollHeight }), [rows.length]);
  return (
    <aside class="glass" data-open={open.value} aria-label={glass.title}>
      <button
        type="button"
        class="glass__toggle"
        aria-expanded={open.value}
        aria-controls="glass-content"
        onClick={() => (open.value = !open.value)}
      >
        <span>{glass.title}</span>
        <span class="glass__mark" aria-hidden="true" />
      </button>
      <div
        id="glass-content"
        class="glass__content"
        role="group"
        aria-label={glass.title}
        tabIndex={0}
        ref={content}
        hidden={!open.value}
      >
        <Diagram rows={rows} />
        {rows.length === 0 && <p class="glass__empty">{glass.empty}</p>}
        {unheard.length > 0 && <p class="glass__note">{glass.unheard(unheard.map(withoutScheme).join(', '))}</p>}
      </div>
    </aside>
  );
}

/** Who never answered is known by its address alone. */
const withoutScheme = (name: string): string => name.replace(/^https?:\/\//, '');

const xOf = (lane: Lane): number => 46 + (LANES.indexOf(lane) * (WIDTH - 92)) / (LANES.length - 1);

function Diagram({ rows }: { readonly rows: readonly Row[] }) {
  const { glass } = words.value;
  const height = Math.max(rows.length, EMPTY_ROWS) * ROW + 12;
  return (
    <>
      <svg class="diagram diagram__head" viewBox={`0 0 ${WIDTH} ${HEAD}`} aria-hidden="true">
        {LANES.map((lane) => (
          <text key={lane} x={xOf(lane)} y="16" text-anchor="middle">
            {glass.lanes[lane]}
          </text>
        ))}
      </svg>
      <svg class="diagram" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0.6 7.4 4 0 7.4z" />
          </marker>
        </defs>
        {LANES.map((lane) => (
          <path key={lane} class="diagram__lane" d={`M${xOf(lane)} 0V${height}`} />
        ))}
        {rows.map((row, index) => (
          <Line key={row.key} row={row} y={index * ROW + 30} />
        ))}
      </svg>
      <ol class="visually-hidden">
        {rows.map((row) => (
          <li key={row.key}>{`${glass.lanes[row.from]} → ${glass.lanes[row.to]}: ${labelOf(row)}. ${footOf(row)}`}</li>
        ))}
      </ol>
    </>
  );
}

function Line({ row, y }: { readonly row: Row; readonly y: number }) {
  const [from, to] = [xOf(row.from), xOf(row.to)];
  const isOwn = row.from === row.to;
  const anchor = isOwn ? (row.from === 'account' ? 'end' : 'start') : row.what === 'lost-call' ? 'start' : 'middle';
  const textX = anchor === 'middle' ? (from + to) / 2 : isOwn ? from + (anchor === 'end' ? -9 : 9) : from;
  return (
    <g class="diagram__row" data-tone={row.tone} data-what={row.what}>
      {isOwn ? (
        <circle cx={from} cy={y} r="4.5" />
      ) : (
        <path
          class="diagram__arrow"
          d={`M${from} ${y}H${to}`}
          marker-end="url(#arrow)"
          marker-start={row.answered ? 'url(#arrow)' : undefined}
        />
      )}
      <text class="diagram__label" x={textX} y={isOwn ? y - 1 : y - 6} text-anchor={anchor}>
        {row.mti !== null && <tspan class="diagram__mti">{row.mti} </tspan>}
        {labelOf(row)}
      </text>
      <text class="diagram__by" x={textX} y={isOwn ? y + 11 : y + 13} text-anchor={anchor}>
        {footOf(row)}
      </text>
    </g>
  );
}

function labelOf({ what, call, tone, detail }: Row): string {
  const { glass } = words.value;
  if (tone === 'waiting') return glass.waiting;
  if (call !== null) return call;
  return what === 'call' || what === 'lost-call' ? glass.rows[what] : trailStep({ kind: what, detail });
}

function footOf({ what, by, detail, tone, times }: Row): string {
  const { glass } = words.value;
  const replayed = what === 'call' && tone === 'repeat' ? glass.replayed : null;
  const lost = what === 'lost-call' ? [glass.rows[what], times > 1 ? glass.times(times) : null] : [];
  return [by, trailDetail({ kind: what, detail }), replayed, ...lost]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}
