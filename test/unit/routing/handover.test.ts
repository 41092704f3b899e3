/** Copies when nodes come and go: a nearer node gets what is its own, what is lost is made anew, and else nothing moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import {
  COPIES,
  HANDOVER_DELAY_MS,
  HANDOVER_RETRY_MS,
  HANDOVER_TIMEOUT_MS,
  MAX_HANDOVER_RETRY_MS,
  MAX_HANDOVERS,
} from '../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { locationOfIndex, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksFor, holders, slot, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
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

for (const how of ['busy', 'silent'] as const) {
  test(`a newcomer that is ${how} at first gets all of it all the same, later`, () => {
    const { mesh, subject, newcomer, made } = newcomerOf(96, 60);
    const got = new Set<string>();
    let refusals = 5;
    newcomer.onRoute = (message) => {
      if (message.type !== 'replicate') return;
      if ((refusals -= 1) < 0) {
        got.add(toHex(message.record));
        newcomer.say(subject, { type: 'stored', id: message.id, hops: 0, copies: 1 });
      } else if (how === 'busy') {
        newcomer.say(subject, { type: 'overload', id: message.id, htl: 0 });
      }
    };
    mesh.connect(newcomer, subject);
    mesh.run(2 * HANDOVER_RETRY_MS + HANDOVER_TIMEOUT_MS);
    assert.equal(got.size, made.length);
  });
}

test('who never takes a copy is offered some less and less often, and has all within an hour of taking them', () => {
  const { mesh, subject, newcomer, made } = newcomerOf(100, 60);
  const got = new Set<string>();
  let [offers, isFull] = [0, true];
  newcomer.onRoute = (message) => {
    if (message.type !== 'replicate') return;
    offers += 1;
    if (isFull) return newcomer.say(subject, { type: 'full', id: message.id, htl: 0 });
    got.add(toHex(message.record));
    return newcomer.say(subject, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  };
  mesh.connect(newcomer, subject);
  const hours = 5;
  mesh.run(hours * 60 * 60_000);
  // Doubling from one minute takes six times to an hour.
  assert.ok(offers > MAX_HANDOVERS && offers <= MAX_HANDOVERS * (6 + hours), `${offers} offers`);
  isFull = false;
  mesh.run(MAX_HANDOVER_RETRY_MS + 2 * HANDOVER_RETRY_MS);
  assert.equal(got.size, made.length);
});

for (const [kind, made] of [
  ['block', smallBlock(7)],
  ['slot', slot(1, { payloadBytes: SMALL_PAYLOAD_BYTES })],
] as const) {
  test(`who has no room for a ${kind} asks nobody for copies, and is given it by those who keep it when it has`, () => {
    const mesh = new Mesh({ seed: 98, nodes: 24, degree: 8, network });
    mesh.run(120_000);
    const place = locationOf(made.address);
    const nearest = mesh.nodes.toSorted((a, b) => distance(a.location, place) - distance(b.location, place))[0]!;
    nearest.full = true;
    const asked = watch(mesh, 'replicate');
    const inserter = mesh.nodes.find((node) => node !== nearest)!;
    const outcome = mesh.insert(inserter, made.record);
    assert.ok(outcome.ok && outcome.copies > 1);
    const keepers = new Set(holders(mesh, made.address));
    // Who is asked for a copy believes that the other has one, and relies on it.
    assert.ok(asked.length > 0);
    for (const { from } of asked) assert.ok(keepers.has(from), 'asked for copies and keeps none');
    nearest.full = false;
    const newcomer = mesh.addNode(2_000);
    for (const keeper of keepers) mesh.connect(newcomer, keeper);
    assert.ok(
      mesh.run(3 * HANDOVER_DELAY_MS, () => holders(mesh, made.address).includes(nearest)),
      'the nearest node never got it',
    );
  });
}

test('a copy that a neighbour did not take when it was asked for is made later, though nobody comes or goes', () => {
  const { mesh, subject, puppets } = star({ seed: 99, puppets: 4, network });
  let isFull = true;
  const stored = new Set<MeshNode>();
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'replicate') return;
    if (isFull) {
      puppet.say(from, { type: 'full', id: message.id, htl: 0 });
    } else {
      stored.add(puppet);
      puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
    }
  });
  // The links' own beginning has been looked after.
  mesh.run(2 * HANDOVER_DELAY_MS);
  const [own] = blocksFor(mesh, subject, 1) as [MadeRecord];
  const id = new Uint8Array(16).fill(1);
  puppets[0]!.say(subject, { type: 'insert', id, priority: 1, htl: 5, stamp: stampFor(own, 4), record: own.record });
  mesh.run(1_000);
  assert.equal(holders(mesh, own.address).length, 1);
  isFull = false;
  mesh.run(HANDOVER_RETRY_MS + 2 * HANDOVER_DELAY_MS);
  assert.equal(stored.size, COPIES - 1);
});

test('a record that settled far from its place comes to the nearest node, though nobody comes or goes', () => {
  const mesh = new Mesh({ seed: 101, nodes: 24, degree: 8, dials: false, network });
  mesh.run(120_000);
  const made = smallBlock(3);
  const away = (node: MeshNode): number => distance(node.location, locationOf(made.address));
  const byDistance = mesh.nodes.toSorted((a, b) => away(a) - away(b));
  const [nearest, farthest] = [byDistance[0]!, byDistance.at(-1)!];
  // A sink that reaches nobody nearer, because what it sends them is lost, asks for its copies all the same.
  const asked = byDistance.findLast((node) => node !== farthest && node.linkTo(farthest) !== undefined)!;
  assert.equal(asked.linkTo(nearest), undefined, 'one step would do');
  const id = new Uint8Array(16).fill(1);
  farthest.say(asked, { type: 'replicate', id, stamp: stampFor(made, 4), record: made.record });
  mesh.run(1_000);
  assert.deepEqual(holders(mesh, made.address), [asked]);
  assert.ok(
    mesh.run(5 * HANDOVER_DELAY_MS, () => nearest.store.has(toHex(made.address))),
    `only ${holders(mesh, made.address).length} have it`,
  );
  // It comes to rest there.
  mesh.run(5 * HANDOVER_DELAY_MS);
  const before = handedOver(mesh);
  mesh.run(10 * 60_000);
  assert.equal(handedOver(mesh), before);
  assertBounded(...mesh.nodes);
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
