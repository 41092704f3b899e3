/** Who says that it keeps a copy has to prove it; who has one already is not given another; a restarted node still looks after its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import {
  CHECK_ROUND_MS,
  COPIES,
  DISTRUST_MS,
  HANDOVER_DELAY_MS,
  HANDOVER_RETRY_MS,
  MAX_CHECKED,
} from '../../../src-main/core/limits.ts';
import { heldProof, isNotHeld } from '../../../src-main/core/routing/holdings.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksFor, holders, slot, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import type { MadeRecord } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };
const idOf = (number: number): Uint8Array => new Uint8Array(16).fill(number);

/** All store what they are asked to. */
function storing(puppets: readonly MeshNode[]): void {
  script(puppets, (message, from, puppet) => {
    if (message.type === 'replicate') puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  });
}

function insertAt(mesh: Mesh, sender: MeshNode, sink: MeshNode, made: MadeRecord, number: number): void {
  const { record } = made;
  sender.say(sink, { type: 'insert', id: idOf(number), priority: 1, htl: 5, stamp: stampFor(made, 4), record });
  mesh.run(500);
}

test('a check is answered with proofs of what is kept, and of nothing that only passed by', () => {
  const { mesh, subject, puppets } = star({ seed: 200, puppets: 4, network });
  storing(puppets);
  const [kept] = blocksFor(mesh, subject, 1) as [MadeRecord];
  insertAt(mesh, puppets[0]!, subject, kept, 1);
  const cached = smallBlock(9_000);
  subject.store.set(toHex(cached.address), { ...cached, kind: 'content', place: 'cache' });
  const answers = watch(mesh, 'checked');
  const addresses = [cached.address, kept.address, smallBlock(9_001).address];
  puppets[1]!.say(subject, { type: 'check', id: idOf(2), addresses });
  mesh.run(1_000);
  const answer = answers.find(({ id }) => id === toHex(idOf(2)))!;
  const [ofCached, ofKept, ofNone] = answer.message.proofs as [Uint8Array, Uint8Array, Uint8Array];
  assert.ok(isNotHeld(ofCached) && isNotHeld(ofNone));
  assert.deepEqual(ofKept, Uint8Array.from(heldProof(crypto, idOf(2), subject.publicKey, kept.record)));
  // Neither another node's answer nor one to another question will do.
  assert.notDeepEqual(ofKept, Uint8Array.from(heldProof(crypto, idOf(2), puppets[1]!.publicKey, kept.record)));
  assert.notDeepEqual(ofKept, Uint8Array.from(heldProof(crypto, idOf(3), subject.publicKey, kept.record)));
});

test('a neighbour that asks about more than is read at once is told to wait, and the others are answered', () => {
  const { mesh, subject, puppets } = star({ seed: 201, puppets: 2, network });
  const refusals = watch(mesh, 'overload');
  const answers = watch(mesh, 'checked');
  const addresses = Array.from({ length: MAX_CHECKED }, (_, number) => smallBlock(number).address);
  for (let number = 0; number < 100; number += 1)
    puppets[0]!.say(subject, { type: 'check', id: idOf(number), addresses });
  mesh.run(5_000);
  assert.equal(refusals.length + answers.length, 100);
  puppets[1]!.say(subject, { type: 'check', id: idOf(200), addresses });
  mesh.run(1_000);
  assert.ok(answers.some(({ id }) => id === toHex(idOf(200))));
  assertBounded(subject);
});

for (const isSink of [true, false]) {
  test(`a neighbour that said stored and has nothing, ${isSink ? 'asked by the sink' : 'the sink itself'}, is found out, and another has the copy`, () => {
    const { mesh, subject, puppets } = star({ seed: 202, puppets: 6, network });
    storing(puppets);
    mesh.run(2 * HANDOVER_DELAY_MS);
    const [made] = blocksFor(mesh, isSink ? subject : puppets[5]!, 1) as [MadeRecord];
    const away = (node: MeshNode): number => distance(node.location, locationOf(made.address));
    const byDistance = puppets.toSorted((a, b) => away(a) - away(b));
    const liar = byDistance[0]!;
    liar.hasWhatItSaid = false;
    const asked = new Set<MeshNode>();
    const given = watch(mesh, 'replicate');
    const sender = byDistance.at(-1)!;
    if (isSink) {
      insertAt(mesh, sender, subject, made, 1);
    } else {
      // The liar is the sink, and has this node store a copy; this one relies on it.
      liar.say(subject, { type: 'replicate', id: idOf(1), stamp: stampFor(made, 4), record: made.record });
    }
    mesh.run(CHECK_ROUND_MS + 2 * HANDOVER_DELAY_MS);
    for (const { from, to } of given) if (from === subject && to !== liar) asked.add(to);
    // Who is the nearest makes all copies, else the nearest of those that can be believed gets it.
    if (isSink) assert.ok(asked.size >= COPIES - 1, `${asked.size} honest nodes have it`);
    else assert.ok(asked.has(byDistance[1]!), 'the nearest honest node has nothing');
    assert.ok(subject.core.tableSizes()['distrusted']! > 0);
    // It is not given it again and again: at most each time that it is believed anew.
    const before = given.filter(({ to }) => to === liar).length;
    mesh.run(DISTRUST_MS - CHECK_ROUND_MS - 2 * HANDOVER_DELAY_MS);
    assert.equal(given.filter(({ to }) => to === liar).length, before);
    assertBounded(subject);
  });
}

