import { describe, expect, it } from '@jest/globals';
import { svgOf } from './svg.js';

const widthsOf = (svg: string) =>
  [...svg.matchAll(/class="(?:own|other)" x="\d+" y="\d+" width="(\d+)"/g)].map(([, width]) => Number(width));

describe('a chart', () => {
  it('of bars has lengths in proportion, the longest in full', () => {
    const bar = (label: string, value: number) => ({ label, value, own: true });
    const bars = [bar('one', 100), bar('half', 50), bar('none', 0)];
    const svg = svgOf({ kind: 'bars', title: 'Rates', unit: '/s', bars });
    const [full = 0, half = 0, none = 0] = widthsOf(svg);
    expect(half).toBe(full / 2);
    expect(none).toBe(1);
    expect(svg).toContain('>100/s<');
  });

  it('of a line puts the highest value on top and the first one at the left', () => {
    const points = [
      { label: '1', value: 10 },
      { label: '2', value: 20 },
    ];
    const svg = svgOf({ kind: 'line', title: 'Replicas', unit: '/s', points });
    const [first, second] = [...svg.matchAll(/cx="(\d+)" cy="(\d+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(first?.[0]).toBeLessThan(second?.[0] ?? 0);
    expect(first?.[1]).toBeGreaterThan(second?.[1] ?? 0);
  });

  it('lets no label become markup', () => {
    const svg = svgOf({ kind: 'bars', title: 'a < b & "c"', unit: '', bars: [{ label: '<x>', value: 1, own: false }] });
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).not.toContain('<x>');
  });
});
