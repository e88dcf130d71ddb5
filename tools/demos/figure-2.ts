import type { Demo } from './demo.js';
import { accountId, granted, OPENING, sessionOf } from '../atm/demo-customers.js';
import { cashOf, money, seconds } from './stage/demo-bank.js';
import { eventually } from '../eventually.js';

const AMOUNT = 20_000;

export const FIGURE_2: Demo = {
  name: 'figure-2',
  title: 'Figure 2 · Withdraw-cash request, harmless retry',
  plot:
    'The notes are out and the balance change reaches the account service, but the answer is lost. The ATM sends the message again until it ' +
    'has an answer. The account service knows the message by its id and answers from its store.',
  moral: 'The message was delivered twice and applied once: the list of processed messages makes it idempotent.',
  cluster: { gateways: 1, terminals: 1, accounts: 2 },
  async tell(story, bank) {
    const { operator, cluster } = bank;
    const atm = bank.atm();
    const session = await sessionOf(atm, 1);

    story.chapter('Only account-a-1 is there, set to die between its commit and its answer; the customer takes 200.00');
    await cluster.kill('account-a-2');
    const before = await pidOf();
    await operator.arm({ replica: 'account-a-1', point: 'inbox.after-commit', action: 'kill', times: 1 });
    const startedAt = Date.now();
    const withdrawal = granted(await atm.withdraw(session, AMOUNT));
    story.expect('notes given to the customer', money(AMOUNT), money(cashOf(withdrawal)));
    await eventually('account-a-1 dies', async () => (await pidOf()) !== before);
    // Lest it be started again and answer before we have looked.
    await cluster.kill('account-a-1');
    const charged = OPENING - (await ledgerBalance());
    story.expect('charged to the account', money(AMOUNT), money(charged));
    story.expect('messages that the ATM has no answer to', '1', String(await unanswered()));
    story.expect('withdrawal, as the ATM knows it', 'dispensed', await stateOf());

    story.chapter('The ATM has no answer and sends the same message again; account-a-2 takes it');
    await cluster.start('account-a-2');
    const settled = granted(await atm.untilEnded(session, withdrawal.withdrawalId));
    story.expect('withdrawal, as the ATM knows it', 'settled', settled.state);
    story.note(`the answer came ${seconds(Date.now() - startedAt)} after the customer asked for the notes`);
    story.expect('messages that the ATM has no answer to', '0', String(await unanswered()));
    const repeats = await bank.metric('account', 'inbox_duplicates_total');
    story.expectThat('repeats answered from the store', 'at least 1', String(repeats), repeats >= 1);

    story.chapter('The books');
    story.expect('messages applied', '1', String(await bank.count('account_a', 'messaging.processed_message')));
    story.expect('balance', money(OPENING - AMOUNT), money(await ledgerBalance()));
    const { entries } = await operator.account(accountId(1));
    const posted = entries.filter(({ kind }) => kind === 'withdrawal').map(({ amount }) => money(amount));
    story.expect('withdrawals on the statement', money(-AMOUNT), posted.join(', '));
    const audit = await bank.auditWhenQuiet();
    story.expect('independent audit', 'balanced', audit.balanced ? 'balanced' : 'not balanced');

    async function pidOf(): Promise<number | null> {
      return (await cluster.status()).replicas.find(({ name }) => name === 'account-a-1')?.pid ?? null;
    }
    async function ledgerBalance(): Promise<number> {
      const text = 'SELECT ledger_balance AS ledger FROM account WHERE account_id = $1';
      return Number((await bank.rows<{ ledger: string }>('account_a', text, [accountId(1)]))[0]?.ledger);
    }
    function unanswered(): Promise<number> {
      return bank.count('terminal', 'messaging.transmission_queue');
    }
    async function stateOf(): Promise<string> {
      return granted(await atm.withdrawal(session, withdrawal.withdrawalId)).state;
    }
  },
};
