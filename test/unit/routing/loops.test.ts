/** Messages that meet themselves: an insert goes back to where its stem ended, a request to who had silence; neither is sent round by all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance } from '../../../src-main/core/routing/location.ts';
import { MAX_TRIES } from '../../../src-main/core/limits.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import { script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES, stemEndsOneIn: 1 };
const ID = new Uint8Array(16).fill(7);
const HTL = 5;
/** Of practice networks, as the mesh is one. */
const STAMP_BITS = 4;

/** A node among eight, and a block to which at least four of these are nearer than it is; the farthest one brings it. */
function stage(seed: number) {
  const { mesh, subject, puppets } = star({ seed, puppets: 8, network });
  for (let number = 0; ; number += 1) {
    const block = smallBlock(number);
    const target = new DataView(block.address.buffer, block.address.byteOffset).getUint32(0) / 2 ** 32;
    const away = (node: { readonly location: number }): number => distance(node.location, target);
    const [sender] = [...puppets].sort((a, b) => away(b) - away(a));
    const nearer = puppets.filter((puppet) => puppet !== sender && away(puppet) < away(subject));
    if (nearer.length >= MAX_TRIES + 1) return { mesh, subject, puppets, sender: sender!, block };
  }
}

test('on the greedy way one neighbour is asked, the answer goes back, and nothing is stored', () => {
  const { mesh, subject, puppets, sender, block } = stage(91);
  const sent = watch<RouteMessage['type']>(mesh, 'insert', 'loop', 'replicate', 'stored');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'insert') puppet.say(from, { type: 'loop', id: message.id, htl: message.htl });
  });
  const { record } = block;
  const stamp = stampFor(block, STAMP_BITS);
  sender.say(subject, { type: 'insert', id: ID, priority: 1, htl: HTL, stamp, record });
  mesh.run(5_000);
  const ofSubject = sent.filter(({ from }) => from === subject);
  assert.deepEqual(
    ofSubject.map(({ message }) => message.type),
    ['insert', 'loop'],
  );
  const back = ofSubject.flatMap(({ to, message }) => (message.type === 'loop' ? [{ to, htl: message.htl }] : []));
  assert.equal(back[0]!.to, sender);
  assert.ok(back[0]!.htl <= HTL);
  assert.equal(subject.store.size, 0);
  assert.equal(subject.core.tableSizes().walks, 0);
});

test('where the stem ended others are tried, and then it is stored here: what they say may not be true', () => {
  const { mesh, subject, puppets, sender, block } = stage(92);
  const sent = watch(mesh, 'insert', 'stored');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'insert') puppet.say(from, { type: 'loop', id: message.id, htl: message.htl });
    if (message.type === 'replicate') puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
  });
  const { record } = block;
  sender.say(subject, { type: 'stemInsert', id: ID, priority: 1, stamp: stampFor(block, STAMP_BITS), record });
  mesh.run(5_000);
  assert.equal(sent.filter(({ from, message }) => from === subject && message.type === 'insert').length, MAX_TRIES);
  const stored = sent.flatMap(({ from, to, message }) =>
    from === subject && to === sender && message.type === 'stored' ? [message] : [],
  );
  assert.deepEqual(
    stored.map(({ copies }) => copies),
    [4],
  );
  assert.equal(subject.store.size, 1);
});

test('a request goes back at once from a hop that had no silence', () => {
  const { mesh, subject, puppets, sender, block } = stage(93);
  const sent = watch<RouteMessage['type']>(mesh, 'request', 'loop', 'noRoute', 'notFound');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request') puppet.say(from, { type: 'loop', id: message.id, htl: message.htl });
  });
  sender.say(subject, { type: 'request', id: ID, kind: 1, priority: 1, htl: HTL, address: block.address });
  mesh.run(5_000);
  const ofSubject = sent.filter(({ from }) => from === subject);
  assert.deepEqual(
    ofSubject.map(({ to, message }) => [message.type, to === sender]),
    [
      ['request', false],
      ['loop', true],
    ],
  );
  assert.equal(subject.core.tableSizes().walks, 0);
});

test('a hop that had silence goes round it, whatever loops it meets behind', () => {
  const { mesh, subject, puppets, sender, block } = stage(94);
  const sent = watch<RouteMessage['type']>(mesh, 'request', 'loop', 'noRoute', 'notFound');
  let asked = 0;
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'request') return;
    asked += 1;
    // The first is silent.
    if (asked > 1) puppet.say(from, { type: 'loop', id: message.id, htl: message.htl });
  });
  sender.say(subject, { type: 'request', id: ID, kind: 1, priority: 1, htl: HTL, address: block.address });
  mesh.run(30_000);
  assert.equal(asked, MAX_TRIES);
  const answers = sent.filter(({ from, to }) => from === subject && to === sender);
  assert.equal(answers.length, 1);
  assert.notEqual(answers[0]!.message.type, 'loop');
});
