import { Problem } from './problem.js';
import type { z } from 'zod';

/**
 * Parses what a client sent. Throws 422 `invalid-amount` where only the amount is wrong as a number, else 400
 * `malformed`; both list each path and what is expected there. Values are not repeated.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message.replace(/, received .*/, ''),
    amount: issue.path.at(-1) === 'amount' && isNumber(value, issue.path),
  }));
  const listed = errors.map(({ path, message }) => ({ path, message }));
  const detail = listed.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new Problem(errors.every(({ amount }) => amount) ? 'invalid-amount' : 'malformed', detail, { errors: listed });
}

/** A number that is no valid amount (0, -1, 1.5, 2^53+1) is well-formed JSON but not a possible amount; a string is malformed. */
function isNumber(value: unknown, path: readonly PropertyKey[]): boolean {
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value);
  return typeof found === 'number';
}
