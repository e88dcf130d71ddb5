import type { Demo } from './demo.js';
import { balanceChange, CarelessAccount, openAccount, readAccount } from './stage/careless-bank.js';
import { accountId, granted, OPENING, sessionOf } from '../atm/demo-customers.js';
import { type DemoBank, money } from './stage/demo-bank.js';
import { DemoBroker } from './stage/demo-broker.js';
import { switchOffInbox } from './stage/switch-off-inbox.js';
import { eventually } from '../eventually.js';
import type { Story } from './story.js';

const BALANCE = 100_000;
const AMOUNT = 20_000;

export const FIGURE_3: Demo = {
  name: 'figure-3',
  title: 'Figure 3 · Withdraw-cash request retry, where the customer loses money',
  plot:
    'The same retry as in figure 2, at an account service without a list of processed messages: its inbox is sabotaged to forget everything. ' +
    'Then with it; then this bank itself, which has a second lock behind the inbox.',
  moral:
    'Retries deliver, the inbox keeps them from being applied twice, and the unique key on the ledger holds even when the inbox does not.',
  cluster: { gateways: 1, terminals: 1, accounts: 2 },
  async tell(story, bank) {
    story.chapter('A simple account service with its inbox switched off: 1,000.00 on the account, 200.00 are taken');
    await takeCashAtCarelessBank(story, bank, { broker: 'careless-1', inbox: false });
    story.chapter('The same account service, with its inbox');
    await takeCashAtCarelessBank(story, bank, { broker: 'careless-2', inbox: true });
    story.chapter('This bank, with its inbox switched off: the ledger knows the withdrawal');
    await takeCashWithoutInbox(story, bank);
  },
};

interface Scene {
  readonly broker: string;
  readonly inbox: boolean;
}

async function takeCashAtCarelessBank(story: Story, bank: DemoBank, { broker, inbox }: Scene): Promise<void> {
  const channels = await bank.channels();
  const open = async (name: string, more: object = {}) =>
    DemoBroker.open({ broker: name, channels, databaseUrl: await bank.ownDatabase(name.replace('-', '_')), ...more });
  let lost = 0;
  const loseFirstAnswer = (point: string) => {
    if (point === 'inbox.after-commit' && lost++ === 0) throw new Error('the answer is lost');
  };
  const account = await open(broker, { endpoint: CarelessAccount, reach: loseFirstAnswer });
  const atm = await open(`atm-of-${broker}`.replaceAll('-', '_'));
  try {
    await openAccount(account.database, BALANCE);
    if (!inbox) await switchOffInbox(bank.cluster.databaseUrl(broker.replace('-', '_')));
    await atm.database.transaction((tx) => atm.messaging.send(tx, [balanceChange(broker, -AMOUNT)]));
    await eventually('an answer', async () => (await atm.messaging.stored()).unanswered === 0);
    const { balance, changes } = await readAccount(account.database);
    const { resent } = atm.messaging.status().counters;
    story.note('the first answer is lost on its way');
    story.expectThat('times sent again', 'at least 1', String(resent), resent >= 1);
    story.expect('times applied', inbox ? '1' : '2', String(changes));
    story.expect('balance', inbox ? '800.00' : '600.00', money(balance));
    story.expect('the customer has lost', inbox ? '0.00' : '200.00', money(BALANCE - AMOUNT - balance));
  } finally {
    await Promise.all([atm.close(), account.close()]);
  }
}

async function takeCashWithoutInbox(story: Story, bank: DemoBank): Promise<void> {
  await switchOffInbox(bank.cluster.databaseUrl('account_a'));
  const atm = bank.atm();
  const session = await sessionOf(atm, 1);
  await bank.cluster.kill('account-a-2');
  await bank.operator.arm({ replica: 'account-a-1', point: 'inbox.after-commit', action: 'kill', times: 1 });
  const { withdrawalId } = granted(await atm.withdraw(session, AMOUNT));
  await bank.cluster.start('account-a-2');
  const settled = granted(await atm.untilEnded(session, withdrawalId));
  story.note('account-a-1 died before it could answer; the message was applied a second time');
  story.expect('withdrawal, as the ATM knows it', 'settled', settled.state);
  const remembered = await bank.count('account_a', 'messaging.processed_message');
  story.expect('messages that the inbox remembers', '0', String(remembered));
  const applied = await bank.count('account_a', `ledger_entry WHERE kind = 'withdrawal'`);
  story.expect('ledger entries for the withdrawal', '1', String(applied));
  const { ledger } = await bank.operator.account(accountId(1));
  story.expect('the customer has lost', '0.00', money(OPENING - AMOUNT - ledger));
}
