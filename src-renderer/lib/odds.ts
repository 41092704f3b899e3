/** The odds that a publication can be read when many nodes vanish at once, before anybody puts shares back. */

/** Each share and each block lies at this many nodes (protocol: four copies at the nodes nearest to its address). */
export const COPIES = 4;

/** Segments of blocks that are alike: of each any `data` blocks are enough, and all segments are needed. */
export interface Segments {
  readonly data: number;
  readonly check: number;
  readonly count: number;
}

/**
 * Probability that at least k of n shares survive, and enough blocks of every segment, when the fraction `vanished`
 * (0 ... 1) of all nodes goes at once, each node with equal chance: a share or a block is lost when all its copies are,
 * p = 1 - f^4. Copies are taken as independent, which holds for networks much larger than 4.
 */
export function readableOdds(k: number, n: number, segments: readonly Segments[], vanished: number): number {
  const kept = 1 - vanished ** COPIES;
  return segments.reduce(
    (odds, { data, check, count }) => odds * atLeast(data, data + check, kept) ** count,
    atLeast(k, n, kept),
  );
}

/** Upper tail of the binomial distribution: at least k of n, each with probability `kept`. */
function atLeast(k: number, n: number, kept: number): number {
  if (kept >= 1) return 1;
  if (kept <= 0) return 0;
  // By logarithms, for n may be 200 and more: the sum of C(n, i) p^i (1-p)^(n-i) over i from k.
  let logTerm = n * Math.log(1 - kept);
  let sum = k === 0 ? Math.exp(logTerm) : 0;
  for (let index = 1; index <= n; index += 1) {
    logTerm += Math.log((n - index + 1) / index) + Math.log(kept) - Math.log(1 - kept);
    if (index >= k) sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
