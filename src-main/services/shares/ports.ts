/** What shared folders need from threads and from the disk: workers/hashing/pool.ts and watching.ts fit. */
import type { FoundReason, Stamp } from '../../core/ports.ts';

export interface FoundDirectory {
  /** Relative to the shared folder, '/' between; '' for itself. */
  readonly directory: string;
  readonly names: readonly string[];
  readonly sizes: ArrayLike<number>;
  readonly modifiedMs: ArrayLike<number>;
  readonly inodes: ArrayLike<bigint>;
  readonly directories: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly reason: FoundReason }[];
  readonly failure?: 'unreadable' | 'gone';
  /** The disk that it lies on. */
  readonly device: bigint;
}

export type HashedOutcome = { readonly path: string } & (
  | { readonly outcome: 'hashed'; readonly stamp: Stamp; readonly root: Uint8Array; readonly hashes: Uint8Array }
  | { readonly outcome: 'changed' | 'gone' | 'unreadable' | 'too-large' }
);

export interface FolderReader {
  walk(
    request: {
      readonly root: string;
      readonly directory: string;
      readonly flat: boolean;
      readonly withHidden: boolean;
      readonly excluded: readonly string[];
    },
    onStep: (step: { readonly directories: readonly FoundDirectory[]; readonly cut: boolean }) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  hash(
    request: { readonly root: string; readonly paths: readonly string[] },
    onStep: (step: { readonly sizeBytes: number; readonly files: readonly HashedOutcome[] }) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Tells of directories in which something changed; where it cannot, folders are looked at again and again. */
export interface FolderWatch {
  /** Whether changes are told. */
  readonly works: boolean;
  /** The directories that there are now, relative to the folder; those that were not watched before, whose changes may have been missed. */
  cover(directories: Iterable<string>): readonly string[];
  close(): void;
}

export type WatchFolder = (root: string, onChange: (directory: string) => void) => FolderWatch;
