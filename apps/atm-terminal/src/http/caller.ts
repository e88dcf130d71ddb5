import type { FastifyRequest } from 'fastify';
import { HEADER, IDEMPOTENCY_KEY_PATTERN } from '#contracts';
import { Problem } from '#platform';

/** What the gateway says of a call's sender; it has authenticated the terminal and proves itself by the cluster key. */
export interface Caller {
  /** Null where the call came without a terminal's key (a cardholder's token may be enough). */
  readonly terminalId: string | null;
  readonly bearer: string | null;
  readonly key: RequestKey | null;
}

/** Names the request, so that a repeat is known as one. */
export interface RequestKey {
  readonly value: string;
  /** The client's own: answers are kept and replayed. Else the gateway's, for its retries within the one call. */
  readonly fromClient: boolean;
}

/** Throws 400 where the idempotency key is malformed. */
export function callerOf({ headers }: Pick<FastifyRequest, 'headers'>): Caller {
  return {
    terminalId: single(headers[HEADER.terminalId]),
    bearer: /^Bearer ([^ ]+)$/i.exec(headers.authorization ?? '')?.[1] ?? null,
    key: requestKey(single(headers[HEADER.idempotencyKey]), single(headers[HEADER.keyAssigned])),
  };
}

function requestKey(value: string | null, assigned: string | null): RequestKey | null {
  if (value === null) return null;
  if (!IDEMPOTENCY_KEY_PATTERN.test(value)) {
    throw new Problem('malformed', 'Idempotency-Key must be 1 to 128 printable ASCII characters without spaces.');
  }
  return { value, fromClient: assigned !== '1' };
}

function single(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}
