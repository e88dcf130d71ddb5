import type { ProblemBody } from '#contracts';

/** A request that may be sent again as it is. */
export interface Attempt {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The answer of the contract or its refusal in words, and who gave it. */
export type Reply<Body> = (
  { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly problem: ProblemBody }
) & {
  readonly status: number;
  /** Replica and gateway that answered. */
  readonly servedBy: string;
  readonly gateway: string;
  /** Whether this is the stored answer to an earlier attempt. */
  readonly replayed: boolean;
};

/** Nobody knows whether the call had an effect: the connection failed, or the time is up. */
export class NoAnswerError extends Error {}

/** One attempt at one gateway. Throws `NoAnswerError` where it must be repeated elsewhere. */
export async function sendOnce<Body>(
  send: typeof fetch,
  origin: string,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Reply<Body>> {
  const { path, method, headers, body } = attempt;
  try {
    const response = await send(`${origin}${path}`, {
      method,
      headers: { ...headers },
      body,
      signal,
      cache: 'no-store',
    });
    const content = parse(await response.text());
    const how = {
      status: response.status,
      servedBy: response.headers.get('x-served-by') ?? '',
      gateway: response.headers.get('x-gateway') ?? '',
      replayed: response.headers.get('idempotency-replayed') === 'true',
    };
    if (how.gateway === '') throw new Error(`something that is no gateway answered ${response.status}`);
    return response.ok
      ? { ok: true, body: content as Body, ...how }
      : { ok: false, problem: content as ProblemBody, ...how };
  } catch (error) {
    throw new NoAnswerError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const parse = (text: string): unknown => (text === '' ? undefined : (JSON.parse(text) as unknown));
