/** What colluders know of a network of the simulator: its links as they stand now. */
import type { Network } from '../../engine/network.ts';
import { OPEN } from '../../engine/links.ts';
import type { Graph } from '../model/graph.ts';

/** Waiting and sending of one message on one link, on top of the light’s way. Guess. */
const HOP_MS = 4;

export function knownNetwork(network: Network, colluding: Uint8Array): Graph {
  const { nodes, links, wires, conditions } = network;
  const neighbours: Int32Array[] = [];
  const successors: Int32Array[] = [];
  for (const node of nodes) {
    const ends = [...node.ends].filter(([, end]) => links.state[end] === OPEN);
    // The end of who dialled comes first of a link's two.
    const dialled = ends.filter(([, end]) => end % 2 === 0);
    neighbours.push(Int32Array.from(ends, ([peer]) => peer));
    // As the core draws: among those that it dialled if they are two.
    successors.push(Int32Array.from(dialled.length >= 2 ? dialled : ends, ([peer]) => peer));
  }
  const topology = {
    locations: Float64Array.from(nodes, (node) => node.location),
    neighbours,
    successors,
    latencyMs: (a: number, b: number) => wires.latencyMs(nodes[a]!, nodes[b]!) * (1 + conditions.jitter / 2) + HOP_MS,
  };
  return { topology, colluding };
}

/** Share of the links of `before` that are gone in `after`. */
export function changedLinks(before: Graph, after: Graph): number {
  let [all, gone] = [0, 0];
  for (const [node, neighbours] of before.topology.neighbours.entries()) {
    const still = new Set(after.topology.neighbours[node]);
    all += neighbours.length;
    gone += neighbours.filter((neighbour) => !still.has(neighbour)).length;
  }
  return gone / Math.max(1, all);
}
