/**
 * HTL at the first greedy hop: who hands on messages that have lost nothing of their HTL began them, or stands next to who
 * did. The neighbour with the most such messages is taken. Freenet's documents know it as the reason for drawing the first
 * decrement (Hyphanet, "HTL" in its wiki); with a stem it finds where the stem ended.
 */
import { count, mostCounted, NO_GUESS } from '../trace.ts';
import type { Estimator } from './estimator.ts';

export const topHtl: Estimator = {
  name: 'top-htl',
  guess(puzzle, adversary) {
    const counts = new Map<number, number>();
    let seen = 0;
    for (const { sightings } of puzzle.activities) {
      for (const { from, htl } of sightings) {
        if (htl !== adversary.maxHtl) continue;
        count(counts, from);
        seen += 1;
      }
    }
    const node = mostCounted(counts);
    return node === undefined ? NO_GUESS : { node, confidence: counts.get(node)! / seen };
  },
};
