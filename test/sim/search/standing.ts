/** A network in which everybody has neighbours, hubs and lists: where searches begin. */
import { HUBS_OF_LEAF } from '../../../src-main/core/limits.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import type { Network } from '../engine/network.ts';
import type { Searching } from './searching.ts';

/** Links that each node is given to begin with; the core makes the others. */
const FIRST_LINKS = 4;
/** Hubs are made for so many more leaves than there are (core/search/roles.ts). */
const FULL_SHARE = 0.75;
/** Records go from neighbour to neighbour, and lists after them. Guess. */
const STEP_MS = 5_000;
const MAX_STEPS = 24;
/** Links are still made for so long, and whoever gets one is told of hubs, before upkeep is measured. */
const LINKS_SECONDS = 60;

export function settle(
  network: Network,
  searching: Searching,
  withHubs: boolean,
  /** Nobody searches for so long at the end, so that upkeep can be measured. */
  quietSeconds: number,
): number {
  const random = network.newRandom(22);
  const { nodes } = network;
  if (withHubs) {
    const wanted = Math.ceil((nodes.length * HUBS_OF_LEAF) / network.parameters.leavesOfHub / FULL_SHARE);
    const able = random.shuffle(nodes.filter(({ isBehindNat }) => !isBehindNat));
    for (const node of able.slice(0, Math.max(HUBS_OF_LEAF, wanted))) searching.makeHub(node);
  }
  for (const node of nodes) network.start(node);
  for (const node of nodes)
    for (let tries = 0; node.ends.size < FIRST_LINKS && tries < 100; tries += 1)
      network.wires.connect(node, random.pick(nodes));
  for (const node of nodes) searching.share(network, node);
  const isStanding = (): boolean =>
    nodes.every((node) => {
      const view = node.core.search()!;
      return view.role === 'hub' || view.hubs >= HUBS_OF_LEAF;
    });
  for (let step = 0; step < MAX_STEPS && (step < 2 || (withHubs && !isStanding())); step += 1) network.runFor(STEP_MS);
  // It stands: from now on everybody looks as rarely as in the public network.
  Object.assign(network.parameters, { searchLookMs: networkParameters('public').searchLookMs });
  network.runFor(LINKS_SECONDS * 1_000);
  network.runFor(quietSeconds * 1_000);
  return nodes.filter((node) => node.core.search()?.role === 'hub').length;
}
