import { Refusal } from '../refusal.js';
import { NO_HOLD } from './mutants/no-hold.js';
import { NO_INBOX } from './mutants/no-inbox.js';
import { NO_INTENT } from './mutants/no-intent.js';
import { NO_OUTBOX } from './mutants/no-outbox.js';
import { NO_RESEND } from './mutants/no-resend.js';
import type { Sabotage } from './sabotage.js';

/** Each switches one protection off, and the audit has to notice every one. */
export const SABOTAGES = {
  'no-inbox': NO_INBOX,
  'no-hold': NO_HOLD,
  'no-intent': NO_INTENT,
  'no-outbox': NO_OUTBOX,
  'no-resend': NO_RESEND,
} as const satisfies Readonly<Record<string, Sabotage>>;

export type SabotageName = keyof typeof SABOTAGES;

export const SABOTAGE_NAMES = Object.keys(SABOTAGES) as readonly SabotageName[];

/** Throws `Refusal`, in the words of the command line. */
export function checkedSabotage(given: string): SabotageName {
  const known = SABOTAGE_NAMES.find((name) => name === given);
  if (known === undefined) throw new Refusal(`sabotage must be one of ${SABOTAGE_NAMES.join(', ')}`);
  return known;
}
