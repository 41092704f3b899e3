/** What the pool and its threads say to each other. Figures of many files travel in columns: a message of objects costs many times as much. */
import type { FoundReason, Stamp } from '../../core/ports.ts';

export interface WalkRequest {
  /** Of the shared folder: absolute, no symbolic link in it. */
  readonly root: string;
  /** Where to begin, relative to `root` with '/' between; '' for all of it. */
  readonly directory: string;
  /** Not into directories below it. */
  readonly flat: boolean;
  readonly withHidden: boolean;
  /** Absolute paths that are never entered: the data directory. */
  readonly excluded: readonly string[];
}

/** One directory as it was found; names in the order of the disk. */
export interface WalkedDirectory {
  /** Relative to the shared folder, '/' between; '' for itself. */
  readonly directory: string;
  readonly names: readonly string[];
  /** Of the file with the same place in `names`. */
  readonly sizes: Float64Array;
  readonly modifiedMs: Float64Array;
  readonly inodes: BigUint64Array;
  readonly directories: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly reason: FoundReason }[];
  /** It is there and cannot be read, or it is gone. */
  readonly failure?: 'unreadable' | 'gone';
  /** The disk that it lies on. */
  readonly device: bigint;
}

export interface HashRequest {
  readonly root: string;
  /** Paths below it, '/' between. */
  readonly paths: readonly string[];
}

/** changed: it was written to meanwhile; try again later. gone: not there, or no regular file within the folder any more. */
export type HashedFile = { readonly path: string } & (
  | {
      readonly outcome: 'hashed';
      readonly stamp: Stamp;
      readonly root: Uint8Array;
      /** Of its chunks (core/transfer/tree.ts). */
      readonly hashes: Uint8Array;
    }
  | { readonly outcome: 'changed' | 'gone' | 'unreadable' | 'too-large' }
);

/** A chunk of a file that is loaded. */
export interface StoreRequest {
  /** In shared memory: it is not copied, and not to be touched before the answer. */
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Descriptor of the open file, and the place in it. */
  readonly file: number;
  readonly position: number;
}

export type Stored =
  | { readonly type: 'stored'; readonly outcome: 'stored' | 'bad' }
  /** What the disk says. */
  | { readonly type: 'unwritten'; readonly code: string; readonly message: string };

export type ToThread =
  | ({ readonly type: 'store'; readonly task: number } & StoreRequest)
  | ({ readonly type: 'walk'; readonly task: number } & WalkRequest)
  | ({ readonly type: 'hash'; readonly task: number } & HashRequest)
  /** Asks for one more step. */
  | { readonly type: 'next'; readonly task: number }
  | { readonly type: 'drop'; readonly task: number };

export interface WalkStep {
  readonly type: 'walked';
  readonly directories: readonly WalkedDirectory[];
  /** Entries were more than are looked at; the rest was not. */
  readonly cut: boolean;
}

export interface HashStep {
  readonly type: 'hashed';
  /** Read in this step. */
  readonly sizeBytes: number;
  readonly files: readonly HashedFile[];
}

export type FromThread = { readonly task: number } & (
  WalkStep | HashStep | Stored | { readonly type: 'end' } | { readonly type: 'fault'; readonly message: string }
);
