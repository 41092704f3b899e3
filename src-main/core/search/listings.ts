import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import {
  CLOCK_SKEW_MINUTES,
  LISTING_MINUTES,
  MAX_LISTING_CHECKS,
  MAX_LISTING_REMOVALS,
  MAX_LISTINGS,
  MAX_LISTINGS_OF_MESSAGE,
  MAX_LISTINGS_WAITING,
} from '../limits.ts';
import { verifyListingRecord } from '../wire/listing-record.ts';
import type { ListingRecord } from '../wire/listing-record.ts';
import type { ListingsMessage } from '../wire/search-messages.ts';
import type { ListedPublication, ListingOutcome } from './index-port.ts';
import { nowMinutes } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';

type Listing = Extract<ListingRecord, { kind: 'listing' }>;

interface Known {
  readonly madeMinutes: number;
  expiresMinutes: number;
}

interface Check {
  readonly key: string;
  readonly listing: ListedPublication;
  readonly from: SearchPeer | undefined;
}

/** A renewal goes on to other hubs when it adds this much, so that a listing that many keep is not told all day. */
const RENEWED_MINUTES = 24 * 60;

/**
 * Listings at a hub: signed by their publisher, checked against the manifest before they are indexed, passed on among hubs once,
 * gone after fourteen days unless somebody renews them, and at once when their publisher takes them back. Who brought one is
 * not kept: it came by a stem.
 */
export class Listings {
  readonly #parts: SearchParts;
  readonly #isHub: () => boolean;
  /** By document key, oldest first. */
  readonly #known = new Map<string, Known>();
  /** When the publisher took it back, in minutes. Those that were forgotten by a restart the index knows. */
  readonly #removed = new Map<string, number>();
  readonly #waiting: Check[] = [];
  readonly #checks = new Map<EffectId, Check>();
  readonly #writes = new Map<EffectId, Check>();
  readonly #reads = new Map<EffectId, SearchPeer>();

  constructor(parts: SearchParts, isHub: () => boolean) {
    this.#parts = parts;
    this.#isHub = isHub;
  }

  get known(): number {
    return this.#known.size;
  }

