/** What the search index and its threads say to each other; `bigints` of SQLite stay in the threads. */
import type { PublicationEntry } from '../../core/search/entry.ts';
import type { IndexStats, ListedPublication, ListingOutcome, SearchIndex } from '../../core/search/index-port.ts';
import type { Query } from '../../core/search/query.ts';
import type { Bounds, IndexLimits } from '../search-choice.ts';
import type { Answer as ThreadAnswer, StoreProtocol, ThreadReport } from './store-thread.ts';

export interface SearchSetup {
  readonly role: 'writer' | 'reader';
  readonly path: string;
  readonly limits: IndexLimits;
  /** For an index that is created: 8 random bytes. */
  readonly freshSalt: Uint8Array;
  /** Uint32, as WordCounts has them: the writer counts, the readers look. */
  readonly wordCounters: SharedArrayBuffer;
  /** PRAGMA max_page_count, to try a full disk; 0 for no limit. */
  readonly maxPages: number;
  /** Free room on the disk, in bytes, below which nothing is added. */
  readonly reserveBytes: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export type Change = Parameters<SearchIndex['change']>[1];

/** A list as the writer has it, numbered. */
export interface SourceState {
  readonly number: number;
  readonly generation: number;
  readonly sequence: number;
  readonly files: number;
}

export type SearchWrite =
  | { readonly type: 'change'; readonly source: Uint8Array; readonly change: Change; readonly nowMs: number }
  | { readonly type: 'drop-source'; readonly source: Uint8Array }
  | { readonly type: 'put-listing'; readonly listing: ListedPublication }
  | { readonly type: 'drop-listing'; readonly documentKey: Uint8Array; readonly madeMinutes: number };

export type SearchRequest =
  | (SearchWrite & { readonly id: number })
  /** `present`: numbers of the sources that are linked now. */
  | {
      readonly type: 'drop-old';
      readonly id: number;
      readonly sinceMs: number;
      readonly nowMs: number;
      readonly present: readonly number[];
    }
  | { readonly type: 'table'; readonly id: number }
  | { readonly type: 'stats'; readonly id: number }
  /** A reader found the file damaged that is there after so many were replaced. */
  | { readonly type: 'replace'; readonly id: number; readonly replaced: number }
  | {
      readonly type: 'query';
      readonly id: number;
      readonly query: Query;
      readonly bounds: Bounds;
      readonly nowMinutes: number;
    }
  | {
      readonly type: 'listings';
      readonly id: number;
      readonly after: Uint8Array | undefined;
      readonly limit: number;
      readonly nowMinutes: number;
    }
  /** Opens the file anew: the writer replaced it. */
  | { readonly type: 'reopen'; readonly id: number }
  /** Sources that came or went. Not answered. */
  | { readonly type: 'present'; readonly sources: readonly PresentSource[] }
  /** The readers have opened the file too, so that the writer may begin. Not answered. */
  | { readonly type: 'begin' }
  | { readonly type: 'close'; readonly id: number };

/** `place`: as placeOf has it; undefined: the source is gone. */
export interface PresentSource {
  readonly number: number;
  readonly key: string;
  readonly place: string | undefined;
}

/** Hits of shared files by columns, and what they are hits for in the order of rank: a message of many objects takes longer than the search. */
export interface FoundFiles {
  readonly sources: Uint32Array;
  readonly roots: Uint8Array;
  readonly names: readonly string[];
  readonly folders: readonly string[];
  readonly sizes: Float64Array;
  readonly days: Uint16Array;
}

export interface Found {
  readonly files: FoundFiles;
  readonly listings: readonly PublicationEntry[];
  /** For each hit, best first: 1 the next of the listings, 0 the next of the files. */
  readonly order: Uint8Array;
  readonly more: boolean;
}

export interface Changed {
  readonly outcome: ListingOutcome;
  /** Of a change, when it was done. */
  readonly state: SourceState | undefined;
}

export interface DroppedOld {
  readonly files: number;
  /** Keys of the sources that are gone. */
  readonly sources: readonly Uint8Array[];
}

export type SearchValue =
  Changed | Found | DroppedOld | IndexStats | Uint8Array | readonly ListedPublication[] | boolean | 'damaged';
export type SearchAnswer = ThreadAnswer<SearchValue>;

export interface SearchOpened {
  readonly sources: readonly (SourceState & { readonly key: Uint8Array })[];
  readonly movedTo: string | undefined;
}

export interface SearchReplaced {
  readonly movedTo: string;
}

export type SearchReport = ThreadReport<SearchValue, SearchOpened, SearchReplaced>;

export interface SearchProtocol extends StoreProtocol {
  readonly request: SearchRequest;
  readonly value: SearchValue;
  readonly opened: SearchOpened;
  readonly notice: SearchReplaced;
}
