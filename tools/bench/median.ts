/** The middle one of an odd number of values, the mean of the two in the middle of an even one; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/**
 * One result for several rounds of the same measurement: every figure in it, however deep, is the median of the rounds'; whatever is no
 * figure is that of the first round. Throws where there is no round.
 */
export function medianOfRounds<Figures>(rounds: readonly Figures[]): Figures {
  if (rounds.length === 0) throw new Error('there are no rounds to take the median of');
  return middleOf(rounds) as Figures;
}

function middleOf(rounds: readonly unknown[]): unknown {
  const [first] = rounds;
  if (rounds.every((value) => typeof value === 'number')) return median(rounds);
  if (typeof first !== 'object' || first === null || Array.isArray(first)) return first;
  const objects = rounds.filter((value) => typeof value === 'object' && value !== null) as Record<string, unknown>[];
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  const valuesOf = (name: string) => objects.flatMap((object) => (name in object ? [object[name]] : []));
  return Object.fromEntries([...names].map((name) => [name, middleOf(valuesOf(name))]));
}
