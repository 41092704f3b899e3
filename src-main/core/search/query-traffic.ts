import { toHex } from '../../../shared/base/bytes.ts';
import type { HitsMessage, SearchMessage } from '../wire/search-messages.ts';
import type { Asks } from './asks.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import { searchKey } from './relays.ts';
import type { Relays } from './relays.ts';
import type { Roles } from './roles.ts';
import type { StemListings } from './stem-listings.ts';
import type { StemQueries } from './stem-queries.ts';
import type { Walkers } from './walkers.ts';

type MessageOfQuery = Extract<
  SearchMessage,
  { type: 'query' | 'hits' | 'stop' | 'stemQuery' | 'stemListing' | 'listed' | 'walk' }
>;

interface Workers {
  readonly asks: Asks;
  readonly relays: Relays;
  readonly stems: StemQueries;
  readonly walkers: Walkers;
  readonly stemListings: StemListings;
}

/** Who may wait for hits. */
interface Answerer {
  knows(id: Uint8Array): boolean;
  /** False when no honest node sends these. */
  onHits(from: SearchPeer, message: HitsMessage): boolean;
}

/** Messages of queries, to whoever works on the query that they are of. */
export class QueryTraffic {
  readonly #parts: SearchParts;
  readonly #roles: Roles;
  readonly #workers: Workers;
  readonly #answerers: readonly Answerer[];

  constructor(parts: SearchParts, roles: Roles, workers: Workers) {
    this.#parts = parts;
    this.#roles = roles;
    this.#workers = workers;
    this.#answerers = [workers.asks, workers.relays, workers.stems, workers.walkers];
  }

  /** False when no honest node sends this. */
  onMessage(peer: SearchPeer, message: MessageOfQuery): boolean {
    const { relays, stems, walkers, stemListings } = this.#workers;
    switch (message.type) {
      case 'query':
        return this.#onQuery(peer, message);
      case 'hits':
        return this.#onHits(peer, message);
      case 'stop':
        relays.onStop(peer, message.id);
        stems.onStop(peer, message.id);
        return true;
      case 'stemQuery':
        stems.onMessage(peer, message);
        return true;
      case 'stemListing':
        stemListings.onMessage(peer, message.id, message.record);
        return true;
      case 'listed':
        stemListings.onListed(peer, message.id, message.outcome);
        return true;
      case 'walk':
        if (peer.isNeighbour) walkers.onMessage(peer, message);
        return true;
    }
  }

  /** Each knows the ids that it gave out, or that came by it. */
  #onHits(peer: SearchPeer, message: HitsMessage): boolean {
    const knowing = this.#answerers.filter((answerer) => answerer.knows(message.id));
    if (knowing.length > 0) return knowing.every((answerer) => answerer.onHits(peer, message));
    // A query that ended a moment ago: what was on its way is no offence.
    const { recentIds, context } = this.#parts;
    return recentIds.has(searchKey(toHex(message.id)), context.now());
  }

  #onQuery(peer: SearchPeer, message: Extract<SearchMessage, { type: 'query' }>): boolean {
    if (this.#roles.role === 'hub' && (peer.isLeaf || peer.inMesh === 'yes')) {
      this.#workers.relays.onQuery(peer, message);
      return true;
    }
    // It may cross the word that this node is a hub no more.
    const end = { outcome: 'refused', hubs: 0, reach: 0, messages: 0 } as const;
    this.#parts.peers.send(peer, { type: 'hits', id: message.id, hits: [], end });
    return true;
  }
}
