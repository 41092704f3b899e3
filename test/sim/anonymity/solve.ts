/** Every estimator's guess for every puzzle, and its score. */
import type { Random } from '../../../src-main/core/ports.ts';
import type { Estimator } from './estimators/estimator.ts';
import type { RouteBook } from './routes.ts';
import { score } from './scoring.ts';
import type { Case, Score } from './scoring.ts';
import { honestNodes } from './topology.ts';
import type { Adversary } from './topology.ts';
import type { Guess, Puzzle } from './trace.ts';

/** A puzzle and its solution. */
export interface Posed {
  readonly truth: Case;
  readonly puzzle: Puzzle;
}

export function solve(
  posed: readonly Posed[],
  adversary: Adversary,
  routes: RouteBook,
  estimators: readonly Estimator[],
  random: Random,
): Map<string, Score> {
  const guesses = new Map<string, Guess[]>(estimators.map((estimator) => [estimator.name, []]));
  // Puzzle by puzzle, so that the routes of one are worked out once for all estimators.
  for (const { puzzle } of posed) {
    for (const estimator of estimators) {
      guesses.get(estimator.name)!.push(estimator.guess(puzzle, adversary, routes));
    }
  }
  const honest = honestNodes(adversary.colluding);
  const cases = posed.map((one) => one.truth);
  return new Map([...guesses].map(([name, list]) => [name, score(cases, list, honest, random)]));
}

/** The estimator with the highest precision. */
export function bestOf(
  scores: ReadonlyMap<string, Score>,
): { readonly name: string; readonly score: Score } | undefined {
  let best: { name: string; score: Score } | undefined;
  for (const [name, one] of scores)
    if (best === undefined || one.precision > best.score.precision) best = { name, score: one };
  return best;
}
