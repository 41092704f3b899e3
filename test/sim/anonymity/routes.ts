/**
 * Greedy routes as anybody computes them who knows all links and places: from every node to a place, with the look at the
 * neighbours' neighbours that the core takes too. For each address a table: the next hop of every node, and the colluder
 * that a message from there meets first.
 */
import { distance } from '../../../src-main/core/routing/location.ts';
import type { Topology } from './topology.ts';

export interface RouteTable {
  /** -1: this node is the sink. */
  readonly next: Int32Array;
  /** First colluder on the way, after the node itself; -1 for none. */
  readonly colluder: Int32Array;
  /** Who hands it to that colluder. */
  readonly from: Int32Array;
  /** Hops from the node to that colluder. */
  readonly hops: Uint8Array;
}

const NOBODY = -1;
/** Tables kept; the oldest goes first. One of a thousand nodes takes 13 KB. */
const MOST_TABLES = 1_024;

export class RouteBook {
  readonly places: Float64Array;
  readonly #topology: Topology;
  readonly #colluding: Uint8Array;
  readonly #maxHops: number;
  readonly #tables = new Map<number, RouteTable>();

  constructor(topology: Topology, colluding: Uint8Array, places: Float64Array, maxHops: number) {
    this.#topology = topology;
    this.#colluding = colluding;
    this.places = places;
    this.#maxHops = maxHops;
  }

  table(place: number): RouteTable {
    const known = this.#tables.get(place);
    if (known !== undefined) return known;
    const table = this.#compute(this.places[place]!);
    this.#tables.set(place, table);
    if (this.#tables.size > MOST_TABLES) this.#tables.delete(this.#tables.keys().next().value!);
    return table;
  }

  #compute(place: number): RouteTable {
    const next = nextHops(this.#topology, place);
    const size = next.length;
    const colluder = new Int32Array(size).fill(NOBODY);
    const from = new Int32Array(size).fill(NOBODY);
    const hops = new Uint8Array(size);
    for (let node = 0; node < size; node += 1) {
      let at = node;
      for (let step = 1; step <= this.#maxHops; step += 1) {
        const to = next[at]!;
        if (to === NOBODY) break;
        if (this.#colluding[to] === 1) {
          colluder[node] = to;
          from[node] = at;
          hops[node] = step;
          break;
        }
        at = to;
      }
    }
    return { next, colluder, from, hops };
  }
}

/** The neighbour that is nearest itself or by its own neighbours, if that is nearer than the node; else -1. */
function nextHops(topology: Topology, place: number): Int32Array {
  const size = topology.locations.length;
  const own = Float64Array.from(topology.locations, (location) => distance(location, place));
  const reach = own.slice();
  for (let node = 0; node < size; node += 1) {
    for (const neighbour of topology.neighbours[node]!) reach[node] = Math.min(reach[node]!, own[neighbour]!);
  }
  const next = new Int32Array(size).fill(NOBODY);
  for (let node = 0; node < size; node += 1) {
    let best = own[node]!;
    for (const neighbour of topology.neighbours[node]!) {
      const away = reach[neighbour]!;
      const chosen = next[node]!;
      // Of several that lead to the same node, that node itself, else the nearest of them.
      if (away < best || (away === best && chosen !== NOBODY && own[neighbour]! < own[chosen]!)) {
        best = away;
        next[node] = neighbour;
      }
    }
  }
  return next;
}

/**
 * Chance that a message sent with the highest HTL shows `lost` less after `receivers` nodes have passed it on: at the top
 * it falls by the draw of each link, one in two, and below by one a hop (protocol, section 3).
 */
export function htlChance(receivers: number, lost: number): number {
  if (lost < 0 || lost > receivers) return 0;
  if (lost === 0) return 0.5 ** receivers;
  return 0.5 ** (receivers - lost + 1);
}
