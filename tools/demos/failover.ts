import type { SessionBody, WithdrawalBody } from '#contracts';
import type { Answer, Atm } from '../atm/atm.js';
import { availableChannels } from '../cluster/channels.js';
import type { Demo } from './demo.js';
import { accountId, granted, OPENING, sessionOf } from '../atm/demo-customers.js';
import { cashOf, type DemoBank, money } from './stage/demo-bank.js';
import type { Story } from './story.js';

const AMOUNT = 5_000;

/** Between two replicas more than enough to reach either, with time for the gateways to see that one of them is back. */
const WITHDRAWALS_MAX = 12;
const PAUSE_MS = 500;

export const FAILOVER: Demo = {
  name: 'failover',
  title: 'Failover · One after the other is killed, and the customer notices nothing',
  plot:
    'One customer, one session, several withdrawals. Before each of them something else is killed with SIGKILL and stays down: a gateway, an ' +
    'atm-terminal replica, account replicas, the channel on which the advices travel; at last a replica in the very moment between dispensing and ' +
    'writing it down.',
  moral: 'Every replica can be lost at any moment: another one reads what was committed and goes on from there.',
  cluster: { gateways: 2, terminals: 2, accounts: 3 },
  async tell(story, bank) {
    const atm = bank.atm();
    const session = await sessionOf(atm, 1);
    story.chapter('Everything runs');
    const first = await takeCash(story, atm, session, []);
    const dead: string[] = [];
    const channels = availableChannels() === 'redis' ? ['redis-active'] : [];
    for (const name of [first.gateway, first.servedBy, 'account-a-1', 'account-a-2', ...channels]) {
      story.chapter(`${name} is killed`);
      await bank.cluster.kill(name);
      dead.push(name);
      const answer = await takeCash(story, atm, session, dead);
      await settle(story, atm, session, answer);
    }

    story.chapter(`All are started again; ${first.servedBy} is set to die when the notes are out`);
    await Promise.all(dead.map((name) => bank.cluster.start(name)));
    await bank.untilUp();
    const more = await takeCashUntilItDies(story, bank, atm, session, first.servedBy);

    story.chapter('The books');
    const audit = await bank.auditWhenQuiet();
    const withdrawals = 1 + dead.length + more;
    const { ledger, entries } = await bank.operator.account(accountId(1));
    const posted = entries.filter(({ kind }) => kind === 'withdrawal').length;
    story.expect('withdrawals on the statement', String(withdrawals), String(posted));
    story.expect('balance', money(OPENING - withdrawals * AMOUNT), money(ledger));
    story.expect('independent audit', 'balanced', audit.balanced ? 'balanced' : 'not balanced');
  },
};

async function takeCash(
  story: Story,
  atm: Atm,
  session: SessionBody,
  dead: readonly string[],
): Promise<Answer<WithdrawalBody>> {
  const answer = await atm.withdraw(session, AMOUNT);
  story.expect('notes given to the customer', money(AMOUNT), money(cashOf(granted(answer))));
  const path = [answer.gateway, answer.servedBy];
  const alive = !path.some((name) => dead.includes(name));
  story.expectThat('served by', dead.length === 0 ? 'anybody' : 'who is alive', inWords(answer), alive);
  return answer;
}

/** The money follows the notes: the advice travels on whatever channel there is, to whatever account replica is left. */
async function settle(story: Story, atm: Atm, session: SessionBody, answer: Answer<WithdrawalBody>): Promise<void> {
  const { state, dispensedAt, settledAt } = granted(await atm.untilEnded(session, granted(answer).withdrawalId));
  story.expect('on the books', 'settled', state);
  const [from, to] = [Date.parse(dispensedAt ?? ''), Date.parse(settledAt ?? '')];
  story.note(`settled ${to - from} ms after the notes came out`);
}

/** Which replica serves a call is the gateway's choice; answers how many withdrawals it took to hit the one that dies. */
async function takeCashUntilItDies(
  story: Story,
  bank: DemoBank,
  atm: Atm,
  session: SessionBody,
  replica: string,
): Promise<number> {
  const pidOf = async () => (await bank.cluster.status()).replicas.find(({ name }) => name === replica)?.pid;
  const before = await pidOf();
  await bank.operator.arm({ replica, point: 'terminal.after-dispense', action: 'kill', times: 1 });
  let answer: Answer<WithdrawalBody>;
  let withdrawals = 0;
  do {
    answer = await atm.withdraw(session, AMOUNT);
    withdrawals += 1;
    // The gateways take replicas in turn: without an odd call now and then, every withdrawal might meet the same one.
    if (withdrawals % 2 === 1) await atm.balance(session);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while ((await pidOf()) === before && withdrawals < WITHDRAWALS_MAX);
  const died = (await pidOf()) !== before;
  story.expect(`${replica} has died in the act`, 'yes', died ? 'yes' : 'no');
  story.expect('notes given to the customer', money(AMOUNT), money(cashOf(granted(answer))));
  story.expectThat('answered by', 'the other one', inWords(answer), answer.servedBy !== replica);
  const { state } = granted(await atm.untilEnded(session, granted(answer).withdrawalId));
  story.expect('the withdrawal', 'settled', state);
  return withdrawals;
}

const inWords = ({ gateway, servedBy, milliseconds }: Answer<unknown>) =>
  `${gateway} → ${servedBy}, ${milliseconds.toFixed(0)} ms`;
