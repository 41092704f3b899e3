/** Copies when nodes come and go: a nearer node gets what is its own, what is lost is made anew, and else nothing moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { COPIES, HANDOVER_DELAY_MS, MAX_HANDOVERS } from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { locationOfIndex, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksFor, holders, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import type { MadeRecord } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };

function handedOver(mesh: Mesh): number {
  return mesh.nodes.reduce((sum, node) => sum + node.core.statistics.handedOver, 0);
}

/** A mesh whose links have settled, with records in it. */
function settled(seed: number, nodes: number, records: number): { readonly mesh: Mesh; readonly made: MadeRecord[] } {
  const mesh = new Mesh({ seed, nodes, degree: 8, network });
  mesh.run(120_000);
  const made = Array.from({ length: records }, (_, number) => smallBlock(number));
  for (const [number, { record }] of made.entries()) assert.ok(mesh.insert(mesh.nodes[number % nodes]!, record).ok);
  mesh.run(60_000);
  return { mesh, made };
}

/** Index of a key that nobody has yet, of a node that is to live nearer to a place than all others of the mesh. */
function indexNear(mesh: Mesh, place: number): number {
  const nearest = Math.min(...mesh.nodes.map((node) => distance(node.location, place)));
  for (let index = 1_000; ; index += 1) if (distance(locationOfIndex(index), place) < nearest / 2) return index;
}

test('a node that comes to live nearer to an address has the block within a minute', () => {
  const { mesh, made } = settled(91, 24, 6);
  for (const { address } of made.slice(0, 3)) {
    const newcomer = mesh.addNode(indexNear(mesh, locationOf(address)));
    // It knows two nodes somewhere, as after a look at the topic; it finds its own place by itself.
    mesh.connect(newcomer, mesh.nodes[3]!);
    mesh.connect(newcomer, mesh.nodes[17]!);
    assert.ok(
      mesh.run(60_000, () => newcomer.store.has(toHex(address))),
      'not within a minute',
    );
  }
  assertBounded(...mesh.nodes);
});

for (const who of ['the sink', 'another holder'] as const) {
  test(`when ${who} dies, a fourth copy is made`, () => {
    const { mesh, made } = settled(92, 24, 4);
    const { address } = made[1]!;
    const target = locationOf(address);
    const held = holders(mesh, address).toSorted((a, b) => distance(a.location, target) - distance(b.location, target));
    assert.ok(held.length >= COPIES);
    mesh.kill(held[who === 'the sink' ? 0 : 1]!);
    // What there is more than four of, for nearer nodes came meanwhile, goes too, so that three are left.
    for (const extra of held.slice(COPIES)) mesh.kill(extra);
    const alive = (): number => holders(mesh, address).filter((node) => node.alive).length;
    assert.equal(alive(), COPIES - 1);
    assert.ok(
      mesh.run(90_000, () => alive() >= COPIES),
      `${alive()} copies`,
    );
  });
}

test('while nobody comes or goes nothing moves', () => {
  const mesh = new Mesh({ seed: 93, nodes: 20, degree: 8, dials: false, network });
  for (let number = 0; number < 20; number += 1)
    assert.ok(mesh.insert(mesh.nodes[number]!, smallBlock(number).record).ok);
  // What the links' own beginning sets off.
  mesh.run(60_000);
  const before = handedOver(mesh);
  const replicates = watch(mesh, 'replicate');
  mesh.run(30 * 60_000);
  assert.equal(handedOver(mesh), before);
  assert.equal(replicates.length, 0);
});

