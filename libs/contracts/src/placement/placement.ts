import { z } from 'zod';

/** Numbers (of cards or accounts) from `first` to `last` in the order of text, all of that length, that one broker instance has. */
interface Range {
  readonly broker: string;
  readonly first: string;
  readonly last: string;
}

/**
 * Which broker instance has which cards and accounts: ranges of numbers, as card networks route by ranges of BINs (ISO/IEC 7812).
 * A table and not a hash: where money lives must not change because another broker came. A number in no range is nobody's.
 */
export class Placement {
  private constructor(private readonly ranges: readonly Range[]) {}

  /**
   * Reads `account-a=4000001000000001..4000001000000050|ACC-0001..ACC-0050,account-b=…`. Throws `RangeError` where that is not its
   * form, or ranges overlap.
   */
  static parse(text: string): Placement {
    const ranges = text.split(',').flatMap(rangesOf);
    const sorted = [...ranges].sort((one, other) => (one.first < other.first ? -1 : 1));
    for (const [index, range] of sorted.entries()) {
      if (sorted.slice(index + 1).some((later) => overlap(range, later))) {
        throw new RangeError(`${range.first}..${range.last} overlaps with another range`);
      }
    }
    return new Placement(ranges);
  }

  /** Where there is one broker, it has everything. */
  static everythingAt(broker: string): Placement {
    return new Placement([{ broker, first: '', last: '' }]);
  }

  /** Null where no broker has it. */
  brokerOf(number: string): string | null {
    return this.ranges.find((range) => isEverything(range) || contains(range, number))?.broker ?? null;
  }

  get brokers(): readonly string[] {
    return [...new Set(this.ranges.map(({ broker }) => broker))];
  }
}

/** `Placement.parse` for the environment. */
export const placementSchema = z.string().transform((text, context): Placement => {
  try {
    return Placement.parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

function rangesOf(entry: string): Range[] {
  const [, broker, ranges] = /^\s*([a-z][a-z0-9-]{0,31})=(.+?)\s*$/.exec(entry) ?? [];
  if (broker === undefined || ranges === undefined) throw new RangeError('must be broker=first..last|first..last,…');
  return ranges.split('|').map((range) => {
    const [first = '', last = '', ...rest] = range.split('..');
    if (first === '' || first.length !== last.length || last < first || rest.length > 0) {
      throw new RangeError(`${range} is not of the form first..last, both of one length`);
    }
    return { broker, first, last };
  });
}

const isEverything = ({ first }: Range) => first === '';
const contains = ({ first, last }: Range, number: string) =>
  number.length === first.length && first <= number && number <= last;
const overlap = (one: Range, other: Range) =>
  one.first.length === other.first.length && one.first <= other.last && other.first <= one.last;
