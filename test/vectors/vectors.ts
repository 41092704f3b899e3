/**
 * Golden vectors of every format that others depend on: docs/spec says what they mean. All inputs stand in them, so that
 * another implementation can check itself; what is long is given by its beginning and its H("vector", bytes).
 *
 * They change only with a format number. `node test/vectors/make.ts --write` writes the files anew.
 */
import { toHex } from '../../shared/base/bytes.ts';
import { formatLink } from '../../shared/base/links.ts';
import type { PublicationLink } from '../../shared/base/links.ts';
import { documentKeyPair, readSecret } from '../../src-main/core/publish/author.ts';
import { BlockListBuilder, levelShapes } from '../../src-main/core/publish/block-list.ts';
import type { ListBlock } from '../../src-main/core/publish/block-list.ts';
import { encodeManifest, plaintextDigest, sealManifest } from '../../src-main/core/publish/manifest.ts';
import type { Manifest } from '../../src-main/core/publish/manifest.ts';
import { manifestDigest, namesDigest, shareName } from '../../src-main/core/publish/names.ts';
import { fileKey, PIECE_BYTES, sealPiece } from '../../src-main/core/publish/piece.ts';
import { checkMatrix, inverse, multiply, plainCombiner } from '../../src-main/core/publish/reed-solomon.ts';
import { sealBytes } from '../../src-main/core/publish/seal-bytes.ts';
import { codedCount } from '../../src-main/core/publish/segments.ts';
import { splitKey } from '../../src-main/core/publish/shares.ts';
import { makeSlot, slotPlace } from '../../src-main/core/publish/slot.ts';
import { encodeSlotPayload } from '../../src-main/core/publish/slot-payload.ts';
import type { SlotBody, SlotPayload } from '../../src-main/core/publish/slot-payload.ts';
import type { Random } from '../../src-main/core/ports.ts';
import { contentAddress, encodeRecord } from '../../src-main/core/wire/record.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { addressVectors } from './address-vectors.ts';
import { fileVectors } from './file-vectors.ts';
import { historyVectors } from './history-vectors.ts';
import { inviteVectors } from './invite-vectors.ts';
import { messageVectors } from './message-vectors.ts';
import { searchVectors } from './search-vectors.ts';
import { stampVectors } from './stamp-vectors.ts';
import { fileLinkVectors, queryVectors, wordVectors } from './word-vectors.ts';

export const crypto = createSodiumCrypto();

/** Bytes first, first + 1, ... modulo 256: an input that can be written down in words. */
export function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

/** Gives out what the vector says was drawn. */
function scripted(...draws: Uint8Array[]): Random {
  return {
    bytes(length) {
      const draw = draws.shift();
      if (draw?.length !== length) throw new Error(`expected a draw of ${draw?.length} bytes, not ${length}`);
      return draw;
    },
    below: () => {
      throw new Error('no number is drawn');
    },
  };
}

function long(bytes: Uint8Array): { length: number; head: string; digest: string } {
  return { length: bytes.length, head: toHex(bytes.subarray(0, 64)), digest: toHex(crypto.hash('vector', bytes)) };
}

const authorSeed = counting(32, 0x40);
const keys = documentKeyPair(crypto, authorSeed);
const secret = readSecret(crypto, authorSeed, 1);
const contentKey = counting(32, 0x80);
const [k, n] = [3, 5];
/** For each byte of the marker and the secret from the last to the first (see secrets.js-grempe), k - 1 coefficients. */
const coefficients = counting(41 * (k - 1), 7);
const shares = splitKey(crypto, scripted(coefficients), contentKey, k, n);

const text = new TextEncoder().encode('Broadside\n');
const page = counting(40_000, 1);
const pageList = (() => {
  const blocks = sealBytes(crypto, plainCombiner, fileKey(crypto, contentKey, 'site/page.html'), page, n - k);
  for (;;) {
    const next = blocks.next();
    if (next.done) return next.value;
  }
})();

const manifest: Manifest = {
  shape: 'site',
  edition: 1,
  title: 'Flugblatt',
  description: 'Two lines,\nthe second with é and \u{1f4dc}.',
  language: 'de',
  dateMs: 1_780_000_000_000,
  index: 'site/page.html',
  files: [
    {
      path: 'site/page.html',
      type: 'text/html',
      sizeBytes: page.length,
      digest: plaintextDigest(crypto, page),
      content: { kind: 'blocks', list: pageList, key: undefined },
    },
    {
      path: 'site/kept.bin',
      type: 'application/octet-stream',
      sizeBytes: page.length,
      digest: plaintextDigest(crypto, page),
      content: { kind: 'blocks', list: pageList, key: counting(32, 0xc0) },
    },
    {
      path: 'Grüße.txt',
      type: 'text/plain',
      sizeBytes: text.length,
      digest: plaintextDigest(crypto, text),
      content: { kind: 'inline', bytes: text },
    },
    {
      path: 'empty',
      type: 'text/plain',
      sizeBytes: 0,
      digest: plaintextDigest(crypto, new Uint8Array()),
      content: { kind: 'inline', bytes: new Uint8Array() },
    },
  ],
};
const manifestBytes = encodeManifest(manifest);
const sealedManifest = sealManifest(crypto, contentKey, manifestBytes);
const names = shares.map((share) => shareName(crypto, manifestDigest(crypto, manifestBytes), share));
const link: PublicationLink = {
  class: 1,
  k,
  n,
  documentKey: keys.publicKey,
  readSecret: secret,
  namesDigest: namesDigest(crypto, names),
  path: '',
};

