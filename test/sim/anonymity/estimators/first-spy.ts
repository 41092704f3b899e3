/**
 * The first spy: whoever handed the earliest message of the set to a colluder is taken for its origin (Venkatakrishnan,
 * Fanti, Viswanath 2017, section 2; the simplest that works against diffusion). It does not know that stems exist.
 */
import { NO_GUESS } from '../trace.ts';
import type { Sighting } from '../trace.ts';
import type { Estimator } from './estimator.ts';

export const firstSpy: Estimator = {
  name: 'first-spy',
  guess(puzzle) {
    let first: Sighting | undefined;
    for (const { sightings } of puzzle.activities) {
      const earliest = sightings[0];
      if (earliest !== undefined && (first === undefined || earliest.atMs < first.atMs)) first = earliest;
    }
    return first === undefined ? NO_GUESS : { node: first.from, confidence: 1 };
  },
};
