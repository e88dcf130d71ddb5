import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import {
  hostAuditSchema,
  terminalAuditSchema,
  transfersInFlightSchema,
  type AuditBody,
  type HostAuditRequest,
} from '#contracts';
import { Problem, UpstreamUnavailable, type UpstreamPool, type UpstreamRequest } from '#platform';
import { Upstreams } from '../upstreams.js';
import { combineAudit } from './combine-audit.js';

/**
 * Longest wait for each side, milliseconds. An audit reads whole tables: the checks of ten million withdrawals take minutes a side on two slow cores. One
 * attempt has all of it: begun again at another replica, it would only be slower, since the first one goes on.
 */
const AUDIT_TIMEOUT_MS = 900_000;
const PATIENCE = { timeoutMs: AUDIT_TIMEOUT_MS, attemptTimeoutMs: AUDIT_TIMEOUT_MS, failFastMs: 5_000 } as const;

/** Asks both sides of the money for their own record and compares them. */
@Injectable()
export class Audit {
  constructor(private readonly upstreams: Upstreams) {}

  /** Throws 503 where a side cannot be heard: an audit of one side alone proves nothing. */
  async read(): Promise<AuditBody> {
    const terminal = await ask(this.upstreams.terminals, 'the terminals', terminalAuditSchema, {
      method: 'GET',
      path: '/internal/audit',
    });
    const transfers = await this.transfersInFlight();
    const inFlight = [...terminal.inFlight, ...terminal.undecidedTransfers, ...transfers];
    const question: HostAuditRequest = { asOf: terminal.asOf, inFlight };
    const brokers = await this.askBrokers(hostAuditSchema, {
      method: 'POST',
      path: '/internal/audit',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    return combineAudit(
      terminal,
      brokers.map(({ broker, answer }) => ({ broker, audit: answer })),
      transfers.length,
    );
  }

  /**
   * Asked after the terminals and before the brokers' audits: a transfer that the terminals know as posted is by then either answered,
   * and on both sides, or in this list.
   */
  private async transfersInFlight(): Promise<string[]> {
    if (this.upstreams.accounts.size < 2) return [];
    const path = '/internal/transfers-in-flight';
    const lists = await this.askBrokers(transfersInFlightSchema, { method: 'GET', path });
    return lists.flatMap(({ answer }) => answer);
  }

  private askBrokers<Schema extends z.ZodType>(schema: Schema, question: Question) {
    return Promise.all(
      [...this.upstreams.accounts].map(async ([broker, pool]) => ({
        broker,
        answer: await ask(pool, broker, schema, question),
      })),
    );
  }
}

type Question = Pick<UpstreamRequest, 'method' | 'path' | 'headers' | 'body'>;

async function ask<Schema extends z.ZodType>(
  pool: UpstreamPool,
  side: string,
  schema: Schema,
  request: Question,
): Promise<z.infer<Schema>> {
  const answer = await pool.request({ ...request, ...PATIENCE, retry: 'other-replicas' }).catch((error: unknown) => {
    if (error instanceof UpstreamUnavailable) throw notHeard(side, error.message);
    throw error;
  });
  if (answer.status !== 200) throw notHeard(side, `status ${answer.status}`);
  return schema.parse(JSON.parse(answer.body.toString()));
}

const notHeard = (side: string, why: string) =>
  new Problem('unavailable', `No audit: ${side} could not be heard (${why}).`, {}, 2);
