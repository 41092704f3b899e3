/** An estimator maps a puzzle to an origin; it knows what the adversary knows and nothing of the truth. */
import type { RouteBook } from '../routes.ts';
import type { Adversary } from '../topology.ts';
import type { Guess, Puzzle } from '../trace.ts';

export interface Estimator {
  readonly name: string;
  readonly guess: (puzzle: Puzzle, adversary: Adversary, routes: RouteBook) => Guess;
}

/** The likeliest node of a distribution. */
export function likeliestNode(probabilities: Float64Array): Guess {
  let node = 0;
  for (let other = 1; other < probabilities.length; other += 1) {
    if (probabilities[other]! > probabilities[node]!) node = other;
  }
  return { node, confidence: probabilities[node]! };
}
