import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import type { HeldPart } from '../../../src-main/core/transfer/effects.ts';
import { setBit } from '../../../src-main/core/transfer/piece-map.ts';
import { chunkCountOf } from '../../../src-main/core/transfer/tree.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { meshFile, TransferMesh } from '../../support/transfer-mesh.ts';
import type { MeshFile, MeshNode } from '../../support/transfer-mesh.ts';

const crypto = createSodiumCrypto();
const MIB = 1_048_576;

function meshOf(sources: number, file: MeshFile): { mesh: TransferMesh; reader: MeshNode; sources: MeshNode[] } {
  const mesh = new TransferMesh(crypto);
  const reader = mesh.add();
  const nodes = Array.from({ length: sources }, () => {
    const node = mesh.add();
    node.files.set(toHex(file.root), file);
    return node;
  });
  return { mesh, reader, sources: nodes };
}

function load(reader: MeshNode, file: MeshFile, sources: readonly MeshNode[], operation = 1): void {
  const nodes = sources.map((node) => ({ publicKey: node.publicKey }));
  reader.tell({ type: 'download', operation, root: file.root, sources: nodes, held: undefined });
}

function topPage(file: MeshFile): HeldPart['pages'][number] {
  return { at: { level: 0, index: 0 }, hashes: file.hashes };
}

function assertWhole(reader: MeshNode, file: MeshFile): void {
  assert.equal(reader.done.get(1), 'whole');
  assert.deepEqual(reader.content(1), file.bytes);
}

for (const sizeBytes of [0, 1, 65_536, 65_537, 10 * MIB + 17]) {
  test(`a file of ${sizeBytes} bytes comes whole from one source`, () => {
    const file = meshFile(crypto, sizeBytes);
    const { mesh, reader, sources } = meshOf(1, file);
    load(reader, file, sources);
    assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
    assertWhole(reader, file);
    assert.equal(reader.proved.get(1), sizeBytes);
  });
}

test('the first byte of a found source comes within three round trips after the link', () => {
  const file = meshFile(crypto, 60_000);
  const { mesh, reader, sources } = meshOf(1, file);
  mesh.line(reader, sources[0]!, 50, 100e6);
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  // 150 ms of handshake in this mesh, then ask and offer, page and chunk.
  assert.ok(mesh.nowMs <= 150 + 2 * 100 + 20, `${mesh.nowMs} ms`);
});

test('the window grows to what a long fat line asks for', () => {
  const file = meshFile(crypto, 40 * MIB);
  const { mesh, reader, sources } = meshOf(1, file);
  mesh.line(reader, sources[0]!, 50, 10 * MIB);
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  const idealMs = 4_000;
  assert.ok(mesh.nowMs < idealMs * 1.35, `${mesh.nowMs} ms, the line alone ${idealMs} ms`);
  assertWhole(reader, file);
});

test('three sources together are about three times as fast as one', () => {
  const file = meshFile(crypto, 30 * MIB);
  const { mesh, reader, sources } = meshOf(3, file);
  for (const source of sources) mesh.line(reader, source, 20, 5 * MIB);
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assert.ok(mesh.nowMs < 2_000 * 1.4, `${mesh.nowMs} ms`);
  assertWhole(reader, file);
  for (const source of sources) assert.ok(source.uploadedBytes > 6 * MIB, `${source.uploadedBytes}`);
});

test('one of three lies: it is banned, and the file is right', () => {
  const file = meshFile(crypto, 20 * MIB);
  const { mesh, reader, sources } = meshOf(3, file);
  sources[1]!.misdeeds.lies = true;
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assertWhole(reader, file);
  assert.deepEqual(reader.banned, [toHex(sources[1]!.publicKey)]);
  load(reader, file, [sources[1]!], 2);
  assert.ok(!mesh.run(() => reader.done.has(2), 600_000), 'who lied is not asked again');
});

test('one of three goes silent: others have its chunks within eight seconds', () => {
  const file = meshFile(crypto, 30 * MIB);
  const { mesh, reader, sources } = meshOf(3, file);
  for (const source of sources) mesh.line(reader, source, 20, 5 * MIB);
  load(reader, file, sources);
  mesh.run(() => sources[0]!.uploadedBytes > 3 * MIB, 60_000);
  sources[0]!.misdeeds.silent = true;
  const silentMs = mesh.nowMs;
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assertWhole(reader, file);
  assert.ok(mesh.nowMs - silentMs < 8_000, `${mesh.nowMs - silentMs} ms`);
});

test('a slow source is overtaken at the end', () => {
  const file = meshFile(crypto, 20 * MIB);
  const { mesh, reader, sources } = meshOf(2, file);
  mesh.line(reader, sources[0]!, 20, 10 * MIB);
  mesh.line(reader, sources[1]!, 20, 20_000);
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assertWhole(reader, file);
  assert.ok(mesh.nowMs < 2_000 * 1.5, `${mesh.nowMs} ms`);
});

test('the only source goes and comes back: the download goes on, nothing is written twice', () => {
  const file = meshFile(crypto, 30 * MIB);
  const { mesh, reader, sources } = meshOf(1, file);
  mesh.line(reader, sources[0]!, 20, 5 * MIB);
  load(reader, file, sources);
  mesh.run(() => sources[0]!.uploadedBytes > 10 * MIB, 60_000);
  mesh.setReachable(sources[0]!, false);
  assert.ok(!mesh.run(() => reader.done.size > 0, 120_000));
  assert.equal(reader.transfers.view(1)?.sources[0]?.state === 'active', false);
  mesh.setReachable(sources[0]!, true);
  assert.ok(mesh.run(() => reader.done.size > 0, 600_000));
  assertWhole(reader, file);
});

