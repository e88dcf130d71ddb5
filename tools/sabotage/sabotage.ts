/** One change of one source file. Text, since whoever changes that place has to think of what is switched off there. */
export interface Edit {
  /** From the root of the checkout. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** What a fault has left undone is done soon after it is over: the audit's `inFlight` becomes 0. */
export const NOTHING_STAYS = 'nothing stays in flight';

/** The bank without one of its protections. */
export interface Sabotage {
  /** What it does without, and what it does instead. */
  readonly lacks: string;
  /** The check of the operator's audit that is broken then, among others; or `NOTHING_STAYS`. */
  readonly caughtBy: string;
  readonly edits: readonly Edit[];
}

/** A source is no longer what a mutant was written for. */
export class EditDoesNotApply extends Error {}

/** The text with the edit made. Throws `EditDoesNotApply` unless `from` is there once. */
export function applyEdit(text: string, { file, from, to }: Edit): string {
  const found = text.split(from).length - 1;
  if (found !== 1) {
    throw new EditDoesNotApply(`${file} has ${found} times, and not once, what the mutant replaces:\n${from}`);
  }
  return text.replace(from, () => to);
}
