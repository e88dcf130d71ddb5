import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../tools/browser/chromium.js';
import { Bank } from '../cluster/bank.js';
import { watchPage, type PageWatch } from './watch-page.js';

/** A page waits so long for what it is told to wait for, milliseconds. */
const WAIT_MS = 45_000;

export interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
  readonly width?: number;
}

/** Each page twice: on a desk by day, in English; on a phone by night, in German. */
export const LOOKS: readonly (readonly [name: string, look: Required<Look>])[] = [
  ['on a desk by day', { colorScheme: 'light', locale: 'en', width: 1280 }],
  ['on a phone by night, in German', { colorScheme: 'dark', locale: 'de-DE', width: 390 }],
];

/** A bank with a browser before it. */
export interface BrowsedBank {
  readonly bank: Bank;
  /** The page that was opened last. */
  readonly page: Page;
  /** Opens a page of the first gateway, as somebody who has never been there. */
  open(path: string, look?: Look): Promise<void>;
  /** Drops what the browser has complained of so far: a gateway that is killed is complained of. */
  forgetFaults(): void;
}

/**
 * For all tests of the `describe` that calls this. Each page is closed after its test, and must not have complained, nor asked anybody but the
 * gateways.
 */
export function openBrowser(): BrowsedBank {
  let bank: Bank;
  let browser: Browser;
  let page: Page;
  let watch: PageWatch;
  beforeAll(async () => {
    bank = await Bank.open({ accounts: 2 });
    browser = await launchChromium();
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await bank?.close();
  }, 60_000);
  afterEach(async () => {
    await page.context().close();
    expect(watch.faults()).toEqual([]);
    expect(watch.foreign(bank.gateways)).toEqual([]);
  });
  return {
    get bank() {
      return bank;
    },
    get page() {
      return page;
    },
    forgetFaults: () => watch.forget(),
    open: async (path, { width = 1280, ...look } = {}) => {
      const context = await browser.newContext({ viewport: { width, height: 850 }, locale: 'en', ...look });
      context.setDefaultTimeout(WAIT_MS);
      page = await context.newPage();
      watch = watchPage(page);
      await page.goto(`${bank.gateways[0]}${path}`);
    },
  };
}