function payloadOf(index: number, edition: number, body: SlotBody): SlotPayload {
  return {
    k,
    n,
    index,
    edition,
    kdf: { salt: counting(16, 0x10), cost: { passes: 3, memoryKib: 262_144 } },
    names,
    body,
  };
}

function hashVectors() {
  const cases: [string, Uint8Array[]][] = [
    ['', []],
    ['content', [counting(3)]],
    ['content', [counting(32_768)]],
    ['slot', [Uint8Array.of(1), counting(32), counting(32, 32)]],
    ['read', [new Uint8Array(), counting(300)]],
  ];
  return cases.map(([tag, parts]) => ({
    tag,
    // Parts of more than 300 bytes are counting(length).
    parts: parts.map((part) => (part.length > 300 ? { counting: part.length } : toHex(part))),
    hash: toHex(crypto.hash(tag, ...parts)),
  }));
}

function linkVectors() {
  const links: PublicationLink[] = [
    link,
    { ...link, class: 2, k: 1, n: 1, path: 'index.html' },
    { ...link, class: 3, k: 100, n: 100, documentKey: new Uint8Array(32).fill(0xff), path: 'Grüße/a b (1)!.txt' },
  ];
  return links.map((each) => ({
    class: each.class,
    k: each.k,
    n: each.n,
    documentKey: toHex(each.documentKey),
    readSecret: toHex(each.readSecret),
    namesDigest: toHex(each.namesDigest),
    path: each.path,
    link: formatLink(each),
  }));
}

function authorVectors() {
  return {
    authorSeed: toHex(authorSeed),
    documentPublicKey: toHex(keys.publicKey),
    readSecrets: [
      [1, 0],
      [2, 0],
      [1, 1],
      [65_536, 258],
    ].map(([edition, attempt]) => ({
      edition,
      attempt,
      secret: toHex(readSecret(crypto, authorSeed, edition!, attempt!)),
    })),
  };
}

function shareVectors() {
  return { contentKey: toHex(contentKey), k, n, coefficients: toHex(coefficients), shares: shares.map(toHex) };
}

function nameVectors() {
  return {
    manifestDigest: toHex(manifestDigest(crypto, manifestBytes)),
    names: names.map(toHex),
    namesDigest: toHex(namesDigest(crypto, names)),
  };
}

function manifestVectors() {
  return {
    contentKey: toHex(contentKey),
    manifest: toHex(manifestBytes),
    sealed: toHex(sealedManifest),
    fields: {
      shape: manifest.shape,
      edition: manifest.edition,
      title: manifest.title,
      description: manifest.description,
      language: manifest.language,
      dateMs: manifest.dateMs,
      index: manifest.index,
      files: manifest.files.map(({ path, type, sizeBytes, digest, content }) => ({
        path,
        type,
        sizeBytes,
        digest: toHex(digest),
        content: content.kind,
      })),
    },
  };
}

function pieceVectors() {
  const key = fileKey(crypto, contentKey, 'site/page.html');
  const pieces = [
    { index: 0, plaintext: page.subarray(0, PIECE_BYTES) },
    { index: 1, plaintext: page.subarray(PIECE_BYTES) },
  ].map(({ index, plaintext }) => {
    const payload = sealPiece(crypto, key, index, plaintext);
    return {
      index,
      plaintextBytes: plaintext.length,
      payload: long(payload),
      address: toHex(contentAddress(crypto, payload)),
    };
  });
  return {
    path: 'site/page.html',
    file: 'bytes 1, 2, 3 ... modulo 256',
    sizeBytes: page.length,
    fileKey: toHex(key),
    pieces,
  };
}

