/** Limits of transfers: kept over seconds, changed while it runs, shared in turn, and counted honestly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import { meshFile, TransferMesh } from '../../support/transfer-mesh.ts';
import type { MeshFile, MeshNode } from '../../support/transfer-mesh.ts';

const crypto = createSodiumCrypto();
const MB = 1_000_000;
const NONE = { upBytesPerSecond: 0, downBytesPerSecond: 0, userUpBytesPerSecond: 0 };

interface Scene {
  readonly mesh: TransferMesh;
  readonly file: MeshFile;
  readonly source: MeshNode;
  readonly readers: readonly MeshNode[];
}

/** Readers that load one file, 20 MB/s away; each has a slot. */
function scene(readers: number, sizeBytes = 16 * MB): Scene {
  const mesh = new TransferMesh(crypto);
  const file = meshFile(crypto, sizeBytes);
  const source = mesh.add();
  source.files.set(toHex(file.root), file);
  const all = Array.from({ length: readers }, () => mesh.add());
  for (const reader of all) mesh.line(source, reader, 10, 20 * MB);
  source.tell({ type: 'uploadSlots', slots: 8, ofUser: 2 });
  return { mesh, file, source, readers: all };
}

function load({ file, source }: Scene, reader: MeshNode): void {
  const sources = [{ publicKey: source.publicKey }];
  reader.tell({ type: 'download', operation: 1, root: file.root, sources, held: undefined });
}

const receivedBy = (reader: MeshNode): number => reader.transfers.receivedBytes;

/** Bytes a second that came while so long went by. */
function rate(mesh: TransferMesh, count: () => number, seconds: number): number {
  const before = count();
  mesh.run(() => false, seconds * 1_000);
  return (count() - before) / seconds;
}

const isNear = (value: number, expected: number, share: number): void =>
  assert.ok(Math.abs(value - expected) <= expected * share, `${Math.round(value)} instead of ${expected}`);

test('what goes out is limited, and the limit is changed while it goes', () => {
  const stage = scene(1);
  const [reader] = stage.readers as [MeshNode];
  stage.source.tell({ type: 'transferRates', ...NONE, upBytesPerSecond: MB });
  load(stage, reader);
  stage.mesh.run(() => receivedBy(reader) > 0, 5_000);
  isNear(
    rate(stage.mesh, () => stage.source.uploadedBytes, 4),
    MB,
    0.05,
  );
  stage.source.tell({ type: 'transferRates', ...NONE, upBytesPerSecond: 3 * MB });
  isNear(
    rate(stage.mesh, () => stage.source.uploadedBytes, 2),
    3 * MB,
    0.05,
  );
  stage.source.tell({ type: 'transferRates', ...NONE });
  assert.ok(
    stage.mesh.run(() => reader.done.get(1) === 'whole', 10_000),
    'without a limit it goes as fast as the line',
  );
  assert.deepEqual(reader.content(1), stage.file.bytes);
});

test('those who load share the limit in turn', () => {
  const stage = scene(4);
  stage.source.tell({ type: 'transferRates', ...NONE, upBytesPerSecond: 2 * MB });
  for (const reader of stage.readers) load(stage, reader);
  stage.mesh.run(() => stage.readers.every((reader) => receivedBy(reader) > 0), 10_000);
  const before = stage.readers.map(receivedBy);
  const all = rate(stage.mesh, () => stage.source.uploadedBytes, 5);
  isNear(all, 2 * MB, 0.05);
  for (const [index, reader] of stage.readers.entries()) isNear(receivedBy(reader) - before[index]!, 2.5 * MB, 0.15);
});

test('each user has a limit of its own, and one that has it holds nobody else back', () => {
  const stage = scene(2);
  const [first, second] = stage.readers as [MeshNode, MeshNode];
  stage.source.tell({ type: 'transferRates', ...NONE, userUpBytesPerSecond: MB });
  load(stage, first);
  stage.mesh.run(() => receivedBy(first) > 0, 5_000);
  isNear(
    rate(stage.mesh, () => receivedBy(first), 4),
    MB,
    0.05,
  );
  load(stage, second);
  stage.mesh.run(() => receivedBy(second) > 0, 5_000);
  const both = rate(stage.mesh, () => stage.source.uploadedBytes, 4);
  isNear(both, 2 * MB, 0.06);
});

test('what comes in is limited over some chunks, live too, whoever it comes from', () => {
  const mesh = new TransferMesh(crypto);
  const file = meshFile(crypto, 16 * MB);
  const sources = [mesh.add(), mesh.add()];
  const reader = mesh.add();
  for (const source of sources) {
    source.files.set(toHex(file.root), file);
    mesh.line(source, reader, 10, 20 * MB);
  }
  reader.tell({ type: 'transferRates', ...NONE, downBytesPerSecond: MB });
  const nodes = sources.map(({ publicKey }) => ({ publicKey }));
  reader.tell({ type: 'download', operation: 1, root: file.root, sources: nodes, held: undefined });
  mesh.run(() => receivedBy(reader) > 0, 5_000);
  isNear(
    rate(mesh, () => receivedBy(reader), 4),
    MB,
    0.1,
  );
  reader.tell({ type: 'transferRates', ...NONE, downBytesPerSecond: 4 * MB });
  isNear(
    rate(mesh, () => receivedBy(reader), 2),
    4 * MB,
    0.15,
  );
  reader.tell({ type: 'transferRates', ...NONE });
  assert.ok(mesh.run(() => reader.done.get(1) === 'whole', 10_000));
  assert.deepEqual(reader.content(1), file.bytes);
});

test('two downloads share what may come in', () => {
  const mesh = new TransferMesh(crypto);
  const [source, reader] = [mesh.add(), mesh.add()];
  mesh.line(source, reader, 10, 20 * MB);
  source.tell({ type: 'uploadSlots', slots: 8, ofUser: 2 });
  const files = [meshFile(crypto, 10 * MB, 1), meshFile(crypto, 10 * MB, 2)];
  for (const file of files) source.files.set(toHex(file.root), file);
  reader.tell({ type: 'transferRates', ...NONE, downBytesPerSecond: 2 * MB });
  for (const [index, { root }] of files.entries()) {
    const sources = [{ publicKey: source.publicKey }];
    reader.tell({ type: 'download', operation: index + 1, root, sources, held: undefined });
  }
  mesh.run(() => false, 5_000);
  const each = [1, 2].map((operation) => reader.transfers.view(operation)!.receivedBytes);
  isNear(each[0]! + each[1]!, 10 * MB, 0.1);
  isNear(each[0]!, each[1]!, 0.2);
});

test('what is counted is what was sent and what came, wasted bytes too', () => {
  const stage = scene(1, 4 * MB);
  const [reader] = stage.readers as [MeshNode];
  const liar = stage.mesh.add();
  liar.files.set(toHex(stage.file.root), stage.file);
  liar.misdeeds.lies = true;
  stage.mesh.line(liar, reader, 5, 20 * MB);
  const sources = [{ publicKey: stage.source.publicKey }, { publicKey: liar.publicKey }];
  reader.tell({ type: 'download', operation: 1, root: stage.file.root, sources, held: undefined });
  assert.ok(stage.mesh.run(() => reader.done.get(1) === 'whole', 20_000));
  const sent = stage.source.uploadedBytes + liar.uploadedBytes;
  assert.ok(liar.uploadedBytes > 0);
  assert.ok(receivedBy(reader) > stage.file.bytes.length, 'what the liar sent came, too');
  assert.ok(receivedBy(reader) <= sent);
});
