/** What is told of the pieces of a file: how much is here, what comes, and who gave it; bounded, whatever the file is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import { DownloadJobSchema, GIVER_LETTERS } from '../../../shared/ipc/download-model.ts';
import { MAX_SHARED_FILE_BYTES, MAX_SOURCES } from '../../../src-main/core/limits.ts';
import { PieceMap } from '../../../src-main/core/transfer/piece-map.ts';
import { chunkCountOf } from '../../../src-main/core/transfer/tree.ts';
import { piecesOf, wholePieces } from '../../../src-main/services/transfers/pieces.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { meshFile, TransferMesh } from '../../support/transfer-mesh.ts';

const keyOf = (giver: number): Uint8Array => {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, giver);
  return key;
};
function give(map: PieceMap, chunk: number, giver: number, bytes = 10): void {
  map.toHeld(chunk);
  map.givers.note(chunk, keyOf(giver), bytes);
}

test('each piece says who gave it; what an earlier run left says nobody', () => {
  const map = new PieceMap(6, new Uint8Array([0b1000_0000]));
  give(map, 1, 7);
  give(map, 2, 8, 30);
  give(map, 4, 7);
  map.toAsked(5);
  const { pieces, coming, from, givers } = piecesOf(map);
  assert.deepEqual([pieces, coming, from], ['999090', '000001', '.AB.A.']);
  assert.deepEqual(
    givers.map(({ publicKey, bytes }) => [publicKey, bytes]),
    [
      [toHex(keyOf(7)), 20],
      [toHex(keyOf(8)), 30],
    ],
  );
});

test('a part of several pieces says who gave most of it', () => {
  const map = new PieceMap(512);
  for (const [chunk, giver] of [1, 2, 2, 1, 3, 3, 3, 1].entries()) give(map, chunk, giver);
  const { from, pieces } = piecesOf(map);
  assert.equal(from.length, 128);
  assert.deepEqual([from.slice(0, 3), pieces.slice(0, 3)], ['AC.', '990']);
});

test('the largest file with more givers than are remembered stays within what the contract takes', () => {
  const map = new PieceMap(chunkCountOf(MAX_SHARED_FILE_BYTES));
  for (let chunk = 0; chunk < 200; chunk += 1) give(map, chunk * 1_000, chunk);
  const told = piecesOf(map);
  assert.equal(told.givers.length, MAX_SOURCES);
  assert.equal(GIVER_LETTERS.length, MAX_SOURCES);
  assert.equal(new Set(GIVER_LETTERS).size, MAX_SOURCES);
  const job = { id: 'a', kind: 'download', title: '', state: 'running', startedMs: 0, link: '', stage: 'loading' };
  const parsed = v.safeParse(DownloadJobSchema, { ...job, bytesDone: 0, sources: [], ...told });
  assert.ok(parsed.success, JSON.stringify(parsed.issues?.map(({ message }) => message)));
});

test('of what is whole before anybody looked every piece is here, from nobody', () => {
  const { pieces, coming, from, givers } = wholePieces(undefined, 200_000);
  assert.deepEqual([pieces, coming, from, givers], ['9999', '0000', '....', []]);
});

test('of three sources of which one lies, what the others gave makes the file', () => {
  const crypto = createSodiumCrypto();
  const file = meshFile(crypto, 8 * 1_048_576);
  const mesh = new TransferMesh(crypto);
  const reader = mesh.add();
  const sources = Array.from({ length: 3 }, () => {
    const node = mesh.add();
    node.files.set(toHex(file.root), file);
    return node;
  });
  sources[1]!.misdeeds.lies = true;
  const nodes = sources.map(({ publicKey }) => ({ publicKey }));
  reader.tell({ type: 'download', operation: 1, root: file.root, sources: nodes, held: undefined });
  assert.ok(mesh.run(() => reader.transfers.view(1)?.map !== undefined, 60_000));
  const map = reader.transfers.view(1)!.map;
  assert.ok(mesh.run(() => reader.done.size > 0, 60_000));
  const { from, givers } = wholePieces(map, file.bytes.length);
  assert.match(from, /^[AB]{128}$/);
  assert.deepEqual(
    new Set(givers.map(({ publicKey }) => publicKey)),
    new Set([sources[0]!, sources[2]!].map(({ publicKey }) => toHex(publicKey))),
  );
  assert.equal(
    givers.reduce((sum, { bytes }) => sum + bytes, 0),
    file.bytes.length,
  );
});