test('who has it already is asked and not given it: nothing but the questions moves', () => {
  const { mesh, subject, puppets } = star({ seed: 203, puppets: 6, network });
  storing(puppets);
  const made = blocksFor(mesh, subject, 40);
  // Each has a copy, which the subject does not know of.
  for (const [number, each] of made.entries()) {
    for (const puppet of puppets) {
      const id = crypto.hash('one', Uint8Array.of(number), puppet.publicKey).slice(0, 16);
      subject.say(puppet, { type: 'replicate', id, stamp: stampFor(each, 4), record: each.record });
    }
  }
  mesh.run(1_000);
  const given = watch(mesh, 'replicate');
  const questions = watch(mesh, 'check');
  for (const each of made) subject.store.set(toHex(each.address), { ...each, kind: 'content', place: 'store' });
  subject.handle({
    type: 'kept',
    addresses: made.map((each) => ({ address: each.address, stamp: stampFor(each, 4) })),
  });
  mesh.run(2 * HANDOVER_DELAY_MS);
  assert.equal(given.length, 0);
  assert.ok(questions.length > 0 && questions.length <= puppets.length * Math.ceil(made.length / MAX_CHECKED) * 2);
});

test('a node that is not the nearest gives its copy to the nearest alone, which makes the others', () => {
  const { mesh, subject, puppets } = star({ seed: 204, puppets: 6, network });
  storing(puppets);
  mesh.run(2 * HANDOVER_DELAY_MS);
  const away = (node: MeshNode, { address }: MadeRecord): number => distance(node.location, locationOf(address));
  const made = Array.from({ length: 200 }, (_, number) => smallBlock(number)).find(
    (each) => puppets.filter((puppet) => away(puppet, each) < away(subject, each)).length >= COPIES,
  )!;
  const byDistance = puppets.toSorted((a, b) => away(a, made) - away(b, made));
  const [nearest, far] = [byDistance[0]!, byDistance.at(-1)!];
  const given = watch(mesh, 'replicate');
  far.say(subject, { type: 'replicate', id: idOf(1), stamp: stampFor(made, 4), record: made.record });
  mesh.run(2 * HANDOVER_DELAY_MS);
  const got = given.filter(({ from }) => from === subject).map(({ to }) => to);
  assert.deepEqual(got, [nearest]);
});

test('a restarted node hands over what its store keeps since before', () => {
  const { mesh, subject, puppets } = star({ seed: 205, puppets: 5, network });
  storing(puppets);
  mesh.run(2 * HANDOVER_DELAY_MS);
  const made = blocksFor(mesh, puppets[2]!, 12);
  const given = watch(mesh, 'replicate');
  for (const each of made)
    subject.store.set(toHex(each.address), { ...each, kind: 'content', place: 'store', stamp: stampFor(each, 4) });
  subject.handle({
    type: 'kept',
    addresses: made.map((each) => ({ address: each.address, stamp: stampFor(each, 4) })),
  });
  mesh.run(HANDOVER_RETRY_MS + 2 * HANDOVER_DELAY_MS);
  assert.equal(given.filter(({ to }) => to === puppets[2]).length, made.length);
});

test('who gives an older version of a slot gets the newer one back, once', () => {
  const mesh = new Mesh({ seed: 206, nodes: 12, degree: 6, network });
  mesh.run(120_000);
  const [older, newer] = [1, 2].map((counter) => slot(counter, { payloadBytes: SMALL_PAYLOAD_BYTES })) as [
    MadeRecord,
    MadeRecord,
  ];
  assert.ok(mesh.insert(mesh.nodes[0]!, newer.record).ok);
  const keeper = holders(mesh, newer.address)[0]!;
  const returned = watch(mesh, 'replicate');
  const other = [...keeper.ends.values()]
    .map(({ peer }) => peer)
    .find((peer) => !peer.store.has(toHex(newer.address)))!;
  assert.notEqual(other, undefined);
  other.say(keeper, { type: 'replicate', id: idOf(1), stamp: stampFor(older, 4), record: older.record });
  mesh.run(5_000);
  assert.equal(returned.filter(({ from, to }) => from === keeper && to === other).length, 1);
  assert.deepEqual(other.store.get(toHex(newer.address))?.record, newer.record);
});
