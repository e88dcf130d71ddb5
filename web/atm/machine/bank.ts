import type {
  BalanceBody,
  DepositReceipt,
  ReachableNotes,
  SessionBody,
  StatementBody,
  TrailBody,
  TransferReceipt,
  WithdrawalBody,
} from '#contracts';
import type { Notes } from '#money';
import type { Reply } from '../../shared/api/attempt.js';
import type { Call, GatewayClient } from '../../shared/api/gateway-client.js';

/** Shorter than a call that is waited for: what is only shown is asked again. */
const GLANCE_MS_MAX = 4_000;

const STATEMENT_ENTRIES = 8;

/** The calls of a terminal. Each rejects with `NoAnswerError` where no gateway answers. */
export class Bank {
  constructor(
    private readonly client: GatewayClient,
    readonly terminalId: string,
    private readonly terminalKey: string,
  ) {}

  openSession(cardNumber: string, pin: string): Promise<Reply<SessionBody>> {
    return this.call({ method: 'POST', path: '/v1/sessions', body: { cardNumber, pin } });
  }

  closeSession({ sessionId, token }: SessionBody): Promise<Reply<undefined>> {
    return this.call({ method: 'DELETE', path: `/v1/sessions/${sessionId}`, token });
  }

  balance({ sessionId, token }: SessionBody): Promise<Reply<BalanceBody>> {
    return this.call({ method: 'GET', path: `/v1/sessions/${sessionId}/balance`, token, callMsMax: GLANCE_MS_MAX * 2 });
  }

  notes({ sessionId, token }: SessionBody): Promise<Reply<ReachableNotes>> {
    return this.call({ method: 'GET', path: `/v1/sessions/${sessionId}/notes`, token });
  }

  selectWithdrawal({ sessionId, token }: SessionBody): Promise<Reply<WithdrawalBody>> {
    return this.call({ method: 'POST', path: `/v1/sessions/${sessionId}/withdrawals`, token, body: {} });
  }

  enterAmount({ token }: SessionBody, withdrawalId: string, amount: number): Promise<Reply<WithdrawalBody>> {
    return this.call({ method: 'PUT', path: `/v1/withdrawals/${withdrawalId}/amount`, token, body: { amount } });
  }

  withdrawal({ token }: SessionBody, withdrawalId: string): Promise<Reply<WithdrawalBody>> {
    return this.call({ method: 'GET', path: `/v1/withdrawals/${withdrawalId}`, token, callMsMax: GLANCE_MS_MAX });
  }

  trail({ token }: SessionBody, withdrawalId: string): Promise<Reply<TrailBody>> {
    return this.call({ method: 'GET', path: `/v1/withdrawals/${withdrawalId}/trail`, token, callMsMax: GLANCE_MS_MAX });
  }

  deposit({ sessionId, token }: SessionBody, notes: readonly Notes[]): Promise<Reply<DepositReceipt>> {
    return this.call({ method: 'POST', path: `/v1/sessions/${sessionId}/deposits`, token, body: { notes } });
  }

  transfer({ sessionId, token }: SessionBody, toAccountId: string, amount: number): Promise<Reply<TransferReceipt>> {
    const body = { toAccountId, amount };
    return this.call({ method: 'POST', path: `/v1/sessions/${sessionId}/transfers`, token, body });
  }

  statement({ sessionId, token }: SessionBody): Promise<Reply<StatementBody>> {
    const path = `/v1/sessions/${sessionId}/statement?limit=${STATEMENT_ENTRIES}`;
    return this.call({ method: 'GET', path, token });
  }

  private call<Body>(call: Call): Promise<Reply<Body>> {
    return this.client.call<Body>({ ...call, terminalKey: this.terminalKey });
  }
}
