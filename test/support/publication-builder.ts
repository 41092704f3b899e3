/** Publications made directly from core/publish, whole or with what an author would never do, for tests of reading. */
import { concatBytes } from '../../shared/base/bytes.ts';
import { formatLink } from '../../shared/base/links.ts';
import type { LinkClass, PublicationLink } from '../../shared/base/links.ts';
import type { Crypto, KeyPair, Random } from '../../src-main/core/ports.ts';
import { documentKeyPair, readSecret } from '../../src-main/core/publish/author.ts';
import { BlockListBuilder } from '../../src-main/core/publish/block-list.ts';
import type { BlockList } from '../../src-main/core/publish/block-list.ts';
import { encodeManifest, plaintextDigest, sealManifest } from '../../src-main/core/publish/manifest.ts';
import type { ManifestFile, Shape } from '../../src-main/core/publish/manifest.ts';
import { manifestDigest, namesDigest, shareName } from '../../src-main/core/publish/names.ts';
import { fileKey, manifestBlocksKey, PIECE_BYTES, pieceCount, sealPiece } from '../../src-main/core/publish/piece.ts';
import { SegmentEncoder } from '../../src-main/core/publish/segments.ts';
import { randomContentKey, splitKey } from '../../src-main/core/publish/shares.ts';
import { inlineCapacityBytes } from '../../src-main/core/publish/slot-payload.ts';
import type { SlotBody, SlotKdf } from '../../src-main/core/publish/slot-payload.ts';
import { makeSlot, slotPlaces } from '../../src-main/core/publish/slot.ts';
import type { SlotPlace } from '../../src-main/core/publish/slot.ts';
import { contentAddress, encodeRecord, KIND_CONTENT } from '../../src-main/core/wire/record.ts';
import type { SlotVersion } from '../../src-main/core/wire/record.ts';
import { createCombiner } from '../../src-main/workers/coding/combiner.ts';

const combiner = createCombiner();

export interface BuildOptions {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly types?: Readonly<Record<string, string>>;
  readonly k?: number;
  readonly n?: number;
  readonly class?: LinkClass;
  readonly shape?: Shape;
  readonly index?: string;
  readonly title?: string;
  readonly edition?: number;
  /** Of the author: editions of one document share it. */
  readonly authorSeed?: Uint8Array;
  /** Files up to this size stand in the manifest. */
  readonly inlineBytes?: number;
  /** These slots, validly signed, carry a share with one bit wrong. */
  readonly wrongShares?: readonly number[];
  /** These slots, validly signed, carry names of which one is wrong. */
  readonly wrongNames?: readonly number[];
  /** A digest in the manifest that is not that of the file. */
  readonly wrongDigest?: string;
  /** Check blocks, by file and number within the file, that are not what they should be. */
  readonly wrongChecks?: Readonly<Record<string, number>>;
  /** Pieces, by file and number, that are sealed as if they were another piece. */
  readonly wrongPieces?: Readonly<Record<string, number>>;
  readonly version?: SlotVersion;
}

export interface BuiltPublication {
  readonly link: PublicationLink;
  readonly text: string;
  readonly keys: KeyPair;
  readonly authorSeed: Uint8Array;
  readonly places: readonly SlotPlace[];
  /** By index - 1. */
  readonly slots: readonly Uint8Array[];
  /** Data, check and list blocks of all files and of a large manifest, in the order in which they are made. */
  readonly blocks: readonly Uint8Array[];
  readonly names: readonly Uint8Array[];
  readonly kdf: SlotKdf | undefined;
}

