interface Example {
  readonly request?: unknown;
  readonly answer?: unknown;
}

const SESSION_ID = '0192f0c1-2b7a-5c3d-9e4f-5a6b7c8d9e0f';
const WITHDRAWAL_ID = '0192f0c1-3c8b-5d4e-8f5a-6b7c8d9e0f1a';

const withdrawal = {
  withdrawalId: WITHDRAWAL_ID,
  sessionId: SESSION_ID,
  terminalId: 'ATM-001',
  state: 'dispensed',
  amount: 20_000,
  currency: 'EUR',
  authorisation: 'host',
  dispensed: [{ denomination: 10_000, count: 2 }],
  responseCode: '00',
  stan: '000042',
  rrn: '500100000016',
  createdAt: '2025-01-01T12:00:00.000Z',
  dispensedAt: '2025-01-01T12:00:00.020Z',
  settledAt: null,
};

/** Requests that work with the demo data, and what they answer, by the name of the call. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  readGateways: { answer: { profile: 'demo', gateways: ['http://localhost:8080', 'http://localhost:8081'] } },
  openSession: {
    request: { cardNumber: '4000001000000001', pin: '1234' },
    answer: {
      sessionId: SESSION_ID,
      token: `${SESSION_ID}.Zm9y-ZXhhbXBsZQ`,
      expiresAt: '2025-01-01T12:15:00.000Z',
      card: { maskedNumber: '400000******0001' },
      account: { accountId: 'ACC-0001', currency: 'EUR' },
    },
  },
  readBalance: {
    answer: {
      accountId: 'ACC-0001',
      ledger: 100_000_000,
      held: 20_000,
      available: 99_980_000,
      currency: 'EUR',
      asOf: '2025-01-01T12:00:00.000Z',
      source: 'host',
    },
  },
  selectWithdrawal: { request: { amount: 20_000 }, answer: withdrawal },
  enterAmount: { request: { amount: 20_000 }, answer: withdrawal },
  readWithdrawal: { answer: { ...withdrawal, state: 'settled', settledAt: '2025-01-01T12:00:00.050Z' } },
  readNotes: {
    answer: { terminalId: 'ATM-001', currency: 'EUR', notes: [{ denomination: 5_000, count: 100 }] },
  },
  deposit: { request: { notes: [{ denomination: 5_000, count: 2 }] } },
  transfer: { request: { toAccountId: 'ACC-0002', amount: 2_500 } },
  readMessages: {
    answer: {
      messages: [
        {
          messageId: '0192f0c1-4d9c-7e5f-8a6b-7c8d9e0f1a2b',
          state: 'dead',
          broker: 'account-a',
          dialogId: WITHDRAWAL_ID,
          sequence: 1,
          type: 'completion-advice',
          version: 1,
          fromService: 'atm',
          fromBroker: 'terminal',
          toService: 'account',
          toBroker: 'account-a',
          attempts: 10,
          crashes: 0,
          reason: 'failed',
          lastError: 'the ledger refuses: unknown-account',
          since: '2025-01-01T12:00:00.000Z',
          nextAttemptAt: null,
          body: { withdrawalId: WITHDRAWAL_ID, amount: '20000' },
        },
      ],
      unheard: [],
    },
  },
  replaceRoutes: {
    request: { routes: [{ at: 'terminal', service: 'journal', broker: 'account-a', channels: [] }] },
    answer: { routes: [{ at: 'terminal', service: 'journal', broker: 'account-a', channels: [] }] },
  },
  replenishTerminal: { request: {} },
  armFault: { request: { replica: 'account-a-1', point: 'account.after-hold', action: 'kill', times: 1 } },
};
