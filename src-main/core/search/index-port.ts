/** The index of a hub: what its leaves share and what publications are listed, by words. */
import type { FileEntry, Hit, PublicationEntry } from './entry.ts';
import type { Query } from './query.ts';

export interface IndexStats {
  readonly files: number;
  readonly sources: number;
  readonly listings: number;
  /** On disk. */
  readonly usedBytes: number;
}

/** A leaf's list as the hub has it: what `lists.ts` compares to send only what changed. */
export interface ListState {
  /** Drawn by the leaf when it began its list anew. */
  readonly generation: number;
  /** The last change that is in. */
  readonly sequence: number;
  readonly files: number;
}

/** A listing with the bytes that its publisher or keeper signed, so that it can be passed on. */
export interface ListedPublication {
  readonly entry: PublicationEntry;
  readonly record: Uint8Array;
  /** When its publisher signed it, in minutes since 1970: a later one takes the place of an earlier one. */
  readonly madeMinutes: number;
  /** Minutes since 1970. */
  readonly expiresMinutes: number;
}

/** `known`: as new a one that stands as long is there; `removed`: its publisher took it back since it was made. */
export type ListingOutcome = 'done' | 'full' | 'known' | 'removed';

/**
 * Adapters: storage/sqlite/search-index.ts (FTS5, on a thread of its own) and storage/memory/search-index.ts (simulator, tests). Every
 * entry was checked by the codec before it comes here. What is written is durable when the promise resolves; a hub that was killed
 * has its lists again, minus those of leaves that do not come back within a day (`dropOld`).
 */
export interface SearchIndex {
  /** Undefined: nothing of that source is here. */
  listState(source: Uint8Array): Promise<ListState | undefined>;
  /** One change of a source's list. A new generation empties it first. `full`: over the bound of a source or of the hub; nothing changed. */
  change(
    source: Uint8Array,
    change: {
      readonly generation: number;
      readonly sequence: number;
      readonly added: readonly FileEntry[];
      /** Roots. */
      readonly removed: readonly Uint8Array[];
    },
  ): Promise<'done' | 'full'>;
  /** Sources that are linked now; of the others nothing is found. Where: what a hit says of the source. */
  present(
    source: Uint8Array,
    where: { readonly host?: string; readonly port?: number; readonly freeSlots: number } | undefined,
  ): void;
  dropSource(source: Uint8Array): Promise<void>;
  /** Removes lists of sources absent since before `sinceMs` (wall clock), and listings that expired; answers how many files went. */
  dropOld(sinceMs: number): Promise<number>;

  putListing(listing: ListedPublication): Promise<ListingOutcome>;
  /** Its publisher took back what was listed until then: that goes, and does not come back. Many are remembered, not all. */
  dropListing(documentKey: Uint8Array, madeMinutes: number): Promise<void>;
  /** Listings for a hub of the mesh that has none yet; those after `after` in the order of their document keys. */
  listings(after: Uint8Array | undefined, limit: number): Promise<readonly ListedPublication[]>;

  /**
   * The best `limit` hits, at most `perSource` of one source and `perContent` of one content. `more`: there are others. Ranked by
   * rank.ts over candidates that are bounded before they are ranked.
   */
  query(
    query: Query,
    bounds: {
      readonly limit: number;
      readonly perSource: number;
      readonly perContent: number;
      readonly todayDay: number;
    },
  ): Promise<{ readonly hits: readonly Hit[]; readonly more: boolean }>;

  /** Bloom filter of all words (word-table.ts); built while changes are made, so that asking costs a copy. */
  wordTable(): Promise<Uint8Array>;
  stats(): Promise<IndexStats>;
  close(): Promise<void>;
}
