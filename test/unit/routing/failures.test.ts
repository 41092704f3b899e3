/** What a node remembers of neighbours that did not lead anywhere: failures of an address, silence, and who gets too much. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import {
  FAILURE_MS,
  MAINTAIN_MS,
  MAX_FAILURES,
  MAX_FAILURES_OF_ADDRESS,
  MAX_SHARE_OF_PEER,
  MAX_SILENCES_OF_LINK,
  SUSPECT_AFTER_SILENCES,
  SUSPECT_MS,
} from '../../../src-main/core/limits.ts';
import { Failures } from '../../../src-main/core/routing/failures.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { crypto, Mesh } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksNear, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };
let serial = 0;

function freshId(): Uint8Array {
  serial += 1;
  return crypto.hash('fresh id', Uint8Array.of(serial & 255, serial >> 8)).slice(0, 16);
}

/** A request that comes from `sender`; to whom the subject passed it on. */
function pass(mesh: Mesh, sender: MeshNode, subject: MeshNode, address: Uint8Array, waitMs = 200): MeshNode[] {
  const sent = watch(mesh, 'request');
  sender.say(subject, { type: 'request', id: freshId(), kind: 1, priority: 0, htl: 8, address });
  mesh.run(waitMs);
  mesh.watchers.pop();
  return sent.filter(({ from }) => from === subject).map(({ to }) => to);
}

function byNearness(puppets: readonly MeshNode[], address: Uint8Array): MeshNode[] {
  const target = locationOf(address);
  return puppets.toSorted((a, b) => distance(a.location, target) - distance(b.location, target));
}

test('a request that is repeated goes another way, for half a minute or until an insert for its address', () => {
  const { mesh, subject, puppets } = star({ seed: 81, puppets: 10, network });
  const [sender, ...others] = puppets as [MeshNode, ...MeshNode[]];
  const made = smallBlock(1);
  const { address } = made;
  const nearest = byNearness(others, address);
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request') puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  // Each time the next nearest, for those before it have failed.
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[0]]);
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[1]]);
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[2]]);
  // Another address is another matter.
  const [neighbouring] = blocksNear(locationOf(address), 0.001, 1, 2);
  assert.deepEqual(pass(mesh, sender, subject, neighbouring!.address), [byNearness(others, neighbouring!.address)[0]]);
  mesh.run(FAILURE_MS + 1);
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[0]]);
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[1]]);
  sender.say(subject, {
    type: 'insert',
    id: freshId(),
    priority: 1,
    htl: 8,
    stamp: stampFor(made, 4),
    record: made.record,
  });
  mesh.run(100);
  // Where the insert stored it here it is answered here; what was noted is gone in any case.
  subject.store.clear();
  assert.deepEqual(pass(mesh, sender, subject, address), [nearest[0]]);
});

test('failures are bounded in addresses, in links of one, and in time', () => {
  const failures = new Failures();
  for (let number = 0; number < MAX_FAILURES + 50; number += 1) failures.note(`address ${number}`, 1, 0);
  assert.equal(failures.size, MAX_FAILURES);
  assert.equal(failures.of('address 0', 0)(1), false);
  for (let link = 1; link <= MAX_FAILURES_OF_ADDRESS + 2; link += 1) failures.note('one', link, 0);
  const failed = failures.of('one', 0);
  assert.deepEqual(
    [1, 2, 3].map((link) => failed(link)),
    [false, false, true],
  );
  assert.equal(failures.of('one', FAILURE_MS)(3), false);
});

test('a neighbour that is silent twice is passed over, comes back, and is passed over longer', () => {
  const { mesh, subject, puppets } = star({ seed: 82, puppets: 8, network });
  const [sender, ...others] = puppets as [MeshNode, ...MeshNode[]];
  // All for addresses next to one neighbour; it says nothing, the others answer.
  const silent = others[0]!;
  const near = blocksNear(silent.location, 0.01, 12);
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request' && puppet !== silent) puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  const asked = (number: number): boolean => pass(mesh, sender, subject, near[number]!.address, 3_000).includes(silent);
  for (let number = 0; number < SUSPECT_AFTER_SILENCES; number += 1) assert.ok(asked(number));
  assert.equal(asked(2), false);
  mesh.run(SUSPECT_MS);
  assert.equal(asked(3), true);
  mesh.run(SUSPECT_MS);
  assert.equal(asked(4), false, 'it was silent again and came back as soon');
  mesh.run(SUSPECT_MS);
  // One answer, and it is as good as any.
  const answers = (message: RouteMessage, from: MeshNode): void => {
    if (message.type === 'request') silent.say(from, { type: 'notFound', id: message.id, htl: 0 });
  };
  silent.onRoute = answers;
  for (const number of [5, 6, 7]) assert.equal(asked(number), true);
  silent.onRoute = () => undefined;
  for (const number of [8, 9]) assert.equal(asked(number), true, 'what was before the answer was held against it');
  assert.equal(asked(10), false);
});

