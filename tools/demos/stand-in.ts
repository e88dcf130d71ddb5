import type { BalanceBody, WithdrawalBody } from '#contracts';
import type { Answer } from '../atm/atm.js';
import type { Demo } from './demo.js';
import { accountId, cardNumber, granted, OPENING, sessionOf } from '../atm/demo-customers.js';
import { cashOf, money, seconds } from './stage/demo-bank.js';

const ACCOUNTS = ['account-a-1', 'account-a-2', 'account-a-3'];
const WITHIN = 20_000;
const BEYOND = 40_000;

export const STAND_IN: Demo = {
  name: 'stand-in',
  title: 'Stand-in · The account service is wholly gone',
  plot:
    'All replicas of the account service are killed. Customers whose PIN was verified before get cash on the balance that the ATM last ' +
    'heard of, within limits; everybody else gets a clear refusal. What was given is a fact, and is posted when the service is back.',
  moral: 'Stored and forwarded: the customer had the notes at once, the bank has the money in its books, once.',
  cluster: { gateways: 2, terminals: 2, accounts: 3 },
  async tell(story, bank) {
    const atm = bank.atm();
    const session = await sessionOf(atm, 7);

    story.chapter('A customer has a session; then account-a-1, account-a-2 and account-a-3 are killed');
    await Promise.all(ACCOUNTS.map((name) => bank.cluster.kill(name)));
    const given = await atm.withdraw(session, WITHIN);
    const { withdrawalId } = granted(given);
    story.expect('the customer takes 200.00', '200.00 by stand-in', cashInWords(given));
    story.note(`decided after ${seconds(given.milliseconds)}, served by ${given.gateway} → ${given.servedBy}`);
    story.expect('balance on the screen', 'last known (cache)', sourceInWords(await atm.balance(session)));

    story.chapter('Limits hold, and nobody new is let in on a guess');
    story.expect('the customer takes 400.00 more', 'refused (503)', cashInWords(await atm.withdraw(session, BEYOND)));
    // At the same ATM: one that has no answer at all would be asked again and again.
    const stranger = await atm.openSession(cardNumber(8), '1234');
    story.expect(
      'another customer enters a PIN',
      'refused (503)',
      `${stranger.ok ? 'let in' : 'refused'} (${stranger.status})`,
    );

    story.chapter('The account service comes back');
    const backAt = Date.now();
    await Promise.all(ACCOUNTS.map((name) => bank.cluster.start(name)));
    const settled = granted(await atm.untilEnded(session, withdrawalId));
    story.expect('the withdrawal of 200.00', 'settled', settled.state);
    story.note(`settled by itself, ${seconds(Date.now() - backAt)} after the start of the replicas`);
    const audit = await bank.auditWhenQuiet();
    const { ledger, held } = await bank.operator.account(accountId(7));
    story.expect('balance', money(OPENING - WITHIN), money(ledger));
    story.expect('still held', '0.00', money(held));
    story.expect('balance on the screen', 'the account service’s', sourceInWords(await atm.balance(session)));
    story.expect('independent audit', 'balanced', audit.balanced ? 'balanced' : 'not balanced');
  },
};

function cashInWords(answer: Answer<WithdrawalBody>): string {
  if (!answer.ok) return `refused (${answer.status})`;
  const by = answer.body.authorisation === 'stand-in' ? 'stand-in' : 'the account service';
  return `${money(cashOf(answer.body))} by ${by}`;
}

function sourceInWords(answer: Answer<BalanceBody>): string {
  if (!answer.ok) return `refused (${answer.status})`;
  return answer.body.source === 'cache' ? 'last known (cache)' : 'the account service’s';
}
