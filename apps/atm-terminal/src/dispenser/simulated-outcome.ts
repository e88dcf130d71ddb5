import type { Notes } from '#money';
import { without } from '../cassette/notes.js';
import type { DispenseOutcome } from './dispenser.js';

/**
 * What the simulated machine does with `notes`, given the word that its fault point is armed with. `part`: about half the notes are taken,
 * one is rejected into the bin, the others stay in the cassettes. `none`: one note is rejected, none is presented. `retract`: all are
 * presented, and taken back because nobody took them.
 */
export function simulatedOutcome(notes: readonly Notes[], fault: string | undefined): DispenseOutcome {
  switch (fault) {
    case 'part': {
      const taken = firstNotes(notes, Math.floor(countOf(notes) / 2));
      const outcome = taken.length === 0 ? 'none' : 'part';
      return { outcome, taken, rejected: firstNotes(without(notes, taken), 1), retracted: [] };
    }
    case 'none':
      return { outcome: 'none', taken: [], rejected: firstNotes(notes, 1), retracted: [] };
    case 'retract':
      return { outcome: 'retracted', taken: [], rejected: [], retracted: notes };
    case 'unknown':
      return { outcome: 'unknown' };
    case undefined:
    default:
      return { outcome: 'all', taken: notes, rejected: [], retracted: [] };
  }
}

const countOf = (notes: readonly Notes[]) => notes.reduce((sum, { count }) => sum + count, 0);

function firstNotes(notes: readonly Notes[], wanted: number): Notes[] {
  const first: Notes[] = [];
  let rest = wanted;
  for (const { denomination, count } of notes) {
    const some = Math.min(rest, count);
    if (some > 0) first.push({ denomination, count: some });
    rest -= some;
  }
  return first;
}
