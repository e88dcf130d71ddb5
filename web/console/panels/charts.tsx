import type { TrafficEvent } from '#contracts';
import { number } from '../../shared/i18n/format.js';
import { trafficHistory } from '../feed/live.js';
import { consoleWords } from '../words/words.js';
import { linePath, niceMax } from './line-path.js';

const WIDTH = 300;
const HEIGHT = 84;
const POINTS = 120;

interface Line {
  readonly name: string;
  readonly className: string;
  readonly valueOf: (event: TrafficEvent) => number | null;
}

/** The last minute of calls: how many, and how long they took. */
export function Charts() {
  const words = consoleWords.value.charts;
  return (
    <section class="card charts">
      <Chart
        heading={words.throughput}
        lines={[{ name: '', className: 'line', valueOf: (one) => one.requests.perSecond }]}
      />
      <Chart
        heading={words.latency}
        lines={[
          { name: words.median, className: 'line', valueOf: (one) => one.requests.p50Ms },
          { name: words.tail, className: 'line line--tail', valueOf: (one) => one.requests.p99Ms },
        ]}
      />
    </section>
  );
}

function Chart({ heading, lines }: { readonly heading: string; readonly lines: readonly Line[] }) {
  const events = trafficHistory.value;
  const series = lines.map(({ valueOf }) => events.map(valueOf));
  const max = niceMax(series.flat());
  const newest = lines.map(({ name }, at) => {
    const value = series[at]?.at(-1) ?? null;
    return `${name} ${value === null ? '–' : number(value, value < 10 ? 1 : 0)}`.trim();
  });
  return (
    <figure class="chart">
      <figcaption>
        <span>{heading}</span>
        <span class="figures">{newest.join(' · ')}</span>
      </figcaption>
      <div class="chart__frame">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${heading}, ${consoleWords.value.charts.lastMinute}: ${newest.join(', ')}`}
        >
          <path class="chart__grid" d={`M0 1H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}`} />
          {lines.map(({ className }, at) => (
            <path
              key={className}
              class={className}
              d={linePath(series[at] ?? [], { max, width: WIDTH, height: HEIGHT, points: POINTS })}
            />
          ))}
        </svg>
        <span class="chart__max figures" aria-hidden="true">
          {number(max)}
        </span>
      </div>
    </figure>
  );
}
