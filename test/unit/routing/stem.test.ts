/** The stem: who publishes much gives no more away than who publishes little, and a stem's hops tell and keep nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { KIND_SLOT, verifyRecord } from '../../../src-main/core/wire/record.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { SMALL_PAYLOAD_BYTES, slot, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';
import type { Passed } from '../../support/mesh-star.ts';

const payloadBytes = SMALL_PAYLOAD_BYTES;

function addressOf(record: Uint8Array): string {
  const verified = verifyRecord(crypto, record, undefined, payloadBytes);
  assert.ok(verified.ok);
  return toHex(verified.value.address);
}

/** Ten minutes, so that a test may see several; in the program it is months. */
const stemEpochMs = 600_000;

function nextEpoch(mesh: Mesh): void {
  mesh.run(stemEpochMs + 1);
}

function stemRequest(id: number, address: Uint8Array): RouteMessage {
  const bytes = new Uint8Array(16).fill(id & 255);
  bytes[0] = id >> 8;
  return { type: 'stemRequest', id: bytes, kind: 1, priority: 0, address };
}

test('300 blocks of one epoch go by one successor; the other neighbours see of them no more than of what is relayed', () => {
  const mesh = new Mesh({
    seed: 31,
    nodes: 30,
    degree: 10,
    dials: false,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 4 },
  });
  const [publisher, other] = [mesh.nodes[0]!, mesh.nodes[15]!];
  mesh.insert(publisher, smallBlock(9_999).record);
  mesh.insert(other, smallBlock(9_998).record);
  nextEpoch(mesh);
  const sent = watch(mesh, 'stemInsert', 'insert');
  const publish = (node: MeshNode, first: number): Set<string> => {
    const addresses = new Set<string>();
    for (let number = first; number < first + 300; number += 1) {
      const { record, address } = smallBlock(number);
      assert.ok(mesh.insert(node, record).ok);
      addresses.add(toHex(address));
    }
    return addresses;
  };
  const own = publish(publisher, 0);
  const relayed = publish(other, 1_000);

  const fromPublisher = sent.filter(({ from }) => from === publisher);
  const stems = fromPublisher.filter(
    ({ message }) => message.type === 'stemInsert' && own.has(addressOf(message.record)),
  );
  const successors = new Set(stems.map(({ to }) => to));
  assert.equal(successors.size, 1);
  assert.equal(stems.length, 300);
  const [successor] = [...successors];

  /** Of 300 blocks, how many a neighbour that counts by link got from the publisher. */
  const seenBy = (neighbour: MeshNode, of: ReadonlySet<string>): number =>
    new Set(
      fromPublisher
        .filter(({ to }) => to === neighbour)
        .map(({ message }) => addressOf(message.record))
        .filter((address) => of.has(address)),
    ).size;
  const rest = mesh.nodes.filter((node) => node !== successor && node.linkTo(publisher) !== undefined);
  assert.ok(rest.length >= 8);
  const mostOf = (of: ReadonlySet<string>): number => Math.max(...rest.map((neighbour) => seenBy(neighbour, of)));
  assert.ok(mostOf(own) <= Math.max(15, 1.5 * mostOf(relayed)), `${mostOf(own)} own, ${mostOf(relayed)} relayed`);
  assertBounded(...mesh.nodes);
});

test('the successor cannot tell own messages from relayed ones: no hop count, and an id of its own on every link', () => {
  const mesh = new Mesh({
    seed: 32,
    nodes: 24,
    degree: 8,
    dials: false,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 4, maxHtl: 7 },
  });
  const stems = watch(mesh, 'stemInsert');
  const greedy = watch(mesh, 'insert');
  for (let number = 0; number < 120; number += 1)
    assert.ok(mesh.insert(mesh.nodes[number % 24]!, smallBlock(number).record).ok);
  // Every message on a stem has the same fields, and so the same length, whether it is the first of its stem or not.
  const begun = new Set<string>();
  const shapes = { own: new Set<string>(), relayed: new Set<string>() };
  for (const { message } of stems) {
    const address = addressOf(message.record);
    const shape = `${Object.keys(message).toSorted().join()} ${message.priority}`;
    (begun.has(address) ? shapes.relayed : shapes.own).add(shape);
    begun.add(address);
  }
  assert.equal(begun.size, 120);
  assert.equal(shapes.own.size, 1);
  assert.deepEqual(shapes.relayed, shapes.own);
  const ids = stems.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'an id on two links');
  // Where the stem ended: one new id for all the greedy way, and HTL from the top.
  const greedyIds = new Map<string, Passed<'insert'>[]>();
  for (const passed of greedy) {
    const address = addressOf(passed.message.record);
    greedyIds.set(address, [...(greedyIds.get(address) ?? []), passed]);
  }
  assert.ok(greedyIds.size > 60);
  const stemIds = new Set(ids);
  for (const passed of greedyIds.values()) {
    assert.equal(new Set(passed.map(({ id }) => id)).size, 1);
    assert.ok(!stemIds.has(passed[0]!.id));
    assert.equal(passed[0]!.message.htl, 7);
  }
});

