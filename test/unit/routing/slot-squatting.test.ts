/**
 * Squatting of slots: whoever knows where the shares of a publication will be, or are, puts something else there first, or
 * later. Four of twenty-four nodes do nothing else; they have the link, and not the password.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { CACHED_SLOT_MS } from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { readSlot } from '../../../src-main/core/publish/slot.ts';
import { encodeRecord, KIND_SLOT, slotAddress, slotDigest, verifyRecord } from '../../../src-main/core/wire/record.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { buildPublication, supersede } from '../../support/publication-builder.ts';
import type { BuildOptions, BuiltPublication } from '../../support/publication-builder.ts';
import { assertBounded } from '../../support/mesh-star.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { forgeries } from '../../support/slot-forgeries.ts';

const STAMP_BITS = 4;
const SQUATTERS = 4;

interface Scene {
  readonly mesh: Mesh;
  readonly squatters: readonly MeshNode[];
  readonly honest: readonly MeshNode[];
  readonly built: BuiltPublication;
}

function scene(seed: number, options: Partial<BuildOptions> = {}): Scene {
  const mesh = new Mesh({ seed, nodes: 24, degree: 8, dials: false, network: { stampBits: STAMP_BITS } });
  const squatters = mesh.nodes.slice(0, SQUATTERS);
  // They are linked to everybody, and pass on nothing.
  for (const squatter of squatters) {
    for (const node of mesh.nodes) mesh.connect(squatter, node);
    squatter.onRoute = () => undefined;
  }
  mesh.run(1_000);
  const files = { 'a.txt': new TextEncoder().encode('what it says') };
  const built = buildPublication({ crypto, random: seededRandom(seed), files, inlineBytes: 500, ...options });
  return { mesh, squatters, honest: mesh.nodes.slice(SQUATTERS), built };
}

/** Puts records at the honest nodes nearest to a place, whichever way, and comes back when it is hung up on. */
function squat({ mesh, squatters, honest }: Scene, address: Uint8Array, records: readonly Uint8Array[]): number {
  const away = (node: MeshNode): number => distance(node.location, locationOf(address));
  const nearest = honest.toSorted((a, b) => away(a) - away(b)).slice(0, SQUATTERS);
  let sent = 0;
  for (const [at, record] of records.entries()) {
    for (const [which, node] of nearest.entries()) {
      const squatter = squatters[which]!;
      mesh.connect(squatter, node);
      const stamp = findStamp(crypto, ownAddress(record) ?? address, STAMP_BITS);
      const id = crypto.hash('squat', record, Uint8Array.of(which, at)).slice(0, 16);
      if (at % 3 === 0) squatter.say(node, { type: 'insert', id, priority: 0, htl: 5, stamp, record });
      else if (at % 3 === 1) squatter.say(node, { type: 'replicate', id, stamp, record });
      else squatter.say(node, { type: 'stemInsert', id, priority: 0, stamp, record });
      sent += 1;
    }
    mesh.run(200);
  }
  return sent;
}

function ownAddress(record: Uint8Array): Uint8Array | undefined {
  const verified = verifyRecord(crypto, record, undefined);
  return verified.ok ? verified.value.address : undefined;
}

/** What the honest nodes find under an address, each past what it has itself. */
function shown({ mesh, honest }: Scene, address: Uint8Array): Uint8Array[] {
  return honest.flatMap((node) => {
    const result = mesh.request(node, address, KIND_SLOT, true);
    return result.ok ? [result.record] : [];
  });
}

/** By all but a few, to whom the squatters, who answer nobody, lie in the way. */
function requireShown(scene: Scene, address: Uint8Array, record: Uint8Array): void {
  const found = shown(scene, address);
  assert.ok(found.length >= scene.honest.length - 2, `${found.length} of ${scene.honest.length} found it`);
  for (const each of found) assert.ok(bytesEqual(each, record), 'something else is shown');
}

test('who has the link and comes first finds no place for anything else: every hop refuses it, and the author is stored', () => {
  const made = scene(301);
  const { mesh, honest, built } = made;
  const addresses = new Set(built.places.map(({ address }) => toHex(address)));
  let sent = 0;
  for (const [position, { address }] of built.places.entries())
    sent += squat(made, address, forgeries(crypto, mesh.random, built, position));
  assert.ok(sent >= 400, `${sent} forgeries`);
  for (const node of mesh.nodes)
    for (const key of node.store.keys()) assert.equal(addresses.has(key), false, 'a squatter has a place');
  const garbage = honest.reduce((sum, node) => sum + node.core.statistics.garbage, 0);
  assert.ok(garbage >= 100, `${garbage} of them were counted as garbage`);
  for (const [position, record] of built.slots.entries()) {
    assert.ok(mesh.insert(honest[position]!, record).ok, 'the author is not stored');
    requireShown(made, built.places[position]!.address, record);
  }
  // And later, when they have seen all that there is to be seen.
  for (const [position, { address }] of built.places.entries()) {
    squat(made, address, forgeries(crypto, mesh.random, built, position).slice(0, 4));
    requireShown(made, address, built.slots[position]!);
  }
  assertBounded(...honest);
});

