/**
 * Who may stay when room is short: one policy for all block stores, on disk or in memory.
 *
 * Entries are counted in twelve buckets: kind (content, slot, tombstone) x place (cache, store) x asked for or not. Within
 * a bucket the least recently used goes first. Between buckets:
 *
 * 1. Tombstones over their share push out tombstones, slots over theirs push out slots: what nobody asked for yet goes first
 *    while it has more than a quarter of that share, or a flood of slots would push out all that people read.
 * 2. Over the quota as a whole: the cache goes before the store, so that the cache uses what the store leaves; and
 *    within a place, what nobody asked for yet (probation) goes first while it holds more than its quarter of the quota,
 *    else what was asked for. So who inserts a flood pushes out other unasked entries, not what people read; and what
 *    is new has a quarter in which to be found. Tombstones do not make room for others: their share is small, and an
 *    evicted one would let a deleted publication come back.
 * 3. What is put into the cache never pushes anything out of the store.
 */
import { compareBytes } from '../../shared/base/bytes.ts';
import type { Place, StoreEntry, StoreStats } from '../core/ports.ts';

export type EntryKind = StoreEntry['kind'];

/** Caps of a place in bytes, below the quota as a whole; without one the place may use all of it. */
export interface PlaceQuotas {
  readonly storeBytes?: number;
  readonly cacheBytes?: number;
}

/** What the stores here tell beside the port's figures. */
export interface BlockStoreStats extends StoreStats {
  readonly tombstones: number;
  /** Entries that nobody asked for yet, in bytes; tombstones are not among them. */
  readonly probationBytes: number;
  /** Entries that pushed nothing aside but were pushed, since the store was opened. */
  readonly evicted: number;
  /** Entries found damaged and dropped, since the store was opened. */
  readonly damaged: number;
}

/** Shares of the quota, in percent (protocol, section 3). */
export const SLOT_PERCENT = 15;
export const TOMBSTONE_PERCENT = 1;
export const PROBATION_PERCENT = 25;

/**
 * What an entry takes on disk beyond the record: nonce, tag, its row in two trees, and the unused ends of its pages. A
 * record of 32 KiB was measured at 35.25 kB in a file with pages of 16 KiB (npm run bench -- store).
 */
export const ENTRY_OVERHEAD_BYTES = 2_560;

export function entrySizeBytes(recordBytes: number): number {
  return recordBytes + ENTRY_OVERHEAD_BYTES;
}

const KINDS: readonly EntryKind[] = ['content', 'slot', 'tombstone'];
const PLACES: readonly Place[] = ['cache', 'store'];
export const BUCKETS = 12;
const EVICTED_FOR_ROOM: readonly EntryKind[] = ['content', 'slot'];

/** Number of the bucket, 0 ... 11; the lowest bit says that the entry was asked for. */
export function bucketOf(kind: EntryKind, place: Place, asked: boolean): number {
  return KINDS.indexOf(kind) * 4 + PLACES.indexOf(place) * 2 + (asked ? 1 : 0);
}

export function placeOf(bucket: number): Place {
  return PLACES[(bucket >> 1) & 1]!;
}

export function askedBucket(bucket: number): number {
  return bucket | 1;
}

export function storeBucket(bucket: number): number {
  return bucket | 2;
}

/** Parts of the circle in BlockStore.spread: the first byte of an address. */
export const SPREAD_PARTS = 256;

const ALL_BUCKETS = Array.from({ length: BUCKETS }, (_, bucket) => bucket);
const ofKind = (kind: EntryKind) => ALL_BUCKETS.filter((bucket) => KINDS[bucket >> 2] === kind);
const ofPlace = (place: Place) => ALL_BUCKETS.filter((bucket) => placeOf(bucket) === place);
const SLOT_BUCKETS = ofKind('slot');
const TOMBSTONE_BUCKETS = ofKind('tombstone');
const STORE_BUCKETS = ofPlace('store');
const CACHE_BUCKETS = ofPlace('cache');
const PROBATION_BUCKETS = ALL_BUCKETS.filter((bucket) => (bucket & 1) === 0 && !TOMBSTONE_BUCKETS.includes(bucket));

/** Bytes and entries in each bucket. */
export class Ledger {
  readonly #bytes: number[];
  readonly #counts: number[];

  constructor(from?: Ledger) {
    this.#bytes = from === undefined ? ALL_BUCKETS.map(() => 0) : [...from.#bytes];
    this.#counts = from === undefined ? ALL_BUCKETS.map(() => 0) : [...from.#counts];
  }

