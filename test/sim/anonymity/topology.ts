/**
 * What the colluders know of the network: all of it. Proved neighbours of neighbours tell them much, crawling tells them
 * more; the experiments grant them every link, its direction, its latency and every place on the circle.
 */
export interface Topology {
  /** Place of each node on the circle, 0 ... 1. */
  readonly locations: Float64Array;
  readonly neighbours: readonly Int32Array[];
  /** Where each node's stems may go on: its neighbours, or those of them that it dialled (core/routing/stem.ts). */
  readonly successors: readonly Int32Array[];
  /** Usual time from one neighbour to the other, one way, waiting included. */
  readonly latencyMs: (a: number, b: number) => number;
}

/** The rule of the stem, which is public. */
export interface StemRule {
  /** A node that is given stems ends them in one epoch of so many. */
  readonly endsOneIn: number;
  readonly epochMs: number;
  /** What lasts beyond an epoch: nothing, a node's own first successor (a guard), or its relaying as well. */
  readonly keeps: Keeps;
  /** Whether the draw of ending holds for all stems that a node is given, or is made for each link that they come by. */
  readonly endsPer: 'node' | 'link';
}

export type Keeps = 'nothing' | 'own' | 'all';

/** All that the colluders know before they see a message. */
export interface Adversary {
  readonly topology: Topology;
  /** 1 for a colluder. */
  readonly colluding: Uint8Array;
  /** Undefined where messages are routed greedily from their origin. */
  readonly stem: StemRule | undefined;
  /** HTL of a message where greedy routing begins. */
  readonly maxHtl: number;
  /**
   * Colluders that sent stems of their own through a node know whether it ends them: whether this node ends all that it is
   * given at that time. Undefined for colluders that only watch.
   */
  readonly knownEnds?: (node: number, atMs: number) => boolean;
}

export function honestNodes(colluding: Uint8Array): number[] {
  const honest: number[] = [];
  for (const [node, mark] of colluding.entries()) if (mark === 0) honest.push(node);
  return honest;
}

/** For each node, those that may have handed it a stem. */
export function predecessors(topology: Topology): number[][] {
  const lists: number[][] = topology.successors.map(() => []);
  for (const [node, successors] of topology.successors.entries()) {
    for (const successor of successors) lists[successor]!.push(node);
  }
  return lists;
}
