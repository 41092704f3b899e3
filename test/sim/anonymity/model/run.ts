/** One measurement on the network without nodes: so many origins, each with its puzzle, and every estimator's score. */
import { seededRandom } from '../../../support/seeded-random.ts';
import { ESTIMATORS } from '../estimators/all.ts';
import type { Estimator } from '../estimators/estimator.ts';
import { RouteBook } from '../routes.ts';
import type { Score } from '../scoring.ts';
import { solve } from '../solve.ts';
import type { Posed } from '../solve.ts';
import { honestNodes } from '../topology.ts';
import type { Adversary, StemRule } from '../topology.ts';
import type { Activity } from '../trace.ts';
import type { Graph } from './graph.ts';
import { Traffic } from './traffic.ts';

export interface ModelOptions {
  readonly graph: Graph;
  readonly seed: number;
  readonly stem: StemRule | undefined;
  /** Messages of one activity. */
  readonly messages: number;
  /** Activities of one origin, a day apart. */
  readonly activities: number;
  /** How many of the honest nodes are origins; all when undefined. */
  readonly origins?: number;
  readonly window?: number;
  readonly paceMs?: number;
  readonly detours?: number;
  readonly estimators?: readonly Estimator[];
  /** Whether the colluders know which end of each link dialled; true unless told otherwise. */
  readonly directionKnown?: boolean;
  /** Whether the colluders find out by stems of their own which nodes end them. */
  readonly probing?: boolean;
}

export interface ModelResult {
  readonly scores: ReadonlyMap<string, Score>;
  readonly stemHops: readonly number[];
  readonly greedyHops: readonly number[];
  readonly colluderFirst: number;
  /** Mean time that an activity took. */
  readonly activityMs: number;
}

/** Random places in the book, which all origins share: their routes are computed once. */
const PLACES = 512;
const DAY_MS = 24 * 3_600_000;
/** Freenet's and ours (core/limits.ts). */
const MAX_HTL = 18;

export function runModel(options: ModelOptions): ModelResult {
  const { graph } = options;
  const { topology, colluding } = graph;
  const known = options.directionKnown === false ? { ...topology, successors: topology.neighbours } : topology;
  const watching: Adversary = { topology: known, colluding, stem: options.stem, maxHtl: MAX_HTL };
  const random = seededRandom(options.seed + 1);
  const places = Float64Array.from({ length: PLACES }, () => random.below(2 ** 32) / 2 ** 32);
  const routes = new RouteBook(topology, colluding, places, MAX_HTL);
  const traffic = new Traffic(graph, {
    adversary: watching,
    routes,
    seed: options.seed + 2,
    detours: options.detours ?? 0.05,
    window: options.window ?? 16,
    paceMs: options.paceMs,
  });
  const { stems } = traffic;
  const probing = options.probing === true && stems !== undefined && options.stem?.endsPer === 'node';
  // With a draw for each link they learn only of their own links, where nothing honest comes in.
  const adversary = probing
    ? { ...watching, knownEnds: (node: number, atMs: number) => stems.ends(node, -1, atMs) }
    : watching;
  const honest = honestNodes(colluding);
  const posed: Posed[] = [];
  const [stemHops, greedyHops]: [number[], number[]] = [[], []];
  let activityMs = 0;
  for (const [index, origin] of pick(honest, options.origins ?? honest.length, random.below).entries()) {
    const activities: Activity[] = [];
    let colluderFirst = false;
    for (let day = 0; day < options.activities; day += 1) {
      const messages = Int32Array.from({ length: options.messages }, () => random.below(PLACES));
      const startMs = day * DAY_MS + index;
      const burst = traffic.burst(origin, messages, startMs);
      activities.push(burst.activity);
      stemHops.push(burst.stemHops[0]!);
      greedyHops.push(...burst.greedyHops.slice(0, 8));
      activityMs += burst.endMs - startMs;
      colluderFirst ||= colluding[burst.firstHop] === 1;
    }
    posed.push({ truth: { origin, colluderFirst }, puzzle: { activities } });
  }
  return {
    scores: solve(posed, adversary, routes, options.estimators ?? ESTIMATORS, random),
    stemHops,
    greedyHops,
    colluderFirst: posed.filter((one) => one.truth.colluderFirst).length / posed.length,
    activityMs: activityMs / (posed.length * options.activities),
  };
}

function pick(from: readonly number[], size: number, below: (bound: number) => number): number[] {
  const rest = [...from];
  return Array.from({ length: Math.min(size, rest.length) }, () => {
    const index = below(rest.length);
    const [taken] = rest.splice(index, 1);
    return taken!;
  });
}
