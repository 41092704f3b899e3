/** Routing of the core, on nodes in one process and a virtual clock (test/support/mesh.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import {
  MAX_HTL,
  MAX_PENDING_BULK_OF_LINK,
  MAX_PENDING_INTERACTIVE_OF_LINK,
  WALK_DEADLINE_MS,
} from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import { CLASS_FIXED } from '../../../src-main/core/wire/record.ts';
import { Mesh } from '../../support/mesh.ts';
import { block, holders, sameBytes, slot } from '../../support/mesh-records.ts';

/** Answers that carry the HTL that is left. */
const REFUSALS: ReadonlySet<string> = new Set(['notFound', 'loop', 'overload', 'noRoute', 'full']);

test('a record goes to the node nearest to its address and to three more, and is found from everywhere', () => {
  const mesh = new Mesh({ seed: 1, nodes: 40, degree: 10 });
  let farthest = 0;
  for (let number = 0; number < 10; number += 1) {
    const { record, address } = block(number);
    const outcome = mesh.insert(mesh.nodes[number]!, record);
    assert.ok(outcome.ok);
    assert.equal(outcome.copies, 4);
    assert.equal(outcome.retries, 0);
    assert.ok(outcome.hops <= 6);
    const held = holders(mesh, address);
    assert.equal(held.length, 4);
    const target = locationOf(address);
    const nearest = [...mesh.nodes].sort((a, b) => distance(a.location, target) - distance(b.location, target))[0]!;
    // With a ring by location the greedy way always ends at the nearest of all, unless that is the origin itself.
    if (nearest !== mesh.nodes[number]) assert.ok(held.includes(nearest));
    for (const node of mesh.nodes) {
      const here = node.store.has(toHex(address));
      const found = mesh.request(node, address);
      assert.ok(found.ok);
      sameBytes(found.record, record);
      if (here) assert.equal(found.hops, 0);
      farthest = Math.max(farthest, found.hops);
    }
  }
  assert.ok(farthest > 1 && farthest <= 2 * MAX_HTL, `${farthest} hops`);
});

test('the origin does not keep what it inserts, even where it is the nearest', () => {
  const mesh = new Mesh({ seed: 2, nodes: 12, degree: 6 });
  for (let number = 0; number < 30; number += 1) {
    const { record, address } = block(number);
    const target = locationOf(address);
    const nearest = [...mesh.nodes].sort((a, b) => distance(a.location, target) - distance(b.location, target))[0]!;
    assert.ok(mesh.insert(nearest, record).ok);
    assert.ok(holders(mesh, address).filter((node) => node !== nearest).length >= 3);
  }
});

test('what nobody has is not found, with a bounded number of messages', () => {
  const mesh = new Mesh({ seed: 3, nodes: 60, degree: 8 });
  for (let number = 0; number < 20; number += 1) {
    const before = mesh.messages;
    const outcome = mesh.request(mesh.nodes[number]!, block(number).address);
    assert.deepEqual(outcome, { ok: false, code: 'not-found' });
    assert.ok(mesh.messages - before <= 120, `${mesh.messages - before} messages`);
  }
});

test('without a neighbour there is no route', () => {
  const mesh = new Mesh({ seed: 4, nodes: 1, degree: 0 });
  assert.deepEqual(mesh.request(mesh.nodes[0]!, block(1).address), { ok: false, code: 'no-route' });
  assert.deepEqual(mesh.insert(mesh.nodes[0]!, block(1).record), { ok: false, code: 'no-route', retries: 0 });
});

test('nodes that swallow everything are gone round', () => {
  const mesh = new Mesh({ seed: 5, nodes: 30, degree: 10 });
  const stored = Array.from({ length: 20 }, (_, number) => block(number));
  for (const { record } of stored) assert.ok(mesh.insert(mesh.nodes[0]!, record).ok);
  for (const node of mesh.nodes.slice(20, 26)) node.tamper = () => undefined;
  const answered = stored.filter(({ address }) => mesh.request(mesh.nodes[1]!, address).ok).length;
  assert.equal(answered, stored.length);
});

test('a third of the nodes dies: what they held is found from the others', () => {
  const mesh = new Mesh({ seed: 6, nodes: 30, degree: 10 });
  const stored = Array.from({ length: 20 }, (_, number) => block(number));
  for (const { record } of stored) assert.equal(mesh.insert(mesh.nodes[0]!, record).ok, true);
  for (const node of mesh.nodes.slice(0, 10)) mesh.kill(node);
  mesh.run(10_000);
  const alive = stored.filter(({ address }) => holders(mesh, address).some((node) => node.alive));
  assert.ok(alive.length >= 19);
  for (const { address } of alive) assert.ok(mesh.request(mesh.nodes[15]!, address).ok);
});

