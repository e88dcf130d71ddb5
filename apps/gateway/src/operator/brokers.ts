import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { problemSchema } from '#contracts';
import { Problem, UpstreamUnavailable, type UpstreamPool, type UpstreamRequest } from '#platform';
import { Upstreams } from '../upstreams.js';

/** What an operator asks of a broker instance is read from indexes; milliseconds. */
const TIMEOUT_MS = 5_000;

/** Fewest milliseconds before a broker instance of which no replica can be reached counts as unheard. */
const FAIL_FAST_MS = 1_000;

export type BrokerQuestion = Pick<UpstreamRequest, 'method' | 'path'> & { readonly body?: unknown };

/** Every broker instance of the cluster: any of its replicas can answer for it. */
@Injectable()
export class Brokers {
  constructor(private readonly upstreams: Upstreams) {}

  /** By the name that the cluster knows them under. */
  names(): string[] {
    return [TERMINAL, ...this.upstreams.accounts.keys()];
  }

  /** Asks all of them; null where one does not answer, or with something else. */
  async askAll<Schema extends z.ZodType>(
    schema: Schema,
    question: BrokerQuestion,
  ): Promise<{ readonly broker: string; readonly answer: z.infer<Schema> | null }[]> {
    return Promise.all(
      this.names().map(async (broker) => ({ broker, answer: await this.ask(broker, schema, question) })),
    );
  }

  /** The same of one; throws what it refuses as malformed. */
  async ask<Schema extends z.ZodType>(
    broker: string,
    schema: Schema,
    { method, path, body }: BrokerQuestion,
  ): Promise<z.infer<Schema> | null> {
    const content = body === undefined ? {} : { headers: JSON_CONTENT, body: JSON.stringify(body) };
    try {
      const answer = await this.pool(broker).request({
        method,
        path,
        ...content,
        timeoutMs: TIMEOUT_MS,
        failFastMs: FAIL_FAST_MS,
        retry: 'other-replicas',
      });
      if (answer.status === 400)
        throw new Problem('malformed', `Broker instance ${broker} refuses: ${detailOf(answer.body)}`);
      return answer.status === 200 ? schema.parse(JSON.parse(answer.body.toString())) : null;
    } catch (error) {
      if (error instanceof UpstreamUnavailable) return null;
      throw error;
    }
  }

  private pool(broker: string): UpstreamPool {
    const pool = broker === TERMINAL ? this.upstreams.terminals : this.upstreams.accounts.get(broker);
    if (pool === undefined) throw new RangeError(`no broker instance ${broker}`);
    return pool;
  }
}

/** The one broker instance of the terminals. */
export const TERMINAL = 'terminal';

const JSON_CONTENT = { 'content-type': 'application/json' };

const detailOf = (body: Buffer | string) =>
  problemSchema.safeParse(JSON.parse(body.toString())).data?.detail ?? 'no reason given';
