/**
 * Two ways to a network that stands. `placed`: its links are put where greedy routing wants them, for experiments that
 * begin with a good network. `grown`: nodes join one after the other and only the production protocol makes links.
 */
import { distance } from '../../../src-main/core/routing/location.ts';
import type { Location } from '../../../src-main/core/routing/location.ts';
import type { Network } from './network.ts';
import type { SimNode } from './sim-node.ts';

export type Topology = 'placed' | 'grown';

export const TOPOLOGIES: readonly Topology[] = ['placed', 'grown'];

/** Bounds of a placed node's degree: the range that the targets name (degree 8 ... 20). */
const PLACED_MIN_DEGREE = 8;
const PLACED_MAX_DEGREE = 20;
/** Long links that each node asks for; with as many asked of it and two on the ring, the mean degree is about 12. */
const PLACED_LONG_LINKS = 5;
/** Links come up over so long, not in one instant. */
const PLACED_SPREAD_MS = 2_000;
/**
 * Hello, location and proofs of a link take a few round trips, the places of neighbours' neighbours half a minute more
 * (LOCATE_PACE_MS): after this most of them are known (measured).
 */
const PLACED_SETTLE_MS = 38_000;

export interface GrownOptions {
  /** Mean time between two joins. */
  readonly joinEveryMs?: number;
  /** Time after the last join. */
  readonly settleMs?: number;
}

/** Time between joins when left out: a thousand nodes in under two minutes. */
const JOIN_EVERY_MS = 100;
const GROWN_SETTLE_MS = 60_000;

/** Builds a network from nodes that have been added and not started. */
export function build(network: Network, topology: Topology): void {
  if (topology === 'placed') place(network);
  else grow(network);
}

export function place(network: Network): void {
  const ring = [...network.nodes].sort((a, b) => a.location - b.location);
  const random = network.newRandom(1);
  // The transports hold still: here it is said who is linked with whom.
  const couldDial = network.canDial;
  network.canDial = false;
  for (const node of network.nodes) network.start(node);
  for (const [a, b] of chooseLinks(ring, network, random)) {
    network.later(random.fraction() * PLACED_SPREAD_MS, () => void network.wires.connect(a, b));
  }
  network.runFor(PLACED_SPREAD_MS);
  network.canDial = couldDial;
  network.runFor(PLACED_SETTLE_MS);
}

function chooseLinks(
  ring: readonly SimNode[],
  network: Network,
  random: { fraction(): number },
): (readonly [SimNode, SimNode])[] {
  const linked = new Map<SimNode, Set<SimNode>>(ring.map((node) => [node, new Set()]));
  const pairs: (readonly [SimNode, SimNode])[] = [];
  const add = (a: SimNode, b: SimNode): boolean => {
    if (a === b || linked.get(a)!.has(b) || !network.wires.canMeet(a, b)) return false;
    linked.get(a)!.add(b);
    linked.get(b)!.add(a);
    pairs.push([a, b]);
    return true;
  };
  // The next on each side that can be reached at all.
  ring.forEach((node, index) => {
    for (let step = 1; step < ring.length; step += 1) {
      const next = ring[(index + step) % ring.length]!;
      if (linked.get(node)!.has(next) || add(node, next)) break;
    }
  });
  for (let pass = 0; pass < 2; pass += 1) {
    const wanted = pass === 0 ? (node: SimNode) => linked.get(node)!.size + PLACED_LONG_LINKS : () => PLACED_MIN_DEGREE;
    for (const node of ring) {
      const until = Math.min(wanted(node), PLACED_MAX_DEGREE);
      for (let tries = 0; linked.get(node)!.size < until && tries < 100; tries += 1) {
        const other = nearest(ring, harmonicPlace(node.location, ring.length, random));
        if (linked.get(other)!.size < PLACED_MAX_DEGREE) add(node, other);
      }
    }
  }
  return pairs;
}

/** A place at a distance drawn with density 1/d between one gap and half the circle (Kleinberg 2000). */
export function harmonicPlace(from: Location, nodes: number, random: { fraction(): number }): Location {
  const away = 0.5 * (2 / nodes) ** random.fraction();
  const place = random.fraction() < 0.5 ? from + away : from - away;
  return place - Math.floor(place);
}

/** `ring` is in order of location. */
export function nearest(ring: readonly SimNode[], place: Location): SimNode {
  let [low, high] = [0, ring.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ring[middle]!.location < place) low = middle + 1;
    else high = middle;
  }
  const after = ring[low % ring.length]!;
  const before = ring[(low + ring.length - 1) % ring.length]!;
  return distance(after.location, place) < distance(before.location, place) ? after : before;
}

/** Nodes join in the order of their numbers; the first is the bootstrap and starts alone. */
export function grow(network: Network, options: GrownOptions = {}): void {
  const random = network.newRandom(2);
  const { joinEveryMs = JOIN_EVERY_MS, settleMs = GROWN_SETTLE_MS } = options;
  let atMs = network.nowMs;
  for (const node of network.nodes) {
    network.at(atMs, () => network.start(node));
    atMs += random.exponential(joinEveryMs);
  }
  network.runFor(atMs - network.nowMs + settleMs);
}
