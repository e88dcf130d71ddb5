import { Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, type Statement } from '#database';
import { Problem } from '#platform';
import type { RequestKey } from '../http/caller.js';
import { answerOf, isFinal, type Answer } from './answer.js';

/** One keyed request. */
export interface KeyedRequest {
  /** Who asks for what kind of thing; keys of different scopes do not meet. */
  readonly scope: string;
  readonly key: RequestKey | null;
  /** Keyed hash of the whole request but the PIN. */
  readonly fingerprint: string;
}

/** A client's key, to be claimed for one request. */
export interface Claim {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** The claim that the request makes; null without a key of the client's own. */
export function claimOf({ scope, key, fingerprint }: KeyedRequest): Claim | null {
  return key?.fromClient === true ? { scope, key: key.value, fingerprint } : null;
}

export const keyReused = () =>
  new Problem('key-reused', 'This idempotency key was used for another request; use a new one.');

interface Claimed extends Claim {
  readonly status: number | null;
  readonly body: string | null;
}

const CLAIM: Statement = {
  name: 'idempotency-claim',
  text: `INSERT INTO idempotency (scope, key, fingerprint)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ORDER BY 1, 2
         ON CONFLICT DO NOTHING
         RETURNING scope, key, fingerprint, status, body`,
};

const READ: Statement = {
  name: 'idempotency-read',
  text: `SELECT i.scope, i.key, i.fingerprint, i.status, i.body
           FROM idempotency i JOIN unnest($1::text[], $2::text[]) AS g (scope, key) USING (scope, key)`,
};

/** The first answer stays: of two replicas that worked on the same request, the later one takes over the other's. */
const KEEP: Statement = {
  name: 'idempotency-keep',
  text: `UPDATE idempotency i SET status = coalesce(i.status, g.status), body = coalesce(i.body, g.body)
           FROM (SELECT DISTINCT ON (scope, key) *
                   FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) AS u (scope, key, status, body)) AS g
          WHERE (i.scope, i.key) = (g.scope, g.key)
         RETURNING i.scope, i.key, i.fingerprint, i.status, i.body`,
};

const PRUNE: Statement = {
  name: 'idempotency-prune',
  text: `DELETE FROM idempotency WHERE created_at < now() - make_interval(hours => $1)`,
};

/**
 * Answers of requests that carried the client's own Idempotency-Key. The key is claimed before the work, so that the same
 * key with another request is refused from the first moment; it is no lock: repeats that run at the same time do the same
 * idempotent work and get one answer.
 */
@Injectable()
export class Idempotency {
  private readonly claims: GroupCommit<Claim, Claimed>;
  private readonly answers: GroupCommit<Claimed, Claimed>;

  constructor(private readonly database: Database) {
    this.claims = new GroupCommit({ run: (items) => this.claim(items), ...REQUEST_GROUPS });
    this.answers = new GroupCommit({ run: (items) => this.keep(items), ...REQUEST_GROUPS });
  }

  /** Runs `work` unless its answer is kept. Final refusals are answers too. Throws 422 `key-reused`, and what is not final. */
  async once(request: KeyedRequest, work: () => Promise<Answer>): Promise<{ answer: Answer; replayed: boolean }> {
    const claim = claimOf(request);
    if (claim === null) return { answer: await work(), replayed: false };
    const claimed = await this.claims.submit(claim);
    if (claimed.fingerprint !== claim.fingerprint) {
      throw keyReused();
    }
    if (claimed.status !== null) return { answer: read(claimed), replayed: true };
    return { answer: await this.keepFor(claim, await finalAnswer(work)), replayed: false };
  }

  /** Resolves to the one that was kept before, if any. */
  private async keepFor(claim: Claim, { status, body }: Answer): Promise<Answer> {
    return read(await this.answers.submit({ ...claim, status, body: JSON.stringify(body ?? null) }));
  }

  /** Forgets answers older than `hours`. What the requests created keeps its derived id, so even then a repeat creates nothing twice. */
  async prune(hours: number): Promise<void> {
    await this.database.query(PRUNE, [hours]);
  }

  private async claim(items: Claim[]): Promise<Claimed[]> {
    const columns = [items.map(({ scope }) => scope), items.map(({ key }) => key)];
    const known = byKey(
      await this.database.query<Row>(CLAIM, [...columns, items.map(({ fingerprint }) => fingerprint)]),
    );
    if (items.some((item) => !known.has(identity(item)))) {
      byKey(await this.database.query<Row>(READ, columns)).forEach((row, id) => known.set(id, row));
    }
    return items.map((item) => found(known, item));
  }

  private async keep(items: Claimed[]): Promise<Claimed[]> {
    const rows = await this.database.query<Row>(KEEP, [
      items.map(({ scope }) => scope),
      items.map(({ key }) => key),
      items.map(({ status }) => status),
      items.map(({ body }) => body),
    ]);
    const known = byKey(rows);
    return items.map((item) => known.get(identity(item)) ?? item);
  }
}

type Row = Claimed & Record<string, unknown>;

const identity = ({ scope, key }: { scope: string; key: string }) => `${scope} ${key}`;
const byKey = (rows: readonly Row[]) => new Map<string, Claimed>(rows.map((row) => [identity(row), row]));

function found(known: ReadonlyMap<string, Claimed>, item: Claim): Claimed {
  const row = known.get(identity(item));
  if (row === undefined) throw new Error('a claimed idempotency key is gone');
  return row;
}

function read({ status, body }: Claimed): Answer {
  return { status: status ?? 500, body: JSON.parse(body ?? 'null') as unknown };
}

async function finalAnswer(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && isFinal(error)) return answerOf(error);
    throw error;
  }
}
