/**
 * A network without nodes: places on the circle, the two neighbours there, and links of lengths about 1/d up to each
 * node's degree (Kleinberg 2000; protocol, section 1). Each link was dialled by one of its ends; nodes lie in a plane, and
 * the distance there is most of a link's latency.
 */
import { seededRandom } from '../../../support/seeded-random.ts';
import type { Topology } from '../topology.ts';

export interface GraphOptions {
  readonly nodes: number;
  readonly degreeMin: number;
  readonly degreeMax: number;
  readonly colluderShare: number;
  /** Degree of colluders, if they make more links than others. */
  readonly colluderDegree?: number;
  /** Whether stems go on to dialled neighbours alone (core/routing/stem.ts) or to any. */
  readonly successors: 'dialled' | 'any';
  readonly seed: number;
}

/** One way: what the shortest link takes, and what one across the plane takes on top. As within and between continents. */
const NEAR_MS = 5;
const ACROSS_MS = 80;

export interface Graph {
  readonly topology: Topology;
  readonly colluding: Uint8Array;
}

/** Uniform in 0 ... 1. */
export type Uniform = () => number;

export function uniform(seed: number): Uniform {
  const random = seededRandom(seed);
  return () => random.below(2 ** 32) / 2 ** 32;
}

export function makeGraph(options: GraphOptions): Graph {
  const { nodes } = options;
  const draw = uniform(options.seed);
  const locations = Float64Array.from({ length: nodes }, draw).sort();
  const colluding = new Uint8Array(nodes);
  for (let left = Math.round(nodes * options.colluderShare); left > 0;) {
    const node = Math.floor(draw() * nodes);
    if (colluding[node] === 1) continue;
    colluding[node] = 1;
    left -= 1;
  }
  const links = linkUp(options, colluding, draw);
  const x = Float64Array.from({ length: nodes }, draw);
  const y = Float64Array.from({ length: nodes }, draw);
  const topology: Topology = {
    locations,
    neighbours: links.map((ends) => Int32Array.from(ends.keys())),
    successors: links.map((ends) => successorsOf(ends, options.successors)),
    latencyMs: (a, b) => NEAR_MS + ACROSS_MS * Math.hypot(x[a]! - x[b]!, y[a]! - y[b]!) * Math.SQRT1_2,
  };
  return { topology, colluding };
}

/** For each node its neighbours, with whether it dialled them. Nodes are in the order of their places. */
function linkUp(options: GraphOptions, colluding: Uint8Array, draw: Uniform): Map<number, boolean>[] {
  const { nodes, degreeMin, degreeMax } = options;
  const links = Array.from({ length: nodes }, () => new Map<number, boolean>());
  const connect = (from: number, to: number): void => {
    if (from === to || links[from]!.has(to)) return;
    links[from]!.set(to, true);
    links[to]!.set(from, false);
  };
  for (let node = 0; node < nodes; node += 1) {
    const next = (node + 1) % nodes;
    if (draw() < 0.5) connect(node, next);
    else connect(next, node);
  }
  // Each dials half of its degree; the other half dials it.
  for (let node = 0; node < nodes; node += 1) {
    const wanted = degreeMin + Math.floor(draw() * (degreeMax - degreeMin + 1));
    const degree = colluding[node] === 1 ? (options.colluderDegree ?? wanted) : wanted;
    // Those beyond the usual degree are dialled by colluders alone.
    const dials = degree > degreeMax ? degree - degreeMax / 2 : degree / 2;
    for (let made = 1; made < dials; made += 1) connect(node, farAway(node, nodes, draw));
  }
  return links;
}

/** A node at a distance drawn with density about 1/d. */
function farAway(node: number, nodes: number, draw: Uniform): number {
  const steps = Math.max(1, Math.round((nodes / 2) ** draw()));
  return (node + (draw() < 0.5 ? steps : nodes - steps)) % nodes;
}

function successorsOf(ends: ReadonlyMap<number, boolean>, which: GraphOptions['successors']): Int32Array {
  const dialled = [...ends].filter(([, dialledIt]) => dialledIt).map(([node]) => node);
  // As the core: with fewer than two, any.
  return Int32Array.from(which === 'dialled' && dialled.length >= 2 ? dialled : [...ends.keys()]);
}
