import type { Report } from './report.js';
import { whatCaught } from './text.js';

/** Height of one lane of faults and of one chart, and width of the drawing, in its own units. */
const LANE = 18;
const CHART = 90;
const WIDTH = 1_000;
const LABELS = 110;

const LANES = ['bank', 'gateway', 'atm-terminal', 'account', 'channel', 'client'];

/** The report as one page that needs nothing else: no script, no font, no picture from anywhere. */
export function reportPage(report: Report): string {
  const { seed, minutes, target, ok, sabotage, startedAt } = report;
  const title = `Chaos, seed ${seed}, ${minutes} min`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(title)} <span class="${ok ? 'good' : 'bad'}">${ok ? '✓ every invariant holds' : '✗ not as it should be'}</span></h1>
<p>${escape(target)} · ${escape(startedAt)}${sabotage === null ? '' : ` · <b class="bad">sabotaged: ${escape(sabotage.name)}</b>, without ${escape(sabotage.lacks)}`}</p>
${figures(report)}
<h2>Timeline</h2>${timeline(report)}
<h2>Faults</h2>${faultTable(report)}
<h2>Invariants</h2><ul class="invariants">${report.invariants.map(invariant).join('')}</ul>
${caught(report)}<p>Replay: <code>${escape(report.replay)}</code></p>
</body></html>
`;
}

function caught({ sabotage }: Report): string {
  if (sabotage === null) return '';
  return `<p><b class="${sabotage.caughtBy.length === 0 ? 'bad' : 'good'}">${escape(whatCaught(sabotage))}</b></p>\n`;
}

const STYLE = `
:root{color-scheme:light dark;--line:light-dark(#d5d9e0,#3a404a);--soft:light-dark(#5b6472,#9aa4b2);--bar:light-dark(#c2542d,#e08a5f);
--calls:light-dark(#2f6fb3,#6ea8dc);--good:light-dark(#1c7a3d,#5fc685);--bad:light-dark(#b3261e,#f2857c)}
body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;background:light-dark(#fff,#16191e);color:light-dark(#1b1f26,#e6e9ee)}
h1{font-size:1.5rem}h1 span{font-size:1rem;font-weight:600;margin-left:.5rem}h2{font-size:1.1rem;margin-top:2rem}
.good{color:var(--good)}.bad{color:var(--bad)}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0}dl div{min-width:8rem}dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}svg{width:100%;min-width:640px;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--soft)}
.bar{fill:var(--bar)}.bar.failed{fill:none;stroke:var(--bad)}.grid{stroke:var(--line)}.calls{fill:var(--calls);opacity:.85}.fail{fill:var(--bad)}.slow{fill:none;stroke:var(--calls);stroke-width:1.2}
.invariants{list-style:none;padding:0}.invariants li{padding:.15rem 0}code{font-size:.95em}`;

function figures({
  operations,
  calls,
  faults,
  verdicts,
  duplicatesAbsorbed,
  failovers,
  cash,
  histories,
}: Report): string {
  const facts: readonly (readonly [string, string])[] = [
    ['lost', String(verdicts.lost)],
    ['doubled', String(verdicts.doubled)],
    ['unexplained', String(verdicts.unexplained)],
    ['faults', String(faults.length)],
    ['operations', operations.total.toLocaleString('en')],
    ['unknown', String(operations.unknown)],
    ['calls', calls.total.toLocaleString('en')],
    ['repeated with the same key', calls.failed.toLocaleString('en')],
    ['median · 99 %', `${calls.medianMs} ms · ${calls.p99Ms} ms`],
    ['cash given', (cash.amount / 100).toLocaleString('en', { minimumFractionDigits: 2 })],
    ['by stand-in', String(cash.byStandIn)],
    ['duplicates absorbed', String(duplicatesAbsorbed)],
    ['channel failovers', String(failovers)],
    ['histories checked', `${histories.checked - histories.undecided} of ${histories.checked}`],
  ];
  return `<dl>${facts.map(([what, value]) => `<div><dt>${what}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>`;
}

/** Faults as bars by lane; below them calls and failures of each second, and the slowest call. */
function timeline({ faults, seconds, durationMs }: Report): string {
  const x = (atMs: number) => (LABELS + (Math.min(atMs, durationMs) / durationMs) * (WIDTH - LABELS)).toFixed(1);
  const bars = faults.map(({ lane, beganAtMs, healedAtMs, number, kind, target, what, recoveryMs, error }) => {
    const width = Math.max(3, Number(x(healedAtMs)) - Number(x(beganAtMs)));
    const told = `${number}: ${kind}${target === null ? '' : `, ${target}`} (${what}), ${seconds_(beganAtMs)} to ${seconds_(healedAtMs)}, recovery ${seconds_(recoveryMs)}`;
    return `<rect class="bar${error === null ? '' : ' failed'}" x="${x(beganAtMs)}" y="${LANES.indexOf(lane) * LANE + 3}" width="${width.toFixed(1)}" height="${LANE - 6}" rx="2"><title>${escape(told)}</title></rect>`;
  });
  const top = LANES.length * LANE + 14;
  const names = LANES.map((lane, index) => `<text x="0" y="${index * LANE + 13}">${lane}</text>`);
  return `<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${top + 2 * CHART + 40}" role="img" aria-label="faults, calls and the slowest call by second">
${names.join('')}${ticks(durationMs, x, top + 2 * CHART + 26)}${bars.join('')}
<g transform="translate(0 ${top})">${callChart(seconds, x)}</g>
<g transform="translate(0 ${top + CHART + 14})">${slownessChart(seconds, x)}</g></svg></div>`;
}

type X = (atMs: number) => string;

function ticks(durationMs: number, x: X, y: number): string {
  const stepMs = [5_000, 10_000, 30_000, 60_000, 120_000, 300_000].find((one) => durationMs / one <= 12) ?? 600_000;
  const marks = Array.from({ length: Math.floor(durationMs / stepMs) + 1 }, (_, index) => index * stepMs);
  return marks
    .map(
      (at) =>
        `<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${y - 12}"/><text x="${x(at)}" y="${y}">${at / 1_000} s</text>`,
    )
    .join('');
}

function callChart(seconds: Report['seconds'], x: X): string {
  const most = Math.max(1, ...seconds.map(({ calls }) => calls));
  const bar = (kind: string, count: number, index: number) => {
    const height = (count / most) * CHART;
    const width = Math.max(0.5, Number(x((index + 1) * 1_000)) - Number(x(index * 1_000)) - 0.3);
    return `<rect class="${kind}" x="${x(index * 1_000)}" y="${(CHART - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"/>`;
  };
  const bars = seconds.map(
    ({ calls, failed }, index) => `${bar('calls', calls, index)}${failed > 0 ? bar('fail', failed, index) : ''}`,
  );
  return `<text x="0" y="12">calls/s, failed</text><text x="0" y="26">most ${most}</text>${bars.join('')}`;
}

function slownessChart(seconds: Report['seconds'], x: X): string {
  const most = Math.max(1, ...seconds.map(({ slowestMs }) => slowestMs));
  const points = seconds.map(
    ({ slowestMs }, index) => `${x(index * 1_000 + 500)},${(CHART - (slowestMs / most) * CHART).toFixed(1)}`,
  );
  return `<text x="0" y="12">slowest call</text><text x="0" y="26">most ${seconds_(most)}</text><polyline class="slow" points="${points.join(' ')}"/>`;
}

function faultTable({ kinds }: Report): string {
  const rows = kinds.map(
    ({ kind, injected, worstRecoveryMs, failed }) =>
      `<tr><td>${escape(kind)}</td><td class="n">${injected}</td><td class="n">${seconds_(worstRecoveryMs)}</td><td class="n">${failed}</td></tr>`,
  );
  return `<table><tr><th>fault</th><th class="n">times</th><th class="n">worst recovery</th><th class="n">operations repeated meanwhile</th></tr>${rows.join('')}</table>
<p>Recovery is the longest time in which the calls of one ATM failed or took a second, from the first such call to the last, while the fault lasted.</p>`;
}

function invariant({ invariant: name, findings }: Report['invariants'][number]): string {
  const mark = findings.length === 0 ? '<span class="good">✓</span>' : '<span class="bad">✗</span>';
  const details = findings.slice(0, 20).map(({ verdict, what }) => `<li>${verdict}: ${escape(what)}</li>`);
  return `<li>${mark} ${escape(name)}${details.length === 0 ? '' : `<ul>${details.join('')}</ul>`}</li>`;
}

const seconds_ = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
