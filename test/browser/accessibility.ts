import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** WCAG 2.2 A and AA, as far as a program can judge (axe). Each as rule, element and reason; none where all is well. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(
    `document.getAnimations().forEach((animation) => { try { animation.finish(); } catch { animation.cancel(); } })`,
  );
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ': ' + failureSummary)))`);
}
