/** Who sends thousands of short messages within a second is told, once for each second, and is forgotten with the link. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Floods } from '../../../src-main/core/links/floods.ts';
import { FLOOD_MEAN_BYTES, FLOOD_MESSAGES } from '../../../src-main/core/limits.ts';

const LINK = 7;

/** Times that `count` messages of so many bytes, evenly spread from `fromMs` on, were told as a flood. */
function told(floods: Floods, count: number, bytes: number, fromMs: number, everyMs: number): number {
  let times = 0;
  for (let index = 0; index < count; index += 1) if (floods.note(LINK, bytes, fromMs + index * everyMs)) times += 1;
  return times;
}

test('one message less than a flood is none', () => {
  assert.equal(told(new Floods(), FLOOD_MESSAGES - 1, 1, 0, 0), 0);
});

test('a flood is told once within its second, however long it goes on', () => {
  assert.equal(told(new Floods(), 5 * FLOOD_MESSAGES, 1, 0, 0), 1);
});

test('and again in the next second', () => {
  const floods = new Floods();
  for (const begunMs of [0, 1_000, 2_000]) assert.equal(told(floods, FLOOD_MESSAGES, 1, begunMs, 0), 1);
});

test('as many messages over a longer time are none', () => {
  // A relay at work: many messages, but never so many within a second.
  assert.equal(told(new Floods(), 3 * FLOOD_MESSAGES, 1, 0, 1_001 / (FLOOD_MESSAGES - 1)), 0);
});

test('blocks are bounded by credit, and are no flood however many come', () => {
  assert.equal(told(new Floods(), 2 * FLOOD_MESSAGES, FLOOD_MEAN_BYTES, 0, 0), 0);
  assert.equal(told(new Floods(), 2 * FLOOD_MESSAGES, FLOOD_MEAN_BYTES - 1, 0, 0), 1);
});

test('each link is counted for itself', () => {
  const floods = new Floods();
  for (let index = 0; index < FLOOD_MESSAGES - 1; index += 1)
    for (const link of [1, 2]) assert.equal(floods.note(link, 1, 0), false);
  assert.equal(floods.note(1, 1, 0), true);
  assert.equal(floods.note(2, 1, 999), true);
});

test('a link that is down is forgotten, and one that comes under its number begins anew', () => {
  const floods = new Floods();
  told(floods, FLOOD_MESSAGES - 1, 1, 0, 0);
  assert.equal(floods.size, 1);
  floods.onLinkDown(LINK);
  assert.equal(floods.size, 0);
  assert.equal(floods.note(LINK, 1, 0), false);
});

test('it holds no more than the links that there are, whatever they send', () => {
  const step = fc.record({
    link: fc.integer({ min: 1, max: 5 }),
    isDown: fc.boolean(),
    bytes: fc.nat(40_000),
    passMs: fc.nat(3_000),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const floods = new Floods();
      const up = new Set<number>();
      let nowMs = 0;
      for (const { link, isDown, bytes, passMs } of steps) {
        nowMs += passMs;
        if (isDown) {
          floods.onLinkDown(link);
          up.delete(link);
        } else {
          floods.note(link, bytes, nowMs);
          up.add(link);
        }
        assert.equal(floods.size, up.size);
      }
    }),
  );
});
