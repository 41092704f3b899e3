/** Things to test with: keys and payloads that are valid, from a seeded generator. */
import fc from 'fast-check';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { compareUtf8, isPath } from '../../../shared/base/paths.ts';
import { documentKeyPair, readSecret } from '../../../src-main/core/publish/author.ts';
import type { BlockList } from '../../../src-main/core/publish/block-list.ts';
import { levelShapes } from '../../../src-main/core/publish/block-list.ts';
import type { Manifest, ManifestFile } from '../../../src-main/core/publish/manifest.ts';
import { MAX_INLINE_BYTES } from '../../../src-main/core/publish/manifest.ts';
import { namesDigest } from '../../../src-main/core/publish/names.ts';
import type { SlotPayload } from '../../../src-main/core/publish/slot-payload.ts';
import type { KeyPair } from '../../../src-main/core/ports.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export const crypto = createSodiumCrypto();
export const random = seededRandom(2026);

export const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

export interface SamplePublication {
  readonly keys: KeyPair;
  readonly link: PublicationLink;
  readonly names: readonly Uint8Array[];
}

export function samplePublication(k = 3, n = 5, slotClass: 1 | 2 | 3 = 1): SamplePublication {
  const seed = random.bytes(32);
  const keys = documentKeyPair(crypto, seed);
  const names = Array.from({ length: n }, () => random.bytes(16));
  const link: PublicationLink = {
    class: slotClass,
    k,
    n,
    documentKey: keys.publicKey,
    readSecret: readSecret(crypto, seed, 1),
    namesDigest: namesDigest(crypto, names),
    path: '',
  };
  return { keys, link, names };
}

export function samplePayload(publication: SamplePublication, index: number): SlotPayload {
  const { link, names } = publication;
  return {
    k: link.k,
    n: link.n,
    index,
    edition: 1,
    kdf: link.class === 3 ? undefined : { salt: random.bytes(16), cost: { passes: 3, memoryKib: 262_144 } },
    names,
    body: { kind: 'inline', share: random.bytes(40), sealedManifest: random.bytes(500) },
  };
}

/** A list with the right shape for a size; its addresses lead nowhere. */
export function sampleList(sizeBytes: number, least = 7): BlockList {
  const shapes = levelShapes(sizeBytes, least);
  const address = crypto.hash('content', new Uint8Array());
  const roots = Array.from({ length: shapes.at(-1)!.addresses }, () => address);
  return { sizeBytes, least, levels: shapes.length - 1, roots };
}

const listBySize = new Map(
  [1, 32_752, 32_753, 2_783_920, 2_783_921, 40_000_000].map((size) => [size, sampleList(size, size % 100)]),
);
export const anyList = fc.constantFrom(...listBySize.values());

const segment = fc.string({
  minLength: 1,
  maxLength: 12,
  unit: fc.oneof(fc.constantFrom(...'abc.- '), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
});
const path = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'))
  .filter(isPath);

const content: fc.Arbitrary<Pick<ManifestFile, 'content' | 'sizeBytes'>> = fc.oneof(
  fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => ({ sizeBytes: bytes.length, content: { kind: 'inline' as const, bytes } })),
  fc
    .tuple(anyList, fc.option(bytesOf(32), { nil: undefined }))
    .map(([list, key]) => ({ sizeBytes: list.sizeBytes, content: { kind: 'blocks' as const, list, key } })),
  fc.constant({
    sizeBytes: MAX_INLINE_BYTES,
    content: { kind: 'inline' as const, bytes: new Uint8Array(MAX_INLINE_BYTES) },
  }),
);

const file: fc.Arbitrary<ManifestFile> = fc
  .record({
    path,
    type: fc.constantFrom('text/html', 'image/png', 'text/plain; charset=utf-8'),
    digest: bytesOf(32),
    content,
  })
  .map(({ content: { sizeBytes, content: body }, ...rest }) => ({ ...rest, sizeBytes, content: body }));

/** Drops duplicates and files with the path of a directory, and sorts. */
function consistent(files: readonly ManifestFile[]): ManifestFile[] {
  const byPath = new Map(files.map((entry) => [entry.path, entry]));
  return [...byPath.values()]
    .filter((entry) => ![...byPath.keys()].some((other) => other.startsWith(`${entry.path}/`)))
    .sort((a, b) => compareUtf8(a.path, b.path));
}

const plainText = (maxLength: number) =>
  fc.string({ maxLength, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed());

export const anyManifest: fc.Arbitrary<Manifest> = fc
  .record({
    shape: fc.constantFrom('file' as const, 'directory' as const, 'site' as const),
    edition: fc.integer({ min: 1, max: 0xffff_ffff }),
    title: plainText(40),
    description: fc.tuple(plainText(40), plainText(40)).map((lines) => lines.join('\n')),
    language: fc.constantFrom('', 'en', 'pt-BR', 'zh-Hant-TW'),
    dateMs: fc.option(fc.nat(), { nil: undefined }),
    files: fc.array(file, { minLength: 1, maxLength: 8 }).map(consistent),
    chosen: fc.nat(),
  })
  .map(({ chosen, ...rest }) => {
    if (rest.shape === 'file') return { ...rest, index: undefined, files: [{ ...rest.files[0]!, path: 'one file' }] };
    return { ...rest, index: rest.shape === 'site' ? rest.files[chosen % rest.files.length]!.path : undefined };
  });

/** A copy with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}
