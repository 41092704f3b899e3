/** What a node is made with, and what it shows of itself. */
import type { Neighbour } from './links/neighbour.ts';
import type { NetworkParameters } from './network-parameters.ts';
import type { Crypto, KeyPair, LinkId, Random } from './ports.ts';
import { distance } from './routing/location.ts';
import type { Location } from './routing/location.ts';
import type { SearchOptions } from './search/effects.ts';
import type { TransferOptions } from './transfer/transfers.ts';
import { PRIORITY_BULK } from './wire/messages.ts';
import type { RouteMessage } from './wire/messages.ts';

export interface NodeOptions {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly network: NetworkParameters;
  /** Identity of this node, the one that its links prove. */
  readonly keyPair: KeyPair;
  /** This node's own costly location. */
  readonly location: Location;
  readonly targetLinks: number;
  /** Milliseconds since 1970 by this machine's clock, for expiry only. */
  readonly wallMs: () => number;
  /** Room that the store has in all, in bytes. */
  readonly storeQuotaBytes: () => number;
  /** Left out: it takes no part in search. */
  readonly search?: SearchOptions;
  /** It loads from others and serves them. */
  readonly transfers?: TransferOptions;
}

/** What Network shows of a neighbour, as far as the core knows. */
export interface NeighbourView {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly ready: boolean;
  readonly location: Location | undefined;
  /** Length of the link on the circle, 0 ... 0.5. */
  readonly distance: number | undefined;
  readonly answeredShare: number | undefined;
  /** It takes no bulk message now: its window or its link is full, or it was silent lately. */
  readonly busy: boolean;
  /** Neighbours of its own that it proved, and whose places are known here. */
  readonly secondNeighbours: number;
  readonly sinceMs: number;
}

/** The last request of this node: its place, and what came of it. Not by whom it went: that is the way of its stem. */
export interface LastRequest {
  readonly place: Location;
  outcome: string;
}

export function neighbourView(neighbour: Neighbour, ownPlace: Location, nowMs: number): NeighbourView {
  const { link, publicKey, ready, location, answeredShare, sinceMs } = neighbour;
  return {
    link,
    publicKey,
    ready,
    location,
    distance: location === undefined ? undefined : distance(location, ownPlace),
    answeredShare,
    busy: !neighbour.takes(PRIORITY_BULK) || neighbour.isSuspect(nowMs),
    secondNeighbours: neighbour.second.size,
    sinceMs,
  };
}

/** What ends a wait for a neighbour, or lengthens it. */
export type Answer = Extract<
  RouteMessage,
  {
    type: 'found' | 'stored' | 'accepted' | 'underpaid' | 'notFound' | 'loop' | 'overload' | 'noRoute' | 'full';
  }
>;
