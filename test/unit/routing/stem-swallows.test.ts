/** Stems that are swallowed: the origin goes by its second successor, and what cannot be had ends in an error in time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ACCEPT_TIMEOUT_MS,
  MAX_SILENCES_OF_LINK,
  OWN_SUCCESSORS,
  STEM_ANSWER_TIMEOUT_MS,
  WALK_DEADLINE_MS,
} from '../../../src-main/core/limits.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { block, blocksNear, sameBytes, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES, stemEndsOneIn: 4 };

type Swallow = 'silently' | 'after accepting';

/** The swallowers take a message of any stem and say no more of it; the others answer what stems ask for. */
function swallow(puppets: readonly MeshNode[], how: Swallow, isSwallower: (puppet: MeshNode) => boolean): void {
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'stemRequest' && message.type !== 'stemInsert') return;
    const { id } = message;
    if (isSwallower(puppet)) {
      if (how === 'after accepting') puppet.say(from, { type: 'accepted', id });
    } else {
      puppet.say(from, answerTo(message));
    }
  });
}

function answerTo(message: Extract<RouteMessage, { type: 'stemRequest' | 'stemInsert' }>): RouteMessage {
  const { id } = message;
  if (message.type === 'stemInsert') return { type: 'stored', id, hops: 2, copies: 4 };
  return { type: 'found', age: 0, id, hops: 2, record: smallBlock(1).record };
}

for (const how of ['silently', 'after accepting'] as const) {
  test(`a first successor that swallows ${how}: the second one is asked, and the result arrives`, () => {
    for (const purpose of ['request', 'insert'] as const) {
      const { mesh, subject, puppets } = star({ seed: 41, puppets: 8, network });
      const sent = watch(mesh, 'stemRequest', 'stemInsert');
      // Whoever is asked first is the one that swallows.
      swallow(puppets, how, (puppet) => puppet === sent[0]!.to);
      const { record, address } = smallBlock(1);
      const startedMs = mesh.nowMs;
      const result = purpose === 'request' ? mesh.request(subject, address) : mesh.insert(subject, record);
      assert.equal(result.ok, true);
      assert.equal(sent.length, 2);
      assert.notEqual(sent[1]!.to, sent[0]!.to);
      assert.notEqual(sent[1]!.id, sent[0]!.id);
      const patienceMs = how === 'silently' ? ACCEPT_TIMEOUT_MS : STEM_ANSWER_TIMEOUT_MS;
      const tookMs = mesh.nowMs - startedMs;
      assert.ok(tookMs >= patienceMs && tookMs < patienceMs + 1_000, `${tookMs} ms`);
    }
  });

  test(`when all successors swallow ${how}, the end is an error within the deadline`, () => {
    const { mesh, subject, puppets } = star({ seed: 42, puppets: 8, network });
    swallow(puppets, how, () => true);
    const operations = [
      mesh.startRequest(subject, smallBlock(1).address),
      mesh.startInsert(subject, smallBlock(2).record),
    ];
    mesh.run(WALK_DEADLINE_MS + 1_000, () => operations.every((operation) => subject.results.has(operation)));
    for (const operation of operations) {
      const result = subject.results.get(operation);
      assert.equal(result?.ok, false);
      assert.equal(result.code, 'timeout');
    }
    mesh.run(1_000);
    assert.equal(subject.core.tableSizes().walks, 0);
  });

  test(`no more neighbours than the successors of the epoch learn of one message that is swallowed ${how}`, () => {
    for (let seed = 43; seed < 48; seed += 1) {
      const { mesh, subject, puppets } = star({ seed, puppets: 8, network });
      const sent = watch(mesh, 'stemRequest');
      swallow(puppets, how, () => true);
      mesh.request(subject, smallBlock(2).address);
      sent.length = 0;
      mesh.request(subject, smallBlock(1).address);
      const told = new Set(sent.map(({ to }) => to)).size;
      assert.ok(told <= OWN_SUCCESSORS, `seed ${seed}: ${told} neighbours were told`);
    }
  });

  test(`a swallower deeper in the stem, ${how}: what is asked for and what is stored gets there all the same`, () => {
    const mesh = new Mesh({ seed: 48, nodes: 40, degree: 10, dials: false, network: { stemEndsOneIn: 1e9 } });
    const stored = Array.from({ length: 3 }, (_, number) => block(number));
    for (const { record } of stored) assert.ok(mesh.insert(mesh.nodes[30]!, record).ok);
    mesh.run(5_000);
    // The way of the origin's stems in this epoch; here nobody ends them but who has had them already.
    const origin = mesh.nodes[0]!;
    const way = watch(mesh, 'stemRequest');
    assert.ok(mesh.request(origin, stored[0]!.address, 1, true).ok);
    const swallower = way[1]!.to;
    assert.notEqual(swallower, origin);
    swallower.onRoute = (message, from) => {
      if (how === 'after accepting' && message.type !== 'accepted')
        swallower.say(from, { type: 'accepted', id: message.id });
    };
    way.length = 0;
    for (const { record, address } of stored.slice(1)) {
      const found = mesh.request(origin, address, 1, true);
      assert.ok(found.ok);
      sameBytes(found.record, record);
    }
    assert.ok(way.some(({ to }) => to === swallower));
    assert.ok(mesh.insert(origin, block(9).record).ok);
  });
}