test('a new epoch may have another successor, and only a new epoch', () => {
  const { mesh, subject, puppets } = star({ seed: 33, puppets: 8, network: { payloadBytes, stemEpochMs } });
  const sent = watch(mesh, 'stemRequest');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest') puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  const successors = new Set<MeshNode>();
  for (let epoch = 0; epoch < 20; epoch += 1) {
    nextEpoch(mesh);
    sent.length = 0;
    for (let number = 0; number < 10; number += 1) mesh.request(subject, smallBlock(epoch * 10 + number).address);
    assert.equal(sent.length, 10);
    const ofEpoch = new Set(sent.map(({ to }) => to));
    assert.equal(ofEpoch.size, 1);
    successors.add([...ofEpoch][0]!);
  }
  assert.ok(successors.size >= 5, `${successors.size} of 8`);
});

test('in one epoch the stems of one link all end here, or all go on to one neighbour', () => {
  const { mesh, subject, puppets } = star({
    seed: 34,
    puppets: 8,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 4 },
  });
  const sent = watch(mesh, 'stemRequest', 'request');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest' || message.type === 'request')
      puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  const outcomes = { ended: 0, relayed: 0 };
  let mixed = 0;
  const successorsOfFirst = new Set<MeshNode>();
  for (let epoch = 0; epoch < 60; epoch += 1) {
    nextEpoch(mesh);
    sent.length = 0;
    const types = new Set<string>();
    for (const [index, puppet] of puppets.entries()) {
      const before = sent.length;
      for (let number = 0; number < 3; number += 1) {
        const serial = epoch * 100 + index * 10 + number;
        puppet.say(subject, stemRequest(serial, smallBlock(serial).address));
        mesh.run(200);
      }
      const passed = sent.slice(before).filter(({ from }) => from === subject);
      // Where a stem ends, 'not found' is asked once more by another neighbour, under the same id.
      assert.equal(new Set(passed.map(({ id }) => id)).size, 3);
      for (const { message, to } of passed) {
        types.add(message.type);
        assert.notEqual(to, puppet);
        if (message.type === 'request') assert.ok(message.htl === 10 || message.htl === 5);
      }
      assert.equal(new Set(passed.map(({ message }) => message.type)).size, 1, 'some ended and some went on');
      outcomes[passed[0]!.message.type === 'request' ? 'ended' : 'relayed'] += 1;
      if (passed[0]!.message.type === 'request') continue;
      assert.equal(new Set(passed.map(({ to }) => to)).size, 1);
      if (index === 0) successorsOfFirst.add(passed[0]!.to);
    }
    mixed += types.size - 1;
  }
  // One in four of 480 links, within four standard deviations; a link that ends tells nothing of the others.
  assert.equal(outcomes.ended + outcomes.relayed, 480);
  assert.ok(outcomes.ended >= 82 && outcomes.ended <= 158, `${outcomes.ended} of 480 links`);
  assert.ok(mixed >= 30, `${mixed} of 60 epochs had both`);
  assert.ok(successorsOfFirst.size >= 4);
});

test('the first hop of an own message is another node, even of what this node is nearest to and in an epoch of ends', () => {
  const mesh = new Mesh({
    seed: 35,
    nodes: 16,
    degree: 6,
    dials: false,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 1 },
  });
  for (let number = 0; number < 40; number += 1) {
    const { record, address } = smallBlock(number);
    const target = locationOf(address);
    const nearest = mesh.nodes.toSorted((a, b) => distance(a.location, target) - distance(b.location, target))[0]!;
    const sent = watch(mesh, 'insert', 'stemInsert', 'request', 'stemRequest', 'replicate');
    assert.ok(mesh.insert(nearest, record).ok);
    assert.equal(sent[0]!.from, nearest);
    assert.equal(sent[0]!.message.type, 'stemInsert');
    mesh.run(2_000);
    sent.length = 0;
    assert.ok(mesh.request(nearest, address, 1, true).ok);
    assert.equal(sent[0]!.from, nearest);
    assert.equal(sent[0]!.message.type, 'stemRequest');
    mesh.watchers.length = 0;
  }
});