  add(bucket: number, sizeBytes: number, count = 1): void {
    this.#bytes[bucket]! += sizeBytes;
    this.#counts[bucket]! += count;
  }

  remove(bucket: number, sizeBytes: number, count = 1): void {
    this.add(bucket, -sizeBytes, -count);
  }

  bytesIn(buckets: readonly number[]): number {
    return buckets.reduce((sum, bucket) => sum + this.#bytes[bucket]!, 0);
  }

  countIn(buckets: readonly number[]): number {
    return buckets.reduce((sum, bucket) => sum + this.#counts[bucket]!, 0);
  }

  occupied(bucket: number): boolean {
    return this.#counts[bucket]! > 0;
  }

  stats(quotaBytes: number, counts: { readonly evicted: number; readonly damaged: number }): BlockStoreStats {
    return {
      usedBytes: this.bytesIn(ALL_BUCKETS),
      quotaBytes,
      blocks: this.countIn(ALL_BUCKETS),
      storeBlocks: this.countIn(STORE_BUCKETS),
      cacheBlocks: this.countIn(CACHE_BUCKETS),
      slots: this.countIn(SLOT_BUCKETS),
      tombstones: this.countIn(TOMBSTONE_BUCKETS),
      probationBytes: this.bytesIn(PROBATION_BUCKETS),
      evicted: counts.evicted,
      damaged: counts.damaged,
    };
  }
}

export interface Limits {
  readonly quotaBytes: number;
  readonly placeQuotas: PlaceQuotas;
}

/**
 * What must go next so that `ledger` keeps the limits: the least recently used entry of all these buckets. `fits` when
 * nothing must go, `full` when nothing may. In the ledger an entry that is about to be put counts with its bytes, not
 * as an entry, so that it is not chosen itself. `incoming` is its place; undefined when only the quota shrinks.
 */
export function nextVictim(
  ledger: Ledger,
  limits: Limits,
  incoming: Place | undefined,
): 'fits' | 'full' | { readonly buckets: readonly number[] } {
  const { quotaBytes, placeQuotas } = limits;
  const choose = (kinds: readonly EntryKind[], places: readonly Place[], shareBytes = quotaBytes) => {
    for (const place of places) {
      if (place === 'store' && incoming === 'cache') continue;
      const chosen = chooseInPlace(ledger, shareBytes, kinds, place);
      if (chosen.length > 0) return { buckets: chosen };
    }
    return 'full';
  };
  const tombstoneBytes = percent(quotaBytes, TOMBSTONE_PERCENT);
  if (ledger.bytesIn(TOMBSTONE_BUCKETS) > tombstoneBytes) return choose(['tombstone'], PLACES, tombstoneBytes);
  const slotBytes = percent(quotaBytes, SLOT_PERCENT);
  if (ledger.bytesIn(SLOT_BUCKETS) > slotBytes) return choose(['slot'], PLACES, slotBytes);
  if (ledger.bytesIn(CACHE_BUCKETS) > (placeQuotas.cacheBytes ?? Infinity)) return choose(EVICTED_FOR_ROOM, ['cache']);
  if (ledger.bytesIn(STORE_BUCKETS) > (placeQuotas.storeBytes ?? Infinity)) return choose(EVICTED_FOR_ROOM, ['store']);
  if (ledger.bytesIn(ALL_BUCKETS) > quotaBytes) return choose(EVICTED_FOR_ROOM, PLACES);
  return 'fits';
}

/** `shareBytes`: of these kinds. */
function chooseInPlace(
  ledger: Ledger,
  shareBytes: number,
  kinds: readonly EntryKind[],
  place: Place,
): readonly number[] {
  const occupied = (asked: boolean) =>
    kinds.map((kind) => bucketOf(kind, place, asked)).filter((bucket) => ledger.occupied(bucket));
  const unasked = occupied(false);
  const asked = occupied(true);
  const probation = kinds.flatMap(ofKind).filter((bucket) => (bucket & 1) === 0);
  const overProbation = ledger.bytesIn(probation) > percent(shareBytes, PROBATION_PERCENT);
  return unasked.length > 0 && (overProbation || asked.length === 0) ? unasked : asked;
}

function percent(bytes: number, share: number): number {
  return Math.floor((bytes * share) / 100);
}

/** Whether a record of rank `incoming` takes the place of one that is held. */
export function replaces(incoming: Uint8Array | undefined, held: Uint8Array | undefined): boolean {
  return incoming !== undefined && held !== undefined && compareBytes(incoming, held) > 0;
}
