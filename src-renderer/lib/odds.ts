/** The odds that a publication can be read when many nodes vanish at once, before anybody puts shares back. */

/** Each share lies at this many nodes (protocol: four copies at the nodes nearest to its address). */
export const COPIES_PER_SHARE = 4;

/**
 * Probability that at least k of n shares survive when the fraction `vanished` (0 ... 1) of all nodes goes at once,
 * each node with equal chance: a share is lost when all its copies are, p = 1 - f^4; then the upper tail of the
 * binomial distribution. Copies of one share are taken as independent, which holds for networks much larger than 4.
 */
export function readableOdds(k: number, n: number, vanished: number): number {
  const kept = 1 - vanished ** COPIES_PER_SHARE;
  if (kept >= 1) return 1;
  if (kept <= 0) return 0;
  // Lower tail, term by term: C(n, i) p^i (1-p)^(n-i), each from the one before.
  let term = (1 - kept) ** n;
  let lost = 0;
  for (let found = 0; found < k; found += 1) {
    lost += term;
    term *= ((n - found) / (found + 1)) * (kept / (1 - kept));
  }
  return Math.min(1, Math.max(0, 1 - lost));
}
