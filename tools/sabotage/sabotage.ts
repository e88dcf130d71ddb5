/** One change of one source file. Text, since whoever changes that place has to think of what is switched off there. */
export interface Edit {
  /** From the root of the checkout. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** The bank without one of its protections. */
export interface Sabotage {
  /** What it does without, and what it does instead. */
  readonly lacks: string;
  /** The faults of a chaos run that the protection is for, by name. */
  readonly faults: readonly string[];
  /** The invariant of the chaos audit that is broken then, among others. */
  readonly caughtBy: string;
  /** What the operator's audit says of it, in part: the name of a check, or that something stays in flight. */
  readonly ownAuditSays: string;
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
