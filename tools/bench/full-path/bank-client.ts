import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import type { SessionBody, WithdrawalBody } from '#contracts';

const PIN = '1234';

/** Terminals of the demo data; virtual ATMs beyond share them. */
const TERMINALS = 8;

/** One ATM with a session of its own, at one gateway. */
export interface VirtualAtm {
  readonly gateway: Pool;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The least HTTP client that can take cash: kept connections, one request on each at a time, nothing parsed that is not needed. On a small
 * machine whatever the load costs is taken from what it measures.
 */
export class BankClient {
  private readonly gateways: readonly Pool[];

  constructor(gatewayUrls: readonly string[], connections: number) {
    this.gateways = gatewayUrls.map((url) => new Pool(url, { connections, pipelining: 1, keepAliveTimeout: 60_000 }));
  }

  /** Demo card `number` in a terminal, its PIN verified. */
  async openSession(number: number): Promise<VirtualAtm> {
    const gateway = this.gateways[number % this.gateways.length] as Pool;
    const terminalKey = `demo-key-ATM-${String(((number - 1) % TERMINALS) + 1).padStart(3, '0')}`;
    const headers = { 'x-terminal-key': terminalKey, 'content-type': 'application/json' };
    const cardNumber = `4000001000000${String(number).padStart(3, '0')}`;
    const { statusCode, body } = await gateway.request({
      method: 'POST',
      path: '/v1/sessions',
      headers: { ...headers, 'idempotency-key': randomUUID() },
      body: JSON.stringify({ cardNumber, pin: PIN }),
    });
    const text = await body.text();
    if (statusCode !== 201) throw new Error(`session of card ${number} refused with ${statusCode}: ${text}`);
    const { sessionId, token } = JSON.parse(text) as SessionBody;
    return {
      gateway,
      path: `/v1/sessions/${sessionId}/withdrawals`,
      headers: { ...headers, authorization: `Bearer ${token}` },
    };
  }

  /** Both steps at once. Resolves to the withdrawal's id; rejects where no cash came. */
  async withdraw(atm: VirtualAtm, amount: number): Promise<string> {
    const { statusCode, body } = await atm.gateway.request({
      method: 'POST',
      path: atm.path,
      headers: { ...atm.headers, 'idempotency-key': randomUUID() },
      body: `{"amount":${amount}}`,
    });
    const text = await body.text();
    const withdrawal = statusCode === 201 ? (JSON.parse(text) as WithdrawalBody) : null;
    if (withdrawal?.state !== 'dispensed' && withdrawal?.state !== 'settled') {
      throw new Error(`withdrawal answered ${statusCode}: ${text}`);
    }
    return withdrawal.withdrawalId;
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
  }
}