test('who replays the old version wherever it can wins places, and no reader: the newest of all slots counts', () => {
  const made = scene(302);
  const { mesh, honest, built } = made;
  const second = supersede(crypto, mesh.random, built, { kind: 'moved', link: built.link }, 512);
  for (const [position, { address }] of built.places.entries()) {
    assert.ok(mesh.insert(honest[position]!, built.slots[position]!).ok);
    assert.ok(mesh.insert(honest[position + 4]!, second[position]!).ok);
    squat(
      made,
      address,
      [0, 1, 2].map(() => built.slots[position]!),
    );
    squat(made, address, forgeries(crypto, mesh.random, built, position).slice(0, 3));
  }
  mesh.run(CACHED_SLOT_MS);
  let old = 0;
  let asked = 0;
  const readers = honest.slice(0, 8).map((node) =>
    built.places.map(({ address }, position) => {
      const result = mesh.request(node, address, KIND_SLOT, true);
      asked += 1;
      if (!result.ok) return false;
      if (bytesEqual(result.record, built.slots[position]!)) old += 1;
      return bytesEqual(result.record, second[position]!);
    }),
  );
  // Nodes that had neither keep what they are brought: that is what all slots are asked for.
  assert.ok(old < asked / 10, `${old} of ${asked} slots show the old version`);
  for (const newest of readers)
    assert.ok(newest.filter(Boolean).length >= 5, 'a reader sees too little of the new one');
});

test('one address has one content: of two that the author signs for one version the higher tie stays, whoever comes first', () => {
  const made = scene(303);
  const { mesh, honest, built } = made;
  const twins = [1, 2].map(() => supersede(crypto, mesh.random, built, { kind: 'moved', link: built.link }, 512));
  for (const [position, { address }] of built.places.slice(0, 4).entries()) {
    const records = twins.map((slots) => slots[position]!);
    const tie = (record: Uint8Array): string => {
      const verified = verifyRecord(crypto, record, address);
      assert.ok(verified.ok && verified.value.record.kind === KIND_SLOT);
      return toHex(verified.value.record.version.tie);
    };
    const [lower, higher] = records.toSorted((a, b) => (tie(a) < tie(b) ? -1 : 1)) as [Uint8Array, Uint8Array];
    for (const record of position % 2 === 0 ? [higher, lower] : [lower, higher])
      assert.ok(mesh.insert(honest[position]!, record).ok);
    mesh.run(CACHED_SLOT_MS);
    requireShown(made, address, higher);
  }
});

test('what is permanent stays so for its author: no later version, no deletion, no other class, no second content', () => {
  const made = scene(304, { class: 3 });
  const { mesh, honest, built } = made;
  const place = built.places[0]!;
  const { address } = place;
  const [original] = built.slots as [Uint8Array];
  assert.ok(mesh.insert(honest[0]!, original).ok);
  const holding = mesh.nodes.filter((node) => node.store.has(toHex(address)));
  assert.ok(holding.length > 0);
  const verified = verifyRecord(crypto, original, address);
  assert.ok(verified.ok && verified.value.record.kind === KIND_SLOT);
  const first = verified.value.record;
  const change = (over: Partial<typeof first>): Uint8Array => {
    const { kind, signature: _, ...unsigned } = { ...first, ...over };
    const signature = crypto.signBlinded(slotDigest(crypto, unsigned), built.keys.secretKey, place.tweak);
    return encodeRecord({ kind, ...unsigned, signature });
  };
  const tie = new Uint8Array(8).fill(255);
  const forbidden = [
    change({ version: { counter: 2, tie } }),
    change({ state: 1, version: { counter: 2, tie } }),
    change({ state: 1 }),
  ];
  for (const record of forbidden) assert.equal(verifyRecord(crypto, record, address).ok, false);
  squat(made, address, forbidden);
  // Another class is another place.
  assert.ok(mesh.insert(honest[2]!, change({ class: 1, version: { counter: 2, tie } })).ok);
  assert.equal(bytesEqual(slotAddress(crypto, 1, first.publicKey, first.slotId), address), false);
  requireShown(made, address, original);
  // A second content for the same places, from whoever did not forget the key: who has the first keeps it, and no link is to it.
  const files = { 'a.txt': new TextEncoder().encode('what it says now') };
  const options = {
    crypto,
    random: seededRandom(305),
    authorSeed: built.authorSeed,
    class: 3,
    inlineBytes: 500,
  } as const;
  const twin = buildPublication({ ...options, files });
  assert.ok(bytesEqual(twin.places[0]!.address, address));
  mesh.insert(honest[3]!, twin.slots[0]!);
  squat(
    made,
    address,
    [0, 1, 2].map(() => twin.slots[0]!),
  );
  for (const node of holding) assert.ok(bytesEqual(node.store.get(toHex(address))!.record, original));
  const read = readSlot(crypto, built.link, place, twin.slots[0]!);
  assert.equal(!read.ok && read.code, 'wrong-publication');
});
