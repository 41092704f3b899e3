/**
 * Correlation of ids: a message that several colluders see under one id leaves a trail, in order of time. Routes can be
 * computed, so the nodes are found from which a greedy message would have met just these colluders, coming from just
 * these neighbours; each id votes for them. The range estimation of Wang, Mittal, Borisov 2010 ("In Search of an Anonymous
 * and Secure Lookup") with routes in place of ranges. On the stem ids change at each link and the trail is one hop long.
 */
import type { RouteBook } from '../routes.ts';
import type { Adversary } from '../topology.ts';
import { NO_GUESS } from '../trace.ts';
import type { Activity, Sighting } from '../trace.ts';
import type { Estimator } from './estimator.ts';

/** Trails that are followed; more change nothing. */
const MOST_TRAILS = 64;

export const idTrail: Estimator = {
  name: 'id-trail',
  guess(puzzle, adversary, routes) {
    const votes = new Float64Array(adversary.colluding.length);
    for (const activity of puzzle.activities) {
      for (const trail of trailsOf(activity).slice(0, MOST_TRAILS)) {
        const place = activity.messages[trail[0]!.message]!;
        const nodes = trail[0]!.stem ? [trail[0]!.from] : startsOf(trail, place, adversary, routes);
        for (const node of nodes) votes[node]! += 1 / nodes.length;
      }
    }
    let node = 0;
    let all = 0;
    for (const [candidate, vote] of votes.entries()) {
      all += vote;
      if (vote > votes[node]!) node = candidate;
    }
    return all === 0 ? NO_GUESS : { node, confidence: votes[node]! / all };
  },
};

/** Sightings of one id, by time. */
function trailsOf(activity: Activity): Sighting[][] {
  const trails = new Map<string, Sighting[]>();
  for (const sighting of activity.sightings) {
    const trail = trails.get(sighting.id);
    if (trail === undefined) trails.set(sighting.id, [sighting]);
    else trail.push(sighting);
  }
  return [...trails.values()];
}

/** Honest nodes whose greedy route to the place meets the trail's colluders in its order; those nearest to the trail. */
function startsOf(trail: readonly Sighting[], place: number, adversary: Adversary, routes: RouteBook): number[] {
  const { colluder, from, hops } = routes.table(place);
  const first = trail[0]!;
  const fits: number[] = [];
  for (let node = 0; node < colluder.length; node += 1) {
    if (adversary.colluding[node] === 1 || colluder[node] !== first.colluder || from[node] !== first.from) continue;
    const lost = adversary.maxHtl - (first.htl ?? adversary.maxHtl);
    // More can have been lost than hops were made by none.
    if (lost <= hops[node]! - 1 && continues(trail, colluder)) fits.push(node);
  }
  return fits.length === 0 ? [first.from] : fits;
}

/** Whether each colluder of the trail leads to the next one. */
function continues(trail: readonly Sighting[], colluder: Int32Array): boolean {
  return trail.slice(1).every((sighting, index) => colluder[trail[index]!.colluder] === sighting.colluder);
}
