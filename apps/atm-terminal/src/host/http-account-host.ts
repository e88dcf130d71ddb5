import type { Logger } from 'pino';
import type { z } from 'zod';
import {
  AUTHORISATIONS_MAX,
  authorisationResultsSchema,
  balancesSchema,
  hostStatementSchema,
  hostTransferResultSchema,
  pinVerificationResultSchema,
  Placement,
  type Authorisation,
  type AuthorisationResult,
  type Balances,
  type HostStatement,
  type HostTransfer,
  type HostTransferResult,
  type PinVerification,
  type PinVerificationResult,
} from '#contracts';
import { GroupCommit } from '#database';
import { TRACE_CONTEXT } from '#tracing';
import { ConfigurationError, parseEndpoints, UpstreamPool, UpstreamUnavailable, type UpstreamAnswer } from '#platform';
import { AccountHost, type HostAnswer } from './account-host.js';

/** How long a call may take with all its repeats, and after how long without any replica to connect to it is given up, milliseconds. */
interface Patience {
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly failFastMs: number;
}

/** A PIN check may wait for another check of the same card. */
const PIN: Patience = { timeoutMs: 6_000, attemptTimeoutMs: 4_000, failFastMs: 2_000 };
const MONEY: Patience = { timeoutMs: 4_000, attemptTimeoutMs: 2_000, failFastMs: 1_000 };
interface TracedAuthorisation {
  readonly authorisation: Authorisation;
  readonly traceparent: string | undefined;
}

/** Calls for authorisations at once, of one replica to one broker. */
const AUTHORISING_CALLS_MAX = 3;

/** A call that takes longer than this may be with a replica that hangs: the next one does not wait for it, milliseconds. */
const AUTHORISING_ALONE_MS = 25;

const READING: Patience = { timeoutMs: 2_500, attemptTimeoutMs: 1_000, failFastMs: 500 };

export interface HttpAccountHostOptions {
  /** `account-a=<endpoints>,account-b=<endpoints>`. */
  readonly endpoints: string;
  /** Needed where there is more than one broker. */
  readonly placement?: Placement | undefined;
  readonly clusterKey: string;
  readonly logger: Logger;
}

/** The account brokers over HTTP. Throws `ConfigurationError` where the endpoints cannot be understood, or are not those of the placement. */
export class HttpAccountHost extends AccountHost {
  private readonly pools: ReadonlyMap<string, UpstreamPool>;
  private readonly authorisations: ReadonlyMap<
    string,
    GroupCommit<TracedAuthorisation, HostAnswer<AuthorisationResult>>
  >;
  private readonly placement: Placement;
  private readonly logger: Logger;

  constructor({ endpoints, placement, clusterKey, logger }: HttpAccountHostOptions) {
    super();
    this.logger = logger;
    this.pools = new Map(
      brokersOf(endpoints).map(([name, spec]) => [
        name,
        new UpstreamPool({ name, endpoints: parseEndpoints(spec), clusterKey, logger }),
      ]),
    );
    this.authorisations = new Map([...this.pools.keys()].map((broker) => [broker, this.authorisationsOf(broker)]));
    this.placement = checkedPlacement(placement, [...this.pools.keys()]);
  }

  override brokerOf(number: string): string | null {
    return this.placement.brokerOf(number);
  }

  override answersByReplica(): Readonly<Record<string, number>> {
    return Object.assign({}, ...[...this.pools.values()].map((pool) => pool.answersByReplica())) as Record<
      string,
      number
    >;
  }

  override verifyPin(broker: string, verification: PinVerification): Promise<HostAnswer<PinVerificationResult>> {
    return this.post(broker, '/internal/pin-verifications', verification, pinVerificationResultSchema, PIN);
  }

  override async authorise(broker: string, authorisation: Authorisation): Promise<HostAnswer<AuthorisationResult>> {
    const group = this.authorisations.get(broker);
    if (group === undefined) throw new Error(`no such account broker: ${broker}`);
    return group.submit({ authorisation, traceparent: TRACE_CONTEXT.current() });
  }

  override balances(broker: string, accountId: string): Promise<HostAnswer<Balances>> {
    return this.get(broker, `/internal/accounts/${encodeURIComponent(accountId)}/balances`, balancesSchema);
  }

  override async exists(broker: string, accountId: string): Promise<HostAnswer<boolean>> {
    const answer = await this.call(
      broker,
      'GET',
      `/internal/accounts/${encodeURIComponent(accountId)}/balances`,
      READING,
    );
    if (answer?.status === 404) return { reached: true, value: false };
    const found = this.read(answer, balancesSchema);
    return found.reached ? { reached: true, value: true } : found;
  }

