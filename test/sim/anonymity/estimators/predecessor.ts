/**
 * Epochs intersected, as the predecessor attack does it (Wright, Adler, Levine, Shields 2002/2004, "The Predecessor
 * Attack"): in each activity note who handed the stem, or else the first message, to a colluder; who is noted most often
 * over all activities is taken. The origin is on every path and others only on some.
 */
import { count, mostCounted, NO_GUESS } from '../trace.ts';
import type { Estimator } from './estimator.ts';

export const predecessor: Estimator = {
  name: 'predecessor',
  guess(puzzle) {
    const counts = new Map<number, number>();
    for (const { sightings } of puzzle.activities) {
      const noted = new Set(sightings.filter((sighting) => sighting.stem).map((sighting) => sighting.from));
      if (noted.size === 0 && sightings.length > 0) noted.add(sightings[0]!.from);
      for (const node of noted) count(counts, node);
    }
    const node = mostCounted(counts);
    return node === undefined ? NO_GUESS : { node, confidence: counts.get(node)! / puzzle.activities.length };
  },
};
