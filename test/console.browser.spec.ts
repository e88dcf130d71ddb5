import { describe, expect, it } from '@jest/globals';
import { findChromium } from '../tools/browser/chromium.js';
import { eventually } from '../tools/eventually.js';
import { violations } from './browser/accessibility.js';
import { startPageClock } from './browser/page-clock.js';
import { type Look, LOOKS, openBrowser } from './browser/pages.js';

/** How soon a death must show, milliseconds of the page's time. */
const SHOWN_MS_MAX = 2_000;

const inBrowser = findChromium() === null ? describe.skip : describe;

/** Goal: who opens `/console` sees the cluster and breaks it. Method: a whole cluster and a real Chromium; processes are killed. */
inBrowser('the operator console', () => {
  const at = openBrowser();

  async function openConsole(look: Look = {}): Promise<void> {
    await at.open('/console', look);
    await at.page.locator('.sign-in button').click();
    await member('account-a-1', 'up').waitFor();
  }

  const memberSelector = (name: string, state: string) => `[data-member="${name}"][data-state="${state}"]`;
  const member = (name: string, state: string) => at.page.locator(memberSelector(name, state));
  const button = (name: string) => at.page.getByRole('button', { name, exact: true });
  const outcome = (words: string | RegExp) => at.page.locator('.outcome', { hasText: words }).waitFor();
  const panel = (id: string) => at.page.locator(`.panel:has(#${id})`);

  it('lets somebody who has read nothing take cash, kill a replica, and see that no money is lost', async () => {
    await openConsole();
    await button('Take cash').click();
    await at.page.getByText(/given by atm-terminal-\d/).waitFor();
    await button('Kill a replica').click();
    await outcome('is dead');
    await at.page.locator('[data-member][data-state="down"]').waitFor();
    await button('Take cash').click();
    await at.page.getByText('2 withdrawals', { exact: true }).waitFor();
    await button('Bring everything back').click();
    await outcome('Everything runs again');
    await button('Audit the books').click();
    await outcome(/All \d+ checks hold/);
    expect(await at.page.locator('.money__sum').textContent()).toContain('€0.00 ✓');
  }, 90_000);

  it('shows a death within two seconds, and the return', async () => {
    await openConsole();
    const shownAfterMs: number[] = [];
    // Up to five times, since a machine that stands still for a moment is no fault of the console.
    for (let turn = 0; turn < 5 && !(Math.min(...shownAfterMs) < SHOWN_MS_MAX); turn++) {
      const victim = ['account-a-1', 'atm-terminal-2'][turn % 2] as string;
      const clock = await startPageClock(at.page, memberSelector(victim, 'down'));
      await at.bank.cluster.kill(victim);
      const diedAt = Date.now();
      shownAfterMs.push(await clock.untilShown(diedAt));
      await at.bank.cluster.start(victim);
      await member(victim, 'up').waitFor();
    }
    expect(Math.min(...shownAfterMs)).toBeLessThan(SHOWN_MS_MAX);
    await at.page.locator('.notice--down', { hasText: 'account-a-1' }).first().waitFor();
  }, 120_000);

  it('goes on by itself when the gateway that it listens to dies', async () => {
    await openConsole();
    await at.bank.cluster.kill('gateway-1');
    await member('gateway-1', 'down').waitFor();
    const second = new URL(at.bank.gateways[1] ?? '').host;
    await at.page.getByText(`Live from ${second}`).waitFor();
    await button('Take cash').click();
    await at.page.getByText(/given by atm-terminal-\d/).waitFor();
    await at.bank.cluster.start('gateway-1');
    await member('gateway-1', 'up').waitFor();
    at.forgetFaults();
  }, 90_000);

  it('freezes and wakes a process with the keyboard alone', async () => {
    await openConsole();
    await member('atm-terminal-1', 'up').focus();
    await at.page.keyboard.press('Enter');
    const chosen = at.page.getByRole('group', { name: 'atm-terminal-1' });
    await chosen.getByRole('button', { name: 'Freeze' }).focus();
    await at.page.keyboard.press('Enter');
    await member('atm-terminal-1', 'down').waitFor();
    await chosen.getByRole('button', { name: 'Bring back' }).focus();
    await at.page.keyboard.press('Enter');
    await member('atm-terminal-1', 'up').waitFor();
  }, 90_000);

  it('adds a replica and takes it away, and lets one fail at a point of its own', async () => {
    await openConsole();
    await button('One replica of account-a more').click();
    await member('account-a-3', 'up').waitFor();
    await at.page.locator('.outcome', { hasText: 'account-a has 3 replicas' }).waitFor();
    await button('One replica of account-a fewer').click();
    await member('account-a-3', 'up').waitFor({ state: 'detached' });
    await member('atm-terminal-1', 'up').click();
    await at.page.getByLabel('Fault point').selectOption('terminal.after-outcome');
    await at.page.getByLabel('What happens there').selectOption('kill');
    await button('Arm it once').click();
    await outcome('atm-terminal-1 is armed at terminal.after-outcome');
    await at.page.getByRole('slider').fill('3');
    await at.page
      .locator('.notice', { hasText: /atm-terminal-1 (is down|was restarted)/ })
      .first()
      .waitFor();
    await at.page.getByRole('slider').fill('0');
    await member('atm-terminal-1', 'up').waitFor();
  }, 90_000);

  it('shows a message whose handler fails, and replays it', async () => {
    await at.bank.auditWhenQuiet();
    const failing = (times: number) =>
      Promise.all(
        at.bank.accounts.map((replica) =>
          at.bank.arm({ replica, point: 'account.before-post', action: 'error', times }),
        ),
      );
    await failing(50);
    await openConsole();
    await button('Take cash').click();
    const parked = panel('messages').locator('li', { has: at.page.locator('.state--parked, .state--dead') });
    const replay = parked.getByRole('button', { name: 'Replay' }).first();
    await parked.getByText('Inspect').first().click();
    await parked.locator('pre', { hasText: 'ACC-0003' }).first().waitFor();
    await replay.click();
    await panel('messages').locator('.outcome', { hasText: 'failed again' }).waitFor();
    await failing(0);
    await eventually(
      'the message is applied',
      async () => {
        if (await replay.isVisible()) await replay.click({ timeout: 2_000 }).catch(() => undefined);
        return panel('messages').getByText('Nothing waits.').isVisible();
      },
      60_000,
    );
    await at.bank.auditWhenQuiet();
  }, 120_000);

  it('fills cassettes up, and replaces the routes of the whole bank', async () => {
    await openConsole();
    await panel('cassettes').getByRole('button', { name: 'Fill up' }).click();
    await outcome('ATM-001 is full.');
    await panel('cassettes').getByText('25,000 of 25,000 notes').nth(3).waitFor();
    const fields = () => panel('routes').locator('li').last().locator('input');
    await button('Add a route').click();
    await panel('routes').getByRole('alert').waitFor();
    expect(await button('Save').isDisabled()).toBe(true);
    await fields().nth(1).fill('journal');
    await fields().nth(2).fill('account-a');
    await button('Save').click();
    await button('Replace').click();
    await outcome('The routes are replaced.');
    await openAgain();
    expect(await fields().nth(1).inputValue()).toBe('journal');
    await button('Remove the route to journal').click();
    await button('Save').click();
    await button('Replace').click();
    await panel('routes').getByText('No routes').waitFor();
  }, 90_000);

  async function openAgain(): Promise<void> {
    await at.page.reload();
    await at.page.locator('.sign-in button').click();
    await panel('routes').locator('li').first().waitFor();
  }

  it.each([
    ['after-commit', 'Kill the replica between commit and answer'],
    ['lost-channel', 'Lose the active channel'],
    ['power-cut', 'Cut power while dispensing'],
    ['dropped-answer', 'Drop the answer'],
  ])(
    'plays %s for real, and what is observed is what is expected',
    async (name, title) => {
      await openConsole();
      await button(`Run: ${title}`).click();
      const report = at.page.locator(`[data-scenario="${name}"]`);
      await at.page.locator(`[data-scenario="${name}"]:not([data-ok=""])`).waitFor({ timeout: 110_000 });
      const unexpected = await report.locator('tr[data-ok="false"]').allTextContents();
      expect(unexpected).toEqual([]);
      expect(await report.locator('tbody tr').count()).toBe(8);
    },
    150_000,
  );

  it.each(LOOKS)(
    'has nothing that keeps people out %s',
    async (_name, look) => {
      await openConsole(look);
      await member('account-a-1', 'up').click();
      await at.page.locator('.withdrawals .link').first().click();
      await at.page.locator('.trail li').first().waitFor();
      expect(await violations(at.page)).toEqual([]);
    },
    60_000,
  );

  it('asks for a token that is accepted', async () => {
    await at.open('/console');
    await at.page.getByLabel('Operator token').fill('a-guess');
    await at.page.locator('.sign-in button').click();
    await at.page.getByRole('alert').waitFor();
    expect(await violations(at.page)).toEqual([]);
  }, 60_000);
});
