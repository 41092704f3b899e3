import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../../../src-main/services/node/gate.ts';

test('who is waited for goes first, whoever gave up is passed over, and places are counted', async () => {
  const gate = new Gate(2);
  const order: string[] = [];
  const abort = new AbortController();
  const enter = (name: string, isUrgent: boolean, signal?: AbortSignal): Promise<void> =>
    gate.enter(signal, isUrgent).then((entered) => void order.push(entered ? name : `${name} gave up`));
  await enter('a', false);
  await enter('b', false);
  const waiting = [
    enter('ahead 1', false),
    enter('ahead 2', false, abort.signal),
    enter('now 1', true),
    enter('now 2', true),
    enter('ahead 3', false),
  ];
  abort.abort();
  for (let count = 0; count < 6; count += 1) {
    gate.leave();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(waiting);
  assert.deepEqual(order, ['a', 'b', 'ahead 2 gave up', 'now 1', 'now 2', 'ahead 1', 'ahead 3']);
  await enter('c', false);
  await enter('d', false);
  assert.equal(order.length, 9, 'both places were given back');
});
