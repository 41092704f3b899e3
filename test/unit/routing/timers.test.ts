import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { RecentIds } from '../../../src-main/core/routing/recent-ids.ts';
import { SlotCache } from '../../../src-main/core/routing/slot-cache.ts';
import { Timers } from '../../../src-main/core/routing/timers.ts';
import { CACHED_SLOT_MS, MAX_CACHED_SLOTS, MAX_RECENT_IDS, RECENT_ID_MS } from '../../../src-main/core/limits.ts';

test('timers come due in order, and cancelled ones never', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ atMs: fc.nat(1_000), cancel: fc.boolean() }), { maxLength: 300 }), (wanted) => {
      const timers = new Timers();
      const ran: number[] = [];
      const set = wanted.map(({ atMs }) => timers.set(atMs, () => ran.push(atMs)));
      wanted.forEach(({ cancel }, index) => cancel && timers.cancel(set[index]));
      for (let now = 0; now <= 1_000; now += 100) {
        for (let due = timers.due(now); due !== undefined; due = timers.due(now)) due.run();
      }
      const expected = wanted.filter(({ cancel }) => !cancel).map(({ atMs }) => atMs);
      assert.deepEqual(
        ran,
        expected.sort((a, b) => a - b),
      );
      assert.equal(timers.next(), undefined);
    }),
  );
});

test('distance is the shorter way round', () => {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(place, place, place, (a, b, c) => {
      assert.ok(distance(a, b) >= 0 && distance(a, b) <= 0.5);
      assert.equal(distance(a, b), distance(b, a));
      assert.ok(distance(a, c) <= distance(a, b) + distance(b, c) + 1e-15);
    }),
  );
  assert.ok(Math.abs(distance(0.99, 0.01) - 0.02) < 1e-12);
});

test('a location is the first 53 bits as a fraction', () => {
  assert.equal(locationOf(Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0)), 0.5);
  assert.equal(locationOf(new Uint8Array(8)), 0);
  assert.equal(locationOf(new Uint8Array(8).fill(255)), 1 - 2 ** -53);
  assert.equal(locationOf(Uint8Array.of(0, 0, 0, 0, 0, 0, 8, 0)), 2 ** -53);
});

test('recent ids are bounded in number and in time', () => {
  const ids = new RecentIds();
  for (let number = 0; number < MAX_RECENT_IDS + 100; number += 1) ids.add(`id ${number}`, 0);
  assert.equal(ids.size, MAX_RECENT_IDS);
  assert.equal(ids.has('id 0', 0), false);
  assert.equal(ids.has(`id ${MAX_RECENT_IDS + 99}`, 0), true);
  assert.equal(ids.has(`id ${MAX_RECENT_IDS + 99}`, RECENT_ID_MS), false);
  ids.add('late', RECENT_ID_MS);
  assert.equal(ids.size, 1);
});

test('cached slots keep the higher rank, for five minutes, and are bounded', () => {
  const cache = new SlotCache();
  const rank = (value: number) => new Uint8Array(14).fill(value);
  cache.put('a', Uint8Array.of(2), rank(2), 0, 0);
  cache.put('a', Uint8Array.of(1), rank(1), 0, 0);
  assert.deepEqual(cache.get('a', 1)?.record, Uint8Array.of(2));
  cache.put('a', Uint8Array.of(3), rank(3), 0, 0);
  assert.deepEqual(cache.get('a', 1)?.record, Uint8Array.of(3));
  assert.equal(cache.get('a', CACHED_SLOT_MS), undefined);
  // It was a minute old when it came, and does not get younger by coming again.
  cache.put('b', Uint8Array.of(1), rank(1), 0, 60_000);
  cache.put('b', Uint8Array.of(1), rank(1), 1_000, 120_000);
  assert.ok(cache.get('b', CACHED_SLOT_MS - 60_001) !== undefined);
  assert.equal(cache.get('b', CACHED_SLOT_MS - 60_000), undefined);
  for (let number = 0; number < MAX_CACHED_SLOTS + 10; number += 1)
    cache.put(`slot ${number}`, Uint8Array.of(1), rank(1), 0, 0);
  assert.equal(cache.size, MAX_CACHED_SLOTS);
});
