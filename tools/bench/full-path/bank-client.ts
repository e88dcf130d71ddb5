import { randomUUID } from 'node:crypto';
import type { SessionBody, WithdrawalBody } from '#contracts';
import { HttpConnection } from './http-connection.js';

const PIN = '1234';

/** Of the demo data; virtual ATMs beyond share them. */
export const TERMINALS: readonly string[] = Array.from({ length: 8 }, (_, index) => `ATM-00${index + 1}`);

/** One ATM with a connection and a session of its own. */
export interface VirtualAtm {
  readonly gateway: HttpConnection;
  readonly path: string;
  /** Header lines of each of its requests. */
  readonly head: string;
}

/** Cash machines at the gateways in turn. */
export class BankClient {
  private readonly connections: HttpConnection[] = [];

  constructor(private readonly gatewayUrls: readonly string[]) {}

  /** Demo card `number` in a terminal, its PIN verified. */
  async openSession(number: number): Promise<VirtualAtm> {
    const gateway = new HttpConnection(this.gatewayUrls[number % this.gatewayUrls.length] as string);
    this.connections.push(gateway);
    const terminalKey = `demo-key-${TERMINALS[(number - 1) % TERMINALS.length]}`;
    const head = `x-terminal-key: ${terminalKey}\r\ncontent-type: application/json\r\n`;
    const cardNumber = `4000001000000${String(number).padStart(3, '0')}`;
    const card = JSON.stringify({ cardNumber, pin: PIN });
    const { status, body } = await gateway.post('/v1/sessions', head + newKey(), card);
    if (status !== 201) throw new Error(`session of card ${number} refused with ${status}: ${body}`);
    const { sessionId, token } = JSON.parse(body) as SessionBody;
    const path = `/v1/sessions/${sessionId}/withdrawals`;
    return { gateway, path, head: `${head}authorization: Bearer ${token}\r\n` };
  }

  /** Both steps at once. Resolves to the withdrawal's id; rejects where no cash came. */
  async withdraw({ gateway, path, head }: VirtualAtm, amount: number): Promise<string> {
    const { status, body } = await gateway.post(path, head + newKey(), `{"amount":${amount}}`);
    const withdrawal = status === 201 ? (JSON.parse(body) as WithdrawalBody) : null;
    if (withdrawal?.state === 'dispensed' || withdrawal?.state === 'settled') return withdrawal.withdrawalId;
    throw new Error(`withdrawal answered ${status}: ${body}`);
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

const newKey = () => `idempotency-key: ${randomUUID()}\r\n`;
