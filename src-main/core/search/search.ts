/**
 * Search (docs/spec/search.md): who is a hub, leaves and their lists, queries among hubs, by the stem and without hubs, listings.
 * It is told of links by links/peer-links.ts, of events by node.ts, and speaks on the channel `search`.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { MAX_SEARCH_GARBAGE, PEER_LINK_IDLE_MS } from '../limits.ts';
import type { PeerListener } from '../links/peer-links.ts';
import type { LinkId, LinkInfo } from '../ports.ts';
import type { HubRecord } from '../wire/hub-record.ts';
import { decodeSearchMessage } from '../wire/search-messages.ts';
import type { SearchMessage } from '../wire/search-messages.ts';
import { Asks } from './asks.ts';
import type { Role, SearchEvent } from './effects.ts';
import { HubRecords } from './hub-records.ts';
import { LeafHubs } from './leaf-hubs.ts';
import { LeafLists } from './leaf-lists.ts';
import { Listings } from './listings.ts';
import { Mesh } from './mesh.ts';
import { OwnList } from './own-list.ts';
import type { SearchParts } from './parts.ts';
import { SearchPeer } from './peers.ts';
import { QueryTraffic } from './query-traffic.ts';
import { Relays } from './relays.ts';
import { Roles } from './roles.ts';
import { Searches } from './searches.ts';
import { StemListings } from './stem-listings.ts';
import { StemQueries } from './stem-queries.ts';
import { Walkers } from './walkers.ts';

/** What others are shown of this node's part in search. */
export interface SearchView {
  readonly role: Role;
  /** Hubs of a leaf, or of the mesh of a hub. */
  readonly hubs: number;
  readonly leaves: number;
  readonly hubsKnown: number;
}

export class Search implements PeerListener {
  readonly #parts: SearchParts;
  readonly #records: HubRecords;
  readonly #roles: Roles;
  readonly #list: OwnList;
  readonly #leafHubs: LeafHubs;
  readonly #leafLists: LeafLists;
  readonly #mesh: Mesh;
  readonly #relays: Relays;
  readonly #walkers: Walkers;
  readonly #asks: Asks;
  readonly #stems: StemQueries;
  readonly #searches: Searches;
  readonly #listings: Listings;
  readonly #stemListings: StemListings;
  readonly #queries: QueryTraffic;
  readonly #onHostile: (link: LinkId) => void;
  #isLooking = false;

  /** `onHostile`: a peer sends what no honest one does; its link is to be closed. */
  constructor(parts: SearchParts, onHostile: (link: LinkId) => void) {
    this.#parts = parts;
    this.#onHostile = onHostile;
    const onGarbage = (peer: SearchPeer): void => this.#countGarbage(peer);
    this.#records = new HubRecords(parts);
    this.#roles = new Roles(parts, this.#records, (role) => this.#onRole(role));
    this.#list = new OwnList(parts);
    this.#leafHubs = new LeafHubs(parts, this.#records, this.#list, () => this.#onChanged());
    this.#leafLists = new LeafLists(parts);
    this.#mesh = new Mesh(parts, this.#records, (peer) => this.#onMeshJoined(peer));
    this.#relays = new Relays(parts, this.#mesh, onGarbage);
    this.#walkers = new Walkers(parts, onGarbage);
    this.#asks = new Asks(parts, this.#roles, this.#relays, this.#records, this.#walkers, onGarbage);
    this.#stems = new StemQueries(parts, this.#asks, onGarbage);
    this.#searches = new Searches(parts, this.#roles, this.#asks, this.#stems);
    this.#listings = new Listings(parts, () => this.#roles.role === 'hub');
    this.#stemListings = new StemListings(parts, this.#roles, this.#listings, onGarbage);
    const [asks, relays, stems, walkers, stemListings] = [
      this.#asks,
      this.#relays,
      this.#stems,
      this.#walkers,
      this.#stemListings,
    ];
    this.#queries = new QueryTraffic(parts, this.#roles, { asks, relays, stems, walkers, stemListings });
  }

