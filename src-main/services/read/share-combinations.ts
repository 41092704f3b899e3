/**
 * The order in which k of the shares at hand are tried together, when one or several of them may be wrong.
 *
 * First, windows: the m - k shares to leave out move round the circle of all m by their own number, so that every share
 * is left out once within ceil(m / (m - k)) tries; one wrong share is found that soon. Then all combinations in turn
 * when they are few, else combinations drawn at random: with b wrong ones of m a draw is clean with probability
 * C(m - b, k) / C(m, k), whichever they are.
 */
import type { Random } from '../../core/ports.ts';

/**
 * Yields at most `limit` combinations of `k` positions out of 0 ... m-1, each ascending. The windows may come again
 * among the later ones; the caller bounds its tries by `limit`, not by their difference.
 */
export function* shareCombinations(m: number, k: number, random: Random, limit: number): Generator<number[]> {
  if (k < 1 || k > m || limit < 1) return;
  let yielded = 0;
  const spare = m - k;
  const windows = spare === 0 ? 1 : Math.ceil(m / spare);
  for (let window = 0; window < windows && yielded < limit; window += 1, yielded += 1) {
    const left = new Set(Array.from({ length: spare }, (_, index) => (window * spare + index) % m));
    yield range(m).filter((position) => !left.has(position));
  }
  if (spare === 0) return;
  if (combinationCount(m, k, limit) <= limit - yielded) {
    yield* ascending(m, k);
    return;
  }
  for (; yielded < limit; yielded += 1) yield draw(m, k, random);
}

/** C(m, k), or limit + 1 where it is more than `limit`. */
export function combinationCount(m: number, k: number, limit: number): number {
  let count = 1;
  for (let index = 1; index <= Math.min(k, m - k); index += 1) {
    count = (count * (m - index + 1)) / index;
    if (count > limit) return limit + 1;
  }
  return Math.round(count);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** All combinations in lexicographic order. */
function* ascending(m: number, k: number): Generator<number[]> {
  const chosen = range(k);
  for (;;) {
    yield [...chosen];
    let place = k - 1;
    while (place >= 0 && chosen[place] === m - k + place) place -= 1;
    if (place < 0) return;
    chosen[place]! += 1;
    for (let index = place + 1; index < k; index += 1) chosen[index] = chosen[index - 1]! + 1;
  }
}

/** k of m, uniformly: the head of a Fisher-Yates shuffle. */
function draw(m: number, k: number, random: Random): number[] {
  return shuffled(range(m), random)
    .slice(0, k)
    .sort((a, b) => a - b);
}

/** Fisher-Yates. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
