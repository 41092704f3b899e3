/** All of it together, with a table in place of the network: what is made from files is found again by the link alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { documentKeyPair, randomAuthorSeed, readSecret } from '../../../src-main/core/publish/author.ts';
import { addressAt, openListBlock, pathToAddress } from '../../../src-main/core/publish/block-list.ts';
import type { BlockList } from '../../../src-main/core/publish/block-list.ts';
import {
  decodeManifest,
  encodeManifest,
  inlineManifestBytes,
  keyOfFile,
  openManifest,
  plaintextDigest,
  sealManifest,
} from '../../../src-main/core/publish/manifest.ts';
import type { ManifestFile } from '../../../src-main/core/publish/manifest.ts';
import { badShares, manifestDigest, namesDigest, shareName } from '../../../src-main/core/publish/names.ts';
import {
  fileKey,
  manifestBlocksKey,
  openPiece,
  PIECE_BYTES,
  pieceCount,
} from '../../../src-main/core/publish/piece.ts';
import { plainCombiner } from '../../../src-main/core/publish/reed-solomon.ts';
import { sealBytes } from '../../../src-main/core/publish/seal-bytes.ts';
import { codedPosition } from '../../../src-main/core/publish/segments.ts';
import { combineShares, randomContentKey, splitKey } from '../../../src-main/core/publish/shares.ts';
import { makeSlot, readSlot, slotPlaces } from '../../../src-main/core/publish/slot.ts';
import type { SlotPlace } from '../../../src-main/core/publish/slot.ts';
import type { SlotBody } from '../../../src-main/core/publish/slot-payload.ts';
import { crypto, random } from './samples.ts';

/** Blocks by address, slots and content alike. */
class Table {
  readonly #blocks = new Map<string, Uint8Array>();

  put(address: Uint8Array, bytes: Uint8Array): void {
    this.#blocks.set(toHex(address), bytes);
  }

  get(address: Uint8Array): Uint8Array {
    return this.#blocks.get(toHex(address)) ?? assert.fail('no such block');
  }
}

function putBytes(table: Table, key: Uint8Array, bytes: Uint8Array): BlockList {
  const blocks = sealBytes(crypto, plainCombiner, key, bytes, 2);
  for (;;) {
    const next = blocks.next();
    if (next.done) return next.value;
    table.put(next.value.address, next.value.payload);
  }
}

function getPiece(table: Table, key: Uint8Array, list: BlockList, piece: number): Uint8Array {
  const { root, steps } = pathToAddress(list, 0, codedPosition(piece, list.least));
  let address = list.roots[root]!;
  for (const step of steps) {
    const addresses = openListBlock(crypto, key, step, table.get(address));
    assert.ok(addresses.ok);
    address = addressAt(addresses.value, step.position);
  }
  const opened = openPiece(crypto, key, piece, list.sizeBytes, table.get(address));
  assert.ok(opened.ok);
  return opened.value;
}

function getBytes(table: Table, key: Uint8Array, list: BlockList): Uint8Array {
  const pieces = Array.from({ length: pieceCount(list.sizeBytes) }, (_, piece) => getPiece(table, key, list, piece));
  return Uint8Array.from(Buffer.concat(pieces));
}

function publish(table: Table, contents: ReadonlyMap<string, Uint8Array>, k: number, n: number): string {
  const seed = randomAuthorSeed(random);
  const keys = documentKeyPair(crypto, seed);
  const contentKey = randomContentKey(random);
  const files = [...contents].map(([path, bytes]): ManifestFile => {
    const list = putBytes(table, fileKey(crypto, contentKey, path), bytes);
    const digest = plaintextDigest(crypto, bytes);
    return {
      path,
      type: 'text/plain',
      sizeBytes: bytes.length,
      digest,
      content: { kind: 'blocks', list, key: undefined },
    };
  });
  const texts = { edition: 1, title: 'Title', description: '', language: '', dateMs: undefined, index: undefined };
  const manifest = encodeManifest({ shape: 'directory', ...texts, files });
  const sealed = sealManifest(crypto, contentKey, manifest);
  const shares = splitKey(crypto, random, contentKey, k, n);
  const names = shares.map((share) => shareName(crypto, manifestDigest(crypto, manifest), share));
  const link: PublicationLink = {
    class: 3,
    k,
    n,
    documentKey: keys.publicKey,
    readSecret: readSecret(crypto, seed, 1),
    namesDigest: namesDigest(crypto, names),
    path: '',
  };
  const inline = manifest.length <= inlineManifestBytes(n);
  const list = inline ? undefined : putBytes(table, manifestBlocksKey(crypto, contentKey), sealed);
  const version = { counter: 1, tie: random.bytes(8) };
  for (const place of slotPlaces(crypto, link)!) {
    const share = shares[place.index - 1]!;
    const body: SlotBody =
      list === undefined ? { kind: 'inline', share, sealedManifest: sealed } : { kind: 'blocks', share, list };
    const payload = { k, n, index: place.index, edition: 1, kdf: undefined, names, body };
    table.put(place.address, makeSlot(crypto, random, keys.secretKey, place, version, payload));
  }
  return formatLink(link);
}

function retrieve(table: Table, text: string, choose: (places: SlotPlace[]) => SlotPlace[]): Map<string, Uint8Array> {
  const link = parseLink(text);
  assert.ok(link.ok);
  const slots = choose(slotPlaces(crypto, link.value)!).map((place) => {
    const slot = readSlot(crypto, link.value, place, table.get(place.address));
    assert.ok(slot.ok);
    const { body, index, names } = slot.value.payload;
    assert.ok(body.kind === 'inline' || body.kind === 'blocks');
    return { index, share: body.share, body, names };
  });
  const contentKey = combineShares(crypto, slots)!;
  const { body, names } = slots[0]!;
  const sealed =
    body.kind === 'inline' ? body.sealedManifest : getBytes(table, manifestBlocksKey(crypto, contentKey), body.list);
  const manifestBytes = openManifest(crypto, contentKey, sealed)!;
  assert.deepEqual(badShares(crypto, manifestBytes, names, slots), []);
  const manifest = decodeManifest(manifestBytes);
  assert.ok(manifest.ok);
  return new Map(
    manifest.value.files.map((file) => {
      assert.ok(file.content.kind === 'blocks');
      const bytes = getBytes(table, keyOfFile(crypto, contentKey, file)!, file.content.list);
      assert.deepEqual(plaintextDigest(crypto, bytes), file.digest);
      return [file.path, bytes];
    }),
  );
}

test('a publication whose manifest lies in its slots', () => {
  const contents = new Map([
    ['one', random.bytes(1)],
    // 33 pieces: one more than the roots hold, so that there is a list block.
    ['some/more', random.bytes(32 * PIECE_BYTES + 1)],
  ]);
  const table = new Table();
  const link = publish(table, contents, 3, 5);
  assert.deepEqual(
    retrieve(table, link, (places) => places.slice(0, 3)),
    contents,
  );
  assert.deepEqual(
    retrieve(table, link, (places) => places.slice(2)),
    contents,
  );
});

test('a publication whose manifest lies in blocks', () => {
  const contents = new Map(
    Array.from({ length: 600 }, (_, number) => [`file ${number}`, random.bytes(number + 1)] as const),
  );
  const table = new Table();
  const link = publish(table, contents, 2, 10);
  const found = retrieve(table, link, (places) => [places[9]!, places[4]!]);
  assert.equal(found.size, 600);
  for (const [path, bytes] of contents) assert.deepEqual(found.get(path), bytes);
});
