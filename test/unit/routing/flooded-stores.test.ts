/**
 * Storage flooded on purpose, by whoever has many keys: whole publications of nobody's, and records made to lie where an
 * honest publication lies. The honest one was there before and was read: what nobody has asked for yet is on probation, and
 * goes before what is newer on probation, so a flood of several times what the network holds takes it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  slotAddress,
  slotDigest,
  STATE_LIVE,
} from '../../../src-main/core/wire/record.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { entrySizeBytes } from '../../../src-main/storage/quotas.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksNear, SMALL_PAYLOAD_BYTES, smallBlock } from '../../support/mesh-records.ts';
import type { MadeRecord } from '../../support/mesh-records.ts';
import { assertBounded, watch } from '../../support/mesh-star.ts';

const payloadBytes = SMALL_PAYLOAD_BYTES;
/** Of the larger of both kinds, a slot: the quota is in them. */
const ENTRY_BYTES = entrySizeBytes(147 + payloadBytes);
const QUOTA_BYTES = 200 * ENTRY_BYTES;
const ATTACKERS = 6;
const SHARES = 10;
const PIECES = 20;
const READERS = 6;

/** A signed slot of a key of its own, which is all that a publication of garbage needs. */
function strangerSlot(author: number, index: number): MadeRecord {
  const keys = crypto.keyPairFromSeed(crypto.hash('stranger', Uint8Array.of(author & 255, author >> 8)));
  const unsigned = {
    class: CLASS_UPDATABLE,
    state: STATE_LIVE,
    publicKey: keys.publicKey,
    slotId: crypto.hash('stranger slot', Uint8Array.of(index & 255, index >> 8)),
    version: { counter: 1, tie: new Uint8Array(8) },
    payload: new Uint8Array(payloadBytes).fill(author),
  } as const;
  const signature = crypto.sign(slotDigest(crypto, unsigned), keys.secretKey);
  return {
    record: encodeRecord({ kind: KIND_SLOT, ...unsigned, signature }, payloadBytes),
    address: slotAddress(crypto, CLASS_UPDATABLE, keys.publicKey, unsigned.slotId),
  };
}

/** Slots of one key that lie near a place: who has the key may try as many ids as it likes. */
function strangerSlotsNear(author: number, place: number, within: number, count: number): MadeRecord[] {
  const keys = crypto.keyPairFromSeed(crypto.hash('stranger', Uint8Array.of(author & 255, author >> 8)));
  const near: MadeRecord[] = [];
  for (let index = 0; near.length < count; index += 1) {
    const id = crypto.hash('stranger slot', Uint8Array.of(index & 255, index >> 8));
    const at = locationOf(slotAddress(crypto, CLASS_UPDATABLE, keys.publicKey, id));
    if (distance(at, place) < within) near.push(strangerSlot(author, index));
  }
  return near;
}

interface Scene {
  readonly mesh: Mesh;
  readonly attackers: readonly MeshNode[];
  readonly honest: readonly MeshNode[];
  readonly slots: readonly MadeRecord[];
  readonly blocks: readonly MadeRecord[];
}

/** A network of which each node has room for 200 records, and a publication in it that was read by some. */
async function scene(seed: number): Promise<Scene> {
  const mesh = new Mesh({
    seed,
    nodes: 20,
    degree: 8,
    dials: false,
    network: { payloadBytes, stampBits: 4 },
    storeQuotaBytes: QUOTA_BYTES,
  });
  for (const node of mesh.nodes) node.disk = createMemoryBlockStore({ quotaBytes: QUOTA_BYTES });
  const [attackers, honest] = [mesh.nodes.slice(0, ATTACKERS), mesh.nodes.slice(ATTACKERS)];
  const slots = Array.from({ length: SHARES }, (_, index) => strangerSlot(50_000, index));
  const blocks = Array.from({ length: PIECES }, (_, number) => smallBlock(number));
  const made = { mesh, attackers, honest, slots, blocks };
  for (const each of [...slots, ...blocks])
    assert.ok(await insert(mesh, honest[0]!, each), 'the publication is placed');
  // One reader may be served by a cache on its way, which gives way to what is stored: several reach those that keep it.
  for (const reader of honest.slice(0, READERS))
    assert.deepEqual(await found(made, reader), { slots: SHARES, blocks: PIECES });
  return made;
}

