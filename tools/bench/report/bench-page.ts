import type { BenchReport } from './bench-report.js';
import type { Section, Table } from './section.js';
import { sectionsOf } from './sections.js';

/** The report in Markdown. `chartOf`: how a section's chart is shown, where it is at all. */
export function benchPage(report: BenchReport, chartOf: (section: Section) => string = () => ''): string {
  const sections = sectionsOf(report).map((section) =>
    [`## ${section.title}`, section.about, ...section.tables.map(tableText), chartOf(section), ...section.remarks]
      .filter((paragraph) => paragraph !== '')
      .join('\n\n'),
  );
  return ['# Benchmark', ...sections, auditText(report)].join('\n\n');
}

function auditText({ audits, violations }: BenchReport): string {
  const lines = audits.map(({ after, balanced, inFlight, failed }) => {
    const verdict = balanced && failed.length === 0 ? 'every invariant holds' : `NOT balanced: ${failed.join(', ')}`;
    return `- after ${after}: ${verdict}, ${inFlight} in flight`;
  });
  const found =
    violations.length === 0
      ? 'No violation.'
      : ['Violations:', '', ...violations.map((violation) => `- ${violation}`)].join('\n');
  return ['## Audits', ...(lines.length === 0 ? [] : [lines.join('\n')]), found].join('\n\n');
}

/** Columns are as wide as their widest cell, as Prettier would have them. */
export function tableText({ head, rows }: Table): string {
  const widths = head.map((name, column) =>
    Math.max(3, ...[name, ...rows.map((row) => row[column] ?? '')].map(widthOf)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '') + ' '.repeat(width - widthOf(cells[column] ?? ''))).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

const widthOf = (text: string): number => [...text].length;
