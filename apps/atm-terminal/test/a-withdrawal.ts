import { minorUnits } from '#money';
import type { Withdrawal } from '../src/withdrawal/withdrawal.js';

/** A withdrawal of 180.00 that is being authorised, but for what the test says. */
export function aWithdrawal(overrides: Partial<Withdrawal> = {}): Withdrawal {
  return {
    withdrawalId: '0192f0c1-2b7a-8c3d-9e4f-5a6b7c8d9e0f',
    sessionId: '0192f0c1-2b7a-8c3d-9e4f-000000000001',
    terminalId: 'ATM-001',
    accountId: 'ACC-0001',
    cardToken: 'card-token',
    broker: 'account-a',
    currency: 'EUR',
    state: 'authorising',
    stored: true,
    amount: minorUnits(18_000n),
    authorisation: null,
    responseCode: null,
    noteMix: null,
    dispensed: [],
    taken: minorUnits(0n),
    rejected: minorUnits(0n),
    retracted: minorUnits(0n),
    suspense: minorUnits(0n),
    stan: '000001',
    rrn: '632500000001',
    createdAt: new Date('2026-01-01T12:00:00.000Z'),
    dispensedAt: null,
    settledAt: null,
    fingerprint: null,
    ...overrides,
  };
}
