import type { BarChart, Chart, LineChart } from './section.js';

const WIDTH = 760;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 90;
const ROW_HEIGHT = 28;
const TOP = 56;
const MARGIN = 20;
const LINE_HEIGHT = 220;

/** Its own background in either scheme, so that it is readable wherever it is shown. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .ground { fill: #ffffff } .grid { stroke: #d1d9e0 } .own { fill: #0969da; stroke: #0969da } .other { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ground { fill: #0d1117 } .grid { stroke: #3d444d } .own { fill: #4493f8; stroke: #4493f8 } .other { fill: #6e7681 }
  }`;

/** A chart as a file of its own. */
export function svgOf(chart: Chart): string {
  const { height, body } = chart.kind === 'bars' ? barsOf(chart) : lineOf(chart);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escape(chart.title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    `<text class="title" x="${MARGIN}" y="32">${escape(chart.title)}</text>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

interface Drawn {
  readonly height: number;
  readonly body: readonly string[];
}

function barsOf({ bars, unit }: BarChart): Drawn {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH - MARGIN;
  const body = bars.flatMap(({ label, value, own }, index) => {
    const y = TOP + index * ROW_HEIGHT;
    const width = Math.max(1, Math.round((value / most) * room));
    return [
      `<text x="${LABEL_WIDTH - 10}" y="${y + 15}" text-anchor="end">${escape(label)}</text>`,
      `<rect class="${own ? 'own' : 'other'}" x="${LABEL_WIDTH}" y="${y + 2}" width="${width}" height="18" rx="3"/>`,
      `<text x="${LABEL_WIDTH + width + 8}" y="${y + 15}">${escape(valueText(value, unit))}</text>`,
    ];
  });
  return { height: TOP + bars.length * ROW_HEIGHT + MARGIN, body };
}

function lineOf({ points, unit }: LineChart): Drawn {
  const most = Math.max(...points.map(({ value }) => value), Number.MIN_VALUE);
  const [left, right, base] = [MARGIN + 40, WIDTH - MARGIN - 60, TOP + LINE_HEIGHT];
  const x = (index: number) =>
    points.length === 1 ? left : Math.round(left + ((right - left) * index) / (points.length - 1));
  const y = (value: number) => Math.round(base - (value / most) * (LINE_HEIGHT - 30));
  const path = points.map(({ value }, index) => `${x(index)},${y(value)}`).join(' ');
  const marks = points.flatMap(({ label, value }, index) => [
    `<circle class="own" cx="${x(index)}" cy="${y(value)}" r="4"/>`,
    `<text x="${x(index)}" y="${y(value) - 12}" text-anchor="middle">${escape(valueText(value, unit))}</text>`,
    `<text x="${x(index)}" y="${base + 20}" text-anchor="middle">${escape(label)}</text>`,
  ]);
  return {
    height: base + 20 + MARGIN,
    body: [
      `<line class="grid" x1="${left}" x2="${right}" y1="${base}" y2="${base}"/>`,
      `<polyline class="own" style="fill: none; stroke-width: 2" points="${path}"/>`,
      ...marks,
    ],
  };
}

const valueText = (value: number, unit: string): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')}${unit}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