test('garbage is refused at the first honest hop, counts against its sender, and the content comes from elsewhere', () => {
  const mesh = new Mesh({ seed: 7, nodes: 24, degree: 10, dials: false });
  const stored = Array.from({ length: 40 }, (_, number) => block(number));
  for (const { record } of stored) assert.ok(mesh.insert(mesh.nodes[0]!, record).ok);
  const liar = mesh.nodes[5]!;
  liar.tamper = (bytes) => {
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok || decoded.value.type !== 'found') return bytes;
    const record = decoded.value.record.slice();
    record[record.length - 1]! ^= 1;
    return encodeRouteMessage({ ...decoded.value, record });
  };
  const readers = mesh.nodes.filter((node) => node !== liar);
  const linked = readers.filter((node) => node.linkTo(liar) !== undefined);
  for (const reader of readers) {
    for (const { record, address } of stored) {
      const found = mesh.request(reader, address);
      assert.ok(found.ok);
      sameBytes(found.record, record);
    }
  }
  assert.ok(readers.reduce((sum, node) => sum + node.core.statistics.garbage, 0) >= 1);
  for (const reader of linked) assert.equal(reader.linkTo(liar) === undefined, reader.core.statistics.garbage >= 3);
});

test('a neighbour that sends malformed messages is cut off after the third', () => {
  const mesh = new Mesh({ seed: 8, nodes: 4, degree: 3, dials: false });
  const [victim, attacker] = [mesh.nodes[0]!, mesh.nodes[1]!];
  const link = attacker.linkTo(victim)!;
  for (let count = 0; count < 3; count += 1) attacker.send(link, 'route', Uint8Array.of(99, count));
  mesh.run(1_000);
  assert.equal(victim.core.statistics.garbage, 3);
  assert.equal(victim.linkTo(attacker), undefined);
  assert.ok(victim.ends.size > 0);
});

test('an id that was seen is refused as a loop', () => {
  const mesh = new Mesh({ seed: 9, nodes: 6, degree: 5 });
  const [victim, attacker] = [mesh.nodes[0]!, mesh.nodes[1]!];
  const id = new Uint8Array(16).fill(3);
  const message = encodeRouteMessage({ type: 'request', id, kind: 2, priority: 0, htl: 3, address: block(1).address });
  const answers: string[] = [];
  victim.tamper = (bytes, to) => {
    const decoded = decodeRouteMessage(bytes);
    if (to === attacker && decoded.ok) answers.push(decoded.value.type);
    return bytes;
  };
  attacker.send(attacker.linkTo(victim)!, 'route', message);
  attacker.send(attacker.linkTo(victim)!, 'route', message);
  mesh.run(30_000);
  assert.equal(answers.filter((type) => type === 'loop').length, 1);
  assert.ok(victim.core.statistics.loops >= 1);
});

test('a flood from one link is refused beyond its part, and the others are served', () => {
  const mesh = new Mesh({ seed: 10, nodes: 12, degree: 11 });
  const stored = Array.from({ length: 10 }, (_, number) => block(number));
  for (const { record } of stored) assert.ok(mesh.insert(mesh.nodes[2]!, record).ok);
  const [victim, attacker] = [mesh.nodes[0]!, mesh.nodes[1]!];
  const link = attacker.linkTo(victim)!;
  for (let count = 0; count < 2_000; count += 1) {
    const id = mesh.random.bytes(16);
    const address = mesh.random.bytes(32);
    attacker.send(link, 'route', encodeRouteMessage({ type: 'request', id, kind: 1, priority: 1, htl: 9, address }));
  }
  const [most, requests] = [
    MAX_PENDING_BULK_OF_LINK + MAX_PENDING_INTERACTIVE_OF_LINK,
    stored.map(({ address }) => mesh.startRequest(mesh.nodes[3]!, address)),
  ];
  mesh.run(60_000, () => {
    assert.ok(victim.core.tableSizes().walks! <= most + 64);
    return requests.every((operation) => mesh.nodes[3]!.results.has(operation));
  });
  assert.ok(victim.core.statistics.refused > 0);
  for (const operation of requests) assert.equal(mesh.nodes[3]!.results.get(operation)?.ok, true);
});

test('backtracking cannot be made to explode', () => {
  const mesh = new Mesh({ seed: 11, nodes: 60, degree: 12 });
  // Every node but the asker claims that nobody is left to try, and that all of the HTL is.
  for (const node of mesh.nodes.slice(1)) {
    node.tamper = (bytes) => {
      const decoded = decodeRouteMessage(bytes);
      if (!decoded.ok || !REFUSALS.has(decoded.value.type)) return bytes;
      return encodeRouteMessage({ type: 'noRoute', id: decoded.value.id, htl: 18 });
    };
  }
  const before = mesh.messages;
  const outcome = mesh.request(mesh.nodes[0]!, block(1).address);
  assert.equal(outcome.ok, false);
  assert.ok(mesh.messages - before <= 1_000, `${mesh.messages - before} messages`);
});

