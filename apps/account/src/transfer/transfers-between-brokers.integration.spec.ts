import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Placement, type Digest, type HostTransfer, type TransferCredit } from '#contracts';
import type { OutgoingMessage } from '#messaging';
import { deliver, openTestHost, type TestHost } from '../testing/test-host.js';
import type { ArrivedCredit, ArrivedCreditAnswer } from './transfer-credits.js';

const PLACEMENT = Placement.parse('account-a=ACC-0001..ACC-0050,account-b=ACC-0051..ACC-0100');
const NOW = { asOf: '2026-03-01T12:00:00.000Z', inFlight: [] };

const aTransfer = (over: Partial<HostTransfer> = {}): HostTransfer => ({
  transferId: randomUUID(),
  fromAccountId: 'ACC-0001',
  toAccountId: 'ACC-0051',
  toBroker: 'account-b',
  amount: '2500',
  rrn: '600100000001',
  requestedAt: '2026-03-01T10:00:00.000Z',
  ...over,
});

/** Goal: what leaves one broker arrives at the other once, or comes back. Method: two databases, with the messages carried by the test. */
describe('transfers between brokers', () => {
  let a: TestHost;
  let b: TestHost;
  beforeAll(async () => {
    a = await openTestHost({ broker: 'account-a', placement: PLACEMENT });
    b = await openTestHost({ broker: 'account-b', placement: PLACEMENT });
  });
  afterAll(() => Promise.all([a.close(), b.close()]));

  const balanceOf = async (host: TestHost, accountId: string) =>
    Number((await host.replica().balances.read(accountId)).ledger);

  const arrived = ({ messageId = '', body }: OutgoingMessage): ArrivedCredit => ({
    messageId,
    fromBroker: 'account-a',
    body: body as TransferCredit,
  });

  /** Applies at b and takes the answers back to a, as the inbox and the transmission queue do. */
  async function carry(messages: readonly OutgoingMessage[]) {
    const credits = b.replica().credits;
    const answers = await deliver(b, 'transfer-credit', credits.credit.bind(credits), messages.map(arrived));
    const answered = messages.map(
      ({ body }, index) => ({ request: body as TransferCredit, body: answers[index] }) as ArrivedCreditAnswer,
    );
    await a.database.transaction((tx) => a.replica().credits.answered(answered, tx));
    return answers;
  }

  const sentBy = (transferId: string) => a.sent.filter(({ dialogId }) => dialogId === transferId);

  it('each customer is at one broker only', async () => {
    await expect(balanceOf(a, 'ACC-0050')).resolves.toBe(100_000_000);
    await expect(balanceOf(b, 'ACC-0050')).rejects.toThrow('no such account');
    await expect(balanceOf(a, 'ACC-0051')).rejects.toThrow('no such account');
  });

  it('the debit and its message commit together, once however often it is asked for; the credit is applied once', async () => {
    const request = aTransfer();
    const replica = a.replicas(3);
    const asked = Array.from({ length: 9 }, (_, turn) => replica(turn).transfers.transfer(request));
    const results = await Promise.all(asked);
    expect(new Set(results.map(({ responseCode }) => responseCode))).toEqual(new Set(['00']));
    const messages = sentBy(request.transferId);
    expect(messages).toMatchObject([{ toBroker: 'account-b', type: 'transfer-credit', body: { amount: '2500' } }]);
    expect(await balanceOf(a, 'ACC-0001')).toBe(100_000_000 - 2500);
    expect(await balanceOf(b, 'ACC-0051')).toBe(100_000_000);

    await carry(messages);
    // Should the inbox ever forget, the ledger does not.
    const credits = b.replica().credits;
    const again = await b.database.transaction((tx) => credits.credit(messages.map(arrived), tx));
    expect(again).toEqual([{ posted: true, entryId: expect.any(String) }]);
    expect(await balanceOf(b, 'ACC-0051')).toBe(100_000_000 + 2500);
  });

  it('what is not there is not sent', async () => {
    const request = aTransfer({ amount: '100000001' });
    expect(await a.replica().transfers.transfer(request)).toMatchObject({ posted: false, responseCode: '51' });
    expect(sentBy(request.transferId)).toEqual([]);
  });

  it('what cannot be credited comes back, once', async () => {
    const request = aTransfer({ fromAccountId: 'ACC-0002', toAccountId: 'ACC-7777' });
    await a.replica().transfers.transfer(request);
    expect(await balanceOf(a, 'ACC-0002')).toBe(100_000_000 - 2500);
    const messages = sentBy(request.transferId);
    expect(await carry(messages)).toEqual([{ posted: false, responseCode: '12' }]);
    const refused = messages.map(({ body }) => ({ request: body, body: { posted: false } }) as ArrivedCreditAnswer);
    await a.database.transaction((tx) => a.replica().credits.answered(refused, tx));
    expect(await balanceOf(a, 'ACC-0002')).toBe(100_000_000);
  });

  it('both sides account for the same transfers, less those on their way', async () => {
    const onItsWay = aTransfer({ fromAccountId: 'ACC-0003' });
    await a.replica().transfers.transfer(onItsWay);
    const digests = async (inFlight: string[]) => {
      const [there, here] = await Promise.all([a, b].map((host) => host.audit.audit({ ...NOW, inFlight })));
      for (const audit of [there, here]) expect(audit?.checks.filter(({ ok }) => !ok)).toEqual([]);
      return { out: there?.transfers[0]?.out, in: here?.transfers[0]?.in } as { out: Digest; in: Digest };
    };
    const settled = await digests([onItsWay.transferId]);
    expect(settled.out).toMatchObject({ count: 1, amount: '2500' });
    expect(settled.out).toEqual(settled.in);
    const all = await digests([]);
    expect(all.out).toMatchObject({ count: 2, amount: '5000' });
    expect(all.in).toEqual(settled.in);
  });
});
