import { type Dispatcher, request } from 'undici';
import { HEADER, type ProblemBody } from '#contracts';

/** A request that may be sent again as it is. */
export interface Attempt {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
}

export type Reply<Body> = (
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly problem: ProblemBody }
) & {
  readonly status: number;
  readonly servedBy: string;
  readonly gateway: string;
  readonly replayed: boolean;
};

/** Nobody knows whether the call had an effect: the connection failed, the time is up, or something between us and the cluster spoke. */
export class NoAnswerError extends Error {}

/** One attempt at one gateway. Throws `NoAnswerError` where it must be repeated elsewhere. */
export async function sendOnce<Body>(connections: Dispatcher, gateway: string, attempt: Attempt): Promise<Reply<Body>> {
  const { status, headers, text } = await exchange(connections, gateway, attempt);
  const how = {
    status,
    servedBy: one(headers[HEADER.servedBy]),
    gateway: one(headers[HEADER.gateway]),
    replayed: headers[HEADER.idempotencyReplayed] === 'true',
  };
  const body = parse(text, status);
  return status < 300 ? { ok: true, body: body as Body, ...how } : { ok: false, problem: body as ProblemBody, ...how };
}

async function exchange(connections: Dispatcher, gateway: string, { path, timeoutMs, ...attempt }: Attempt) {
  try {
    const response = await request(`${gateway}${path}`, {
      ...attempt,
      dispatcher: connections,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  } catch (error) {
    throw new NoAnswerError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parse(text: string, status: number): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NoAnswerError(`answered ${status} with something that is not JSON`, { cause: error });
  }
}

const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? (value[0] ?? '') : (value ?? ''));
