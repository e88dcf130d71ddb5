import { randomUUID } from 'node:crypto';
import { type Dispatcher, Pool } from 'undici';
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
  withdraw(atm: VirtualAtm, amount: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { ...atm.headers, 'idempotency-key': randomUUID() };
      const request = { method: 'POST', path: atm.path, headers, body: `{"amount":${amount}}` } as const;
      atm.gateway.dispatch(request, new WithdrawalAnswer(resolve, reject));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
  }
}

/** Reads one answer with nothing in between: undici's own response objects cost as much as all the rest. */
class WithdrawalAnswer implements Dispatcher.DispatchHandler {
  private status = 0;
  private text = '';

  constructor(
    private readonly resolve: (withdrawalId: string) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  onRequestStart(): void {
    // Nothing to do before the answer; undici asks for the method.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.text += chunk.toString('latin1');
  }

  onResponseEnd(): void {
    const withdrawal = this.status === 201 ? (JSON.parse(this.text) as WithdrawalBody) : null;
    if (withdrawal?.state === 'dispensed' || withdrawal?.state === 'settled') this.resolve(withdrawal.withdrawalId);
    else this.reject(new Error(`withdrawal answered ${this.status}: ${this.text}`));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}