test('a neighbour that never answers is given up after eight silences, and a busy or refusing one is not', () => {
  const { mesh, subject, puppets } = star({ seed: 83, puppets: 8, network });
  const [sender, silent, busy, refusing, ...rest] = puppets as [MeshNode, MeshNode, MeshNode, MeshNode, ...MeshNode[]];
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'request' || puppet === silent) return;
    const type = puppet === busy ? 'overload' : puppet === refusing ? 'noRoute' : 'notFound';
    puppet.say(from, { type, id: message.id, htl: 5 });
  });
  let first = 0;
  for (let round = 0; round < 200 && subject.linkTo(silent) !== undefined; round += 1) {
    for (const node of [silent, busy, refusing]) {
      const [made] = blocksNear(node.location, 0.02, 1, first);
      pass(mesh, sender, subject, made!.address, 100);
      first += 500;
    }
    mesh.run(5_000);
  }
  assert.equal(subject.linkTo(silent), undefined);
  assert.equal(subject.core.statistics.givenUp, 1);
  for (const node of [busy, refusing, ...rest]) assert.notEqual(subject.linkTo(node), undefined);
});

test('silences at once, as of a neighbour that stops, are enough to give it up soon', () => {
  const { mesh, subject, puppets } = star({ seed: 84, puppets: 8, network });
  const [sender, silent] = puppets as [MeshNode, MeshNode];
  for (const { address } of blocksNear(silent.location, 0.01, MAX_SILENCES_OF_LINK))
    sender.say(subject, { type: 'request', id: freshId(), kind: 1, priority: 0, htl: 3, address });
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request' && puppet !== silent) puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  mesh.run(3_000 + 2 * MAINTAIN_MS);
  assert.equal(subject.linkTo(silent), undefined);
});

/** What part of many requests goes to the neighbour that all their addresses are next to. */
function shares(puppetCount: number): { readonly subject: MeshNode; readonly share: number } {
  const { mesh, subject, puppets } = star({ seed: 85, puppets: puppetCount, network });
  const [sender, attractive] = puppets as [MeshNode, MeshNode];
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request') puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  const sent = watch(mesh, 'request');
  for (const { address } of blocksNear(attractive.location, 0.01, 600)) {
    sender.say(subject, { type: 'request', id: freshId(), kind: 1, priority: 0, htl: 8, address });
    mesh.run(50);
  }
  const passed = sent.filter(({ from }) => from === subject);
  assert.equal(passed.length, 600);
  // Of the first 64 there are no shares yet.
  const counted = passed.slice(100);
  return { subject, share: counted.filter(({ to }) => to === attractive).length / counted.length };
}

test('no neighbour gets more than three tenths of what is passed on, however well it lies', () => {
  const { share, subject } = shares(12);
  assert.ok(share <= MAX_SHARE_OF_PEER + 0.01 && share >= 0.2, `${share}`);
  assertBounded(subject);
});

test('with few neighbours there is no such part: it would only keep messages from where they belong', () => {
  const { share } = shares(5);
  assert.ok(share > 0.9, `${share}`);
});

test('what nobody answered is forgotten again: no walk, no failure and no request outlives its time', () => {
  const mesh = new Mesh({ seed: 86, nodes: 20, degree: 8, dials: false, network });
  for (const node of mesh.nodes.slice(10)) node.tamper = () => undefined;
  for (let number = 0; number < 20; number += 1)
    mesh.startRequest(mesh.nodes[number % 10]!, smallBlock(number).address);
  mesh.run(120_000);
  for (const node of mesh.nodes) assert.equal(node.core.tableSizes().walks, 0, toHex(node.publicKey));
  assertBounded(...mesh.nodes);
});
