/**
 * What a manifest tells of the editions before it (format 2 of manifest.ts). Readers are shown them; an author with nothing
 * but link and passphrase finds by them the slots of all editions, those of earlier passphrases too.
 *
 *   earlier        uint      0 ... 1,000, at most edition - 1, then each, the latest first, without a gap:
 *     attempt      uint      0 ... 255; with the edition and the author seed it gives the read secret (author.ts)
 *     title        text      as in the manifest
 *     date         1         0: not said; 1: then uint, milliseconds since 1970
 *     size         uint      bytes of all its files
 *   predecessors   uint      0 ... 16, then each, ascending by its last edition:
 *     last edition uint      1 ... edition - 1: the last that was signed with this seed
 *     sealed seed  72        nonce (24) and XChaCha20-Poly1305 of the author seed (32) under H("predecessor key", author
 *                            seed of this edition), with the last edition (32 bits LE) as associated data
 *
 * At least one of both lists has something in it: a manifest that has nothing to tell is of format 1. The nonce is the first
 * 24 bytes of H("predecessor nonce", author seed of this edition, the older seed).
 */
import type { Crypto } from '../ports.ts';
import type { Reader, Writer } from '../wire/codec.ts';
import { AUTHOR_SEED_BYTES, MAX_ATTEMPT, MAX_EDITION } from './author.ts';
import { uint32 } from './integers.ts';

/** Of which is told: three years of an edition a day. More would make the manifest of a small page long. Guess. */
export const MAX_EARLIER = 1_000;
/** Changes of the passphrase after which the oldest editions cannot be led on any more. Guess. */
export const MAX_PREDECESSORS = 16;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
export const SEALED_SEED_BYTES = NONCE_BYTES + AUTHOR_SEED_BYTES + TAG_BYTES;

export interface EarlierEdition {
  readonly attempt: number;
  readonly title: string;
  readonly dateMs: number | undefined;
  readonly sizeBytes: number;
}

/** An author seed that was given up for another. */
export interface Predecessor {
  readonly lastEdition: number;
  readonly sealedSeed: Uint8Array;
}

export interface History {
  /** The latest first: edition - 1, edition - 2 ... */
  readonly earlier: readonly EarlierEdition[];
  /** Ascending by lastEdition. */
  readonly predecessors: readonly Predecessor[];
}

/** Bounds of the texts and times that are in the manifest itself too. */
interface Bounds {
  readonly titleBytes: number;
  readonly dateMs: number;
  isTitle(text: string): boolean;
}

export function writeHistory(writer: Writer, history: History): void {
  writer.list(history.earlier, (_, earlier) => {
    writer
      .uint(earlier.attempt)
      .text(earlier.title)
      .bool(earlier.dateMs !== undefined);
    if (earlier.dateMs !== undefined) writer.uint(earlier.dateMs);
    writer.uint(earlier.sizeBytes);
  });
  writer.list(history.predecessors, (_, { lastEdition, sealedSeed }) => {
    writer.uint(lastEdition).fixed(sealedSeed, SEALED_SEED_BYTES);
  });
}

/** Byte fields of the result are copies. */
export function readHistory(reader: Reader, bounds: Bounds): History {
  const earlier = reader.list(MAX_EARLIER, () => ({
    attempt: reader.uint(MAX_ATTEMPT),
    title: reader.text(bounds.titleBytes),
    dateMs: reader.bool() ? reader.uint(bounds.dateMs) : undefined,
    sizeBytes: reader.uint(),
  }));
  const predecessors = reader.list(MAX_PREDECESSORS, () => ({
    lastEdition: reader.uint(MAX_EDITION),
    sealedSeed: reader.fixed(SEALED_SEED_BYTES).slice(),
  }));
  return { earlier, predecessors };
}

/** What is wrong with it, in words; undefined if nothing. */
export function historyFault(history: History, edition: number, bounds: Bounds): string | undefined {
  const { earlier, predecessors } = history;
  if (earlier.length + predecessors.length === 0) return 'it tells of earlier editions that are not there';
  if (earlier.length > Math.min(MAX_EARLIER, edition - 1)) return 'it tells of more editions than there were';
  const told = earlier.every(
    ({ attempt, title, dateMs, sizeBytes }) =>
      isWhole(attempt, MAX_ATTEMPT) &&
      bounds.isTitle(title) &&
      (dateMs === undefined || isWhole(dateMs, bounds.dateMs)) &&
      isWhole(sizeBytes, Number.MAX_SAFE_INTEGER),
  );
  if (!told) return 'what it tells of an earlier edition is out of bounds';
  if (predecessors.length > MAX_PREDECESSORS) return `its password was changed more than ${MAX_PREDECESSORS} times`;
  let last = 0;
  for (const { lastEdition, sealedSeed } of predecessors) {
    if (!isWhole(lastEdition, edition - 1) || lastEdition <= last || sealedSeed.length !== SEALED_SEED_BYTES)
      return 'its earlier passwords are out of order';
    last = lastEdition;
  }
  return undefined;
}

/** `authorSeed` of the edition whose manifest will hold it; `older` the one that signed up to `lastEdition`. */
export function sealPredecessor(
  crypto: Crypto,
  authorSeed: Uint8Array,
  older: Uint8Array,
  lastEdition: number,
): Predecessor {
  const nonce = crypto.hash('predecessor nonce', authorSeed, older).subarray(0, NONCE_BYTES);
  const sealed = crypto.seal(older, nonce, predecessorKey(crypto, authorSeed), uint32(lastEdition));
  const sealedSeed = new Uint8Array(SEALED_SEED_BYTES);
  sealedSeed.set(nonce);
  sealedSeed.set(sealed, NONCE_BYTES);
  return { lastEdition, sealedSeed };
}

/** The older author seed; undefined when it was not sealed under this one. */
export function openPredecessor(
  crypto: Crypto,
  authorSeed: Uint8Array,
  { lastEdition, sealedSeed }: Predecessor,
): Uint8Array | undefined {
  const nonce = sealedSeed.subarray(0, NONCE_BYTES);
  return crypto.open(sealedSeed.subarray(NONCE_BYTES), nonce, predecessorKey(crypto, authorSeed), uint32(lastEdition));
}

function predecessorKey(crypto: Crypto, authorSeed: Uint8Array): Uint8Array {
  return crypto.hash('predecessor key', authorSeed);
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
