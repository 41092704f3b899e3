/** The block store of tests and of the simulator: the same port and the same quotas, nothing on disk. Deterministic. */
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { BlockStore, KeptAddress, KeptPage, PutOutcome, StoreEntry } from '../../core/ports.ts';
import {
  askedBucket,
  bucketOf,
  BUCKETS,
  entrySizeBytes,
  Ledger,
  nextVictim,
  placeOf,
  replaces,
  SPREAD_PARTS,
  storeBucket,
} from '../quotas.ts';
import type { BlockStoreStats, Limits, PlaceQuotas } from '../quotas.ts';

export interface MemoryBlockStoreOptions {
  readonly quotaBytes: number;
  readonly placeQuotas?: PlaceQuotas;
}

export interface MemoryBlockStore extends BlockStore {
  stats(): Promise<BlockStoreStats>;
}

interface Held {
  readonly record: Uint8Array;
  readonly rank: Uint8Array | undefined;
  readonly sizeBytes: number;
  /** Of what was put as 'store': its address and its stamp. */
  kept: KeptAddress | undefined;
  bucket: number;
  /** Grows with every use; the least goes first. */
  used: number;
}

export function createMemoryBlockStore(options: MemoryBlockStoreOptions): MemoryBlockStore {
  return new MapBlockStore({ quotaBytes: options.quotaBytes, placeQuotas: options.placeQuotas ?? {} });
}

class MapBlockStore implements MemoryBlockStore {
  readonly #held = new Map<string, Held>();
  /** Keys of each bucket in the order of use, the least recent first (a Map keeps the order of insertion). */
  readonly #order = Array.from({ length: BUCKETS }, () => new Map<string, Held>());
  #ledger = new Ledger();
  #limits: Limits;
  #clock = 0;
  #evicted = 0;
  #closed = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  async get(address: Uint8Array): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    const key = toHex(address);
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#move(key, held, askedBucket(held.bucket));
    return held.record.slice();
  }

  async has(address: Uint8Array): Promise<boolean> {
    this.#assertOpen();
    return this.#held.has(toHex(address));
  }

  async peek(address: Uint8Array): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    const held = this.#held.get(toHex(address));
    return held !== undefined && placeOf(held.bucket) === 'store' ? held.record.slice() : undefined;
  }

  async kept(limit: number, after?: Uint8Array): Promise<KeptPage> {
    this.#assertOpen();
    const last = after === undefined ? '' : toHex(after);
    const keys = [...this.#held.keys()].filter((key) => key > last && this.#held.get(key)!.kept !== undefined);
    const page = keys.toSorted().slice(0, limit);
    const addresses = page.map((key) => this.#held.get(key)!.kept!);
    return { addresses, next: page.length < keys.length ? addresses.at(-1)?.address : undefined };
  }

  async put(entry: StoreEntry): Promise<PutOutcome> {
    this.#assertOpen();
    const key = toHex(entry.address);
    const old = this.#held.get(key);
    const kept = keptOf(entry) ?? old?.kept;
    if (old !== undefined && !replaces(entry.rank, old.rank)) {
      old.kept = kept;
      this.#move(key, old, entry.place === 'store' ? storeBucket(old.bucket) : old.bucket);
      return 'present';
    }
    const asked = old !== undefined && askedBucket(old.bucket) === old.bucket;
    const place = old !== undefined && storeBucket(old.bucket) === old.bucket ? 'store' : entry.place;
    const bucket = bucketOf(entry.kind, place, asked);
    const sizeBytes = entrySizeBytes(entry.record.length);
    const victims = this.#plan(key, old, bucket, sizeBytes, place);
    if (victims === undefined) return 'full';
    for (const victim of victims) this.#drop(victim);
    this.#evicted += victims.length;
    if (old !== undefined) this.#drop(key);
    this.#clock += 1;
    const held = {
      record: entry.record.slice(),
      rank: entry.rank?.slice(),
      sizeBytes,
      kept,
      bucket,
      used: this.#clock,
    };
    this.#held.set(key, held);
    this.#order[bucket]!.set(key, held);
    this.#ledger.add(bucket, sizeBytes);
    return 'stored';
  }

  async remove(address: Uint8Array): Promise<void> {
    this.#assertOpen();
    this.#drop(toHex(address));
  }

  async setQuota(quotaBytes: number): Promise<void> {
    this.#assertOpen();
    this.#limits = { ...this.#limits, quotaBytes };
    for (;;) {
      const next = nextVictim(this.#ledger, this.#limits, undefined);
      if (typeof next === 'string') return;
      const victim = this.#oldest(next.buckets, new Set());
      if (victim === undefined) return;
      this.#drop(victim);
      this.#evicted += 1;
    }
  }

  async stats(): Promise<BlockStoreStats> {
    this.#assertOpen();
    return this.#ledger.stats(this.#limits.quotaBytes, { evicted: this.#evicted, damaged: 0 });
  }

  async spread(): Promise<readonly number[]> {
    this.#assertOpen();
    const counts = Array.from({ length: SPREAD_PARTS }, () => 0);
    for (const [key, { bucket }] of this.#held) {
      if (placeOf(bucket) === 'store') counts[Number.parseInt(key.slice(0, 2), 16)]! += 1;
    }
    return counts;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#held.clear();
    for (const order of this.#order) order.clear();
    this.#ledger = new Ledger();
  }

  /** Keys of what must go for the entry, or undefined when there is no room to be made. */
  #plan(
    key: string,
    old: Held | undefined,
    bucket: number,
    sizeBytes: number,
    place: StoreEntry['place'],
  ): string[] | undefined {
    const trial = new Ledger(this.#ledger);
    if (old !== undefined) trial.remove(old.bucket, old.sizeBytes);
    trial.add(bucket, sizeBytes, 0);
    const victims: string[] = [];
    const taken = new Set([key]);
    for (;;) {
      const next = nextVictim(trial, this.#limits, place);
      if (next === 'fits') return victims;
      if (next === 'full') return undefined;
      const victim = this.#oldest(next.buckets, taken)!;
      const held = this.#held.get(victim)!;
      trial.remove(held.bucket, held.sizeBytes);
      taken.add(victim);
      victims.push(victim);
    }
  }

  #oldest(buckets: readonly number[], taken: ReadonlySet<string>): string | undefined {
    let oldest: { key: string; used: number } | undefined;
    for (const bucket of buckets) {
      for (const [key, held] of this.#order[bucket]!) {
        if (taken.has(key)) continue;
        if (oldest === undefined || held.used < oldest.used) oldest = { key, used: held.used };
        break;
      }
    }
    return oldest?.key;
  }

  #move(key: string, held: Held, bucket: number): void {
    this.#order[held.bucket]!.delete(key);
    this.#ledger.remove(held.bucket, held.sizeBytes);
    this.#clock += 1;
    held.bucket = bucket;
    held.used = this.#clock;
    this.#order[bucket]!.set(key, held);
    this.#ledger.add(bucket, held.sizeBytes);
  }

  #drop(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#order[held.bucket]!.delete(key);
    this.#ledger.remove(held.bucket, held.sizeBytes);
  }

  #assertOpen(): void {
    if (this.#closed) throw new BroadsideError('unexpected', 'the block store is closed');
  }
}

function keptOf({ place, address, stamp }: StoreEntry): KeptAddress | undefined {
  return place === 'store' && stamp !== undefined ? { address: address.slice(), stamp: stamp.slice() } : undefined;
}
