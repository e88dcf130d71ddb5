import axe from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * What keeps people out. WCAG 2.2 A and AA, as far as a program can judge (axe), each as rule, element and reason; and whether the page is wider
 * than its window. None where all is well.
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(
    `document.getAnimations().forEach((animation) => { try { animation.finish(); } catch { animation.cancel(); } })`,
  );
  await page.evaluate(axe.source);
  const found = await page.evaluate<string[]>(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ': ' + failureSummary)))`);
  const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return tooWide > 0 ? [...found, `the page is ${tooWide} pixels wider than its window`] : found;
}