  view(): SearchView {
    const { peers } = this.#parts;
    const { role } = this.#roles;
    const hubs = role === 'hub' ? peers.mesh().length : peers.hubs().length;
    return { role, hubs, leaves: peers.leafCount, hubsKnown: this.#records.count };
  }

  tableSizes(): Readonly<Record<string, number>> {
    return {
      searchPeers: this.#parts.peers.size,
      hubRecords: this.#records.size,
      ownFiles: this.#list.size,
      ownRemovals: this.#list.removals,
      queries: this.#relays.size,
      asks: this.#asks.size,
      searches: this.#searches.size,
      walkedQueries: this.#walkers.size,
      stemQueries: this.#stems.size,
      stemListings: this.#stemListings.size,
      listings: this.#listings.known,
      listingRemovals: this.#listings.removals,
      listingsWaiting: this.#listings.waiting,
      wordTables: this.#mesh.tables,
    };
  }

  onEvent(event: SearchEvent): void {
    switch (event.type) {
      case 'search':
        return this.#searches.start(event);
      case 'searchCounted':
        return this.#searches.count(event.operation, event.contents);
      case 'searchCancel':
        return this.#searches.cancel(event.operation);
      case 'shareList':
        this.#list.change(event);
        return this.#mesh.tellSoon();
      case 'shareSlots':
        return this.#list.setFreeSlots(event.freeSlots);
      case 'list':
        return this.#stemListings.startOwn(event.operation, event.record);
      case 'indexStateDone':
        return this.#leafLists.onStateDone(event.effect, event.state);
      case 'indexChangeDone':
        if (this.#leafLists.onChangeDone(event.effect, event.outcome)) this.#mesh.tellSoon();
        return undefined;
      case 'indexQueryDone':
        if (!this.#relays.onIndexDone(event.effect, event.hits, event.more))
          this.#walkers.onIndexDone(event.effect, event.hits);
        return undefined;
      case 'indexTableDone':
        return this.#mesh.onOwnTable(event.effect, event.table);
      case 'indexListingDone':
        this.#listings.onWritten(event.effect, event.outcome);
        return this.#mesh.tellSoon();
      case 'indexListingsDone':
        return this.#listings.onRead(event.effect, event.listings);
      case 'listingVerified':
        return this.#listings.onVerified(event.effect, event.verdict);
    }
  }

  onPeer(info: LinkInfo, isNeighbour: boolean): void {
    const { peers, context } = this.#parts;
    const peer = new SearchPeer(info, context.now(), isNeighbour);
    peers.add(peer);
    // A newcomer asks at once, and so has hubs as soon as it has a neighbour.
    this.#sayRole(peer);
    if (this.#records.count < MIN_RECORDS) peers.send(peer, { type: 'askHubs' });
    this.#leafHubs.onPeer(peer);
    this.#mesh.onPeer(peer);
    this.#lookLater();
  }

  onPurpose(link: LinkId, isNeighbour: boolean): void {
    const peer = this.#parts.peers.get(link);
    if (peer === undefined) return;
    peer.isNeighbour = isNeighbour;
    if (!isNeighbour && !peer.isHeld) this.#parts.links.releaseLink(link);
  }

  onPeerDown(link: LinkId): void {
    const peer = this.#parts.peers.remove(link);
    if (peer === undefined) return;
    const wasLeaf = peer.isLeaf;
    peer.isLeaf = false;
    this.#leafLists.onLeafGone(peer);
    this.#mesh.onDown(peer);
    this.#relays.onDown(peer);
    this.#leafHubs.onDown(peer);
    this.#asks.onDown(peer);
    this.#stems.onDown(peer);
    this.#stemListings.onDown(peer);
    if (wasLeaf) this.#onChanged();
  }

  holds(link: LinkId): boolean {
    return this.#parts.peers.get(link)?.isHeld === true;
  }

  onCongested(link: LinkId, isCongested: boolean): void {
    const peer = this.#parts.peers.get(link);
    if (peer === undefined) return;
    peer.congested = isCongested;
    if (!isCongested) this.#list.onWritable(peer);
  }

  onMessage(link: LinkId, bytes: Uint8Array): void {
    const peer = this.#parts.peers.get(link);
    if (peer === undefined) return;
    const decoded = decodeSearchMessage(bytes);
    if (!decoded.ok || !this.#onSearchMessage(peer, decoded.value)) this.#countGarbage(peer);
  }

  /** False when no honest node sends this. */
  #onSearchMessage(peer: SearchPeer, message: SearchMessage): boolean {
    switch (message.type) {
      case 'role':
        return this.#onRoleOf(peer, message.hub);
      case 'hubs':
        return message.hubs.map((record) => this.#records.learn(peer, record)).every(Boolean) && this.#lookNow();
      case 'askHubs':
        this.#tellHubs(peer);
        return true;
      case 'attach':
        if (message.purpose === 'mesh') this.#mesh.onWish(peer, this.#isHub());
        else this.#onLeaf(peer, message.freeSlots);
        return true;
      case 'attached':
        if (message.purpose === 'mesh') this.#mesh.onAttached(peer, message);
        else this.#leafHubs.onAttached(peer, message);
        return true;
      case 'detach':
        return this.#onDetach(peer, message.purpose);
      case 'change':
        return this.#leafLists.onChange(peer, message);
      case 'changed':
        this.#list.onChanged(peer, message.outcome);
        return true;
      case 'slots':
        peer.freeSlots = message.freeSlots;
        if (peer.isLeaf) this.#leafLists.sayPresent(peer);
        return true;
      case 'table':
        return this.#mesh.onTable(peer, message);
      case 'listings':
        if (!this.#listings.onMessage(peer, message)) return false;
        this.#listings.askMore(peer, message);
        return true;
      case 'askListings':
        this.#listings.onAsked(peer, message.after);
        return true;
      default:
        return this.#queries.onMessage(peer, message);
    }
  }

  #onRoleOf(peer: SearchPeer, hub: HubRecord | undefined): boolean {
    if (hub === undefined) {
      if (peer.hub !== undefined) this.#records.doubt(peer.key);
      peer.hub = undefined;
      this.#leafHubs.leave(peer, true);
      this.#mesh.leave(peer, true);
      return this.#lookNow();
    }
    if (bytesEqual(hub.contact.publicKey, peer.publicKey) && this.#records.learn(peer, hub)) {
      peer.hub = hub;
      return this.#lookNow();
    }
    return false;
  }

  #onLeaf(peer: SearchPeer, freeSlots: number): void {
    const outcome = !this.#isHub() ? 'no-hub' : this.#roles.room === 0 && !peer.isLeaf ? 'full' : 'taken';
    if (outcome !== 'taken') {
      this.#parts.peers.send(peer, { type: 'attached', purpose: 'leaf', outcome });
      return this.#tellHubs(peer);
    }
    peer.freeSlots = freeSlots;
    this.#parts.peers.setLeaf(peer, true);
    this.#leafLists.onLeaf(peer);
    this.#onChanged();
    return undefined;
  }

  #onDetach(peer: SearchPeer, purpose: 'leaf' | 'mesh'): true {
    if (purpose === 'mesh') this.#mesh.leave(peer, false);
    else if (peer.isLeaf) {
      this.#parts.peers.setLeaf(peer, false);
      this.#leafLists.onLeafGone(peer);
      if (!peer.isHeld) this.#parts.links.releaseLink(peer.link);
      this.#onChanged();
    } else this.#leafHubs.leave(peer, false);
    return true;
  }

  #isHub(): boolean {
    return this.#roles.role === 'hub' && !this.#roles.isLeaving;
  }

  #onRole(role: Role): void {
    const { peers, context } = this.#parts;
    if (role === 'hub') {
      this.#leafHubs.leaveAll();
      this.#mesh.look();
    } else if (!this.#roles.isLeaving) {
      for (const leaf of peers.leaves()) {
        peers.setLeaf(leaf, false);
        this.#leafLists.onLeafGone(leaf);
        peers.send(leaf, { type: 'detach', purpose: 'leaf' });
        if (!leaf.isHeld) this.#parts.links.releaseLink(leaf.link);
      }
      this.#mesh.leaveAll();
      this.#leafHubs.look();
    } else {
      // Its leaves are told whom else to take, and have as long as it stays to do so.
      for (const leaf of peers.leaves()) this.#tellHubs(leaf);
    }
    for (const peer of peers.all()) this.#sayRole(peer);
    context.emit({ type: 'searchRoleChanged' });
  }

  #onMeshJoined(peer: SearchPeer): void {
    this.#listings.askFor(peer);
    this.#onChanged();
  }

