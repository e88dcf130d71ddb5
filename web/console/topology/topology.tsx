import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { number } from '../../shared/i18n/format.js';
import type { Desk } from '../console-page.js';
import { cluster, traffic } from '../feed/live.js';
import { OutcomeLine } from '../panels/panel.js';
import { useAction } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { type Box, type Group, layOut, type Node, pathOf } from './layout.js';
import { MemberPanel } from './member-panel.js';
import { Particles } from './particles.js';
import { ratesOf, wayOf } from './rates.js';
import './topology.css';

const WIDTH_AT_FIRST = 900;

const NO_RATES: ReadonlyMap<string, number> = new Map();

const placed = ({ x, y, w, h }: Box) => ({ left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });

/** The picture of the cluster: who is there, what moves between them; choosing a process opens what can be done to it. */
export function Topology({ desk }: { readonly desk: Desk }) {
  const words = consoleWords.value.topology;
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(WIDTH_AT_FIRST);
  const chosen = useSignal<string | null>(null);
  const scaling = useAction();
  useEffect(() => {
    if (frame.current === null) return undefined;
    const observer = new ResizeObserver(
      ([entry]) => (width.value = Math.floor(entry?.contentRect.width ?? WIDTH_AT_FIRST)),
    );
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  const shown = cluster.value;
  const layout = useMemo(() => (shown === null ? null : layOut(shown, width.value)), [shown, width.value]);
  const rates = shown === null || traffic.value === null ? NO_RATES : ratesOf(traffic.value, shown);
  const incoming = (name: string) =>
    [...rates].filter(([way]) => way.endsWith(` > ${name}`)).reduce((sum, [, perSecond]) => sum + perSecond, 0);
  const scale = (group: Group, count: number) =>
    scaling.run(async () => {
      await desk.operator.scale(group.scaleName, count);
      return consoleWords.value.member.scaled(group.scaleName, count);
    });
  return (
    <section class="card topology" aria-labelledby="topology">
      <div class="topology__head">
        <h2 id="topology">{words.heading}</h2>
        <p class="legend">
          <span class="legend__call">{words.calls}</span> <span class="legend__message">{words.messages}</span>
        </p>
      </div>
      <div class="topology__frame" ref={frame} style={{ height: `${layout?.height ?? 0}px` }}>
        {layout !== null && (
          <>
            {layout.groups.map((group) => (
              <GroupBox
                key={group.name}
                group={group}
                isDemo={desk.isDemo}
                isBusy={scaling.isBusy.value}
                onScale={scale}
              />
            ))}
            <svg class="topology__ways" width={layout.width} height={layout.height} aria-hidden="true">
              {layout.edges.map((edge) => (
                <path
                  key={wayOf(edge)}
                  class={`way way--${edge.kind} ${edge.isOpen ? '' : 'way--closed'} ${rates.has(wayOf(edge)) ? 'way--busy' : ''}`}
                  d={pathOf(edge.curve)}
                />
              ))}
            </svg>
            <Stream layout={layout} rates={rates} />
            {layout.nodes.map((node) => (
              <NodeBox
                key={`${node.kind} ${node.name}`}
                node={node}
                perSecond={incoming(node.name)}
                isChosen={chosen.value === node.name}
                onChoose={() => (chosen.value = chosen.value === node.name ? null : node.name)}
              />
            ))}
          </>
        )}
      </div>
      <OutcomeLine outcome={scaling.outcome.value} />
      <MemberPanel desk={desk} name={chosen.value} onClose={() => (chosen.value = null)} />
    </section>
  );
}

/** What moves, drawn; people who prefer no motion read the numbers at the members instead. */
function Stream({
  layout,
  rates,
}: {
  readonly layout: ReturnType<typeof layOut>;
  readonly rates: ReadonlyMap<string, number>;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const particles = useRef<Particles | null>(null);
  useEffect(() => {
    if (canvas.current === null || matchMedia('(prefers-reduced-motion: reduce)').matches) return undefined;
    const drawing = new Particles(canvas.current);
    particles.current = drawing;
    return () => drawing.stop();
  }, []);
  useEffect(() => particles.current?.show(layout, rates), [layout, rates]);
  const size = { width: `${layout.width}px`, height: `${layout.height}px` };
  return <canvas class="topology__stream" ref={canvas} style={size} aria-hidden="true" />;
}

interface GroupProps {
  readonly group: Group;
  readonly isDemo: boolean;
  readonly isBusy: boolean;
  readonly onScale: (group: Group, count: number) => void;
}

function GroupBox({ group, isDemo, isBusy, onScale }: GroupProps) {
  const words = consoleWords.value.topology;
  const { name, replicas, box, databases } = group;
  return (
    <>
      <div class="group" style={placed(box)}>
        <span class="group__name">{name}</span>
        {isDemo && (
          <span class="group__scale">
            <button
              type="button"
              aria-label={words.fewer(name)}
              disabled={isBusy || replicas <= 1}
              onClick={() => onScale(group, replicas - 1)}
            >
              −
            </button>
            <span class="figures">{replicas}</span>
            <button
              type="button"
              aria-label={words.more(name)}
              disabled={isBusy}
              onClick={() => onScale(group, replicas + 1)}
            >
              +
            </button>
          </span>
        )}
      </div>
      {databases.map(({ member, box }) => {
        const role = words.role[member.role] ?? member.role;
        return (
          <div
            key={member.name}
            class={`database database--${member.state}`}
            data-database={member.name}
            style={placed(box)}
            title={words.database(member.name, role)}
          >
            <span>{member.name.split('@')[0]}</span>
            <small>{member.state === 'up' ? role : words.state[member.state]}</small>
          </div>
        );
      })}
    </>
  );
}

interface NodeProps {
  readonly node: Node;
  readonly perSecond: number;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function NodeBox({ node: { name, kind, box, member }, perSecond, isChosen, onChoose }: NodeProps) {
  const words = consoleWords.value.topology;
  if (member === null) {
    return (
      <div class="node node--customers" style={placed(box)}>
        <strong>{words.customers}</strong>
      </div>
    );
  }
  const isUsed = kind === 'channel' && (member.load['inUse'] ?? 0) > 0;
  const use =
    kind === 'channel' ? `, ${words.role[member.role] ?? member.role}${isUsed ? `, ${words.inUse}` : ''}` : '';
  const rate = perSecond > 0 ? words.perSecond(number(perSecond, perSecond < 10 ? 1 : 0)) : '';
  return (
    <button
      type="button"
      class={`node node--${kind} node--${member.state} ${isUsed ? 'node--used' : ''}`}
      style={placed(box)}
      aria-pressed={isChosen}
      data-member={name}
      data-state={member.state}
      onClick={onChoose}
    >
      <strong>{name}</strong>{' '}
      <small>
        <span>{words.state[member.state]}</span> <span class="figures">{rate}</span>
        {use !== '' && <span class="visually-hidden">{use}</span>}
      </small>
    </button>
  );
}
