export interface Frame {
  /** Value at the upper edge. */
  readonly max: number;
  readonly width: number;
  readonly height: number;
  /** So many values fill the width; fewer stand at its right end. */
  readonly points: number;
}

/** 1, 2 or 5 times a power of ten, not below any value. */
export function niceMax(values: readonly (number | null)[]): number {
  const largest = Math.max(1, ...values.map((value) => value ?? 0));
  const power = 10 ** Math.floor(Math.log10(largest));
  return ([1, 2, 5, 10].find((step) => step * power >= largest) ?? 10) * power;
}

/** The newest value at the right edge; where there is none the line is broken. */
export function linePath(values: readonly (number | null)[], { max, width, height, points }: Frame): string {
  const step = width / (points - 1);
  let isDrawing = false;
  return values
    .map((value, at) => {
      if (value === null) {
        isDrawing = false;
        return '';
      }
      const x = width - (values.length - 1 - at) * step;
      const y = height - 1 - (Math.min(value, max) / max) * (height - 2);
      const command = isDrawing ? 'L' : 'M';
      isDrawing = true;
      return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
