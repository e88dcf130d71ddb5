import type { SessionBody } from '#contracts';
import type { Answer, Atm } from './atm.js';

/** The demo profile's PIN of every card. */
export const PIN = '1234';

/** Ledger balance that the demo's accounts begin with, minor units; all but ACC-0099. */
export const OPENING = 100_000_000;

/** Number of the demo card whose account is ACC-`number`; 1 to 100. */
export const cardNumber = (number: number): string => `4000001000000${String(number).padStart(3, '0')}`;
export const accountId = (number: number): string => `ACC-${String(number).padStart(4, '0')}`;

/** One of the demo's eight terminals; higher numbers begin again with the first. */
export const terminalId = (number: number): string => `ATM-${String(((number - 1) % 8) + 1).padStart(3, '0')}`;

/** The body, or the refusal as an error: for steps that must succeed. */
export function granted<Body>(answer: Answer<Body>): Body {
  if (answer.ok) return answer.body;
  throw new Error(`refused with ${answer.status}: ${answer.problem.title}: ${answer.problem.detail}`);
}

/** A session of demo card `number`. */
export async function sessionOf(atm: Atm, number: number): Promise<SessionBody> {
  return granted(await atm.openSession(cardNumber(number), PIN));
}