  get removals(): number {
    return this.#removed.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** False when a record in it is forged. */
  onMessage(from: SearchPeer, message: ListingsMessage): boolean {
    if (!this.#isHub()) return true;
    let isSound = true;
    for (const { record, expiresMinutes } of message.listings)
      if (!this.take(record, expiresMinutes, from)) isSound = false;
    return isSound;
  }

  /** A record from a link, or from the end of a stem here. False when it is forged. */
  take(record: Uint8Array, expiresMinutes: number, from: SearchPeer | undefined): boolean {
    const { context } = this.#parts;
    const verified = verifyListingRecord(context.crypto, record);
    if (verified === undefined) return false;
    const now = nowMinutes(context);
    // A clock that is far off is no offence.
    if (verified.madeMinutes > now + CLOCK_SKEW_MINUTES) return true;
    if (verified.kind === 'removal') this.#remove(verified, record, from);
    else this.#add(verified, record, Math.min(expiresMinutes, now + LISTING_MINUTES), from);
    return true;
  }

  onVerified(effect: EffectId, verdict: 'true' | 'false' | 'unknown'): void {
    const check = this.#checks.get(effect);
    this.#checks.delete(effect);
    if (check !== undefined && verdict === 'true' && !this.#isRemoved(check.key, check.listing.madeMinutes))
      this.#write(check);
    this.#nextCheck();
  }

  onWritten(effect: EffectId, outcome: ListingOutcome): void {
    const check = this.#writes.get(effect);
    this.#writes.delete(effect);
    if (check === undefined || outcome === 'full') return;
    const { key, listing, from } = check;
    const { madeMinutes, expiresMinutes } = listing;
    if (outcome === 'removed') {
      this.#noteRemoval(key, madeMinutes);
      return;
    }
    this.#known.delete(key);
    this.#known.set(key, { madeMinutes, expiresMinutes });
    if (this.#known.size > MAX_LISTINGS) this.#known.delete(this.#known.keys().next().value!);
    this.#passOn(listing.record, expiresMinutes, from);
  }

  /** Asks a hub of the mesh for what it has: this one is new. */
  askFor(peer: SearchPeer): void {
    if (this.#known.size === 0) this.#parts.peers.send(peer, { type: 'askListings' });
  }

  onAsked(from: SearchPeer, after: Uint8Array | undefined): void {
    const { context } = this.#parts;
    if (from.inMesh !== 'yes' || this.#reads.size >= MAX_READS) return;
    const effect = context.nextEffect();
    this.#reads.set(effect, from);
    context.emit({ type: 'indexListings', effect, after, limit: MAX_LISTINGS_OF_MESSAGE });
  }

  onRead(effect: EffectId, listings: readonly ListedPublication[]): void {
    const peer = this.#reads.get(effect);
    this.#reads.delete(effect);
    const { peers } = this.#parts;
    if (peer === undefined || listings.length === 0 || peers.get(peer.link) !== peer) return;
    const told = listings.map(({ record, expiresMinutes }) => ({ record, expiresMinutes }));
    peers.send(peer, { type: 'listings', listings: told });
  }

  /** After a full message of those that were asked for: the next. */
  askMore(from: SearchPeer, message: ListingsMessage): void {
    if (from.inMesh !== 'yes' || message.listings.length < MAX_LISTINGS_OF_MESSAGE) return;
    const last = verifyListingRecord(this.#parts.context.crypto, message.listings.at(-1)!.record);
    if (last?.kind === 'listing') this.#parts.peers.send(from, { type: 'askListings', after: last.entry.documentKey });
  }

  #add(verified: Listing, record: Uint8Array, expiresMinutes: number, from: SearchPeer | undefined): void {
    const { entry, madeMinutes } = verified;
    const key = toHex(entry.documentKey);
    if (expiresMinutes <= nowMinutes(this.#parts.context) || this.#isRemoved(key, madeMinutes)) return;
    const known = this.#known.get(key);
    if (known !== undefined && madeMinutes < known.madeMinutes) return;
    const listing: ListedPublication = { entry, record, madeMinutes, expiresMinutes };
    const check = { key, listing, from };
    if (known !== undefined && madeMinutes === known.madeMinutes) {
      // The same, renewed: what it says was checked.
      if (expiresMinutes >= known.expiresMinutes + RENEWED_MINUTES) this.#write(check);
      return;
    }
    const isUnderway = [...this.#checks.values(), ...this.#waiting].some(
      (other) => other.key === key && bytesEqual(other.listing.record, record),
    );
    if (isUnderway || this.#waiting.length >= MAX_LISTINGS_WAITING) return;
    this.#waiting.push(check);
    this.#nextCheck();
  }

  #nextCheck(): void {
    const { context } = this.#parts;
    while (this.#checks.size < MAX_LISTING_CHECKS) {
      const check = this.#waiting.shift();
      if (check === undefined) return;
      const effect = context.nextEffect();
      this.#checks.set(effect, check);
      context.emit({ type: 'verifyListing', effect, entry: check.listing.entry });
    }
  }

  #write(check: Check): void {
    const { context } = this.#parts;
    const effect = context.nextEffect();
    this.#writes.set(effect, check);
    context.emit({ type: 'indexListing', effect, listing: check.listing });
  }

  #remove(
    removal: Extract<ListingRecord, { kind: 'removal' }>,
    record: Uint8Array,
    from: SearchPeer | undefined,
  ): void {
    const { documentKey, madeMinutes } = removal;
    const key = toHex(documentKey);
    if (this.#isRemoved(key, madeMinutes)) return;
    this.#noteRemoval(key, madeMinutes);
    if ((this.#known.get(key)?.madeMinutes ?? 0) <= madeMinutes) this.#known.delete(key);
    // The index decides: after a restart it knows more than this does.
    this.#parts.context.emit({ type: 'indexUnlist', documentKey, madeMinutes });
    this.#passOn(record, nowMinutes(this.#parts.context) + LISTING_MINUTES, from);
  }

  #noteRemoval(key: string, madeMinutes: number): void {
    this.#removed.delete(key);
    this.#removed.set(key, madeMinutes);
    if (this.#removed.size > MAX_LISTING_REMOVALS) this.#removed.delete(this.#removed.keys().next().value!);
  }

  #isRemoved(key: string, madeMinutes: number): boolean {
    return (this.#removed.get(key) ?? -1) >= madeMinutes;
  }

  #passOn(record: Uint8Array, expiresMinutes: number, except: SearchPeer | undefined): void {
    const { peers } = this.#parts;
    for (const peer of peers.mesh())
      if (peer !== except && !peer.congested)
        peers.send(peer, { type: 'listings', listings: [{ record, expiresMinutes }] });
  }
}

/** Hubs that are read listings for at once. Guess. */
const MAX_READS = 16;