test('a hop of a stem writes nothing and caches nothing, and no offer crosses it', () => {
  const { mesh, subject, puppets } = star({
    seed: 36,
    puppets: 6,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 1e9 },
  });
  const offer = { publicKey: new Uint8Array(32).fill(5), host: '198.51.100.7', port: 4_000 };
  const made = [smallBlock(1), slot(1, { payloadBytes })];
  const answers = watch(mesh, 'found', 'stored');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest') {
      const { record } = made.find(({ address }) => toHex(address) === toHex(message.address))!;
      puppet.say(from, { type: 'found', age: 0, id: message.id, hops: 3, record, offer });
    }
    if (message.type === 'stemInsert') puppet.say(from, { type: 'stored', id: message.id, hops: 3, copies: 4, offer });
  });
  const dials = subject.core.statistics.dials;
  for (const [index, { record, address }] of made.entries()) {
    const id = new Uint8Array(16).fill(index);
    const kind = index === 0 ? 1 : KIND_SLOT;
    puppets[0]!.say(subject, { type: 'stemRequest', id, kind, priority: 0, address });
    const stamp = stampFor({ record, address }, 4);
    puppets[1]!.say(subject, { type: 'stemInsert', id: id.map((byte) => byte + 9), priority: 1, stamp, record });
  }
  mesh.run(5_000);
  const passedOn = answers.filter(({ from }) => from === subject);
  assert.equal(passedOn.length, 4);
  for (const { message } of passedOn) assert.equal(message.offer, undefined);
  assert.equal(subject.store.size, 0);
  assert.equal(subject.core.tableSizes().cachedSlots, 0);
  assert.equal(subject.core.tableSizes().kept, 0);
  assert.equal(subject.core.statistics.dials, dials);
});

test('where the stem ended, the offer of a neighbour stops; on the greedy way it goes on', () => {
  const { mesh, subject, puppets } = star({
    seed: 37,
    puppets: 6,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 1 },
  });
  const offer = { publicKey: new Uint8Array(32).fill(5), host: '198.51.100.7', port: 4_000 };
  const answers = watch(mesh, 'found');
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'request') return;
    const found = Array.from({ length: 40 }, (_, number) => smallBlock(number));
    const { record } = found.find(({ address }) => toHex(address) === toHex(message.address))!;
    puppet.say(from, { type: 'found', age: 0, id: message.id, hops: 0, record, offer });
  });
  for (let number = 0; number < 40; number += 1) {
    const { address } = smallBlock(number);
    const id = new Uint8Array(16).fill(number + 1);
    if (number % 2 === 0) puppets[0]!.say(subject, { type: 'stemRequest', id, kind: 1, priority: 0, address });
    else puppets[0]!.say(subject, { type: 'request', id, kind: 1, priority: 0, htl: 9, address });
    mesh.run(1_000);
  }
  const back = answers.filter(({ from }) => from === subject);
  assert.equal(back.length, 40);
  const offered = back.filter(({ message }) => message.offer !== undefined);
  for (const { id } of offered) assert.equal(Number.parseInt(id.slice(0, 2), 16) % 2, 0, 'an offer went into the stem');
  assert.ok(offered.length > 0);
});

test('a stem that comes back to a hop of it ends there', () => {
  const { mesh, subject, puppets } = star({
    seed: 38,
    puppets: 6,
    network: { payloadBytes, stemEpochMs, stemEndsOneIn: 1e9 },
  });
  const { address } = smallBlock(1);
  const sent = watch(mesh, 'stemRequest', 'request');
  // Whoever gets the stem hands it back, as a circle of successors would.
  let serial = 100;
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest') puppet.say(from, stemRequest((serial += 1), message.address));
  });
  puppets[0]!.say(subject, stemRequest(1, address));
  mesh.run(1_500);
  const ofSubject = sent.filter(({ from }) => from === subject);
  assert.deepEqual(
    ofSubject.map(({ message }) => message.type),
    ['stemRequest', 'request'],
  );
});
