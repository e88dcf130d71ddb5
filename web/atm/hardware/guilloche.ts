const CENTRE = 50;

/**
 * A rosette as engravers cut them into banknotes: a wave laid around a circle, as the `d` of an SVG path in a box of 100 by 100.
 * `waves` is how many petals, `depth` how far they reach in, `turns` how often the line goes round before it closes.
 */
export function rosette({ waves, depth, turns }: { waves: number; depth: number; turns: number }): string {
  const points = waves * turns * 8;
  const at = (index: number) => {
    const angle = (index / points) * 2 * Math.PI * turns;
    const radius = 48 - (depth * (1 - Math.cos((angle * waves) / turns))) / 2;
    return `${(CENTRE + radius * Math.cos(angle)).toFixed(1)} ${(CENTRE + radius * Math.sin(angle)).toFixed(1)}`;
  };
  return `M${Array.from({ length: points }, (_, index) => at(index)).join('L')}Z`;
}
