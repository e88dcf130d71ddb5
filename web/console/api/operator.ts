import type {
  ArmFault,
  AuditBody,
  ClusterBody,
  MessagesBody,
  OperatorAccountBody,
  OperatorWithdrawals,
  ReplayBody,
  RoutesBody,
  TerminalBody,
  TrailBody,
} from '#contracts';
import { NoAnswerError } from '../../shared/api/attempt.js';
import type { Call, GatewayClient } from '../../shared/api/gateway-client.js';

export type MemberAction = 'kill' | 'pause' | 'resume' | 'start';

/** The cluster has refused, in its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** A gateway that this page has just frozen is left after this, milliseconds. */
const CONTROL_MS_MAX = 4_000;

/** Until a process that starts is ready. */
const START_MS_MAX = 30_000;

/** An audit reads whole tables. */
const AUDIT_MS_MAX = 60_000;

/** The operator's calls. All of them reject with `Refused`, or with `NoAnswerError` where no gateway answers. */
export class Operator {
  constructor(
    private readonly client: GatewayClient,
    private readonly token: string,
  ) {}

  cluster = () => this.ask<ClusterBody>('GET', 'cluster');

  audit = () => this.ask<AuditBody>('GET', 'audit', { attemptMsMax: AUDIT_MS_MAX, callMsMax: AUDIT_MS_MAX });

  act = (member: string, action: MemberAction) => {
    const attemptMsMax = action === 'start' ? START_MS_MAX : CONTROL_MS_MAX;
    return this.ask<void>('POST', `members/${encodeURIComponent(member)}/${action}`, { attemptMsMax });
  };

  scale = (what: string, count: number) =>
    this.ask<void>('POST', 'scale', { body: { what, count }, attemptMsMax: START_MS_MAX });

  arm = (fault: ArmFault) => this.ask<void>('POST', 'faults', { body: fault });

  withdrawals = (limit: number) => this.ask<OperatorWithdrawals>('GET', `withdrawals?limit=${limit}`);

  trail = (withdrawalId: string) => this.ask<TrailBody>('GET', `withdrawals/${withdrawalId}/trail`);

  messages = (limit: number) => this.ask<MessagesBody>('GET', `messages?limit=${limit}`);

  replay = (messageId: string) => this.ask<ReplayBody>('POST', `messages/${messageId}/replay`);

  terminal = (terminalId: string) => this.ask<TerminalBody>('GET', `terminals/${encodeURIComponent(terminalId)}`);

  replenish = (terminalId: string) =>
    this.ask<TerminalBody>('POST', `terminals/${encodeURIComponent(terminalId)}/replenish`, { body: {} });

  account = (accountId: string) => this.ask<OperatorAccountBody>('GET', `accounts/${encodeURIComponent(accountId)}`);

  routes = () => this.ask<RoutesBody>('GET', 'routes');

  replaceRoutes = (routes: RoutesBody) => this.ask<RoutesBody>('PUT', 'routes', { body: routes });

  private async ask<Body>(
    method: Call['method'],
    path: string,
    more: Pick<Call, 'body' | 'attemptMsMax' | 'callMsMax'> = {},
  ): Promise<Body> {
    const reply = await this.client.call<Body>({ method, path: `/v1/operator/${path}`, token: this.token, ...more });
    if (reply.ok) return reply.body;
    throw new Refused(reply.status, reply.problem.detail);
  }
}

/** What went wrong, for people. */
export const wordsOf = (error: unknown): string =>
  error instanceof Refused || error instanceof NoAnswerError ? error.message : String(error);
