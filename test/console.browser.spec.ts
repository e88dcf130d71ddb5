import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launchChromium } from '../tools/browser/chromium.js';
import { violations } from './browser/accessibility.js';
import { watchPage, type PageWatch } from './browser/watch-page.js';
import { Bank } from './cluster/bank.js';

const WAIT_MS = 30_000;

/** How soon a death must show, milliseconds. */
const SHOWN_MS_MAX = 2_000;

const inBrowser = findChromium() === null ? describe.skip : describe;

/** Goal: who opens `/console` sees the cluster and breaks it. Method: a whole cluster and a real Chromium; processes are killed. */
inBrowser('the operator console', () => {
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

  interface Look {
    readonly colorScheme?: 'light' | 'dark';
    readonly locale?: string;
    readonly viewport?: { readonly width: number; readonly height: number };
  }

  async function openConsole(look: Look = {}): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en', ...look });
    context.setDefaultTimeout(WAIT_MS);
    page = await context.newPage();
    watch = watchPage(page);
    await page.goto(`${bank.gateways[0]}/console`);
    await page.locator('.sign-in button').click();
    await member('account-a-1', 'up').waitFor();
  }

  const member = (name: string, state: string) => page.locator(`[data-member="${name}"][data-state="${state}"]`);
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('lets somebody who has read nothing take cash, kill a replica, and see that no money is lost', async () => {
    await openConsole();
    await button('Take cash').click();
    await page.getByText(/given by atm-terminal-\d/).waitFor();
    await button('Kill a replica').click();
    await page.locator('.outcome', { hasText: 'is dead' }).waitFor();
    await page.locator('[data-member][data-state="down"]').waitFor();
    await button('Take cash').click();
    await page.getByText('2 withdrawals', { exact: true }).waitFor();
    await button('Bring everything back').click();
    await page.locator('.outcome', { hasText: 'Everything runs again' }).waitFor();
    await button('Audit').click();
    await page.locator('.outcome', { hasText: /All \d+ checks hold/ }).waitFor();
    expect(await page.locator('.money__sum').textContent()).toContain('€0.00 ✓');
  }, 90_000);

  it('shows a death within two seconds, and the return', async () => {
    await openConsole();
    const shownAfterMs: number[] = [];
    // Three times, since a machine that stands still for a moment is no fault of the console.
    for (const victim of ['account-a-1', 'atm-terminal-2', 'account-a-2']) {
      await bank.cluster.kill(victim);
      const diedAt = performance.now();
      await member(victim, 'down').waitFor();
      shownAfterMs.push(performance.now() - diedAt);
      await bank.cluster.start(victim);
      await member(victim, 'up').waitFor();
    }
    expect(Math.min(...shownAfterMs)).toBeLessThan(SHOWN_MS_MAX);
    await page.locator('.notice--down', { hasText: 'account-a-2' }).first().waitFor();
  }, 90_000);

  it('goes on by itself when the gateway that it listens to dies', async () => {
    await openConsole();
    await bank.cluster.kill('gateway-1');
    await member('gateway-1', 'down').waitFor();
    const second = new URL(bank.gateways[1] ?? '').host;
    await page.getByText(`Live from ${second}`).waitFor();
    await button('Take cash').click();
    await page.getByText(/given by atm-terminal-\d/).waitFor();
    await bank.cluster.start('gateway-1');
    await member('gateway-1', 'up').waitFor();
    watch.forget();
  }, 90_000);

  it('freezes and wakes a process with the keyboard alone', async () => {
    await openConsole();
    await member('atm-terminal-1', 'up').focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('group', { name: 'atm-terminal-1' });
    await panel.getByRole('button', { name: 'Freeze' }).focus();
    await page.keyboard.press('Enter');
    await member('atm-terminal-1', 'down').waitFor();
    await panel.getByRole('button', { name: 'Bring back' }).focus();
    await page.keyboard.press('Enter');
    await member('atm-terminal-1', 'up').waitFor();
  }, 90_000);

  it.each([
    ['after-commit', 'Kill the replica between commit and answer'],
    ['lost-channel', 'Lose the active channel'],
  ])(
    'plays %s for real, and what is observed is what is expected',
    async (name, title) => {
      await openConsole();
      await button(`Run: ${title}`).click();
      const report = page.locator(`[data-scenario="${name}"]`);
      await page.locator(`[data-scenario="${name}"]:not([data-ok=""])`).waitFor({ timeout: 80_000 });
      const unexpected = await report.locator('tr[data-ok="false"]').allTextContents();
      expect(unexpected).toEqual([]);
      expect(await report.locator('tbody tr').count()).toBe(8);
    },
    120_000,
  );

  it.each([
    ['light', 1280, 'en'],
    ['dark', 390, 'de'],
  ] as const)(
    'has nothing that keeps people out, %s at %d pixels (%s)',
    async (colorScheme, width, locale) => {
      await openConsole({ colorScheme, locale, viewport: { width, height: 850 } });
      await member('account-a-1', 'up').click();
      await page.locator('.withdrawals .link').first().click();
      await page.locator('.trail li').first().waitFor();
      expect(await violations(page)).toEqual([]);
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
    },
    60_000,
  );

  it('asks for a token that is accepted', async () => {
    const context = await browser.newContext({ locale: 'en' });
    page = await context.newPage();
    watch = watchPage(page);
    await page.goto(`${bank.gateways[0]}/console`);
    await page.getByLabel('Operator token').fill('a-guess');
    await page.locator('.sign-in button').click();
    await page.getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
  }, 30_000);
});
