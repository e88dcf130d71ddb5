import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accountId, OPENING } from '../tools/atm/demo-customers.js';
import { findChromium } from '../tools/browser/chromium.js';
import { violations } from './browser/accessibility.js';
import { type Look, LOOKS, openBrowser } from './browser/pages.js';
import type { Bank } from './cluster/bank.js';

const inBrowser = findChromium() === null ? describe.skip : describe;

/** Goal: a customer at `/atm` gets cash, card and truth whatever dies. Method: a whole cluster and a real Chromium; processes are killed. */
inBrowser('the ATM screen', () => {
  const browsed = openBrowser();
  let bank: Bank;
  let page: Page;

  beforeEach(() => openPage(), 60_000);

  async function openPage(look?: Look): Promise<void> {
    await browsed.open('/atm', look);
    ({ bank, page } = browsed);
  }

  const at = (screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor();
  const fact = (name: string) => page.locator(`[data-fact="${name}"] dd`);
  const charged = () => page.locator('[data-fact="account"] dd[data-state="charged"]').waitFor();

  /** With the keyboard alone. */
  async function enter(card: string, pin = '1234'): Promise<void> {
    await page.locator(`[data-card="${card}"]:enabled`).focus();
    await page.keyboard.press('Enter');
    await at('pin');
    await page.keyboard.type(pin);
    await page.keyboard.press('Enter');
  }

  async function choose(item: string): Promise<void> {
    await page.locator(`[data-item="${item}"]`).focus();
    await page.keyboard.press('Enter');
  }

  async function withdraw(amount: string): Promise<void> {
    await choose('withdraw');
    await at('amount');
    await page.keyboard.type(amount);
    await page.keyboard.press('Enter');
  }

  it('gives the cash once, card first, though each replica dies in the middle of it', async () => {
    for (const replica of ['atm-terminal-1', 'atm-terminal-2']) {
      await bank.arm({ replica, point: 'terminal.after-dispense', action: 'kill' });
    }
    await enter('0001');
    await at('menu');
    await choose('withdraw');
    await page.locator('.chip[data-state="live"]').waitFor();
    await page.keyboard.type('180');
    expect(await page.locator('.mix li').count()).toBe(4);
    await page.keyboard.press('Enter');
    await at('take-card');
    expect(await page.locator('.cash-slot__note').count()).toBe(0);
    await page.keyboard.press('Enter');
    await at('take-cash');
    expect(await page.locator('.cash-slot__note').count()).toBe(4);
    await page.keyboard.press('Enter');
    await charged();
    expect(await fact('cash').textContent()).toBe('€180.00');
    expect(await fact('reference').textContent()).toMatch(/^\d{4}[0-9A-Z]{8}$/);
    expect(await page.locator('.receipt').textContent()).toContain('400000******0001');
    await page.locator('.diagram__row[data-what="authorised"]', { hasText: 'hold placed' }).waitFor();
    await page.locator('.diagram__row[data-what="answered"]').waitFor();
    expect((await bank.account(1)).ledger).toBe(OPENING - 18_000);
    await bank.untilUp();
  }, 90_000);

  it('goes on through the other gateway when the one it came from dies', async () => {
    await enter('0002');
    await at('menu');
    await bank.cluster.kill('gateway-1');
    try {
      await withdraw('50');
      await at('take-card');
      await page.locator('.diagram__row[data-what="lost-call"]').first().waitFor();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await charged();
      expect(await fact('cash').textContent()).toBe('€50.00');
      await page.keyboard.press('Enter');
      await at('idle');
    } finally {
      await bank.cluster.start('gateway-1');
    }
    expect((await bank.account(2)).ledger).toBe(OPENING - 5_000);
    browsed.forgetFaults();
  }, 90_000);

  it('has the PIN nowhere in the page: no text, no attribute, no field, no storage', async () => {
    const pin = '8642';
    await page.locator('[data-card="0002"]').click();
    await at('pin');
    const before = await everythingInThePage(page);
    for (const [index, digit] of [...pin].entries()) {
      await page.locator(`[data-key="${digit}"]`).click();
      // One digit is on the keys anyway; two may stand in the name of a script, but not once more than before.
      const typed = pin.slice(0, Math.max(2, index + 1));
      expect(occurrences(await everythingInThePage(page), typed)).toBe(occurrences(before, typed));
    }
    expect(await page.locator('.pin__place[data-filled="true"]').count()).toBe(4);
    await page.locator('[data-key="confirm"]').click();
    await page.locator('[role="alert"]').waitFor();
    expect(await page.locator('[role="alert"]').textContent()).toBe('That PIN is wrong. 2 tries are left.');
    expect(await everythingInThePage(page)).not.toContain(pin);
    expect(await page.locator('.pin__place[data-filled="true"]').count()).toBe(0);
    await page.keyboard.type('1234');
    await page.keyboard.press('Enter');
    await at('menu');
  });

  it('states the three facts when the bank says no', async () => {
    await enter('0099');
    await at('menu');
    await withdraw('100');
    await page.locator('[data-ending="declined"]').waitFor();
    expect(await fact('cash').textContent()).toBe('none');
    expect(await fact('account').textContent()).toBe('nothing');
    expect(await fact('reference').textContent()).toMatch(/^\d{4}[0-9A-Z]{8}$/);
    await page.locator('.diagram__row[data-what="authorised"]', { hasText: 'hold refused' }).waitFor();
    await page.keyboard.press('Escape');
    await at('take-card');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await at('idle');
    await enter('0100');
    await page.locator('[data-ending="card-blocked"]').waitFor();
    expect(await fact('cash').textContent()).toBe('none');
  });

  it('takes notes in, moves money and shows the entries', async () => {
    await enter('0091');
    await at('menu');
    await choose('deposit');
    await page.getByRole('button', { name: 'One more 50' }).click();
    await page.keyboard.press('Escape');
    await choose('deposit');
    await page.getByRole('button', { name: 'One more 100' }).click();
    await page.getByRole('button', { name: 'Deposit', exact: true }).click();
    await page.locator('[data-ending="deposited"]').waitFor();
    expect(await fact('cash').textContent()).toBe('none; €100.00 put in');
    await page.locator('.ending .soft-key--main').click();
    await choose('transfer');
    await page.locator('.screen input').fill(accountId(92));
    await page.keyboard.press('Enter');
    await page.keyboard.type('25');
    await page.locator('.screen .soft-key--main').click();
    await page.locator('[data-ending="transferred"]').waitFor();
    await page.locator('.ending .soft-key--main').click();
    await choose('statement');
    await page.locator('.statement li').nth(1).waitFor();
    expect(await page.locator('.statement').textContent()).toContain('-€25.00');
  });

  it('pays within the stand-in limits while the account service is away, and books it when it is back', async () => {
    await enter('0001');
    await at('menu');
    await choose('balance');
    await at('balance');
    await page.keyboard.press('Escape');
    const { ledger } = await bank.account(1);
    await bank.kill(bank.accounts);
    try {
      await withdraw('50');
      await at('take-card');
      await page.keyboard.press('Enter');
      await at('take-cash');
      await page.keyboard.press('Enter');
      await page.locator('[data-fact="account"] dd[data-state="reserved"]').waitFor();
      expect(await fact('cash').textContent()).toBe('€50.00');
      expect(await page.locator('.receipt').textContent()).toContain('stand-in, bank away');
      await page.locator('.diagram__row[data-tone="waiting"]').waitFor();
    } finally {
      await bank.start(bank.accounts);
    }
    await charged();
    expect((await bank.account(1)).ledger).toBe(ledger - 5_000);
    browsed.forgetFaults();
  }, 90_000);

  it.each(LOOKS)(
    'has nothing that keeps people out %s',
    async (_name, look) => {
      await page.context().close();
      await openPage(look);
      const found: Record<string, string[]> = {};
      const check = async (screen: string) => {
        await at(screen);
        found[screen] = await violations(page);
      };
      await check('idle');
      expect(await page.locator('h1').textContent()).toBe(look.locale === 'en' ? 'Welcome' : 'Willkommen');
      const { y: wallet = 0 } = (await page.locator('.wallet').boundingBox()) ?? {};
      const { y: machine = 0 } = (await page.locator('.machine').boundingBox()) ?? {};
      expect(wallet < machine).toBe(look.width < 400);
      await page.locator('[data-card="0002"]').click();
      await check('pin');
      await page.keyboard.type('1234');
      await page.keyboard.press('Enter');
      await check('menu');
      await choose('deposit');
      await check('deposit');
      await page.keyboard.press('Escape');
      await choose('transfer');
      await check('transfer-account');
      await page.keyboard.press('Escape');
      await choose('statement');
      await at('statement');
      // With more entries than fit it scrolls, and then has to be reached by keyboard.
      await page.evaluate(
        `Object.assign(document.querySelector('.statement').style, { flex: 'none', height: '1rem' })`,
      );
      await check('statement');
      await page.keyboard.press('Escape');
      await choose('withdraw');
      await page.locator('.chip[data-state="live"]').waitFor();
      const keypad = () => page.locator('.keypad').boundingBox();
      const before = await keypad();
      await page.keyboard.type('180');
      await page.locator('.mix li').nth(3).waitFor();
      expect(await keypad()).toEqual(before);
      await check('amount');
      await page.keyboard.press('Enter');
      await check('take-card');
      await page.keyboard.press('Enter');
      await check('take-cash');
      await page.keyboard.press('Enter');
      await charged();
      await check('ending');
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((screen) => [screen, []])));
    },
    120_000,
  );
});

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Markup, what is in fields, and what the browser keeps for the page. */
async function everythingInThePage(page: Page): Promise<string> {
  const fields = `[...document.querySelectorAll('input, textarea, select')].map((field) => field.value)`;
  const parts = `[document.documentElement.outerHTML, ...${fields}, JSON.stringify(localStorage), JSON.stringify(sessionStorage), location.pathname + location.search + location.hash]`;
  return String(await page.evaluate(`${parts}.join('\\n')`));
}