  override statement(broker: string, accountId: string, limit: number): Promise<HostAnswer<HostStatement>> {
    const path = `/internal/accounts/${encodeURIComponent(accountId)}/statement?limit=${limit}`;
    return this.get(broker, path, hostStatementSchema);
  }

  override async transfer(
    broker: string,
    transfer: HostTransfer,
  ): Promise<HostAnswer<HostTransferResult | 'unknown-target'>> {
    const answer = await this.call(broker, 'POST', '/internal/transfers', MONEY, transfer);
    if (answer?.status === 404) return { reached: true, value: 'unknown-target' };
    return this.read(answer, hostTransferResultSchema);
  }

  /** Ends the connections; running calls finish first. */
  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }

  /** What arrives together travels together; several calls at once only where one is slow, so that a replica that hangs does not hold up all of it. */
  private authorisationsOf(broker: string): GroupCommit<TracedAuthorisation, HostAnswer<AuthorisationResult>> {
    return new GroupCommit({
      itemsMax: AUTHORISATIONS_MAX,
      inFlightMax: AUTHORISING_CALLS_MAX,
      aloneMs: AUTHORISING_ALONE_MS,
      pauseMs: 1,
      run: async (authorisations: TracedAuthorisation[]) => {
        const answer = await this.post(
          broker,
          '/internal/authorisations',
          { authorisations },
          authorisationResultsSchema,
          MONEY,
        );
        if (!answer.reached) return authorisations.map((): HostAnswer<AuthorisationResult> => ({ reached: false }));
        const { value, ...way } = answer;
        return authorisations.map((_, index): HostAnswer<AuthorisationResult> => {
          const result = value.results[index] ?? null;
          return result === null ? { reached: false } : { ...way, value: result };
        });
      },
    });
  }

  private async get<Schema extends z.ZodType>(broker: string, path: string, schema: Schema) {
    return this.read(await this.call(broker, 'GET', path, READING), schema);
  }

  private async post<Schema extends z.ZodType>(
    broker: string,
    path: string,
    body: unknown,
    schema: Schema,
    patience: Patience,
  ) {
    return this.read(await this.call(broker, 'POST', path, patience, body), schema);
  }

  /** Null where no replica answered. */
  private async call(
    broker: string,
    method: 'GET' | 'POST',
    path: string,
    patience: Patience,
    body?: unknown,
  ): Promise<UpstreamAnswer | null> {
    const pool = this.pools.get(broker);
    if (pool === undefined) throw new Error(`no such account broker: ${broker}`);
    const content =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      return await pool.request({ method, path, ...content, ...patience, retry: 'other-replicas' });
    } catch (error) {
      if (error instanceof UpstreamUnavailable) return null;
      throw error;
    }
  }

  /** A host that answers with an error, or with what cannot be understood, is as good as out of reach: the effect is not known. */
  private read<Schema extends z.ZodType>(answer: UpstreamAnswer | null, schema: Schema): HostAnswer<z.infer<Schema>> {
    if (answer === null) return { reached: false };
    const { status, body, replica } = answer;
    const parsed = status === 200 || status === 201 ? schema.safeParse(JSON.parse(body.toString())) : undefined;
    if (parsed?.success === true) return { reached: true, value: parsed.data, replica };
    this.logger.warn({ replica, status, fault: parsed?.error.message }, 'the account host gave no usable answer');
    return { reached: false };
  }
}

function brokersOf(spec: string): [name: string, endpoints: string][] {
  const brokers = spec.split(',').map((part): [string, string] => {
    const [, name = '', endpoints = ''] = /^\s*([a-z][a-z0-9-]{0,62})=(.+)$/.exec(part) ?? [];
    if (name === '') throw new ConfigurationError(`cannot start:\n  ACCOUNT_ENDPOINTS: must be name=endpoints,…`);
    return [name, endpoints];
  });
  if (new Set(brokers.map(([name]) => name)).size !== brokers.length) {
    throw new ConfigurationError(`cannot start:\n  ACCOUNT_ENDPOINTS: names a broker twice`);
  }
  return brokers;
}

function checkedPlacement(given: Placement | undefined, brokers: readonly string[]): Placement {
  const [only = '', ...others] = brokers;
  if (given === undefined && others.length > 0) {
    throw new ConfigurationError(
      `cannot start:\n  PLACEMENT: must say which of the brokers in ACCOUNT_ENDPOINTS has what`,
    );
  }
  const placement = given ?? Placement.everythingAt(only);
  const unknown = placement.brokers.find((broker) => !brokers.includes(broker));
  if (unknown === undefined) return placement;
  throw new ConfigurationError(`cannot start:\n  PLACEMENT: names ${unknown}, which is not in ACCOUNT_ENDPOINTS`);
}
