/**
 * The block store of one node of the simulator: what storage/sqlite promises (durable puts, the higher rank replaces the
 * lower, least recently used leaves, cache before store), held as numbers of the shared record table. It stands for a
 * disk: a node that restarts finds it as it was.
 */
import { compareBytes } from '../../../shared/base/bytes.ts';
import type { KeptAddress, PutOutcome, StoreEntry } from '../../../src-main/core/ports.ts';
import type { HeldRecord, RecordTable } from './record-table.ts';

export class NodeStore {
  /** Disk full: puts answer `full` and change nothing. */
  isFull = false;
  /** Says `stored` and keeps nothing: the disk of a liar. */
  isForgetful = false;
  readonly #table: RecordTable;
  readonly #quotaRecords: number;
  /** Address number to record number; insertion order is the order of use. */
  readonly #kept = new Map<number, number>();
  readonly #cached = new Map<number, number>();

  constructor(table: RecordTable, quotaRecords: number) {
    this.#table = table;
    this.#quotaRecords = quotaRecords;
  }

  get size(): number {
    return this.#kept.size + this.#cached.size;
  }

  /** Records filed as `store`, not those that only passed by. */
  get keptSize(): number {
    return this.#kept.size;
  }

  get(address: Uint8Array): HeldRecord | undefined {
    const number = this.#table.find(address);
    if (number === undefined) return undefined;
    const place = this.#kept.has(number) ? this.#kept : this.#cached;
    const record = place.get(number);
    if (record === undefined) return undefined;
    place.delete(number);
    place.set(number, record);
    return this.#table.record(record);
  }

  /** Without counting as a use. */
  has(addressNumber: number): boolean {
    return this.#kept.has(addressNumber) || this.#cached.has(addressNumber);
  }

  keeps(addressNumber: number): boolean {
    return this.#kept.has(addressNumber);
  }

  /** What is held under an address, without counting as a use. */
  peek(addressNumber: number): HeldRecord | undefined {
    const record = this.#kept.get(addressNumber) ?? this.#cached.get(addressNumber);
    return record === undefined ? undefined : this.#table.record(record);
  }

  /** What is filed as `store`, without counting as a use. */
  look(address: Uint8Array): HeldRecord | undefined {
    const number = this.#table.find(address);
    return number !== undefined && this.#kept.has(number) ? this.peek(number) : undefined;
  }

  /** What a node is told at its start: addresses filed as `store`, with their stamps. */
  keptAddresses(): KeptAddress[] {
    const addresses: KeptAddress[] = [];
    for (const number of this.#kept.keys()) {
      const stamp = this.#table.stamp(number);
      if (stamp !== undefined) addresses.push({ address: this.#table.addressBytes(number), stamp });
    }
    return addresses;
  }

  put(entry: StoreEntry): PutOutcome {
    if (this.isFull) return 'full';
    if (this.isForgetful) return 'stored';
    if (entry.stamp !== undefined) this.#table.noteStamp(entry.address, entry.stamp);
    const record = this.#table.intern(entry);
    const number = this.#table.record(record).address;
    const held = this.peek(number);
    if (held !== undefined) {
      const isNewer = entry.rank !== undefined && held.rank !== undefined && compareBytes(entry.rank, held.rank) > 0;
      if (!isNewer) {
        if (entry.place === 'store') this.#promote(number);
        return 'present';
      }
    }
    const wasKept = this.#kept.delete(number);
    this.#cached.delete(number);
    (wasKept || entry.place === 'store' ? this.#kept : this.#cached).set(number, record);
    this.#evict();
    return 'stored';
  }

  remove(address: Uint8Array): void {
    const number = this.#table.find(address);
    if (number === undefined) return;
    this.#kept.delete(number);
    this.#cached.delete(number);
  }

  /** The disk is lost. */
  clear(): void {
    this.#kept.clear();
    this.#cached.clear();
  }

  clearCache(): void {
    this.#cached.clear();
  }

  /** Address numbers filed as `store`. */
  kept(): IterableIterator<number> {
    return this.#kept.keys();
  }

  #promote(number: number): void {
    const record = this.#cached.get(number);
    if (record === undefined) return;
    this.#cached.delete(number);
    this.#kept.set(number, record);
  }

  #evict(): void {
    while (this.size > this.#quotaRecords) {
      const from = this.#cached.size > 0 ? this.#cached : this.#kept;
      from.delete(from.keys().next().value!);
    }
  }
}
