/**
 * The tree of a shared file (docs/spec/search.md): what its root is made of. How its hashes are proved: pages.ts.
 *
 * The size is hashed into the root and decides the size of a chunk, so it decides the shape of the whole tree: who knows a root
 * and a size that proved right knows how long each chunk and each page must be, and nothing is allocated on a hint.
 */
import { MAX_SHARED_FILE_BYTES } from '../limits.ts';
import type { Crypto, HashStream } from '../ports.ts';

export const HASH_BYTES = 32;
/** Below it there are many hashes for few bytes; BLAKE2b is as fast from 16 KiB on (npm run bench -- shares). */
export const MIN_CHUNK_BYTES = 65_536;
/** Above it too much must have come before anything is proved: 4 MiB are 0.4 s at 10 MB/s. */
export const MAX_CHUNK_BYTES = 4_194_304;
/** Chunks of a file for which the chunk is not at its largest: their hashes are 32 KiB, one message. */
const MAX_CHUNKS_OF_SMALL = 1_024;

/** All chunks but the last have this size. `sizeBytes`: 0 ... MAX_SHARED_FILE_BYTES. */
export function chunkBytesOf(sizeBytes: number): number {
  let chunkBytes = MIN_CHUNK_BYTES;
  while (chunkBytes < MAX_CHUNK_BYTES && chunkBytes * MAX_CHUNKS_OF_SMALL < sizeBytes) chunkBytes *= 2;
  return chunkBytes;
}

/** At least one: an empty file has one empty chunk. */
export function chunkCountOf(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / chunkBytesOf(sizeBytes)));
}

/** `index`: 0 ... chunkCountOf(sizeBytes) - 1. */
export function chunkLengthOf(sizeBytes: number, index: number): number {
  const chunkBytes = chunkBytesOf(sizeBytes);
  return Math.min(chunkBytes, sizeBytes - index * chunkBytes);
}

export function chunkHash(crypto: Crypto, chunk: Uint8Array): Uint8Array {
  return crypto.hash('file leaf', chunk);
}

export function nodeHash(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  return crypto.hash('file node', left, right);
}

/** The level above `hashes` (concatenated, one at least): pairs become nodes, an odd one at the end goes up as it is. */
export function levelAbove(crypto: Crypto, hashes: Uint8Array): Uint8Array {
  const count = hashes.length / HASH_BYTES;
  const above = new Uint8Array(Math.ceil(count / 2) * HASH_BYTES);
  for (let index = 0; index < count; index += 2) {
    const [left, right] = [hashAt(hashes, index), hashAt(hashes, index + 1)];
    above.set(index + 1 < count ? nodeHash(crypto, left, right) : left, (index / 2) * HASH_BYTES);
  }
  return above;
}

/** The one hash that all of `hashes` (concatenated, one at least) fold to. */
export function treeRootOf(crypto: Crypto, hashes: Uint8Array): Uint8Array {
  let level = hashes;
  while (level.length > HASH_BYTES) level = levelAbove(crypto, level);
  return level;
}

/** What a shared file is named by. */
export function fileRoot(crypto: Crypto, sizeBytes: number, treeRoot: Uint8Array): Uint8Array {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(sizeBytes));
  return crypto.hash('file', size, treeRoot);
}

export interface FileTree {
  readonly root: Uint8Array;
  /** Hashes of all chunks, concatenated: pages are made of them. */
  readonly hashes: Uint8Array;
}

/** Hashes a file that arrives in order, in pieces of any length, of known size. Throws RangeError when they do not make up that size. */
export class FileTreeBuilder {
  readonly #crypto: Crypto;
  readonly #sizeBytes: number;
  readonly #hashes: Uint8Array;
  #index = 0;
  /** Of a chunk that came in more than one piece. */
  #stream: HashStream | undefined;
  #missingBytes: number;

  constructor(crypto: Crypto, sizeBytes: number) {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > MAX_SHARED_FILE_BYTES) {
      throw new RangeError(`not the size of a file that can be shared: ${sizeBytes}`);
    }
    this.#crypto = crypto;
    this.#sizeBytes = sizeBytes;
    this.#hashes = new Uint8Array(chunkCountOf(sizeBytes) * HASH_BYTES);
    this.#missingBytes = chunkLengthOf(sizeBytes, 0);
  }

  add(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#missingBytes === 0) throw new RangeError('more bytes than the file has');
      const piece = rest.subarray(0, this.#missingBytes);
      rest = rest.subarray(piece.length);
      const isWhole = this.#stream === undefined && piece.length === this.#missingBytes;
      if (!isWhole) {
        this.#stream ??= this.#crypto.hashStream('file leaf', this.#missingBytes);
        this.#stream.update(piece);
      }
      this.#missingBytes -= piece.length;
      if (this.#missingBytes === 0) this.#close(isWhole ? chunkHash(this.#crypto, piece) : this.#stream!.digest());
    }
  }

  #close(hash: Uint8Array): void {
    this.#hashes.set(hash, this.#index * HASH_BYTES);
    this.#index += 1;
    this.#stream = undefined;
    this.#missingBytes = Math.max(0, chunkLengthOf(this.#sizeBytes, this.#index));
  }

  finish(): FileTree {
    if (this.#sizeBytes === 0) this.#hashes.set(chunkHash(this.#crypto, new Uint8Array(0)));
    else if (this.#index * HASH_BYTES < this.#hashes.length) throw new RangeError('fewer bytes than the file has');
    const treeRoot = treeRootOf(this.#crypto, this.#hashes);
    return { root: fileRoot(this.#crypto, this.#sizeBytes, treeRoot), hashes: this.#hashes };
  }
}

function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}
