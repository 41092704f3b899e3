/** Garbage that is valid: what is signed and stamped as it should be, and is inserted only to fill the network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../../../src-main/core/effects.ts';
import {
  LEAST_BUDGET_BYTES,
  MAX_GARBAGE_OF_LINK,
  MAX_STAMP_BITS,
  OWN_SUCCESSORS,
} from '../../../src-main/core/limits.ts';
import { Neighbour } from '../../../src-main/core/links/neighbour.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { InsertBudgets } from '../../../src-main/core/routing/budgets.ts';
import { Toll } from '../../../src-main/core/routing/toll.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { stampBits } from '../../../src-main/core/wire/stamp-bits.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import type { MadeRecord } from '../../support/mesh-records.ts';
import { blocksFor, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const payloadBytes = SMALL_PAYLOAD_BYTES;
const STAMP_BITS = 4;
const network = { payloadBytes, stampBits: STAMP_BITS };
/** A record and what the stores here count beside it (src-main/storage/quotas.ts). */
const ENTRY_BYTES = 1 + payloadBytes + 2_560;

/** An insert of a neighbour's, stamped as the network asks, or as `bits` says. */
function insertOf(made: MadeRecord, bits = STAMP_BITS): Extract<RouteMessage, { type: 'insert' }> {
  const id = crypto.hash('id of insert', made.address).slice(0, 16);
  return { type: 'insert', id, priority: 1, htl: 5, stamp: stampFor(made, bits), record: made.record };
}

/** A stamp of less than `bits`. */
function poorStamp(number: number, bits: number): Uint8Array {
  const { address } = smallBlock(number);
  for (let guess = 0; ; guess += 1) {
    const stamp = Uint8Array.of(0, 0, 0, 0, 0, 0, guess >> 8, guess & 255);
    if (stampBits(crypto, address, stamp) < bits) return stamp;
  }
}

/** Puppets that store whatever they are asked to. */
function obey(puppets: readonly MeshNode[]): void {
  script(puppets, (message, from, puppet) => {
    if (message.type === 'replicate' || message.type === 'insert')
      puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  });
}

test('a flood of valid inserts from one link pushes nothing out that was asked for', async () => {
  const quotaBytes = 100 * ENTRY_BYTES;
  const mesh = new Mesh({ seed: 61, nodes: 2, degree: 0, dials: false, network });
  const [subject, attacker] = [mesh.nodes[0]!, mesh.nodes[1]!];
  attacker.onRoute = () => undefined;
  mesh.connect(attacker, subject);
  mesh.run(500);
  subject.disk = createMemoryBlockStore({ quotaBytes });
  const blocks = blocksFor(mesh, subject, 560);
  const insert = async (made: MadeRecord): Promise<void> => {
    attacker.say(subject, insertOf(made));
    await mesh.runWithDisks(50);
  };
  const read = blocks.slice(0, 60);
  for (const made of read) await insert(made);
  for (const { address } of read) {
    const id = crypto.hash('id of request', address).slice(0, 16);
    attacker.say(subject, { type: 'request', id, kind: 1, priority: 0, htl: 5, address });
    await mesh.runWithDisks(50);
  }
  for (const made of blocks.slice(60)) await insert(made);
  const stats = await subject.disk.stats();
  assert.ok(stats.usedBytes <= quotaBytes);
  assert.ok(stats.storeBlocks > 90, 'the flood was not stored at all');
  for (const { address } of read) assert.ok(await subject.disk.has(address), 'one that was read was pushed out');
  assertBounded(subject);
});

test('a neighbour may bring half of the store in a day, or one large publication', () => {
  const context: NodeContext = {
    crypto,
    random: seededRandom(1),
    emit: () => undefined,
    now: () => 0,
    wallMs: () => 0,
    nextEffect: () => 1,
  };
  const neighbour = (number: number): Neighbour =>
    new Neighbour({ link: number, publicKey: new Uint8Array(32).fill(number), initiator: false }, 0, false, false);
  for (const quotaBytes of [1e9, 40e9]) {
    const toll = new Toll(context, networkParameters('practice-toll'), () => quotaBytes);
    const budgetBytes = Math.max(quotaBytes / 2, LEAST_BUDGET_BYTES);
    assert.equal(toll.spend(neighbour(1), budgetBytes), true);
    assert.equal(toll.spend(neighbour(1), 1), false);
    assert.equal(toll.spend(neighbour(2), budgetBytes), true);
    assert.equal(toll.peers, 2);
  }
});