export function buildPublication(options: BuildOptions): BuiltPublication {
  const { crypto, random, k = 3, n = 10, class: slotClass = 1, edition = 1 } = options;
  const authorSeed = options.authorSeed ?? random.bytes(32);
  const keys = documentKeyPair(crypto, authorSeed);
  const secret = readSecret(crypto, authorSeed, edition);
  const contentKey = randomContentKey(random);
  const blocks: Uint8Array[] = [];
  const paths = Object.keys(options.files);
  const shape = options.shape ?? (paths.length === 1 && !paths[0]!.includes('/') ? 'file' : 'directory');
  const files = paths.map((path) => manifestFile(options, contentKey, path, blocks));
  const manifest = encodeManifest({
    shape,
    edition,
    title: options.title ?? 'A test',
    description: '',
    language: 'en',
    dateMs: undefined,
    index: options.index,
    files,
  });
  const sealed = sealManifest(crypto, contentKey, manifest);
  const list =
    sealed.length <= inlineCapacityBytes(n)
      ? undefined
      : sealBlocks(options, '', manifestBlocksKey(crypto, contentKey), sealed, blocks);
  const shares = splitKey(crypto, random, contentKey, k, n);
  const digest = manifestDigest(crypto, manifest);
  const names = shares.map((share) => shareName(crypto, digest, share));
  const link: PublicationLink = {
    class: slotClass,
    k,
    n,
    documentKey: keys.publicKey,
    readSecret: secret,
    namesDigest: namesDigest(crypto, names),
    path: '',
  };
  const places = slotPlaces(crypto, link)!;
  const kdf = slotClass === 3 ? undefined : { salt: random.bytes(16), cost: { passes: 3, memoryKib: 262_144 } };
  const version = options.version ?? { counter: 1, tie: random.bytes(8) };
  const slots = places.map((place) => {
    const share = shares[place.index - 1]!.slice();
    if (options.wrongShares?.includes(place.index)) share[5]! ^= 1;
    const named = names.map((name) => name.slice());
    if (options.wrongNames?.includes(place.index)) named[0]![0]! ^= 1;
    const body: SlotBody =
      list === undefined ? { kind: 'inline', share, sealedManifest: sealed } : { kind: 'blocks', share, list };
    return makeSlot(crypto, random, keys.secretKey, place, version, {
      k,
      n,
      index: place.index,
      edition,
      kdf,
      names: named,
      body,
    });
  });
  return { link, text: formatLink(link), keys, authorSeed, places, slots, blocks, names, kdf };
}

/** Later versions of all slots of a publication: moved to another link, or deleted. */
export function supersede(
  crypto: Crypto,
  random: Random,
  built: BuiltPublication,
  body: Extract<SlotBody, { kind: 'moved' | 'deleted' }>,
  counter = 2,
): Uint8Array[] {
  const { k, n } = built.link;
  const version = { counter, tie: random.bytes(8) };
  return built.places.map((place) =>
    makeSlot(crypto, random, built.keys.secretKey, place, version, {
      k,
      n,
      index: place.index,
      edition: 1,
      kdf: built.kdf,
      names: built.names,
      body,
    }),
  );
}

function manifestFile(options: BuildOptions, contentKey: Uint8Array, path: string, blocks: Uint8Array[]): ManifestFile {
  const { crypto } = options;
  const bytes = options.files[path]!;
  const digest = plaintextDigest(crypto, bytes);
  if (options.wrongDigest === path) digest[0]! ^= 1;
  const common = { path, type: options.types?.[path] ?? 'text/plain', sizeBytes: bytes.length, digest };
  if (bytes.length <= (options.inlineBytes ?? 0)) return { ...common, content: { kind: 'inline', bytes } };
  const list = sealBlocks(options, path, fileKey(crypto, contentKey, path), bytes, blocks);
  return { ...common, content: { kind: 'blocks', list, key: undefined } };
}

function sealBlocks(
  options: BuildOptions,
  path: string,
  key: Uint8Array,
  bytes: Uint8Array,
  blocks: Uint8Array[],
): BlockList {
  const { crypto, k = 3, n = 10 } = options;
  const builder = new BlockListBuilder(crypto, combiner, key, bytes.length, n - k);
  const encoder = new SegmentEncoder(combiner, pieceCount(bytes.length), n - k);
  const put = (payload: Uint8Array): void => {
    blocks.push(encodeRecord({ kind: KIND_CONTENT, payload }));
    for (const block of builder.push(contentAddress(crypto, payload))) {
      blocks.push(encodeRecord({ kind: KIND_CONTENT, payload: block.payload }));
    }
  };
  let checks = 0;
  for (let piece = 0; piece * PIECE_BYTES < bytes.length; piece += 1) {
    const number = piece === options.wrongPieces?.[path] ? piece + 1 : piece;
    const payload = sealPiece(crypto, key, number, bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    put(payload);
    for (const check of encoder.add(payload)) {
      if (checks === options.wrongChecks?.[path]) check[9]! ^= 1;
      checks += 1;
      put(check);
    }
  }
  return builder.finish();
}

/** The bytes of an async iterable in one piece. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return concatBytes(...parts);
}