test('a relay whose successor says nothing ends the stem itself, under an id that was on no link', () => {
  for (const purpose of ['request', 'insert'] as const) {
    const { mesh, subject, puppets } = star({ seed: 49, puppets: 8, network: { ...network, stemEndsOneIn: 1e9 } });
    const sent = watch(mesh, 'stemRequest', 'stemInsert', 'request', 'insert');
    const [made] = blocksNear((puppets[1]!.location + 0.001) % 1, 0.001, 1);
    const common = { id: new Uint8Array(16).fill(3), priority: 0 } as const;
    if (purpose === 'request')
      puppets[0]!.say(subject, { type: 'stemRequest', ...common, kind: 1, address: made!.address });
    else puppets[0]!.say(subject, { type: 'stemInsert', ...common, stamp: stampFor(made!, 4), record: made!.record });
    mesh.run(ACCEPT_TIMEOUT_MS + 500);
    const types = sent.filter(({ from }) => from === subject).map(({ message }) => message.type);
    assert.deepEqual(types, purpose === 'request' ? ['stemRequest', 'request'] : ['stemInsert', 'insert']);
    assert.equal(new Set(sent.map(({ id }) => id)).size, 3);
  }
});

test('an honest first successor is not given up for what a swallower behind it did', () => {
  const { mesh, subject, puppets } = star({ seed: 49, puppets: 8, network });
  const sent = watch(mesh, 'stemRequest');
  swallow(puppets, 'after accepting', (puppet) => puppet === sent[0]!.to);
  // It accepts, as it must, and knows no more than the origin.
  for (let number = 0; number < 3 * MAX_SILENCES_OF_LINK; number += 1)
    mesh.startRequest(subject, smallBlock(100 + number).address);
  mesh.run(2 * WALK_DEADLINE_MS);
  assert.notEqual(subject.linkTo(sent[0]!.to), undefined);
});

test('what was asked for in vain is asked for again by the second successor', () => {
  const { mesh, subject, puppets } = star({ seed: 50, puppets: 8, network });
  const sent = watch(mesh, 'stemRequest');
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'stemRequest') return;
    if (puppet === sent[0]!.to) puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
    else puppet.say(from, answerTo(message));
  });
  const { address } = smallBlock(1);
  assert.deepEqual(mesh.request(subject, address), { ok: false, code: 'not-found' });
  assert.equal(mesh.request(subject, address).ok, true);
  assert.notEqual(sent[1]!.to, sent[0]!.to);
  // What was not asked for before goes by the first.
  assert.equal(mesh.request(subject, smallBlock(2).address).ok, false);
  assert.equal(sent[2]!.to, sent[0]!.to);
  assertBounded(subject);
});