test('what was held before is not asked for again', () => {
  const file = meshFile(crypto, 10 * MIB);
  const { mesh, reader, sources } = meshOf(1, file);
  load(reader, file, sources);
  mesh.run(() => (reader.transfers.view(1)?.held ?? 0) > 80, 60_000);
  reader.tell({ type: 'downloadStop', operation: 1 });
  // What was being written is.
  mesh.run(() => false, 1_000);
  const written = reader.written.get(1)!;
  const bitmap = new Uint8Array(chunkCountOf(file.bytes.length) / 8);
  for (const chunk of written.keys()) setBit(bitmap, chunk);
  const [before, held] = [written.size, { sizeBytes: file.bytes.length, bitmap, pages: [topPage(file)] }];
  reader.written.set(2, written);
  reader.proved.set(2, file.bytes.length);
  const [readsBefore, nodes] = [sources[0]!.reads, [{ publicKey: sources[0]!.publicKey }]];
  reader.tell({ type: 'download', operation: 2, root: file.root, sources: nodes, held });
  assert.ok(mesh.run(() => reader.done.has(2), 60_000));
  assert.deepEqual(reader.content(2), file.bytes);
  assert.equal(sources[0]!.reads - readsBefore, chunkCountOf(file.bytes.length) - before);
});

test('slots are given in turn among users, and places are told', () => {
  const file = meshFile(crypto, 4 * MIB);
  const mesh = new TransferMesh(crypto);
  const source = mesh.add();
  source.files.set(toHex(file.root), file);
  source.tell({ type: 'uploadSlots', slots: 1, ofUser: 1 });
  const readers = [mesh.add(), mesh.add(), mesh.add()];
  for (const reader of readers) {
    mesh.line(reader, source, 10, MIB);
    load(reader, file, [source]);
  }
  mesh.run(() => readers[2]!.transfers.view(1)?.sources[0]?.place === 2, 10_000);
  assert.deepEqual(
    readers.map((reader) => reader.transfers.view(1)?.sources[0]).map((view) => [view?.state, view?.place]),
    [
      ['active', 0],
      ['queued', 1],
      ['queued', 2],
    ],
  );
  assert.ok(mesh.run(() => readers.every((reader) => reader.done.size > 0), 60_000));
  for (const reader of readers) assertWhole(reader, file);
});

test('a place in the queue survives a short absence', () => {
  const file = meshFile(crypto, 20 * MIB);
  const mesh = new TransferMesh(crypto);
  const source = mesh.add();
  source.files.set(toHex(file.root), file);
  source.tell({ type: 'uploadSlots', slots: 1, ofUser: 1 });
  const readers = [mesh.add(), mesh.add(), mesh.add()];
  for (const reader of readers) {
    mesh.line(reader, source, 10, MIB);
    load(reader, file, [source]);
  }
  const placeOf = (reader: MeshNode): number | undefined => reader.transfers.view(1)?.sources[0]?.place;
  assert.ok(mesh.run(() => placeOf(readers[1]!) === 1 && placeOf(readers[2]!) === 2, 10_000));
  mesh.cutAll(readers[1]!);
  assert.ok(mesh.run(() => readers[1]!.transfers.view(1)?.sources[0]?.state === 'away', 1_000));
  assert.ok(
    mesh.run(() => placeOf(readers[1]!) === 1 && readers[1]!.transfers.view(1)?.sources[0]?.state === 'queued', 15_000),
  );
  assert.equal(placeOf(readers[2]!), 2);
});

test('a full disk ends it with that word', () => {
  const file = meshFile(crypto, 2 * MIB);
  const { mesh, reader, sources } = meshOf(1, file);
  reader.diskFull = true;
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assert.equal(reader.done.get(1), 'disk');
});

test('a half-loaded file is a source already', () => {
  const file = meshFile(crypto, 20 * MIB);
  const { mesh, reader, sources } = meshOf(1, file);
  const [source] = sources;
  mesh.line(reader, source!, 10, 2 * MIB);
  const second = mesh.add();
  load(reader, file, [source!]);
  reader.servesWhileLoading = true;
  mesh.run(() => (reader.transfers.view(1)?.held ?? 0) > 50, 60_000);
  load(second, file, [reader]);
  assert.ok(mesh.run(() => second.done.size > 0, 120_000));
  assertWhole(second, file);
  assert.ok(reader.uploadedBytes >= 20 * MIB);
});

test('those who load from one source find each other', () => {
  const file = meshFile(crypto, 16 * MIB);
  const mesh = new TransferMesh(crypto);
  const source = mesh.add();
  source.files.set(toHex(file.root), file);
  const readers = [mesh.add(), mesh.add(), mesh.add()];
  for (const reader of readers) {
    mesh.line(reader, source, 10, MIB);
    reader.servesWhileLoading = true;
    load(reader, file, [source]);
  }
  assert.ok(mesh.run(() => readers.every((reader) => reader.done.size > 0), 600_000));
  for (const reader of readers) assertWhole(reader, file);
  // Alone each would be sent all of it by the source.
  assert.ok(source.uploadedBytes < 2.9 * 16 * MIB, `${source.uploadedBytes}`);
  assert.ok(readers.reduce((sum, reader) => sum + reader.uploadedBytes, 0) > 0);
});

test('a source that says another size and gives no page holds nobody up', () => {
  const file = meshFile(crypto, 2 * MIB);
  const { mesh, reader, sources } = meshOf(2, file);
  const [liar, honest] = sources;
  liar!.misdeeds.saysBytes = 5_000_000_000;
  mesh.line(reader, honest!, 200, MIB);
  load(reader, file, sources);
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  assertWhole(reader, file);
  assert.deepEqual(reader.banned, [toHex(liar!.publicKey)]);
});