test('who has spent its budget is told full, by whichever way it inserts; the others are served', (t) => {
  const { mesh, subject, puppets } = star({ seed: 62, puppets: 4, network });
  // The least that a neighbour may bring is more than a test brings: here it is a hundred records.
  const budgets = new InsertBudgets(() => 100 * (1 + payloadBytes));
  t.mock.method(Toll.prototype, 'spend', (from: Neighbour, bytes: number) =>
    budgets.spend(from.key, bytes, mesh.nowMs),
  );
  obey(puppets);
  const [attacker, honest] = [puppets[0]!, puppets[1]!];
  const answers = watch(mesh, 'stored', 'full');
  const of = (to: MeshNode, type: string): number =>
    answers.filter((passed) => passed.from === subject && passed.to === to && passed.message.type === type).length;
  const blocks = blocksFor(mesh, subject, 160);
  const flood = (made: readonly MadeRecord[]): void => {
    for (const each of made) {
      attacker.say(subject, insertOf(each));
      mesh.run(100);
    }
  };
  flood(blocks.slice(0, 150));
  assert.equal(of(attacker, 'stored'), 100);
  assert.equal(of(attacker, 'full'), 50);
  assert.equal(subject.store.size, 100);
  // Hanging up does not help: the budget is the key's.
  mesh.cut(attacker, attacker.linkTo(subject)!);
  mesh.run(1_000);
  mesh.connect(attacker, subject);
  mesh.run(1_000);
  flood([blocks[150]!]);
  honest.say(subject, insertOf(blocks[151]!));
  mesh.run(1_000);
  assert.equal(of(attacker, 'full'), 51);
  assert.equal(of(honest, 'stored'), 1);
  // What others ask it to keep as a copy is paid by the same budget, and what it would only pass on by the stem.
  const copy = insertOf(blocks[152]!);
  attacker.say(subject, { type: 'replicate', id: copy.id, stamp: copy.stamp, record: copy.record });
  const stem = insertOf(blocks[153]!);
  attacker.say(subject, { type: 'stemInsert', id: stem.id, priority: 1, stamp: stem.stamp, record: stem.record });
  mesh.run(1_000);
  assert.equal(of(attacker, 'full'), 53);
  assertBounded(subject);
  // In an hour a twenty-fourth of it comes back: four of a hundred.
  mesh.run(60 * 60_000);
  flood(blocks.slice(154, 160));
  assert.equal(of(attacker, 'stored'), 104);
});

test('work rises while a flood is stored: who does not do it is told how much, and stores nothing more', () => {
  const storeQuotaBytes = 2_000 * (1 + payloadBytes);
  const { mesh, subject, puppets } = star({ seed: 63, puppets: 4, network, storeQuotaBytes });
  obey(puppets);
  const answers = watch(mesh, 'stored', 'underpaid');
  // As much as fills the quota in a day would be 1.4 a minute; this is 600.
  const blocks = blocksFor(mesh, subject, 401);
  for (let number = 0; number < 400; number += 1) {
    puppets[number % 4]!.say(subject, insertOf(blocks[number]!));
    mesh.run(100);
  }
  mesh.run(1_000);
  const refusals = answers.flatMap(({ from, message }) =>
    from === subject && message.type === 'underpaid' ? [message.bits] : [],
  );
  assert.ok(refusals.length > 100, `${refusals.length} of 400 were refused`);
  assert.equal(subject.store.size, 400 - refusals.length);
  assert.equal(subject.core.statistics.underpaid, refusals.length);
  for (const bits of refusals) assert.ok(bits > STAMP_BITS && bits <= MAX_STAMP_BITS);
  // None of that is an offence.
  assert.equal(subject.core.statistics.garbage, 0);
  const before = subject.store.size;
  puppets[0]!.say(subject, insertOf(blocks[400]!, refusals.at(-1)!));
  mesh.run(1_000);
  assert.equal(subject.store.size, before + 1);
});

test('an insert without the stamp of the network is garbage, whichever way it comes, and the third is the last', () => {
  const kinds = ['insert', 'stemInsert', 'replicate'] as const;
  for (const type of kinds) {
    const { mesh, subject, puppets } = star({ seed: 64, puppets: 4, network });
    obey(puppets);
    const attacker = puppets[0]!;
    for (let number = 0; number < MAX_GARBAGE_OF_LINK; number += 1) {
      const { record } = smallBlock(number);
      const common = { id: new Uint8Array(16).fill(number), stamp: poorStamp(number, STAMP_BITS), record };
      if (type === 'replicate') attacker.say(subject, { type, ...common });
      else if (type === 'stemInsert') attacker.say(subject, { type, priority: 1, ...common });
      else attacker.say(subject, { type, priority: 1, htl: 5, ...common });
      mesh.run(200);
      assert.equal(subject.core.statistics.garbage, number + 1, type);
    }
    assert.equal(subject.store.size, 0);
    assert.equal(subject.core.tableSizes().walks, 0);
    assert.equal(subject.linkTo(attacker), undefined);
  }
});

