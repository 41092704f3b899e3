/** What availability should come to if every record fails by itself. */

/** Probability that of `of` independent things with probability `p` each at least `least` are there. */
export function atLeast(least: number, of: number, p: number): number {
  if (least <= 0) return 1;
  if (p <= 0) return 0;
  if (p >= 1) return least <= of ? 1 : 0;
  // From the term of all downwards, each from the last; in logarithms, for 192 blocks underflow a double.
  let logTerm = of * Math.log(p);
  let sum = 0;
  for (let there = of; there >= least; there -= 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(there) - Math.log(of - there + 1) + Math.log(1 - p) - Math.log(p);
  }
  return Math.min(1, sum);
}

/** That a record with so many copies has one left when a fraction of all nodes fails. */
export function survival(fraction: number, copies: number): number {
  return 1 - fraction ** copies;
}

/** Standard error of a share that was counted in so many trials. */
export function standardError(share: number, trials: number): number {
  return Math.sqrt((share * (1 - share)) / Math.max(1, trials));
}
