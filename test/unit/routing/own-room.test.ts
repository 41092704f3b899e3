/** How many of its own bulk messages a node would send at once: what the one before its window takes, and nothing in vain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WINDOW_START } from '../../../src-main/core/limits.ts';
import { PRIORITY_BULK, PRIORITY_INTERACTIVE } from '../../../src-main/core/wire/messages.ts';
import { SMALL_PAYLOAD_BYTES, smallBlock } from '../../support/mesh-records.ts';
import { script, star, watch } from '../../support/mesh-star.ts';
import type { MeshNode } from '../../support/mesh.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };

function insert(node: MeshNode, operation: number, priority: 0 | 1 = PRIORITY_BULK): void {
  node.handle({ type: 'insert', operation, record: smallBlock(operation).record, priority });
}

test('the room is the window of the successor, less what is here and has yet to go; answers give it back', () => {
  const { mesh, subject, puppets } = star({ seed: 71, puppets: 6, network });
  const sent = watch(mesh, 'stemInsert');
  assert.equal(subject.core.roomForBulk(), WINDOW_START);
  insert(subject, 1, PRIORITY_INTERACTIVE);
  assert.equal(subject.core.roomForBulk(), WINDOW_START, 'what somebody waits for has a window of its own');
  // Its stamp is being found, so it has not gone.
  insert(subject, 2);
  assert.equal(subject.core.roomForBulk(), WINDOW_START - 1);
  for (let operation = 3; operation <= WINDOW_START + 1; operation += 1) insert(subject, operation);
  assert.equal(subject.core.roomForBulk(), 0);
  mesh.run(500);
  assert.equal(sent.length, WINDOW_START + 1);
  assert.equal(subject.core.roomForBulk(), 0);

  const bulk = sent.filter(({ message }) => message.priority === PRIORITY_BULK);
  for (const { to, message } of bulk) to.say(subject, { type: 'stored', id: message.id, hops: 1, copies: 4 });
  mesh.run(100);
  assert.ok(subject.core.roomForBulk() >= WINDOW_START, 'what is answered made room, and one more');
  for (const { ok } of [...subject.results.values()]) assert.ok(ok);
  assert.ok(puppets.length > 0);
});

test('who keeps to the room sends nothing in vain, and who does not asks again and again', () => {
  for (const keepsToIt of [true, false]) {
    const { mesh, subject, puppets } = star({ seed: 72, puppets: 6, network });
    script(puppets, (message, from, puppet) => {
      if (message.type !== 'stemInsert') return;
      mesh.later(150, () => puppet.say(from, { type: 'stored', id: message.id, hops: 1, copies: 4 }));
    });
    let operation = 0;
    const ended = (): number => subject.results.size;
    while (ended() < 400) {
      const most = keepsToIt ? subject.core.roomForBulk() : 64 - (operation - ended());
      for (let count = 0; count < most && operation < 400; count += 1) insert(subject, (operation += 1));
      mesh.run(10);
    }
    const retries = [...subject.results.values()].reduce(
      (sum, result) => sum + ('retries' in result ? result.retries : 0),
      0,
    );
    if (keepsToIt) assert.equal(retries, 0);
    else assert.ok(retries > 50, `${retries} retries`);
  }
});

test('a node without links bounds nothing: each message finds out for itself that there is no way', () => {
  const { mesh, subject, puppets } = star({ seed: 73, puppets: 2, network });
  for (const puppet of puppets) mesh.cut(subject, subject.linkTo(puppet)!);
  mesh.run(100);
  assert.equal(subject.core.roomForBulk(), Number.POSITIVE_INFINITY);
});
