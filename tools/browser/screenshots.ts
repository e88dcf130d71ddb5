import { mkdirSync, mkdtempSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { CHECKOUT } from '../checkout.js';
import { startCluster } from '../cluster/start-cluster.js';
import { launchChromium } from './chromium.js';

/** `npm run screenshots`: takes the README's pictures of both pages from a running cluster of its own. */

const IMAGES = join(CHECKOUT, 'docs', 'images');

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

/** What moves has come to rest by then, milliseconds. */
const SETTLED_MS = 1_200;

/** Long enough for the console's curves to have a shape, milliseconds. */
const TRAFFIC_MS = 12_000;

type Scheme = 'light' | 'dark';

async function open(browser: Browser, url: string, viewport: typeof DESKTOP, colorScheme: Scheme): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en' });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: join(IMAGES, `${name}.jpg`), type: 'jpeg', quality: 85 });
}

async function enterAmount(page: Page): Promise<void> {
  await page.locator('[data-card="0001"]').click();
  await page.keyboard.type('1234');
  await page.keyboard.press('Enter');
  await page.locator('[data-item="withdraw"]').click();
  await page.locator('.chip[data-state="live"]').waitFor();
  await page.keyboard.type('280');
}

async function takeCash(page: Page): Promise<void> {
  await page.keyboard.press('Enter');
  await page.locator('[data-screen="take-card"]').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[data-screen="take-cash"]').waitFor();
}

async function takeReceipt(page: Page): Promise<void> {
  await page.keyboard.press('Enter');
  await page.locator('[data-fact="account"] dd[data-state="charged"]').waitFor();
}

async function picturesOfAtm(browser: Browser, gateway: string): Promise<void> {
  const atm = `${gateway}/atm`;
  const light = await open(browser, atm, DESKTOP, 'light');
  await enterAmount(light);
  await takeCash(light);
  await picture(light, 'atm-cash');
  await light.context().close();
  const dark = await open(browser, atm, DESKTOP, 'dark');
  await enterAmount(dark);
  await takeCash(dark);
  await takeReceipt(dark);
  await picture(dark, 'atm-receipt-dark');
  await dark.context().close();
  const phone = await open(browser, atm, PHONE, 'light');
  await enterAmount(phone);
  await picture(phone, 'atm-phone');
  await phone.context().close();
}

async function picturesOfConsole(browser: Browser, gateway: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await open(browser, `${gateway}/console`, DESKTOP, scheme);
    await page.locator('form button[type="submit"]').click();
    await page.getByRole('slider').fill('8');
    await page.waitForTimeout(TRAFFIC_MS);
    await page.getByRole('button', { name: 'Kill a replica' }).click();
    await page.getByText('is down').first().waitFor();
    await picture(page, scheme === 'light' ? 'console' : 'console-dark');
    await page.getByRole('button', { name: 'Bring everything back' }).click();
    await page.context().close();
  }
}

mkdirSync(IMAGES, { recursive: true });
const dataDir = mkdtempSync(join(tmpdir(), 'cashpoint-screenshots-'));
// The database may run as another user, who must be able to pass through.
await chmod(dataDir, 0o711);
const cluster = await startCluster({ dataDir, scratch: true });
const browser = await launchChromium();
try {
  const [gateway = ''] = cluster.gatewayUrls;
  await picturesOfAtm(browser, gateway);
  await picturesOfConsole(browser, gateway);
} finally {
  await browser.close();
  await cluster.discard();
}