/** A sink that asks for `demand(stamp bits shown)` bits, until that is undefined and it stores. */
function insertAtSink(seed: number, demand: (shown: number) => number | undefined) {
  const { mesh, subject, puppets } = star({ seed, puppets: 4, network });
  const shown: number[] = [];
  const told = new Set<MeshNode>();
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'stemInsert') return;
    const bits = stampBits(crypto, smallBlock(1).address, message.stamp);
    shown.push(bits);
    told.add(puppet);
    const asked = demand(bits);
    if (asked === undefined) puppet.say(from, { type: 'stored', id: message.id, hops: 1, copies: 4 });
    else puppet.say(from, { type: 'underpaid', id: message.id, bits: asked });
  });
  const result = mesh.insert(subject, smallBlock(1).record);
  return { result, shown, told, subject };
}

test('the origin does the work that is asked for, and its insert gets there', () => {
  const { result, shown } = insertAtSink(65, (bits) => (bits < 11 ? 11 : undefined));
  assert.equal(result.ok, true);
  assert.equal(shown.length, 2);
  assert.ok(shown[1]! >= 11);
});

test('who asks for more every time, or for the same again, is given up; the origin does no more than the most there is', () => {
  // One bit more each time, to where it gets costly: the origin goes along, and a bound of the protocol ends it.
  const rising = insertAtSink(66, (bits) => (bits < 14 ? bits + 1 : undefined));
  assert.equal(rising.result.ok, true);
  assert.ok(rising.shown.length <= MAX_STAMP_BITS);
  const same = insertAtSink(67, () => 6);
  assert.equal(same.result.ok, false);
  assert.equal(!same.result.ok && same.result.code, 'full');
  assert.ok(same.shown.length <= 4, `${same.shown.length} stamps`);
  assert.equal(same.told.size, OWN_SUCCESSORS, 'another successor was not tried');
});

test('an absurd demand is garbage of who makes it, and is not met', () => {
  const { mesh, subject, puppets } = star({ seed: 68, puppets: 4, network });
  const stamps = new Set<string>();
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'stemInsert') return;
    stamps.add(toHex(message.stamp));
    // type, id, bits: beyond what the codec would write.
    const bytes = Uint8Array.of(12, ...message.id, MAX_STAMP_BITS + 1);
    puppet.send(puppet.linkTo(from)!, 'route', bytes);
  });

  const operation = mesh.startInsert(subject, smallBlock(1).record);
  mesh.run(60_000, () => subject.results.has(operation));
  assert.equal(subject.results.get(operation)?.ok, false);
  assert.ok(subject.core.statistics.garbage >= 2);
  assert.equal(stamps.size, 1, 'more work was done');
});

test('a flood of more than a network holds, from one node, leaves what people read', async () => {
  const mesh = new Mesh({ seed: 69, nodes: 16, degree: 8, dials: false, network });
  for (const node of mesh.nodes) node.disk = createMemoryBlockStore({ quotaBytes: 40 * ENTRY_BYTES });
  const [attacker, publisher, ...others] = mesh.nodes as [MeshNode, MeshNode, ...MeshNode[]];
  // One reader may be served by a cache on its way, which gives way to what is stored: several reach those that keep it.
  const readers = others.slice(0, 6);
  const insert = async (node: MeshNode, made: MadeRecord): Promise<boolean> => {
    const operation = mesh.startInsert(node, made.record);
    await mesh.runWithDisks(60_000, () => node.results.has(operation));
    return node.results.get(operation)?.ok === true;
  };
  const read = async (made: MadeRecord): Promise<boolean> => {
    const operations = readers.map((reader) => mesh.startRequest(reader, made.address, 1, true));
    const results = (): readonly (boolean | undefined)[] =>
      operations.map((operation, index) => readers[index]!.results.get(operation)?.ok);
    await mesh.runWithDisks(60_000, () => !results().includes(undefined));
    return results().every((isOk) => isOk === true);
  };
  const published = Array.from({ length: 10 }, (_, number) => smallBlock(number));
  for (const made of published) assert.ok(await insert(publisher, made));
  for (const made of published) assert.ok(await read(made));
  // Four copies each: 1,600 where there is room for 640.
  for (let number = 1_000; number < 1_400; number += 1) await insert(attacker, smallBlock(number));
  for (const made of published) assert.ok(await read(made), 'what was read is gone');
  assertBounded(...mesh.nodes);
});
