/** A hop that was taken for silent and was only slow: its answer counts, and it is waited for longer the next time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { ACCEPT_TIMEOUT_MS, MAX_ACCEPT_TIMEOUT_MS, SLOW_WORD_MS, WINDOW_START } from '../../../src-main/core/limits.ts';
import { Neighbour } from '../../../src-main/core/links/neighbour.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { holders, SMALL_PAYLOAD_BYTES, smallBlock, stampFor } from '../../support/mesh-records.ts';
import type { MadeRecord } from '../../support/mesh-records.ts';
import { script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };
const id = new Uint8Array(16).fill(7);

function byDistance(nodes: readonly MeshNode[], { address }: MadeRecord): MeshNode[] {
  const away = (node: MeshNode): number => distance(node.location, locationOf(address));
  return nodes.toSorted((a, b) => away(a) - away(b));
}

test('what a slow hop found ends the request, though another was asked meanwhile', () => {
  const { mesh, subject, puppets } = star({ seed: 220, puppets: 5, network });
  const made = smallBlock(3);
  const [slow, next, ...others] = byDistance(puppets, made) as [MeshNode, MeshNode, ...MeshNode[]];
  const asker = others.at(-1)!;
  script(puppets, (message, from, puppet) => {
    if (message.type !== 'request' || puppet !== slow) return;
    const found = { type: 'found', id: message.id, hops: 0, age: 0, record: made.record } as const;
    mesh.later(ACCEPT_TIMEOUT_MS + 500, () => puppet.say(from, found));
  });
  const requests = watch(mesh, 'request');
  const answers = watch(mesh, 'found');
  asker.say(subject, { type: 'request', id, kind: 1, priority: 0, htl: 5, address: made.address });
  mesh.run(ACCEPT_TIMEOUT_MS + 1_000);
  assert.deepEqual(
    requests.filter(({ from }) => from === subject).map(({ to }) => to),
    [slow, next],
  );
  const answer = answers.find(({ from }) => from === subject);
  assert.equal(answer?.to, asker);
  assert.deepEqual(Uint8Array.from(answer!.message.record), made.record);
  // Neither is held to have failed: its own line may have been the slow one.
  assert.equal(subject.core.tableSizes()['walks'], 0);
  mesh.run(30_000);
  assert.equal(requests.filter(({ from }) => from === subject).length, 2);
});

test('an answer to the insert that comes late is none to the question for a copy', () => {
  const { mesh, subject, puppets } = star({ seed: 221, puppets: 4, network });
  const made = Array.from({ length: 200 }, (_, number) => smallBlock(number)).find(
    (each) => byDistance([subject, ...puppets], each)[1] === subject,
  )!;
  const [slow, ...others] = byDistance(puppets, made) as [MeshNode, ...MeshNode[]];
  const sender = others.at(-1)!;
  script(puppets, (message, from, puppet) => {
    // The nearest says that it stored the insert only when it is asked for a copy, for which it has no room.
    if (message.type === 'replicate' && puppet === slow) {
      puppet.say(from, { type: 'stored', id, hops: 0, copies: 4 });
      puppet.say(from, { type: 'full', id: message.id, htl: 0 });
    } else if (message.type === 'replicate') {
      puppet.say(from, { type: 'stored', id: message.id, hops: 0, copies: 1 });
    }
  });
  const answers = watch(mesh, 'stored');
  sender.say(subject, { type: 'insert', id, priority: 1, htl: 5, stamp: stampFor(made, 4), record: made.record });
  mesh.run(10_000);
  assert.deepEqual(holders(mesh, made.address), [subject]);
  const answer = answers.find(({ from, to }) => from === subject && to === sender);
  // Itself and the two that said so.
  assert.equal(answer?.message.copies, 3);
  assert.equal(answer?.id, toHex(id));
});

test('a neighbour is waited for as long as its words take, and is sent less when they come through queues', () => {
  const info = { link: 1, publicKey: new Uint8Array(32), initiator: true };
  const neighbour = new Neighbour(info, 0, true, true);
  assert.equal(neighbour.patienceMs(1), ACCEPT_TIMEOUT_MS);
  neighbour.onWord(1, 40, 1_000);
  assert.equal(neighbour.patienceMs(1), ACCEPT_TIMEOUT_MS);
  const room = (): number => {
    let sent = 0;
    while (neighbour.takes(1)) {
      neighbour.onSent(1);
      sent += 1;
    }
    for (let count = 0; count < sent; count += 1) neighbour.onWithdrawn(1);
    return sent;
  };
  assert.equal(room(), WINDOW_START);
  for (let nowMs = 10_000; nowMs < 13_000; nowMs += 100) neighbour.onWord(1, SLOW_WORD_MS + 1_500, nowMs);
  // Once for all words of one queue.
  assert.equal(room(), Math.ceil(WINDOW_START * 0.7));
  assert.ok(neighbour.patienceMs(1) > ACCEPT_TIMEOUT_MS && neighbour.patienceMs(1) <= MAX_ACCEPT_TIMEOUT_MS);
  for (let nowMs = 20_000; nowMs < 60_000; nowMs += 1_000) neighbour.onWord(1, 60_000, nowMs);
  assert.equal(neighbour.patienceMs(1), MAX_ACCEPT_TIMEOUT_MS);
  // Where somebody waits for the answer, another way is tried as soon as ever.
  assert.equal(neighbour.patienceMs(0), ACCEPT_TIMEOUT_MS);
});

test('silences that end in an answer are none', () => {
  const info = { link: 1, publicKey: new Uint8Array(32), initiator: true };
  const neighbour = new Neighbour(info, 0, true, true);
  for (let count = 0; count < 5; count += 1) {
    neighbour.onSent(1);
    neighbour.onSilent(1, 1_000);
  }
  assert.ok(neighbour.isSuspect(1_001) && neighbour.silences === 5);
  neighbour.onLate(1, 5_000, 2_000);
  assert.ok(!neighbour.isSuspect(2_001));
  assert.equal(neighbour.silences, 0);
});