test('the highest signed version of a slot is read, whoever still shows an older one', () => {
  const mesh = new Mesh({ seed: 12, nodes: 30, degree: 8 });
  const first = slot(1);
  const second = slot(2);
  assert.ok(mesh.insert(mesh.nodes[0]!, first.record).ok);
  for (const node of mesh.nodes) assert.ok(mesh.request(node, first.address, 2).ok);
  assert.ok(mesh.insert(mesh.nodes[3]!, second.record).ok);
  for (const node of mesh.nodes) {
    const found = mesh.request(node, first.address, 2);
    assert.ok(found.ok);
    sameBytes(found.record, second.record);
  }
});

test('of two versions with one counter the higher tie wins, in either order', () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const mesh = new Mesh({ seed: 13, nodes: 20, degree: 8 });
    for (const tie of order) assert.ok(mesh.insert(mesh.nodes[tie]!, slot(5, { tie }).record).ok);
    mesh.run(1_000);
    const found = mesh.request(mesh.nodes[9]!, slot(5).address, 2);
    assert.ok(found.ok);
    sameBytes(found.record, slot(5, { tie: 2 }).record);
  }
});

test('a fixed slot stays what was seen first', () => {
  const mesh = new Mesh({ seed: 14, nodes: 20, degree: 8 });
  const first = slot(1, { slotClass: CLASS_FIXED });
  const second = slot(1, { slotClass: CLASS_FIXED, tie: 200, fill: 2 });
  assert.ok(mesh.insert(mesh.nodes[1]!, first.record).ok);
  mesh.insert(mesh.nodes[2]!, second.record);
  for (const node of holders(mesh, first.address)) {
    sameBytes(node.store.get(toHex(first.address))?.record, first.record);
  }
});

test('full stores pass a record on, and when all are full the inserter is told', () => {
  const mesh = new Mesh({ seed: 15, nodes: 12, degree: 11 });
  for (const node of mesh.nodes) node.full = true;
  const outcome = mesh.insert(mesh.nodes[0]!, block(1).record);
  assert.equal(outcome.ok, false);
  assert.equal(!outcome.ok && outcome.code, 'full');
});

test('a cancelled request leaves nothing behind', () => {
  const mesh = new Mesh({ seed: 16, nodes: 12, degree: 6 });
  const node = mesh.nodes[0]!;
  const operation = mesh.startRequest(node, block(1).address);
  assert.equal(node.core.tableSizes().walks, 1);
  node.handle({ type: 'cancel', operation });
  assert.equal(node.core.tableSizes().walks, 0);
  mesh.run(40_000);
  for (const each of mesh.nodes) assert.equal(each.core.tableSizes().walks, 0);
  assert.equal(node.results.has(operation), false);
});

test('a node that accepts and accepts cannot hold a request for ever', () => {
  const mesh = new Mesh({ seed: 17, nodes: 2, degree: 1 });
  const [asker, holder] = [mesh.nodes[0]!, mesh.nodes[1]!];
  holder.tamper = (bytes) => {
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok) return undefined;
    const accepted = encodeRouteMessage({ type: 'accepted', id: decoded.value.id });
    const again = (): void => {
      asker.handle({ type: 'message', link: asker.linkTo(holder)!, channel: 'route', bytes: accepted });
      if (mesh.nowMs < 2 * WALK_DEADLINE_MS) mesh.later(500, again);
    };
    again();
    return undefined;
  };
  const operation = mesh.startRequest(asker, block(1).address);
  assert.ok(mesh.run(WALK_DEADLINE_MS + 1_000, () => asker.results.has(operation)));
  assert.equal(asker.results.get(operation)?.ok, false);
});

test('the same seed gives the same run, to the byte', () => {
  const run = (seed: number): string => {
    const mesh = new Mesh({ seed, nodes: 20, degree: 6 });
    for (let number = 0; number < 5; number += 1) mesh.insert(mesh.nodes[number]!, block(number).record);
    for (let number = 0; number < 10; number += 1) mesh.request(mesh.nodes[10]!, block(number).address);
    return toHex(mesh.traceHash);
  };
  assert.equal(run(18), run(18));
  assert.notEqual(run(18), run(19));
});

test('when all is done no table holds anything', () => {
  const mesh = new Mesh({ seed: 20, nodes: 20, degree: 8 });
  for (let number = 0; number < 10; number += 1) mesh.insert(mesh.nodes[number]!, block(number).record);
  for (let number = 0; number < 20; number += 1) mesh.request(mesh.nodes[5]!, block(number).address);
  mesh.run(60_000);
  for (const node of mesh.nodes) {
    assert.equal(node.core.tableSizes().walks, 0);
    assert.ok(node.core.tableSizes().ownWalks! <= 1);
  }
});