  #onChanged(): void {
    this.#parts.context.emit({ type: 'searchRoleChanged' });
  }

  #sayRole(peer: SearchPeer): void {
    const { peers } = this.#parts;
    const hub = this.#roles.record();
    if (hub !== undefined) return peers.send(peer, { type: 'role', hub });
    peers.send(peer, { type: 'role' });
    const retraction = this.#roles.retraction();
    // So that those who know this hub by others hear it from others.
    if (retraction !== undefined) peers.send(peer, { type: 'hubs', hubs: [retraction] });
    return undefined;
  }

  #tellHubs(peer: SearchPeer): void {
    const hubs = this.#records.some(peer.key);
    if (hubs.length > 0) this.#parts.peers.send(peer, { type: 'hubs', hubs });
  }

  /** Looks after roles and hubs every so often, spread, so that the nodes of a network do not all look at once. */
  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { context, timers, network } = this.#parts;
    const everyMs = network.searchLookMs;
    timers.set(context.now() + everyMs / 2 + context.random.below(everyMs), () => {
      this.#isLooking = false;
      this.#lookLater();
      this.#look();
    });
  }

  #look(): void {
    const { peers, context } = this.#parts;
    const told = this.#roles.record();
    this.#roles.look();
    this.#lookNow();
    this.#closeIdle();
    if (this.#roles.role === 'hub') this.#mesh.look();
    const record = this.#roles.record();
    if (record !== told)
      for (const peer of peers.all()) if (peer.inMesh === 'yes' || peer.isNeighbour) this.#sayRole(peer);
    // One neighbour at a time is told of hubs: what one knows is known to all after as many looks as the network is wide.
    const neighbours = peers.neighbours();
    const lot = neighbours[neighbours.length === 0 ? 0 : context.random.below(neighbours.length)];
    if (lot === undefined) return;
    this.#tellHubs(lot);
    if (this.#records.count < MIN_RECORDS) peers.send(lot, { type: 'askHubs' });
  }

  /** Links for search alone that nobody needs: who knocked and was not taken, and stays. */
  #closeIdle(): void {
    const { peers, context, links } = this.#parts;
    for (const peer of peers.all()) {
      const isIdle = !peer.isNeighbour && !peer.isHeld && context.now() - peer.sinceMs > PEER_LINK_IDLE_MS;
      if (isIdle) links.releaseLink(peer.link);
    }
  }

  #lookNow(): true {
    if (this.#roles.role === 'leaf') this.#leafHubs.look();
    return true;
  }

  #countGarbage(peer: SearchPeer): void {
    peer.garbage += 1;
    this.#parts.statistics.garbage += 1;
    if (peer.garbage >= MAX_SEARCH_GARBAGE) this.#onHostile(peer.link);
  }
}

/** Whoever knows fewer hubs asks for more. */
const MIN_RECORDS = 8;
