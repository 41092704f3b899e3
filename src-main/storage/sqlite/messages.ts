/** What the block store and its two threads say to each other. One request, one answer, matched by number. */
import type { Place, PutOutcome } from '../../core/ports.ts';
import type { BlockStoreStats, EntryKind, Limits } from '../quotas.ts';
import type { Answer as ThreadAnswer, StoreProtocol, ThreadReport } from './store-thread.ts';

export type Role = 'writer' | 'reader';

export interface WorkerSetup {
  readonly role: Role;
  readonly path: string;
  readonly limits: Limits;
  /** 32 random bytes for a store that is created. */
  readonly freshSalt: Uint8Array;
  /** PRAGMA max_page_count, to try a full disk; 0 for no limit. */
  readonly maxPages: number;
  /** Free room on the disk, in bytes, below which nothing is put. */
  readonly reserveBytes: number;
}

export interface SealedEntry {
  /** H("store index", salt, address), 32 bytes. */
  readonly hash: Uint8Array;
  /** First two bytes of the address, 0 ... 65,535. */
  readonly location: number;
  readonly kind: EntryKind;
  readonly place: Place;
  readonly rank: Uint8Array | undefined;
  /** By entrySizeBytes of the record. */
  readonly sizeBytes: number;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  /** Of what is put as 'store' with a stamp: nonce, and sealed with the installation's key the address and the stamp. */
  readonly sealedAddress: Uint8Array | undefined;
}

export type WriteOperation =
  | { readonly type: 'put'; readonly entry: SealedEntry }
  | { readonly type: 'remove'; readonly hash: Uint8Array }
  /** Only while the nonce, where it could be read, is still this one: else the record was replaced meanwhile. */
  | { readonly type: 'drop-damaged'; readonly hash: Uint8Array; readonly nonce: Uint8Array | undefined };

export type Request =
  | (WriteOperation & { readonly id: number })
  | { readonly type: 'set-quota'; readonly id: number; readonly quotaBytes: number }
  | { readonly type: 'stats'; readonly id: number }
  /** `keptOnly`: not what is only cached. */
  | { readonly type: 'get'; readonly id: number; readonly hash: Uint8Array; readonly keptOnly: boolean }
  | { readonly type: 'spread'; readonly id: number }
  | { readonly type: 'has'; readonly id: number; readonly hash: Uint8Array }
  /** What is kept for its place, in the order of the hashes, after `after`. */
  | { readonly type: 'kept'; readonly id: number; readonly limit: number; readonly after: Uint8Array }
  /** Hashes that were asked for, in the order of asking. Not answered. */
  | { readonly type: 'touch'; readonly hashes: readonly Uint8Array[] }
  /** The reader has opened the file, so that the writer may change it, or even replace it. Not answered. */
  | { readonly type: 'begin' }
  /** Opens the file anew: the writer replaced it. */
  | { readonly type: 'reopen'; readonly id: number }
  | { readonly type: 'close'; readonly id: number };

export interface SealedRecord {
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** 'unreadable': the entry is listed, but its record is missing or its pages are damaged. */
export type GetAnswer = SealedRecord | 'unreadable' | undefined;

export interface SealedAddress {
  readonly hash: Uint8Array;
  readonly address: Uint8Array;
}

export type Value = PutOutcome | GetAnswer | boolean | BlockStoreStats | number[] | SealedAddress[];
export type Answer = ThreadAnswer<Value>;

interface Opened {
  readonly salt: Uint8Array;
  readonly movedTo: string | undefined;
}

/** The file was found damaged at work; it was moved aside and a fresh one took its place. */
interface Replaced {
  readonly movedTo: string;
}

export type Report = ThreadReport<Value, Opened, Replaced>;

export interface BlockProtocol extends StoreProtocol {
  readonly request: Request;
  readonly value: Value;
  readonly opened: Opened;
  readonly notice: Replaced;
}
