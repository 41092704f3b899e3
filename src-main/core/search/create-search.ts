/** Puts the search of a node together with the rest of it. */
import type { NodeContext } from '../effects.ts';
import { networkIdOf } from '../links/links.ts';
import type { Links } from '../links/links.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { KeyPair } from '../ports.ts';
import type { Location } from '../routing/location.ts';
import { RecentIds } from '../routing/recent-ids.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Stem } from '../routing/stem.ts';
import type { Timers } from '../routing/timers.ts';
import type { SearchOptions } from './effects.ts';
import { Peers } from './peers.ts';
import { Search } from './search.ts';

interface SearchSurroundings {
  readonly context: NodeContext;
  readonly options: {
    readonly network: NetworkParameters;
    readonly keyPair: KeyPair;
    readonly location: Location;
    readonly search?: SearchOptions;
  };
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly stem: Stem;
  readonly statistics: Statistics;
  /** Not there yet when this is called: links tell search of what happens to them. */
  readonly links: () => Links;
}

/** Undefined where the node takes no part in search. */
export function createSearch(surroundings: SearchSurroundings): Search | undefined {
  const { context, options, neighbours, timers, stem, statistics, links } = surroundings;
  const { network, keyPair, location, search } = options;
  if (search === undefined) return undefined;
  const parts = {
    context,
    network,
    networkId: networkIdOf(context.crypto, network),
    keyPair,
    ownPlace: location,
    options: search,
    neighbours,
    timers,
    recentIds: new RecentIds(),
    stem,
    statistics,
    peers: new Peers(context),
    links: {
      dialPeer: (node: Parameters<Links['dialPeer']>[0]) => links().dialPeer(node),
      releaseLink: (link: number) => links().releaseLink(link),
    },
  };
  return new Search(parts, (link) => links().dropHostile(link));
}
