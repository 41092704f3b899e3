/** Floods: what one link may have under way here, whatever it sends, and how many messages one message can become. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MAX_GARBAGE_OF_LINK,
  MAX_HTL,
  MAX_PENDING_BULK_OF_LINK,
  MAX_PENDING_INTERACTIVE_OF_LINK,
  MAX_PENDING_INSERTS,
  MAX_SEEKS_OF_LINK,
  MAX_TELLINGS,
  MAX_TRIES,
  SEEK_TIMEOUT_MS,
  WALK_DEADLINE_MS,
} from '../../../src-main/core/limits.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import { placeBytes } from '../../../src-main/core/routing/location.ts';
import { encodeLinkMessage } from '../../../src-main/core/wire/link-messages.ts';
import { encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import type { RefusalType, RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { block, blocksFor, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES, stemEndsOneIn: 2 };

function idOf(number: number): Uint8Array {
  return crypto.hash('id', Uint8Array.of(number & 255, number >> 8)).slice(0, 16);
}

function countTo(to: MeshNode, passed: readonly { readonly to: MeshNode }[]): number {
  return passed.filter((each) => each.to === to).length;
}

test('a flood by stems from one link is refused beyond its part, and another link is served meanwhile', () => {
  const { mesh, subject, puppets } = star({ seed: 71, puppets: 16, network: { ...network, stemEndsOneIn: 1 } });
  const [attacker, honest] = [puppets[0]!, puppets[1]!];
  const overloads = watch(mesh, 'overload');
  // Nobody answers, so that what was taken stays.
  for (let number = 0; number < 1_000; number += 1) {
    const { address } = smallBlock(number);
    const priority = number % 2 === 0 ? 0 : 1;
    attacker.say(subject, { type: 'stemRequest', id: idOf(number), kind: 1, priority, address });
  }
  mesh.run(500);
  // More than that fits the windows of the other fifteen.
  const most = MAX_PENDING_BULK_OF_LINK + MAX_PENDING_INTERACTIVE_OF_LINK;
  assert.equal(subject.core.tableSizes().walks, most);
  assert.equal(countTo(attacker, overloads), 1_000 - most);
  assertBounded(subject);
  const found = watch(mesh, 'found');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'stemRequest' || message.type === 'request')
      puppet.say(from, { type: 'found', age: 0, id: message.id, hops: 0, record: smallBlock(5_000).record });
  });
  const { address } = smallBlock(5_000);
  honest.say(subject, { type: 'stemRequest', id: idOf(5_000), kind: 1, priority: 0, address });
  mesh.run(3_000);
  assert.equal(countTo(honest, found), 1);
});

test('a flood of inserts from one link, by the stem or not, holds no more records than its part', () => {
  for (const type of ['insert', 'stemInsert'] as const) {
    const { mesh, subject, puppets } = star({ seed: 72, puppets: 12, network: { ...network, stemEndsOneIn: 1 } });
    for (const [number, made] of blocksFor(mesh, subject, 400).entries()) {
      const common = { id: idOf(number), priority: 1, stamp: stampFor(made, 4), record: made.record } as const;
      puppets[0]!.say(subject, type === 'insert' ? { type, htl: 9, ...common } : { type, ...common });
    }
    // Nobody says that it stored its copy, so that what was taken stays.
    mesh.run(500);
    assert.equal(subject.core.tableSizes().walks, MAX_PENDING_BULK_OF_LINK);
    assert.equal(subject.core.statistics.refused, 400 - MAX_PENDING_BULK_OF_LINK);
    mesh.run(WALK_DEADLINE_MS + 5_000);
    assert.equal(subject.core.tableSizes().walks, 0);
  }
});

test('a flood of copies to be kept takes no more writes than the part of one link: another sink gets its copy', () => {
  const { mesh, subject, puppets } = star({ seed: 73, puppets: 4, network });
  const [attacker, honest] = [puppets[0]!, puppets[1]!];
  const answers = watch(mesh, 'stored', 'overload');
  const replicate = (number: number): RouteMessage => {
    const made = smallBlock(number);
    return { type: 'replicate', id: idOf(number), stamp: stampFor(made, 4), record: made.record };
  };
  // All of it arrives before the first write is done, as it does where the disk is slow.
  const link = subject.linkTo(attacker)!;
  for (let number = 0; number < MAX_PENDING_INSERTS + 100; number += 1)
    subject.handle({ type: 'message', link, channel: 'route', bytes: encodeRouteMessage(replicate(number)) });
  const honestBytes = encodeRouteMessage(replicate(5_000));
  subject.handle({ type: 'message', link: subject.linkTo(honest)!, channel: 'route', bytes: honestBytes });
  mesh.run(1_000);
  const ofAttacker = answers.filter(({ to, message }) => to === attacker && message.type === 'stored').length;
  assert.ok(ofAttacker <= MAX_PENDING_BULK_OF_LINK, `${ofAttacker} writes of one link at once`);
  assert.deepEqual(
    answers.filter(({ to }) => to === honest).map(({ message }) => message.type),
    ['stored'],
  );
});

test('a neighbour may have sixteen seeks under way through here, and each becomes one message', () => {
  const { mesh, subject, puppets } = star({ seed: 74, puppets: 8, network });
  const [attacker, honest] = [puppets[0]!, puppets[1]!];
  // Far from the subject and from the attacker, so that they go on from here, to somebody who says nothing.
  const place = placeBytes(puppets[2]!.location);
  const passed = watch(mesh, 'seek', 'sought');
  const flood = new Set(Array.from({ length: 400 }, (_, number) => toHex(idOf(number))));
  for (let number = 0; number < 400; number += 1)
    attacker.say(subject, { type: 'seek', id: idOf(number), htl: 10, place });
  honest.say(subject, { type: 'seek', id: idOf(1_000), htl: 10, place });
  mesh.run(1_000);
  const ofSubject = passed.filter(({ from, id }) => from === subject && flood.has(id));
  assert.equal(ofSubject.filter(({ message }) => message.type === 'seek').length, MAX_SEEKS_OF_LINK);
  assert.equal(ofSubject.filter(({ message }) => message.type === 'sought').length, 400 - MAX_SEEKS_OF_LINK);
  assert.ok(passed.some(({ from, to, id }) => from === subject && to === puppets[2] && id === toHex(idOf(1_000))));
  assertBounded(subject);
  mesh.run(SEEK_TIMEOUT_MS);
  attacker.say(subject, { type: 'seek', id: idOf(2_000), htl: 10, place });
  mesh.run(100);
  assert.ok(passed.some(({ from, id }) => from === subject && id === toHex(idOf(2_000))));
});

test('a neighbour that tells of its neighbours again and again is cut off; one that does as it should is not', () => {
  const { mesh, subject, puppets } = star({ seed: 75, puppets: 4, network });
  const [attacker, honest] = [puppets[0]!, puppets[1]!];
  const tell = (from: MeshNode): void => {
    const link = from.linkTo(subject);
    const bytes = encodeLinkMessage({ type: 'neighbours', gained: [], lost: [] });
    if (link !== undefined) from.send(link, 'link', bytes);
  };
  for (let count = 0; count < 90; count += 1) {
    tell(honest);
    mesh.run(20_000);
  }
  assert.notEqual(subject.linkTo(honest), undefined);
  const before = subject.core.statistics.garbage;
  for (let count = 0; count < MAX_TELLINGS + MAX_GARBAGE_OF_LINK - 1; count += 1) tell(attacker);
  mesh.run(500);
  assert.equal(subject.core.statistics.garbage, before + MAX_GARBAGE_OF_LINK - 1);
  assert.notEqual(subject.linkTo(attacker), undefined);
  tell(attacker);
  mesh.run(500);
  assert.equal(subject.linkTo(attacker), undefined);
});

const ANSWERS: readonly RefusalType[] = ['noRoute', 'loop', 'overload', 'full', 'notFound'];
const HTL = 10;
/**
 * The HTL is one token that a message carries through all that it tries: each hop to an honest node takes one off it, and
 * each of these nodes may try three that cost nothing, for they say that all of it is left.
 */
