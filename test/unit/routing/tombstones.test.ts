/** Deletions outlive what others have of the deleted: caches, old copies, and hosts that were away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { CACHED_SLOT_MS } from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { MAX_COUNTER, KIND_SLOT, STATE_TOMBSTONE } from '../../../src-main/core/wire/record.ts';
import { Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { holders, sameBytes, slot, SMALL_PAYLOAD_BYTES } from '../../support/mesh-records.ts';
import { assertBounded } from '../../support/mesh-star.ts';

const payloadBytes = SMALL_PAYLOAD_BYTES;
const live = slot(1, { payloadBytes });
const moved = slot(512, { payloadBytes });
const tombstone = slot(MAX_COUNTER, { payloadBytes, fill: 99, state: STATE_TOMBSTONE });

function read(mesh: Mesh, node: MeshNode): Uint8Array | undefined {
  const found = mesh.request(node, live.address, KIND_SLOT);
  return found.ok ? found.record : undefined;
}

function readByAll(seed: number): Mesh {
  const mesh = new Mesh({ seed, nodes: 24, degree: 8, dials: false, network: { payloadBytes } });
  assert.ok(mesh.insert(mesh.nodes[0]!, live.record).ok);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), live.record);
  return mesh;
}

test('a tombstone is believed at once over what all caches show', () => {
  const mesh = readByAll(201);
  assert.ok(mesh.insert(mesh.nodes[5]!, tombstone.record).ok);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), tombstone.record);
  assertBounded(...mesh.nodes);
});

test('nothing that is inserted later takes its place, and it is there when all caches have forgotten', () => {
  const mesh = readByAll(202);
  assert.ok(mesh.insert(mesh.nodes[5]!, tombstone.record).ok);
  for (const [at, old] of [live, moved, live].entries()) mesh.insert(mesh.nodes[at * 7]!, old.record);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), tombstone.record);
  mesh.run(CACHED_SLOT_MS + 60_000);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), tombstone.record);
});

test('holders that were away with the old edition do not bring it back while the nearest has the tombstone', () => {
  const mesh = readByAll(203);
  const key = toHex(live.address);
  const away = (node: MeshNode): number => distance(node.location, locationOf(live.address));
  const before = holders(mesh, live.address).toSorted((a, b) => away(a) - away(b));
  const entries = before.map((node) => ({ ...node.store.get(key)! }));
  assert.ok(mesh.insert(mesh.nodes[5]!, tombstone.record).ok);
  const now = holders(mesh, live.address);
  assert.ok(now.length >= 4);
  // All but the nearest come back with the disk that they left with.
  for (const [at, node] of before.slice(1).entries()) node.store.set(key, entries[at + 1]!);
  const shown = mesh.nodes.filter((node) => Buffer.from(read(mesh, node)!).equals(tombstone.record));
  assert.ok(shown.length >= mesh.nodes.length - 2, `${shown.length} see that it was deleted`);
});
