import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { hostAuditSchema, terminalAuditSchema, type AuditBody, type HostAuditRequest } from '#contracts';
import { Problem, UpstreamUnavailable, type UpstreamPool, type UpstreamRequest } from '#platform';
import { Upstreams } from '../upstreams.js';
import { combineAudit } from './combine-audit.js';

/** An audit reads whole tables; milliseconds. */
const AUDIT_TIMEOUT_MS = 60_000;

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
    const question: HostAuditRequest = { asOf: terminal.asOf, inFlight: terminal.inFlight };
    const brokers = await Promise.all(
      [...this.upstreams.accounts].map(async ([broker, pool]) => ({
        broker,
        audit: await ask(pool, broker, hostAuditSchema, {
          method: 'POST',
          path: '/internal/audit',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(question),
        }),
      })),
    );
    return combineAudit(terminal, brokers);
  }
}

async function ask<Schema extends z.ZodType>(
  pool: UpstreamPool,
  side: string,
  schema: Schema,
  request: Pick<UpstreamRequest, 'method' | 'path' | 'headers' | 'body'>,
): Promise<z.infer<Schema>> {
  const answer = await pool
    .request({ ...request, timeoutMs: AUDIT_TIMEOUT_MS, failFastMs: 5_000, retry: 'other-replicas' })
    .catch((error: unknown) => {
      if (error instanceof UpstreamUnavailable) throw notHeard(side, error.message);
      throw error;
    });
  if (answer.status !== 200) throw notHeard(side, `status ${answer.status}`);
  return schema.parse(JSON.parse(answer.body.toString()));
}

const notHeard = (side: string, why: string) =>
  new Problem('unavailable', `No audit: ${side} could not be heard (${why}).`, {}, 2);
