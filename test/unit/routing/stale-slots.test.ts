/** Old editions: readers see the new one at once when anybody who has it answers, and no cache shows the old one for long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { CACHED_SLOT_MS } from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import { Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { holders, sameBytes, slot, SMALL_PAYLOAD_BYTES } from '../../support/mesh-records.ts';
import { assertBounded, script, star } from '../../support/mesh-star.ts';

const payloadBytes = SMALL_PAYLOAD_BYTES;
const network = { payloadBytes };
const first = slot(1, { payloadBytes });
const second = slot(2, { payloadBytes });

function read(mesh: Mesh, node: MeshNode): Uint8Array | undefined {
  const found = mesh.request(node, first.address, KIND_SLOT);
  return found.ok ? found.record : undefined;
}

/** The first edition is stored, and everybody has read it, so that it lies in all caches. */
function readByAll(seed: number): Mesh {
  const mesh = new Mesh({ seed, nodes: 24, degree: 8, dials: false, network });
  assert.ok(mesh.insert(mesh.nodes[0]!, first.record).ok);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), first.record);
  const caching = mesh.nodes.filter((node) => node.core.tableSizes().cachedSlots === 1).length;
  assert.ok(caching >= 20, `${caching} caches`);
  return mesh;
}

test('who read the old edition sees the new one at once, wherever it asks', () => {
  const mesh = readByAll(101);
  assert.ok(mesh.insert(mesh.nodes[7]!, second.record).ok);
  for (const node of mesh.nodes) sameBytes(read(mesh, node), second.record);
  assertBounded(...mesh.nodes);
});

test('one holder of the new edition is enough, however many show the old one', () => {
  const mesh = readByAll(102);
  assert.ok(mesh.insert(mesh.nodes[7]!, second.record).ok);
  const key = toHex(first.address);
  const target = locationOf(first.address);
  const away = (node: MeshNode): number => distance(node.location, target);
  const holding = holders(mesh, first.address).toSorted((a, b) => away(a) - away(b));
  // The disks of all but the nearest go back to the old edition, as where an update did not get there.
  const stores = holding.slice(1).map((node) => [node, { ...node.store.get(key)!, ...oldEntry() }] as const);
  for (const [node, entry] of stores) node.store.set(key, entry);
  const shown = mesh.nodes.map((node) => bytesEqual(read(mesh, node)!, second.record));
  assert.ok(shown.filter(Boolean).length >= mesh.nodes.length - 2, `${shown.filter(Boolean).length} see it`);
});

function oldEntry() {
  const rank = new Uint8Array(14);
  rank[5] = 1;
  return { record: first.record, rank };
}

test('a node that answers with an old edition does not replace the new one in a cache', () => {
  const { mesh, subject, puppets } = star({ seed: 103, puppets: 6, network: { ...network, stemEndsOneIn: 1 } });
  let shown = second.record;
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request' || message.type === 'stemRequest')
      puppet.say(from, { type: 'found', age: 0, id: message.id, hops: 0, record: shown });
  });
  sameBytes(read(mesh, subject), second.record);
  shown = first.record;
  sameBytes(read(mesh, subject), second.record);
  sameBytes(read(mesh, subject), second.record);
});

test('while nobody answers, the cached edition is a fallback, for five minutes', () => {
  const { mesh, subject, puppets } = star({ seed: 104, puppets: 6, network });
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest')
      puppet.say(from, { type: 'found', age: 0, id: message.id, hops: 0, record: first.record });
  });
  sameBytes(read(mesh, subject), first.record);
  const readMs = mesh.nowMs;
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest' || message.type === 'request')
      puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  const fallback = (): boolean => mesh.request(subject, first.address, KIND_SLOT).ok;
  assert.equal(fallback(), true);
  mesh.run(readMs + CACHED_SLOT_MS - 1_000 - mesh.nowMs);
  assert.equal(fallback(), true);
  mesh.run(2_000);
  assert.equal(fallback(), false);
});

test('five minutes after its last holder is gone nobody shows an edition any more, however often it is read meanwhile', () => {
  const mesh = readByAll(105);
  for (const node of mesh.nodes) node.store.clear();
  const goneMs = mesh.nowMs;
  let shownMs = 0;
  for (let minute = 0; minute < 8; minute += 1) {
    for (const node of mesh.nodes) {
      const startedMs = mesh.nowMs;
      if (read(mesh, node) !== undefined) shownMs = startedMs - goneMs;
    }
    mesh.run(60_000);
  }
  assert.ok(shownMs > 0, 'no cache showed it at all');
  assert.ok(shownMs <= CACHED_SLOT_MS + 30_000, `shown ${Math.round(shownMs / 1_000)} s later`);
});
