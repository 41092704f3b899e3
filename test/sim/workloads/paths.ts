/** Paths as the Freenet paper counts them: what failed counts as the whole HTL, so that failures cannot shorten the median. */
import type { SimNode } from '../engine/sim-node.ts';
import type { Network } from '../engine/network.ts';
import { distance } from '../../../src-main/core/routing/location.ts';
import type { Location } from '../../../src-main/core/routing/location.ts';

/** HTL of the paper's probes (Clarke et al. 2001, section 5.1), and what it counts a probe as that found nothing. */
export const PAPER_PROBE_HTL = 500;

/** Greedy hops of those that were answered, and the HTL for each of the others. */
export function pathsWithFailures(hops: readonly number[], asked: number, htl: number): number[] {
  return [...hops, ...Array.from({ length: asked - hops.length }, () => htl)];
}

/**
 * Hops of a probe as the paper sends it, over the links of this moment and without any message: depth first, always to
 * the nearest neighbour not seen yet, back where there is none, until a node has the record or 500 hops are made. It shows
 * a network whose paths are longer than production messages live.
 */
export function probeLinks(network: Network, from: SimNode, addressNumber: number, target: Location): number {
  const seen = new Set([from.index]);
  const way = [from];
  let hops = 0;
  for (;;) {
    const at = way.at(-1);
    if (at === undefined) return PAPER_PROBE_HTL;
    if (at.store.has(addressNumber)) return hops;
    const next = nearestUnseen(network, at, seen, target);
    if (next === undefined) {
      way.pop();
      continue;
    }
    hops += 1;
    if (hops >= PAPER_PROBE_HTL) return PAPER_PROBE_HTL;
    seen.add(next.index);
    way.push(next);
  }
}

function nearestUnseen(
  network: Network,
  at: SimNode,
  seen: ReadonlySet<number>,
  target: Location,
): SimNode | undefined {
  let best: SimNode | undefined;
  for (const index of at.ends.keys()) {
    const node = network.nodes[index]!;
    if (!node.isAlive || seen.has(index)) continue;
    if (best === undefined || distance(node.location, target) < distance(best.location, target)) best = node;
  }
  return best;
}
