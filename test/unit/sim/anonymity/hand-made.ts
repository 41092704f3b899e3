/** Small hand-made networks and traces for the tests of the estimators. */
import { RouteBook } from '../../../sim/anonymity/routes.ts';
import type { Adversary, StemRule, Topology } from '../../../sim/anonymity/topology.ts';
import type { Activity, AnswerSighting, Sighting } from '../../../sim/anonymity/trace.ts';

export const MAX_HTL = 18;

/** Nodes at even distances on the circle, linked as told; stems may go on over every link. */
export function handMade(size: number, links: readonly (readonly [number, number])[]): Topology {
  const lists = Array.from({ length: size }, () => [] as number[]);
  for (const [a, b] of links) {
    lists[a]!.push(b);
    lists[b]!.push(a);
  }
  const neighbours = lists.map((list) => Int32Array.from(list));
  return {
    locations: Float64Array.from({ length: size }, (_, node) => node / size),
    neighbours,
    successors: neighbours,
    // Each link has a latency of its own, so that round trips can be told apart.
    latencyMs: (a, b) => 10 + 7 * Math.abs(a - b),
  };
}

export function ring(size: number): (readonly [number, number])[] {
  return Array.from({ length: size }, (_, node) => [node, (node + 1) % size] as const);
}

export const RULE: StemRule = { endsOneIn: 4, epochMs: 600_000, keeps: 'nothing', endsPer: 'node' };

export function adversary(topology: Topology, colluders: readonly number[], stem?: StemRule): Adversary {
  const colluding = new Uint8Array(topology.locations.length);
  for (const colluder of colluders) colluding[colluder] = 1;
  return { topology, colluding, stem, maxHtl: MAX_HTL };
}

/** A route book whose place i is just beside node `nodes[i]`. */
export function routesTo(known: Adversary, nodes: readonly number[]): RouteBook {
  const places = Float64Array.from(nodes, (node) => known.topology.locations[node]! + 1e-6);
  return new RouteBook(known.topology, known.colluding, places, MAX_HTL);
}

let ids = 0;

/** By default a greedy sighting with full HTL and an id of its own. */
export function sighting(given: Partial<Sighting> & Pick<Sighting, 'colluder' | 'from'>): Sighting {
  const stem = given.stem ?? false;
  return { atMs: 0, message: 0, id: `${(ids += 1)}`, htl: stem ? undefined : MAX_HTL, ...given, stem };
}

export function activity(
  messages: number,
  sightings: readonly Sighting[],
  answers: readonly AnswerSighting[] = [],
): Activity {
  return { messages: Int32Array.from({ length: messages }, (_, place) => place), sightings, answers };
}