function listVectors() {
  const key = counting(32, 0x20);
  const pieces = 100_000;
  const least = 7;
  const builder = new BlockListBuilder(crypto, plainCombiner, key, pieces * PIECE_BYTES, least);
  const blocks: ListBlock[] = [];
  const addresses = codedCount(pieces, least);
  for (let position = 0; position < addresses; position += 1) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, position, true);
    blocks.push(...builder.push(crypto.hash('vector', number)));
  }
  const list = builder.finish();
  const ofLevel = (level: number) => blocks.filter((block) => block.level === level);
  const [first, second] = [ofLevel(1), ofLevel(2)];
  const chosen = {
    'level 1, first': first[0]!,
    'level 1, first check block': first[128]!,
    'level 1, last before the last check blocks': first.findLast(({ index }) => index !== undefined)!,
    'level 1, last check block': first.at(-1)!,
    'level 2, only': second[0]!,
    'level 2, last check block': second.at(-1)!,
  };
  return {
    fileKey: toHex(key),
    least,
    addresses: 'H("vector", position among the addresses of level 0 as 32 bits LE)',
    pieces,
    levels: levelShapes(list.sizeBytes, least),
    roots: list.roots.map(toHex),
    blocks: Object.entries(chosen).map(([name, { level, index, address, payload }]) => ({
      name,
      level,
      index: index ?? null,
      address: toHex(address),
      payload: long(payload),
    })),
  };
}

function codingVectors() {
  const segments = [
    { data: 1, checks: 7 },
    { data: 3, checks: 2 },
    { data: 128, checks: 64 },
    { data: 128, checks: 99 },
  ].map(({ data, checks }) => {
    const sources = Array.from({ length: data }, (_, block) => counting(16, block * 3 + 1));
    const outputs = Array.from({ length: checks }, () => new Uint8Array(16));
    plainCombiner.combine(outputs, sources, checkMatrix(data, checks));
    return {
      data,
      checks,
      firstCheckBlocks: outputs.slice(0, 3).map(toHex),
      allCheckBlocks: toHex(crypto.hash('vector', ...outputs)),
    };
  });
  return {
    exponentials: toHex(Uint8Array.from({ length: 255 }, (_, power) => powerOfTwo(power))),
    inverses: toHex(Uint8Array.from({ length: 255 }, (_, at) => inverse(at + 1))),
    dataBlocks: 'block i: bytes 3 i + 1, 3 i + 2 ... modulo 256, 16 of them',
    segments,
  };
}

function powerOfTwo(power: number): number {
  let value = 1;
  for (let count = 0; count < power; count += 1) value = multiply(value, 2);
  return value;
}

function slotVectors() {
  const bodies: [string, number, SlotBody][] = [
    ['inline', 1, { kind: 'inline', share: shares[1]!, sealedManifest }],
    ['blocks', 1, { kind: 'blocks', share: shares[1]!, list: pageList }],
    ['moved', 2, { kind: 'moved', link: { ...link, k: 2, n: 4 } }],
    ['deleted', 3, { kind: 'deleted' }],
  ];
  const place = slotPlace(crypto, link, 2)!;
  const slots = bodies.map(([name, counter, body]) => {
    const payload = payloadOf(2, 1, body);
    const plaintext = encodeSlotPayload(payload);
    const [nonce, tie] = [counting(24, counter), counting(8, 0x50)];
    const record = makeSlot(crypto, scripted(nonce), keys.secretKey, place, { counter, tie }, payload);
    return {
      body: name,
      counter,
      tie: toHex(tie),
      nonce: toHex(nonce),
      plaintext: toHex(plaintext.subarray(0, plaintext.findLastIndex((byte) => byte !== 0) + 1)),
      record: long(record),
      // One of them whole: it has to be read for as long as there are links of this format.
      ...(name === 'inline' && { base64: Buffer.from(record).toString('base64') }),
    };
  });
  return {
    link: formatLink(link),
    index: place.index,
    tweak: toHex(place.tweak),
    publicKey: toHex(place.publicKey),
    slotId: toHex(place.slotId),
    address: toHex(place.address),
    payloadKey: toHex(place.payloadKey),
    slots,
  };
}

function contentVectors() {
  const payload = counting(32_768);
  const record = encodeRecord({ kind: 1, payload });
  return {
    payload: 'bytes 0, 1, 2 ... modulo 256',
    record: long(record),
    address: toHex(contentAddress(crypto, payload)),
  };
}

/** File name to what is in it. */
export function makeVectors(): Record<string, unknown> {
  return {
    'hash.json': hashVectors(),
    'link.json': linkVectors(),
    'invite.json': inviteVectors(),
    'file-link.json': fileLinkVectors(),
    'words.json': wordVectors(),
    'query.json': queryVectors(),
    'address.json': addressVectors(crypto),
    'author.json': authorVectors(),
    'shares.json': shareVectors(),
    'names.json': nameVectors(),
    'manifest.json': manifestVectors(),
    'history.json': historyVectors(crypto, authorSeed, counting(32, 0x60)),
    'piece.json': pieceVectors(),
    'block-list.json': listVectors(),
    'coding.json': codingVectors(),
    'content-record.json': contentVectors(),
    'slot.json': slotVectors(),
    'messages.json': messageVectors(),
    'search-messages.json': searchVectors(),
    'stamps.json': stampVectors(crypto, counting(32, 0x40)),
    'file.json': fileVectors(crypto, counting),
  };
}