async function insert(mesh: Mesh, node: MeshNode, { record }: MadeRecord): Promise<boolean> {
  const operation = mesh.startInsert(node, record);
  await mesh.runWithDisks(60_000, () => node.results.has(operation));
  return node.results.get(operation)?.ok === true;
}

/** How much of the publication a node finds. */
async function found({ mesh, slots, blocks }: Scene, reader: MeshNode): Promise<{ slots: number; blocks: number }> {
  const ask = async (all: readonly MadeRecord[], kind: 1 | 2): Promise<number> => {
    let count = 0;
    for (const { address } of all) {
      const operation = mesh.startRequest(reader, address, kind, true);
      await mesh.runWithDisks(60_000, () => reader.results.has(operation));
      if (reader.results.get(operation)?.ok === true) count += 1;
    }
    return count;
  };
  return { slots: await ask(slots, KIND_SLOT), blocks: await ask(blocks, KIND_CONTENT) };
}

async function requireWithinQuota({ mesh }: Scene): Promise<void> {
  for (const node of mesh.nodes) assert.ok((await node.disk!.stats()).usedBytes <= QUOTA_BYTES);
  assertBounded(...mesh.nodes);
}

test('publications of nobody’s by the hundred, from many keys, leave the one that was there before', async () => {
  const made = await scene(401);
  const { mesh, attackers, honest } = made;
  const underpaid = watch(mesh, 'underpaid');
  // 120 publications of 30 records, four copies each: 14,400 where there is room for 4,000.
  for (let number = 0; number < 120; number += 1) {
    const attacker = attackers[number % ATTACKERS]!;
    const records = [
      ...Array.from({ length: SHARES }, (_, index) => strangerSlot(number, index)),
      ...Array.from({ length: PIECES }, (_, index) => smallBlock(1_000 + number * PIECES + index)),
    ];
    const operations = records.map(({ record }) => mesh.startInsert(attacker, record));
    await mesh.runWithDisks(60_000, () => operations.every((operation) => attacker.results.has(operation)));
  }
  assert.ok(underpaid.length > 100, `work was asked for ${underpaid.length} times`);
  await requireWithinQuota(made);
  for (const reader of honest.slice(READERS)) {
    const seen = await found(made, reader);
    assert.ok(seen.slots >= SHARES - 1 && seen.blocks >= PIECES - 2, JSON.stringify(seen));
  }
});

test('records made to lie where its shares lie push none of them out', async () => {
  const made = await scene(402);
  const { mesh, attackers, honest, slots } = made;
  const targets = slots.slice(0, 4).map(({ address }) => locationOf(address));
  const held = async (): Promise<number> => {
    let count = 0;
    for (const { address } of slots.slice(0, 4))
      for (const node of mesh.nodes) if (await node.disk!.has(address)) count += 1;
    return count;
  };
  const before = await held();
  const ids = new Set<string>();
  for (const [which, place] of targets.entries()) {
    const records = [
      ...strangerSlotsNear(60_000 + which, place, 0.01, 150),
      ...blocksNear(place, 0.01, 150, 100_000 * (which + 1)),
    ];
    for (const { address } of records) ids.add(toHex(address));
    for (const [at, each] of records.entries()) await insert(mesh, attackers[at % ATTACKERS]!, each);
  }
  assert.equal(ids.size, 1_200);
  await requireWithinQuota(made);
  for (const reader of honest.slice(READERS)) {
    const seen = await found(made, reader);
    assert.ok(seen.slots >= SHARES - 1 && seen.blocks >= PIECES - 2, JSON.stringify(seen));
  }
  assert.ok((await held()) >= before / 2, 'of the copies too few are left');
});
