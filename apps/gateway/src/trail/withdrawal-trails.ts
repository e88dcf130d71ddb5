import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import {
  hostTrailSchema,
  messageTrailSchema,
  terminalTrailSchema,
  type TerminalTrail,
  type TrailBody,
} from '#contracts';
import { Problem, UpstreamUnavailable, type UpstreamAnswer, type UpstreamPool } from '#platform';
import { Upstreams } from '../upstreams.js';
import { type HeardOfMessage, mergeTrail } from './merge-trail.js';

/** The terminals' database must answer; the rest is told as far as it is known. Milliseconds. */
const FACTS_TIMEOUT_MS = 3_000;
const REST_TIMEOUT_MS = 700;

/** The way of a withdrawal, asked together from the terminal, the account's broker and every replica that may have had its message. */
@Injectable()
export class WithdrawalTrails {
  constructor(private readonly upstreams: Upstreams) {}

  /** Of the caller's own withdrawal; `headers` carry the session token. Throws 401, 404, 503. */
  ofCaller(withdrawalId: string, headers: Readonly<Record<string, string>>): Promise<TrailBody> {
    return this.read(`/internal/own-withdrawals/${encodeURIComponent(withdrawalId)}/trail`, headers);
  }

  /** Of any. Throws 404, 503. */
  ofAny(withdrawalId: string): Promise<TrailBody> {
    return this.read(`/internal/withdrawals/${encodeURIComponent(withdrawalId)}/trail`, {});
  }

  private async read(path: string, headers: Readonly<Record<string, string>>): Promise<TrailBody> {
    const terminal = await this.factsOfTerminal(path, headers);
    const host = this.upstreams.accounts.get(terminal.broker);
    const [facts, balance, advice] = await Promise.all([
      host === undefined ? null : this.factsOfHost(host, terminal),
      this.sightings(host, terminal.balanceRequestId),
      terminal.message === null ? [] : this.sightings(host, terminal.message.messageId),
    ]);
    return mergeTrail({ terminal, host: facts, balance, advice });
  }

  private async factsOfTerminal(path: string, headers: Readonly<Record<string, string>>): Promise<TerminalTrail> {
    const answer = await this.upstreams.terminals
      .request({ method: 'GET', path, headers, timeoutMs: FACTS_TIMEOUT_MS, retry: 'other-replicas' })
      .catch((error: unknown) => {
        if (!(error instanceof UpstreamUnavailable)) throw error;
        throw new Problem('unavailable', 'No atm-terminal replica answers.', {}, 1);
      });
    if (answer.status === 401) throw new Problem('unauthenticated', 'The session has ended or expired.');
    if (answer.status === 404) throw new Problem('not-found', 'There is no such withdrawal, or it is not yours.');
    const facts = parsed(terminalTrailSchema, answer);
    if (facts === null) throw new Problem('unavailable', 'The terminals cannot tell right now.', {}, 1);
    return facts;
  }

  private async factsOfHost(pool: UpstreamPool, { withdrawal: { withdrawalId } }: TerminalTrail) {
    const path = `/internal/withdrawals/${withdrawalId}/trail`;
    const request = {
      method: 'GET',
      path,
      timeoutMs: REST_TIMEOUT_MS,
      failFastMs: 200,
      retry: 'other-replicas',
    } as const;
    return pool.request(request).then(
      (answer) => parsed(hostTrailSchema, answer),
      () => null,
    );
  }

  /** Of every replica of either side. */
  private async sightings(host: UpstreamPool | undefined, messageId: string): Promise<HeardOfMessage[]> {
    const path = `/internal/messaging/messages/${messageId}`;
    const pools = [this.upstreams.terminals, ...(host === undefined ? [] : [host])];
    const answers = await Promise.all(
      pools.map((pool) => pool.requestEach({ method: 'GET', path, timeoutMs: REST_TIMEOUT_MS })),
    );
    return answers.flat().map(({ name, answer }) => ({
      replica: name,
      answer: answer === null ? null : parsed(messageTrailSchema, answer),
    }));
  }
}

/** Null where it is not what was asked for. */
function parsed<Schema extends z.ZodType>(schema: Schema, { status, body }: UpstreamAnswer): z.infer<Schema> | null {
  if (status !== 200) return null;
  try {
    return schema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}
