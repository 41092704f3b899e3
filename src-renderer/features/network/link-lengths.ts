/** How many links there are of each length, by halves of the circle: beside what a small world would have. */

export interface LengthBin {
  /** Links longer than `from` and at most `to`, as fractions of the circle. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The shortest link told apart: one in 65,536 of the circle is less than between neighbours of 30,000 nodes. */
export const MAX_BINS = 16;
/** The longest that a link can be. */
const LONGEST = 0.5;

/** From the longest to the shortest that there is; each bin is half as long as the one before. Empty without links. */
export function binLengths(lengths: readonly number[]): LengthBin[] {
  if (lengths.length === 0) return [];
  const indices = lengths.map((length) =>
    Math.min(MAX_BINS - 1, Math.max(0, Math.floor(Math.log2(LONGEST / Math.max(length, Number.MIN_VALUE))))),
  );
  return Array.from({ length: Math.max(...indices) + 1 }, (_, index) => ({
    from: index === MAX_BINS - 1 ? 0 : LONGEST / 2 ** (index + 1),
    to: LONGEST / 2 ** index,
    count: indices.filter((other) => other === index).length,
  }));
}

/**
 * What each bin would hold if links were as likely as one over their length: the integral of 1/d over a halving is the same
 * for all, so the links are shared evenly over the lengths that there are.
 */
export function evenCount(bins: readonly LengthBin[]): number {
  return bins.length === 0 ? 0 : bins.reduce((sum, { count }) => sum + count, 0) / bins.length;
}

const FRACTIONS: Readonly<Record<number, string>> = { 2: '½', 4: '¼', 8: '⅛' };

/** ½, ¼, ⅛, 1/16 ... of the circle. */
export function fractionOf(length: number): string {
  const parts = Math.round(1 / length);
  return FRACTIONS[parts] ?? `1/${parts}`;
}
