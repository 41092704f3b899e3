/** What the parts of search work with. */
import type { NodeContext } from '../effects.ts';
import type { Neighbours } from '../links/neighbours.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { KeyPair, KnownNode, LinkId } from '../ports.ts';
import type { Location } from '../routing/location.ts';
import type { RecentIds } from '../routing/recent-ids.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Stem } from '../routing/stem.ts';
import type { Timers } from '../routing/timers.ts';
import type { SearchOptions } from './effects.ts';
import type { Peers } from './peers.ts';

/** What search asks of whoever keeps the links (links/peer-links.ts). */
export interface PeerLinkMaker {
  /** Makes a link for search alone, unless there is one of any kind. */
  dialPeer(node: KnownNode): void;
  /** Search needs this link no more: it is closed unless routing uses it. */
  releaseLink(link: LinkId): void;
}

export interface SearchParts {
  readonly context: NodeContext;
  readonly network: NetworkParameters;
  readonly networkId: Uint8Array;
  readonly keyPair: KeyPair;
  /** Where this node lives on the circle. */
  readonly ownPlace: Location;
  readonly options: SearchOptions;
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly recentIds: RecentIds;
  readonly stem: Stem;
  readonly statistics: Statistics;
  readonly peers: Peers;
  readonly links: PeerLinkMaker;
}

export function nowMinutes(context: NodeContext): number {
  return Math.floor(context.wallMs() / 60_000);
}

export function todayDay(context: NodeContext): number {
  return Math.floor(context.wallMs() / 86_400_000);
}
