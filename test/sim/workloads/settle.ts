/** A network that stands and has come to rest: its links are those that the nodes want, and look-ahead is complete. */
import type { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import type { Topology } from '../engine/topology.ts';

/**
 * Measured in a placed network of 500: 2.29 mean hops 11 s after it stands, 2.12 after 56 s, then 2.04 to 2.10 for three
 * minutes. Larger ones have more places to compute; an idle network costs little.
 */
const SETTLE_MS = 120_000;

export function buildAndSettle(network: Network, topology: Topology): void {
  build(network, topology);
  network.runFor(SETTLE_MS);
}
