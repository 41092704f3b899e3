/**
 * How many identities an attacker computes until enough of them lie nearer to the slots of a publication than anybody
 * honest. Identities fall on the circle as nodes do, so of an attacker's M and N honest nodes, the next nearest to an
 * address is the attacker's with chance M / (M + N), and so on for the m nearest: order statistics of two Poisson processes.
 */

export interface Aim {
  /** Honest nodes. */
  readonly nodes: number;
  readonly k: number;
  readonly n: number;
  /** The attacker's nodes that are nearer to each slot than any honest one. */
  readonly nearest: number;
}

/** Chance that so many identities surround enough slots that fewer than k are left: n - k + 1 of them. */
export function surroundingChance(aim: Aim, identities: number): number {
  const surrounded = (identities / (identities + aim.nodes)) ** aim.nearest;
  return atLeast(aim.n, aim.n - aim.k + 1, surrounded);
}

/** The fewest identities that have a chance of so much, below 1. */
export function identitiesFor(aim: Aim, chance: number): number {
  let most = 1;
  while (surroundingChance(aim, most) < chance) most *= 2;
  let least = most / 2;
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (surroundingChance(aim, middle) < chance) least = middle;
    else most = middle;
  }
  return Math.ceil(most);
}

/** Chance of `hits` or more of `tries`, each with chance `each`. */
export function atLeast(tries: number, hits: number, each: number): number {
  let sum = 0;
  for (let count = hits; count <= tries; count += 1) {
    sum += choose(tries, count) * each ** count * (1 - each) ** (tries - count);
  }
  return Math.min(1, sum);
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let index = 1; index <= k; index += 1) ways = (ways * (n - k + index)) / index;
  return ways;
}
