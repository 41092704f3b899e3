/** What is asked, taken apart: made from a text by query-text.ts, or read from a message. */
import type { FileKind } from '../../../shared/base/file-kinds.ts';

/** All words of a term are folded (words.ts). A term is found where its words stand, a phrase where they stand in a row. */
export interface Term {
  readonly kind: 'word' | 'phrase' | 'prefix';
  /** One word or prefix; two and more for a phrase. */
  readonly words: readonly string[];
  readonly excluded: boolean;
}

export interface Query {
  /** 1 ... MAX_QUERY_TERMS, at least one of them not excluded. All of them must hold. */
  readonly terms: readonly Term[];
  /** Absent: both. */
  readonly kind?: 'direct' | 'anonymous';
  /** Absent: any; else 1 ... 7, in the order of FILE_KINDS. */
  readonly fileKinds?: readonly FileKind[];
  readonly minSizeBytes?: number;
  readonly maxSizeBytes?: number;
  /** Days since it was shared or listed, at most. */
  readonly maxAgeDays?: number;
  /** The shared file with this root and nothing else, 32 bytes: who has it. There are no terms then, and `kind` is 'direct'. */
  readonly root?: Uint8Array;
}

/** Who has a file. */
export function rootQuery(root: Uint8Array): Query {
  return { terms: [], kind: 'direct', root };
}
