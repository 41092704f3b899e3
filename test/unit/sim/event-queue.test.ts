/** The queue of the simulator: order of time, then of asking, whatever comes and goes in between. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { EventQueue } from '../../sim/engine/event-queue.ts';
import { SimRandom } from '../../sim/engine/random.ts';

test('events come in order of time, and at one time in the order in which they were asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 }), (times) => {
      const queue = new EventQueue();
      times.forEach((time, index) => queue.add(time, 1, index));
      const wanted = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time || a.index - b.index);
      for (const { time, index } of wanted) {
        assert.equal(queue.nextMs, time);
        assert.ok(queue.take());
        assert.deepEqual([queue.atMs, queue.a], [time, index]);
      }
      assert.equal(queue.take(), false);
      assert.equal(queue.nextMs, Number.POSITIVE_INFINITY);
    }),
  );
});

test('adding and taking mixed, beyond the first capacity, gives what a sorted list gives', () => {
  const random = new SimRandom(5);
  const queue = new EventQueue();
  let pending: { time: number; order: number }[] = [];
  let nowMs = 0;
  for (let order = 0; order < 20_000; order += 1) {
    const time = nowMs + random.below(1_000);
    queue.add(time, order % 7, order, order * 2, order * 3, `payload ${order}`);
    pending.push({ time, order });
    if (random.below(5) > 0) continue;
    for (let count = random.below(8); count > 0 && pending.length > 0; count -= 1) {
      const next = pending.reduce((a, b) => (b.time < a.time || (b.time === a.time && b.order < a.order) ? b : a));
      pending = pending.filter((event) => event !== next);
      assert.ok(queue.take());
      const { order: wanted } = next;
      assert.deepEqual([queue.atMs, queue.a], [next.time, wanted]);
      assert.deepEqual(
        [queue.kind, queue.b, queue.c, queue.payload],
        [wanted % 7, wanted * 2, wanted * 3, `payload ${wanted}`],
      );
      nowMs = queue.atMs;
    }
    if (pending.length > 3_000) break;
  }
  assert.ok(pending.length > 2_000, 'the queue has grown');
  assert.equal(queue.size, pending.length);
});
