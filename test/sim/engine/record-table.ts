/**
 * Every record that lies in any store, once: ten thousand nodes with copies of the same records share one memory. Stores
 * hold numbers of this table.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { StoreEntry } from '../../../src-main/core/ports.ts';
import { keyOf } from './bytes-key.ts';

export interface HeldRecord {
  readonly address: number;
  readonly record: Uint8Array;
  readonly kind: StoreEntry['kind'];
  readonly rank: Uint8Array | undefined;
}

export class RecordTable {
  readonly #addresses = new Map<string, number>();
  readonly #addressBytes: Uint8Array[] = [];
  /** Numbers of the records with an address; most have one, slots have one for each edition. */
  readonly #ofAddress: number[][] = [];
  readonly #records: HeldRecord[] = [];
  readonly #stamps = new Map<number, Uint8Array>();

  /** Number of an address; undefined if nothing was ever held under it. */
  find(address: Uint8Array): number | undefined {
    return this.#addresses.get(keyOf(address));
  }

  /** Any stamp of an address will do for all who keep it: one is remembered for all. */
  noteStamp(address: Uint8Array, stamp: Uint8Array): void {
    const number = this.number(address);
    if (!this.#stamps.has(number)) this.#stamps.set(number, stamp.slice());
  }

  stamp(number: number): Uint8Array | undefined {
    return this.#stamps.get(number);
  }

  number(address: Uint8Array): number {
    const key = keyOf(address);
    let number = this.#addresses.get(key);
    if (number === undefined) {
      number = this.#ofAddress.length;
      this.#addresses.set(key, number);
      this.#addressBytes.push(address.slice());
      this.#ofAddress.push([]);
    }
    return number;
  }

  addressBytes(number: number): Uint8Array {
    return this.#addressBytes[number]!;
  }

  record(number: number): HeldRecord {
    return this.#records[number]!;
  }

  /** Number of this very record under its address. */
  intern(entry: StoreEntry): number {
    const address = this.number(entry.address);
    const known = this.#ofAddress[address]!;
    for (const number of known) if (bytesEqual(this.#records[number]!.record, entry.record)) return number;
    const number = this.#records.length;
    const { kind, rank } = entry;
    // A copy, for the record is usually a view into a whole message.
    this.#records.push({ address, record: entry.record.slice(), kind, rank: rank?.slice() });
    known.push(number);
    return number;
  }
}
