/**
 * The whole posterior (posterior.ts): the strongest that the links, the rule and what was seen allow, short of timing.
 * Against stems this is the first spy weighed by the topology (Fanti et al. 2018, Dandelion++, section 4, where the
 * adversary learns the anonymity graph); over several activities it is the intersection of epochs.
 */
import { cluesOf } from '../clues.ts';
import type { Clue } from '../clues.ts';
import { posterior } from '../posterior.ts';
import type { RouteBook } from '../routes.ts';
import type { Adversary } from '../topology.ts';
import { NO_GUESS } from '../trace.ts';
import type { Puzzle } from '../trace.ts';
import { likeliestNode } from './estimator.ts';
import type { Estimator } from './estimator.ts';

export const bayes: Estimator = {
  name: 'bayes',
  guess(puzzle, adversary, routes) {
    const belief = believe(puzzle, adversary, routes);
    return belief === undefined ? NO_GUESS : likeliestNode(belief.probabilities);
  },
};

export interface Belief {
  readonly adversary: Adversary;
  /** Of each activity in turn. */
  readonly clues: readonly (readonly Clue[])[];
  readonly probabilities: Float64Array;
}

/** The timing estimator goes on from the same belief: it is not worked out twice. */
const beliefs = new WeakMap<Puzzle, Belief>();

/** Undefined when there is no clue. */
export function believe(puzzle: Puzzle, adversary: Adversary, routes: RouteBook): Belief | undefined {
  const known = beliefs.get(puzzle);
  if (known?.adversary === adversary) return known;
  const clues = puzzle.activities.map((activity) => cluesOf(activity, adversary, routes));
  const all = clues.flat();
  if (all.length === 0) return undefined;
  const belief = { adversary, clues, probabilities: posterior(all, adversary) };
  beliefs.set(puzzle, belief);
  return belief;
}