const MOST_OF_ONE_ID = HTL + MAX_TRIES * (HTL + 1);
/** The wait before an own message begins anew doubles from 40 ms to 2.5 s, and its time is forty seconds. */
const MOST_BEGINNINGS = 2 * 25;

for (const type of ANSWERS) {
  test(`no message becomes many where half of the nodes say ${type} with all of the HTL, on the stem and after it`, () => {
    const mesh = new Mesh({
      seed: 76,
      nodes: 60,
      degree: 12,
      dials: false,
      network: { stemEndsOneIn: 3 },
      maxHtl: HTL,
    });
    const liars = mesh.nodes.filter((_, index) => index % 2 === 1);
    script(liars, (message, from, liar) => {
      if (ASKS.has(message.type)) liar.say(from, { type, id: message.id, htl: MAX_HTL });
    });
    for (let number = 0; number < 8; number += 1) {
      const sent = watch(mesh, 'request', 'insert', 'stemRequest', 'stemInsert');
      const origin = mesh.nodes[2 * number]!;
      if (number % 2 === 0) mesh.request(origin, block(number).address);
      else mesh.insert(origin, block(number).record);
      mesh.watchers.length = 0;
      const ofIds = new Map<string, number>();
      for (const { id, message } of sent)
        if (message.type === 'request' || message.type === 'insert') ofIds.set(id, (ofIds.get(id) ?? 0) + 1);
      const most = Math.max(0, ...ofIds.values());
      assert.ok(most <= MOST_OF_ONE_ID, `${most} messages of one id`);
      assert.ok(ofIds.size <= MOST_BEGINNINGS, `${ofIds.size} ids of one message`);
      const began = sent.filter(({ from }) => from === origin && sent[0]!.message.type.startsWith('stem')).length;
      assert.ok(began <= 2 * MOST_BEGINNINGS, `${began} stems of one message`);
    }
    mesh.run(WALK_DEADLINE_MS);
    for (const node of mesh.nodes) assert.equal(node.core.tableSizes().walks, 0);
    assertBounded(...mesh.nodes);
  });
}

