/**
 * A file in pieces: 32,752 bytes of plaintext each, the last padded with zeros, sealed one by one, so that any of them can
 * be read alone.
 *
 *   file key       H("file key", K, path as UTF-8), or a key of its own that the manifest holds
 *   payload_p      XChaCha20-Poly1305 of the piece: 32,768 bytes, a content block
 *   nonce          p as 64 bits LE, level 0 (1 byte), zeros (15)
 *   associated     the level, one byte: 0, data
 *
 * The nonce is the number of the piece: a file key seals one file once. K is new with every edition and every attempt,
 * and a file that an update keeps is not sealed again: its key goes into the new manifest. Nothing random is needed, so
 * the same file sealed twice under one K has the same blocks, which is how an interrupted job goes on.
 */
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto } from '../ports.ts';
import { PAYLOAD_BYTES } from '../wire/record.ts';
import { utf8 } from './integers.ts';

const TAG_BYTES = 16;
const NONCE_BYTES = 24;
/** Plaintext of one piece. */
export const PIECE_BYTES = PAYLOAD_BYTES - TAG_BYTES;
export const FILE_KEY_BYTES = 32;
const DATA_LEVEL = 0;

/** `path` as in the manifest. */
export function fileKey(crypto: Crypto, contentKey: Uint8Array, path: string): Uint8Array {
  return crypto.hash('file key', contentKey, utf8(path));
}

/** Key of the blocks of a sealed manifest that does not fit in its slots. */
export function manifestBlocksKey(crypto: Crypto, contentKey: Uint8Array): Uint8Array {
  return crypto.hash('manifest blocks', contentKey);
}

export function pieceCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / PIECE_BYTES);
}

/** Bytes of piece `index` that belong to the file: PIECE_BYTES but for the last. 0 beyond the end. */
export function pieceLength(sizeBytes: number, index: number): number {
  return Math.max(0, Math.min(PIECE_BYTES, sizeBytes - index * PIECE_BYTES));
}

/** Payload of a content block from 1 ... PIECE_BYTES bytes; only the last piece of a file may be shorter. */
export function sealPiece(crypto: Crypto, key: Uint8Array, index: number, plaintext: Uint8Array): Uint8Array {
  if (plaintext.length < 1 || plaintext.length > PIECE_BYTES)
    throw new RangeError(`a piece of ${plaintext.length} bytes`);
  return sealBlock(crypto, key, DATA_LEVEL, index, plaintext);
}

export type PieceFault =
  | 'bad-seal' // another key, another place, or damaged
  | 'bad-padding';

/** Plaintext of piece `index` of a file of `sizeBytes`. */
export function openPiece(
  crypto: Crypto,
  key: Uint8Array,
  index: number,
  sizeBytes: number,
  payload: Uint8Array,
): Result<Uint8Array, PieceFault> {
  return openBlock(crypto, key, DATA_LEVEL, index, pieceLength(sizeBytes, index), payload);
}

/** Seals `plaintext`, padded to PIECE_BYTES. Level 0 is data, 1 and more are lists (block-list.ts). */
export function sealBlock(
  crypto: Crypto,
  key: Uint8Array,
  level: number,
  index: number,
  plaintext: Uint8Array,
): Uint8Array {
  let padded = plaintext;
  if (plaintext.length < PIECE_BYTES) {
    padded = new Uint8Array(PIECE_BYTES);
    padded.set(plaintext);
  }
  return crypto.seal(padded, blockNonce(level, index), key, Uint8Array.of(level));
}

/** The first `length` bytes of what is sealed; the rest has to be zeros. */
export function openBlock(
  crypto: Crypto,
  key: Uint8Array,
  level: number,
  index: number,
  length: number,
  payload: Uint8Array,
): Result<Uint8Array, PieceFault> {
  if (payload.length !== PAYLOAD_BYTES) return fail('bad-seal');
  const padded = crypto.open(payload, blockNonce(level, index), key, Uint8Array.of(level));
  if (padded === undefined) return fail('bad-seal');
  for (let offset = length; offset < PIECE_BYTES; offset += 1) if (padded[offset] !== 0) return fail('bad-padding');
  return ok(padded.subarray(0, length));
}

function blockNonce(level: number, index: number): Uint8Array {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`not the number of a block: ${index}`);
  const nonce = new Uint8Array(NONCE_BYTES);
  let rest = index;
  for (let offset = 0; offset < 8; offset += 1) {
    nonce[offset] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  nonce[8] = level;
  return nonce;
}
