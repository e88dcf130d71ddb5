/** One table, cells as they are read. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One horizontal bar each, longest at full width. */
export interface BarChart {
  readonly kind: 'bars';
  readonly title: string;
  readonly unit: string;
  /** `own`: what is ours, told apart by its colour. */
  readonly bars: readonly { readonly label: string; readonly value: number; readonly own: boolean }[];
}

/** Values over a few named steps. */
export interface LineChart {
  readonly kind: 'line';
  readonly title: string;
  readonly unit: string;
  readonly points: readonly { readonly label: string; readonly value: number }[];
}

export type Chart = BarChart | LineChart;

/** What one part of the benchmark says. */
export interface Section {
  /** File of its chart, without its ending. */
  readonly name: string;
  readonly title: string;
  /** What was measured and how; Markdown. */
  readonly about: string;
  readonly tables: readonly Table[];
  readonly chart?: Chart;
  /** What follows from it; Markdown paragraphs. */
  readonly remarks: readonly string[];
}
