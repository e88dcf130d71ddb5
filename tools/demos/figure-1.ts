import { balancesSchema, MESSAGE, SERVICE } from '#contracts';
import type { ExpressOutcome } from '#messaging';
import type { Demo } from './demo.js';
import { accountId, OPENING, sessionOf } from '../atm/demo-customers.js';
import { type DemoBank, money, seconds } from './stage/demo-bank.js';
import { DemoBroker } from './stage/demo-broker.js';
import { eventually } from '../eventually.js';
import type { Story } from './story.js';

const ACCOUNTS = ['account-a-1', 'account-a-2'];

export const FIGURE_1: Demo = {
  name: 'figure-1',
  title: 'Figure 1 · Three outcomes of a balance request',
  plot:
    'An ATM asks the account service for a balance while the customer types. Kept in memory only (express), sent again when no ' +
    'answer comes: a balance, an error, or a time-out, of which the ATM cannot know whether the request or its answer was lost.',
  moral: 'Asking for a balance changes nothing, so a request may be lost, repeated, and answered late or twice.',
  cluster: { gateways: 1, terminals: 1, accounts: 2 },
  async tell(story, bank) {
    const databaseUrl = await bank.ownDatabase('demo_atm');
    const atm = await DemoBroker.open({ broker: 'demo-atm', databaseUrl, channels: await bank.channels() });
    try {
      await answeredAndError(story, atm);
      await timedOut(story, bank, atm);
      await answeredLate(story, bank, atm);
    } finally {
      await atm.close();
    }
  },
};

const ask = (atm: DemoBroker, account: string, attemptsMax = 3): Promise<ExpressOutcome> =>
  atm.messaging.request({
    fromService: SERVICE.atm,
    toService: SERVICE.account,
    toBroker: 'account-a',
    type: MESSAGE.balanceRequest,
    version: 1,
    body: { accountId: account },
    attemptTimeoutMs: 700,
    attemptsMax,
  });

async function answeredAndError(story: Story, atm: DemoBroker): Promise<void> {
  story.chapter('The balance is returned');
  expectOutcome(story, await ask(atm, accountId(1), 10), `balance ${money(OPENING)}`);
  story.chapter('An error is returned: nobody has this account');
  expectOutcome(story, await ask(atm, 'ACC-9999'), 'error: There is no such account.');
}

async function timedOut(story: Story, bank: DemoBank, atm: DemoBroker): Promise<void> {
  const customer = bank.atm();
  const session = await sessionOf(customer, 1);
  await customer.balance(session);
  story.chapter('Nothing is returned: every replica of the account service is frozen');
  for (const name of ACCOUNTS) await bank.cluster.kill(name, 'SIGSTOP');
  const startedAt = Date.now();
  expectOutcome(story, await ask(atm, accountId(1)), 'time-out after 3 attempts');
  story.note(`given up after ${seconds(Date.now() - startedAt)}; the business logic goes on without the answer:`);
  const shown = await customer.balance(session);
  const observed = shown.ok ? `${money(shown.body.ledger)} (${shown.body.source})` : `refused: ${shown.status}`;
  story.expect('balance on the ATM’s screen', `${money(OPENING)} (cache)`, observed);
}

async function answeredLate(story: Story, bank: DemoBank, atm: DemoBroker): Promise<void> {
  story.chapter('The request is sent again, and this time somebody wakes up');
  const late = await atm.metric('answers_late_total');
  const answer = ask(atm, accountId(1), 20);
  const startedAt = Date.now();
  // Two attempts go unanswered before it does.
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  for (const name of ACCOUNTS) await bank.cluster.kill(name, 'SIGCONT');
  const outcome = await answer;
  expectOutcome(story, outcome, `balance ${money(OPENING)}`);
  story.expectThat('attempts until then', 'more than 1', String(outcome.attempts), outcome.attempts > 1);
  story.note(`the answer came ${seconds(Date.now() - startedAt)} after the first attempt`);
  // The three of the chapter before, and those of this one but the first to be answered.
  const superfluous = await eventually('the late answers arrive', async () => {
    const more = (await atm.metric('answers_late_total')) - late;
    return more >= 3 && more;
  });
  story.expectThat('answers that nobody waited for: dropped', 'at least 3', String(superfluous), superfluous >= 3);
  const { ledger } = await bank.operator.account(accountId(1));
  story.expect('balance, after all these requests', money(OPENING), money(ledger));
}

function expectOutcome(story: Story, outcome: ExpressOutcome, expected: string): void {
  story.expect('outcome of the request', expected, inWords(outcome));
}

function inWords(outcome: ExpressOutcome): string {
  switch (outcome.outcome) {
    case 'answered':
      return `balance ${money(Number(balancesSchema.parse(outcome.body).ledger))}`;
    case 'error':
      return `error: ${outcome.reason}`;
    case 'timed-out':
      return `time-out after ${outcome.attempts} attempts`;
  }
}
