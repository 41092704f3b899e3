/**
 * The tree of a shared file in pages of 1,024 hashes (docs/spec/transfers.md), each proved by the one above it and the top one by
 * the root, so that nothing is kept that was not proved, and that the hashes of a large file come as they are needed.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { Crypto } from '../ports.ts';
import { chunkCountOf, fileRoot, HASH_BYTES, levelAbove, treeRootOf } from './tree.ts';

/** Hashes of a page: one message has them. */
export const PAGE_HASHES = 1_024;
/** Levels of the tree between a page and the one above it. */
export const PAGE_LEVELS = 10;

export interface PageAt {
  /** 0, 10, 20, ... */
  readonly level: number;
  readonly index: number;
}

/** Nodes that a level of a tree has. */
export function nodesAt(chunks: number, level: number): number {
  return Math.ceil(chunks / 2 ** level);
}

export function topLevelOf(chunks: number): number {
  let level = 0;
  while (nodesAt(chunks, level) > PAGE_HASHES) level += PAGE_LEVELS;
  return level;
}

/** Hashes that a page has; 0 where there is no such page. */
export function hashesOf(chunks: number, { level, index }: PageAt): number {
  if (level % PAGE_LEVELS !== 0 || level > topLevelOf(chunks)) return 0;
  return Math.max(0, Math.min(PAGE_HASHES, nodesAt(chunks, level) - index * PAGE_HASHES));
}

/** A page out of the hashes of all chunks (concatenated); undefined where there is no such page. */
export function pageFrom(crypto: Crypto, hashes: Uint8Array, at: PageAt): Uint8Array | undefined {
  const count = hashesOf(hashes.length / HASH_BYTES, at);
  if (count === 0) return undefined;
  const wide = PAGE_HASHES * 2 ** at.level * HASH_BYTES;
  let level = hashes.subarray(at.index * wide, (at.index + 1) * wide);
  for (let step = 0; step < at.level; step += 1) level = levelAbove(crypto, level);
  return level;
}

/** The pages of one file that were proved so far. */
export class HashPages {
  readonly chunks: number;
  readonly topLevel: number;
  readonly #crypto: Crypto;
  readonly #root: Uint8Array;
  readonly #sizeBytes: number;
  readonly #pages = new Map<string, Uint8Array>();

  /** `sizeBytes` is a hint until the top page proved it with the root. */
  constructor(crypto: Crypto, root: Uint8Array, sizeBytes: number) {
    this.#crypto = crypto;
    this.#root = root;
    this.#sizeBytes = sizeBytes;
    this.chunks = chunkCountOf(sizeBytes);
    this.topLevel = topLevelOf(this.chunks);
  }

  /** The top page is here: root and size belong together. */
  get isProved(): boolean {
    return this.#pages.has(name({ level: this.topLevel, index: 0 }));
  }

  /** Hash of a chunk; undefined while its page is missing. */
  hashOf(chunk: number): Uint8Array | undefined {
    return this.#hashAt(0, chunk);
  }

  /** The page that is needed next for a chunk: those above come first. Undefined when its hash is here. */
  missingFor(chunk: number): PageAt | undefined {
    for (let level = this.topLevel; level >= 0; level -= PAGE_LEVELS) {
      const at = { level, index: Math.floor(chunk / 2 ** level / PAGE_HASHES) };
      if (!this.#pages.has(name(at))) return at;
    }
    return undefined;
  }

  /** Keeps a page that proves right, its hashes concatenated. False for any other, and where the one above it is missing. */
  accept(at: PageAt, hashes: Uint8Array): boolean {
    if (hashes.length === 0 || hashes.length !== hashesOf(this.chunks, at) * HASH_BYTES) return false;
    if (at.level === this.topLevel) {
      if (!bytesEqual(fileRoot(this.#crypto, this.#sizeBytes, treeRootOf(this.#crypto, hashes)), this.#root))
        return false;
    } else {
      const above = this.#hashAt(at.level + PAGE_LEVELS, at.index);
      let folded = hashes;
      for (let step = 0; step < PAGE_LEVELS; step += 1) folded = levelAbove(this.#crypto, folded);
      if (above === undefined || !bytesEqual(folded, above)) return false;
    }
    this.#pages.set(name(at), hashes);
    return true;
  }

  /** For serving what is here so far. */
  page(at: PageAt): Uint8Array | undefined {
    return this.#pages.get(name(at));
  }

  #hashAt(level: number, node: number): Uint8Array | undefined {
    const page = this.#pages.get(name({ level, index: Math.floor(node / PAGE_HASHES) }));
    const start = (node % PAGE_HASHES) * HASH_BYTES;
    return page?.subarray(start, start + HASH_BYTES);
  }
}

function name({ level, index }: PageAt): string {
  return `${level}/${index}`;
}
