import type { Page } from 'playwright-core';

/** The page counts its time in steps of so many milliseconds. */
const STEP_MS = 50;

/** Stops when `selector` is there. Answers how long after `since` (of `Date.now()`) that was. */
export interface PageClock {
  untilShown(since: number): Promise<number>;
}

/**
 * Time as a page lives it: steps of a timer, so that where the whole machine stands still, so does the clock. Starts now; must be called before
 * what is waited for can happen.
 */
export async function startPageClock(page: Page, selector: string): Promise<PageClock> {
  // Without `void` this would wait for it.
  await page.evaluate(`void (window.clock = new Promise((resolve) => {
    const steps = [];
    const timer = setInterval(() => steps.push(Date.now()), ${STEP_MS});
    const look = () => {
      if (document.querySelector(${JSON.stringify(selector)}) === null) return;
      observer.disconnect();
      clearInterval(timer);
      resolve(steps);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  }))`);
  return {
    untilShown: async (since) => {
      const steps = await page.evaluate<number[]>('window.clock');
      return steps.filter((at) => at > since).length * STEP_MS;
    },
  };
}
