import { toHex } from '../../../shared/base/bytes.ts';
import {
  LISTING_MINUTES,
  MAX_STEM_QUERIES,
  MAX_STEM_QUERIES_OF_LINK,
  OWN_SUCCESSORS,
  STEM_QUERY_MS,
} from '../limits.ts';
import type { LinkId } from '../ports.ts';
import type { Timer } from '../routing/timers.ts';
import { MESSAGE_ID_BYTES } from '../wire/messages.ts';
import { verifyListingRecord } from '../wire/listing-record.ts';
import type { Listings } from './listings.ts';
import { nowMinutes } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Roles } from './roles.ts';

type Outcome = 'done' | 'refused' | 'no-hubs';

/** A listing on its way by the stem through this node, or from it. */
interface Underway {
  readonly from: SearchPeer | undefined;
  readonly fromId: Uint8Array;
  readonly operation: number | undefined;
  readonly record: Uint8Array;
  readonly digest: string;
  readonly tried: Set<LinkId>;
  attempt: number;
  to: SearchPeer | undefined;
  key: string;
  timer: Timer | undefined;
}

/** Listings and removals on their way to hubs: by the stem, so that no hub learns who lists or keeps a publication. */
export class StemListings {
  readonly #parts: SearchParts;
  readonly #roles: Roles;
  readonly #listings: Listings;
  readonly #onGarbage: (peer: SearchPeer) => void;
  readonly #byKey = new Map<string, Underway>();

  constructor(parts: SearchParts, roles: Roles, listings: Listings, onGarbage: (peer: SearchPeer) => void) {
    this.#parts = parts;
    this.#roles = roles;
    this.#listings = listings;
    this.#onGarbage = onGarbage;
  }

  get size(): number {
    return this.#byKey.size;
  }

  startOwn(operation: number, record: Uint8Array): void {
    const isSound = verifyListingRecord(this.#parts.context.crypto, record) !== undefined;
    if (!isSound || this.#byKey.size >= MAX_STEM_QUERIES) {
      this.#parts.context.emit({ type: 'listDone', operation, outcome: isSound ? 'no-hubs' : 'refused' });
      return;
    }
    this.#sendOwn(this.#open(undefined, NO_ID, operation, record));
  }

  onMessage(from: SearchPeer, id: Uint8Array, record: Uint8Array): void {
    const { peers, neighbours, stem, context } = this.#parts;
    const neighbour = neighbours.get(from.link);
    const isFull = this.#byKey.size >= MAX_STEM_QUERIES || from.stemQueries >= MAX_STEM_QUERIES_OF_LINK;
    if (neighbour === undefined || isFull || !from.takesQuery(context.now())) {
      peers.send(from, { type: 'listed', id, outcome: 'refused' });
      return;
    }
    if (verifyListingRecord(context.crypto, record) === undefined) {
      this.#onGarbage(from);
      peers.send(from, { type: 'listed', id, outcome: 'refused' });
      return;
    }
    const underway = this.#open(from, id, undefined, record);
    const isAgain = [...this.#byKey.values()].some(
      (other) => other !== underway && other.from !== undefined && other.digest === underway.digest,
    );
    const successor = isAgain || stem.endsOf(neighbour) ? undefined : stem.successorOf(neighbour);
    const next = successor === undefined ? undefined : peers.get(successor.link);
    if (next === undefined) this.#finish(underway, this.#giveToHubs(record));
    else this.#sendOn(underway, next);
  }

  onListed(from: SearchPeer, id: Uint8Array, outcome: Outcome): void {
    const underway = this.#byKey.get(toHex(id));
    if (underway?.to !== from) return;
    if (outcome !== 'done' && this.#sendAgain(underway)) return;
    this.#finish(underway, outcome);
  }

  onDown(peer: SearchPeer): void {
    for (const underway of [...this.#byKey.values()]) {
      if (underway.from === peer) this.#close(underway);
      else if (underway.to === peer && !this.#sendAgain(underway)) this.#finish(underway, 'no-hubs');
    }
  }

  /** Here the stem ends: this hub takes it, or the hubs of this leaf are given it. */
  #giveToHubs(record: Uint8Array): Outcome {
    const { peers, context } = this.#parts;
    const expiresMinutes = nowMinutes(context) + LISTING_MINUTES;
    if (this.#roles.role === 'hub') {
      this.#listings.take(record, expiresMinutes, undefined);
      return 'done';
    }
    const hubs = peers.hubs();
    for (const hub of hubs) peers.send(hub, { type: 'listings', listings: [{ record, expiresMinutes }] });
    return hubs.length > 0 ? 'done' : 'no-hubs';
  }

  #sendAgain(underway: Underway): boolean {
    if (underway.from !== undefined || underway.attempt + 1 >= OWN_SUCCESSORS) return false;
    underway.attempt += 1;
    this.#sendOwn(underway);
    return true;
  }

  #sendOwn(underway: Underway): void {
    const { stem, peers } = this.#parts;
    const successor = stem.ownSuccessor(underway.attempt, underway.tried);
    const next = successor === undefined ? undefined : peers.get(successor.link);
    if (next === undefined) return this.#finish(underway, 'no-hubs');
    return this.#sendOn(underway, next);
  }

  #sendOn(underway: Underway, to: SearchPeer): void {
    const { context, peers } = this.#parts;
    this.#byKey.delete(underway.key);
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    underway.key = toHex(id);
    underway.to = to;
    underway.tried.add(to.link);
    this.#byKey.set(underway.key, underway);
    peers.send(to, { type: 'stemListing', id, record: underway.record });
  }

  #open(from: SearchPeer | undefined, fromId: Uint8Array, operation: number | undefined, record: Uint8Array): Underway {
    const { context, timers } = this.#parts;
    const underway: Underway = {
      from,
      fromId,
      operation,
      record,
      digest: toHex(context.crypto.hash('stem listing', record)),
      tried: new Set(),
      attempt: 0,
      to: undefined,
      key: toHex(context.random.bytes(MESSAGE_ID_BYTES)),
      timer: undefined,
    };
    if (from !== undefined) from.stemQueries += 1;
    this.#byKey.set(underway.key, underway);
    underway.timer = timers.set(context.now() + STEM_QUERY_MS, () => {
      if (from === undefined && underway.to !== undefined) this.#parts.stem.onOwnSilent(underway.to.link);
      this.#finish(underway, 'no-hubs');
    });
    return underway;
  }

  #finish(underway: Underway, outcome: Outcome): void {
    const { context, peers } = this.#parts;
    this.#close(underway);
    const { from, fromId, operation } = underway;
    if (operation !== undefined) context.emit({ type: 'listDone', operation, outcome });
    else if (from !== undefined && peers.get(from.link) === from)
      peers.send(from, { type: 'listed', id: fromId, outcome });
  }

  #close(underway: Underway): void {
    this.#byKey.delete(underway.key);
    this.#parts.timers.cancel(underway.timer);
    if (underway.from !== undefined) underway.from.stemQueries -= 1;
  }
}

const NO_ID = new Uint8Array(0);
