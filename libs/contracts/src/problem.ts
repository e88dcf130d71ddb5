import { z } from 'zod';

/** Kinds of refusal; `type` of the problem is `urn:cashpoint:problem:<kind>` (RFC 9457). The set is closed. */
export const PROBLEMS = {
  malformed: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'Authentication is missing or not valid' },
  forbidden: { status: 403, title: 'Not allowed' },
  'wrong-pin': { status: 403, title: 'The PIN is wrong' },
  'card-blocked': { status: 403, title: 'The card is blocked' },
  'not-found': { status: 404, title: 'There is no such thing, or it is not yours' },
  conflict: { status: 409, title: 'The request conflicts with what was already done' },
  'too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The request body must be application/json' },
  'invalid-amount': { status: 422, title: 'The amount is not possible' },
  'key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unsupported: { status: 501, title: 'This cluster cannot do that' },
  unavailable: { status: 503, title: 'Not available right now' },
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

/** Body of every refusal, served as `application/problem+json`. Some kinds carry members of their own (`triesLeft`). */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string().optional(),
  triesLeft: z.int().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export type ProblemBody = z.infer<typeof problemSchema>;

/** Builds the body; `detail` is in the user's words and never repeats a secret. */
export function problemBody(kind: ProblemKind, detail: string, members: Record<string, unknown> = {}): ProblemBody {
  return { type: `urn:cashpoint:problem:${kind}`, ...PROBLEMS[kind], detail, ...members };
}