const ASKS: ReadonlySet<string> = new Set(['request', 'insert', 'stemRequest', 'stemInsert', 'replicate']);

for (const type of ANSWERS) {
  test(`a hop tries three at most where all say ${type}, and gives on and back no more HTL than it had`, () => {
    const { mesh, subject, puppets } = star({ seed: 78, puppets: 8, network });
    const [sender] = puppets as [MeshNode];
    const sent = watch(mesh, 'request', ...ANSWERS);
    script(puppets, (message, from, puppet) => {
      if (message.type === 'request') puppet.say(from, { type, id: message.id, htl: MAX_HTL });
    });
    sender.say(subject, { type: 'request', id: idOf(1), kind: 1, priority: 0, htl: 5, address: smallBlock(1).address });
    mesh.run(5_000);
    const requests = sent.flatMap(({ from, message }) =>
      from === subject && message.type === 'request' ? [message] : [],
    );
    // Both are passed back; where the stem ended others are asked (loops.test.ts, liars.test.ts).
    assert.equal(requests.length, type === 'notFound' || type === 'loop' ? 1 : 3);
    for (const { htl } of requests) assert.equal(htl, 4);
    const back = sent.flatMap(({ to, message }) => (to === sender && message.type !== 'request' ? [message] : []));
    assert.equal(back.length, 1);
    assert.ok(back[0]!.htl <= 4);
  });
}

test('what a hop spent is gone for those after it', () => {
  const { mesh, subject, puppets } = star({ seed: 79, puppets: 8, network });
  const sent = watch(mesh, 'request', 'noRoute');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request') puppet.say(from, { type: 'noRoute', id: message.id, htl: message.htl - 2 });
  });
  puppets[0]!.say(subject, {
    type: 'request',
    id: idOf(1),
    kind: 1,
    priority: 0,
    htl: 8,
    address: smallBlock(1).address,
  });
  mesh.run(5_000);
  const ofSubject = sent.filter(({ from }) => from === subject).map(({ message }) => message.htl);
  assert.deepEqual(ofSubject, [7, 5, 3, 1]);
});

test('an insert that every store refuses ends with a bounded number of messages', () => {
  const mesh = new Mesh({ seed: 77, nodes: 40, degree: 10, dials: false, network: { stemEndsOneIn: 3 } });
  for (const node of mesh.nodes) node.full = true;
  for (let number = 0; number < 5; number += 1) {
    const before = mesh.messages;
    assert.equal(mesh.insert(mesh.nodes[number]!, block(number).record).ok, false);
    assert.ok(mesh.messages - before <= 400, `${mesh.messages - before} messages of one insert`);
  }
});