test('who comes and goes far away moves nothing', () => {
  const { mesh, subject, puppets } = star({ seed: 94, puppets: 8, network });
  script(puppets, (message, from, puppet) => {
    if (message.type === 'replicate' || message.type === 'insert')
      puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  });
  const own = blocksFor(mesh, subject, 20);
  const byDistance = (place: number): MeshNode[] =>
    puppets.toSorted((a, b) => distance(a.location, place) - distance(b.location, place));
  // Whoever is among the four nearest of none of the blocks.
  const far = puppets.find((puppet) =>
    own.every(({ address }) => byDistance(locationOf(address)).indexOf(puppet) >= COPIES),
  )!;
  assert.notEqual(far, undefined);
  const sender = puppets.find((puppet) => puppet !== far)!;
  for (const [number, made] of own.entries()) {
    const id = new Uint8Array(16).fill(number + 1);
    sender.say(subject, { type: 'insert', id, priority: 1, htl: 5, stamp: stampFor(made, 4), record: made.record });
    mesh.run(100);
  }
  // The sender itself was asked for no copy: it is given one when links are looked after.
  mesh.connect(subject, mesh.addNode(5_000));
  mesh.run(2 * HANDOVER_DELAY_MS);
  const before = subject.core.statistics.handedOver;
  for (let flap = 0; flap < 10; flap += 1) {
    mesh.cut(subject, subject.linkTo(far)!);
    mesh.run(HANDOVER_DELAY_MS + 5_000);
    mesh.connect(subject, far);
    mesh.run(HANDOVER_DELAY_MS + 5_000);
  }
  assert.equal(subject.core.statistics.handedOver, before);
});

/** A node that holds many blocks, and a newcomer that is nearer to all of them. */
function newcomerOf(seed: number, count: number) {
  const { mesh, subject, puppets } = star({ seed, puppets: 3, network });
  script(puppets, (message, from, puppet) => {
    if (message.type === 'replicate') puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  });
  const newcomer = mesh.addNode(indexNear(mesh, (subject.location + 0.002) % 1));
  // And the others are farther than the subject, so that it is the one to look after them.
  const away = (node: MeshNode, { address }: MadeRecord): number => distance(node.location, locationOf(address));
  const made = blocksFor(mesh, newcomer, 3 * count)
    .filter((each) => puppets.every((puppet) => away(puppet, each) > away(subject, each)))
    .slice(0, count);
  for (const [number, each] of made.entries()) {
    const id = new Uint8Array(16).fill(number & 255);
    id[0] = number >> 8;
    // Copies for a sink: nobody asks whether they belong here.
    puppets[0]!.say(subject, { type: 'replicate', id, stamp: stampFor(each, 4), record: each.record });
    mesh.run(20);
  }
  assert.equal(subject.store.size, count);
  return { mesh, subject, newcomer, made };
}

test('no more than eight copies are under way at once, and a newcomer gets all that is its own', () => {
  const { mesh, subject, newcomer, made } = newcomerOf(95, 150);
  let [underWay, most] = [0, 0];
  newcomer.onRoute = (message) => {
    if (message.type !== 'replicate') return;
    underWay += 1;
    most = Math.max(most, underWay);
    mesh.later(300, () => {
      underWay -= 1;
      newcomer.store.set(toHex(message.id), {
        address: message.id,
        record: message.record,
        kind: 'content',
        place: 'store',
      });
      newcomer.say(subject, { type: 'stored', id: message.id, hops: 0, copies: 1 });
    });
  };
  mesh.connect(newcomer, subject);
  mesh.run(60_000);
  assert.equal(newcomer.store.size, made.length);
  assert.ok(most <= MAX_HANDOVERS, `${most} at once`);
});

test('a newcomer that is busy for a while gets all of it all the same, later', () => {
  const { mesh, subject, newcomer, made } = newcomerOf(96, 60);
  const got = new Set<string>();
  const busyUntilMs = mesh.nowMs + HANDOVER_DELAY_MS + 5_000;
  newcomer.onRoute = (message) => {
    if (message.type !== 'replicate') return;
    if (mesh.nowMs < busyUntilMs) return newcomer.say(subject, { type: 'overload', id: message.id, htl: 0 });
    got.add(toHex(message.record));
    return newcomer.say(subject, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  };
  mesh.connect(newcomer, subject);
  mesh.run(10 * 60_000);
  assert.equal(got.size, made.length);
});

test('a neighbour that comes and goes again and again is not given everything each time', () => {
  const { mesh, subject, newcomer, made } = newcomerOf(97, 40);
  newcomer.onRoute = (message, from) => {
    if (message.type === 'replicate') newcomer.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  };
  const given = watch(mesh, 'replicate');
  for (let flap = 0; flap < 10; flap += 1) {
    mesh.connect(newcomer, subject);
    mesh.run(2 * HANDOVER_DELAY_MS);
    mesh.cut(newcomer, newcomer.linkTo(subject)!);
    mesh.run(2 * HANDOVER_DELAY_MS);
  }
  const toNewcomer = given.filter(({ to }) => to === newcomer).length;
  assert.equal(toNewcomer, made.length);
});
