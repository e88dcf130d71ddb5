import type { SessionBody, WithdrawalBody } from '#contracts';
import type { Reply } from '../../shared/api/attempt.js';
import type { GatewayClient } from '../../shared/api/gateway-client.js';
import { DEMO_PIN, DEMO_TERMINALS, demoTerminalKey } from '../../shared/demo.js';

/** A withdrawal as its customer saw it. */
export interface TakenCash {
  readonly session: SessionBody;
  readonly withdrawal: WithdrawalBody;
  /** Replica that gave the answer. */
  readonly servedBy: string;
  readonly gateway: string;
  readonly milliseconds: number;
}

/** A cash machine with the demo's cards: for people who want to see something happen. Rejects where a call is refused. */
export class DemoCustomers {
  constructor(private readonly client: GatewayClient) {}

  /** Card in, cash out; the session stays open, so that the withdrawal can be asked about. */
  async takeCash(card: number, amount: number): Promise<TakenCash> {
    const terminal = DEMO_TERMINALS[card % DEMO_TERMINALS.length] as string;
    const terminalKey = demoTerminalKey(terminal);
    const startedAt = performance.now();
    const session = granted(
      await this.client.call<SessionBody>({
        method: 'POST',
        path: '/v1/sessions',
        terminalKey,
        body: { cardNumber: cardNumber(card), pin: DEMO_PIN },
      }),
    );
    const reply = await this.client.call<WithdrawalBody>({
      method: 'POST',
      path: `/v1/sessions/${session.sessionId}/withdrawals`,
      token: session.token,
      terminalKey,
      body: { amount },
    });
    const withdrawal = granted(reply);
    const milliseconds = performance.now() - startedAt;
    return { session, withdrawal, servedBy: reply.servedBy, gateway: reply.gateway, milliseconds };
  }

  async read({ session, withdrawal }: TakenCash): Promise<WithdrawalBody> {
    const path = `/v1/withdrawals/${withdrawal.withdrawalId}`;
    return granted(await this.client.call<WithdrawalBody>({ method: 'GET', path, token: session.token }));
  }

  /** Card out. */
  async leave({ session }: TakenCash): Promise<void> {
    const path = `/v1/sessions/${session.sessionId}`;
    await this.client.call<void>({ method: 'DELETE', path, token: session.token });
  }
}

export const cardNumber = (card: number): string => `400000100000${String(card).padStart(4, '0')}`;
export const accountId = (card: number): string => `ACC-${String(card).padStart(4, '0')}`;

/** Minor units that the customer has in hand. */
export const inHand = ({ dispensed }: WithdrawalBody): number =>
  dispensed.reduce((sum, { denomination, count }) => sum + denomination * count, 0);

function granted<Body>(reply: Reply<Body>): Body {
  if (reply.ok) return reply.body;
  throw new Error(reply.problem.detail);
}
