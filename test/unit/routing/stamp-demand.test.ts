/** How many bits a node asks for: the base for what people publish, more for a flood, and no coming and going. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MIB } from '../../../shared/base/units.ts';
import { COPIES, MAX_ADDED_STAMP_BITS, MAX_STAMP_BITS } from '../../../src-main/core/limits.ts';
import { codedCount } from '../../../src-main/core/publish/segments.ts';
import { distance } from '../../../src-main/core/routing/location.ts';
import { StampDemand } from '../../../src-main/core/routing/stamp-demand.ts';
import { CONTENT_RECORD_BYTES, PAYLOAD_BYTES } from '../../../src-main/core/wire/record.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const QUOTA = 10e9;
const BASE = 4;

/** Stores at a rate that fills the quota `fillsOfDay` times a day, a hundred times an hour; bits at the end of each hour. */
function flood(demand: StampDemand, fillsOfDay: number, fromMs: number, hours: number): number[] {
  const bits: number[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    for (let part = 1; part <= 100; part += 1)
      demand.onStored((QUOTA * fillsOfDay) / 2_400, fromMs + (hour + part / 100) * HOUR_MS);
    bits.push(demand.bits(fromMs + (hour + 1) * HOUR_MS));
  }
  return bits;
}

test('the base while the quota lasts for a day, and one bit more for each doubling of the rate beyond', () => {
  for (const [fillsOfDay, added] of [
    [0.001, 0],
    [0.9, 0],
    [1.9, 0],
    [2.2, 1],
    [3.9, 1],
    [4.4, 2],
    [100, 6],
    [1_100, 10],
    [1e6, 10],
  ] as const) {
    const bits = flood(new StampDemand(BASE, () => QUOTA), fillsOfDay, 1_000, 8);
    assert.equal(bits.at(-1), BASE + added, `${fillsOfDay} times a day`);
  }
  assert.equal(flood(new StampDemand(15, () => QUOTA), 1e6, 0, 8).at(-1), MAX_STAMP_BITS);
});

test('after a flood the demand falls bit by bit, and within a day it is the base again', () => {
  const demand = new StampDemand(BASE, () => QUOTA);
  assert.equal(flood(demand, 1_100, 0, 8).at(-1), BASE + MAX_ADDED_STAMP_BITS);
  let last = demand.bits(8 * HOUR_MS);
  for (let atMs = 8 * HOUR_MS; atMs <= 8 * HOUR_MS + DAY_MS; atMs += 60_000) {
    const now = demand.bits(atMs);
    assert.ok(now === last || now === last - 1);
    last = now;
  }
  assert.equal(last, BASE);
});

test('a rate that sways about a step neither adds nor takes a bit again and again', () => {
  const random = seededRandom(1);
  const demand = new StampDemand(BASE, () => QUOTA);
  let changes = 0;
  let last = BASE;
  for (let minute = 1; minute <= 48 * 60; minute += 1) {
    // 2 times a day, where the first bit is added, now a quarter more and now a quarter less, ten minutes each.
    const sway = Math.floor(minute / 10) % 2 === 0 ? 1.25 : 0.75;
    demand.onStored((QUOTA * 2 * sway * (0.5 + random.below(1_000) / 1_000)) / 1_440, minute * 60_000);
    const now = demand.bits(minute * 60_000);
    if (now !== last) changes += 1;
    last = now;
  }
  assert.equal(changes, 1);
});

test('always within its bounds, never fewer for more bytes, and the same however often it is asked', () => {
  const store = fc.record({
    bytes: fc.integer({ min: 0, max: 5e9 }),
    waitMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
  });
  fc.assert(
    fc.property(fc.array(store, { maxLength: 80 }), fc.integer({ min: 0, max: 20 }), (stores, base) => {
      const [once, often, double] = Array.from({ length: 3 }, () => new StampDemand(base, () => QUOTA)) as [
        StampDemand,
        StampDemand,
        StampDemand,
      ];
      let nowMs = 0;
      for (const { bytes, waitMs } of stores) {
        for (let part = 1; part < 5; part += 1) often.bits(nowMs + (waitMs * part) / 5);
        nowMs += waitMs;
        for (const demand of [once, often]) demand.onStored(bytes, nowMs);
        double.onStored(2 * bytes, nowMs);
        assert.ok(double.bits(nowMs) >= often.bits(nowMs));
        assert.ok(
          often.bits(nowMs) >= base && often.bits(nowMs) <= Math.min(base + MAX_ADDED_STAMP_BITS, MAX_STAMP_BITS),
        );
      }
      assert.equal(once.bits(nowMs), often.bits(nowMs));
    }),
  );
});

test('a quota of nothing asks for the most as soon as something comes, and for the base before', () => {
  const demand = new StampDemand(BASE, () => 0);
  assert.equal(demand.bits(0), BASE);
  demand.onStored(1, 0);
  assert.equal(demand.bits(0), BASE + MAX_ADDED_STAMP_BITS);
});

/** The most bits that any of `nodes` asks for while `sizeBytes` are published: each block goes to the four nearest. */
function mostBitsOf(sizeBytes: number, nodes: number, seed: number): number {
  const random = seededRandom(seed);
  const place = (): number => random.below(2 ** 32) / 2 ** 32;
  const places = Array.from({ length: nodes }, place);
  const demands = places.map(() => new StampDemand(BASE, () => QUOTA));
  // 20 MB/s; a publication with as many check blocks as there are at the usual settings: every second block has one.
  const blocks = codedCount(sizeBytes / PAYLOAD_BYTES, 4);
  let most = BASE;
  for (let block = 0; block < blocks; block += 1) {
    const address = place();
    const nearest = places
      .map((at, index) => ({ index, away: distance(at, address) }))
      .toSorted((a, b) => a.away - b.away)
      .slice(0, COPIES);
    const nowMs = (block * PAYLOAD_BYTES) / 20_000;
    for (const { index } of nearest) {
      demands[index]!.onStored(CONTENT_RECORD_BYTES, nowMs);
      most = Math.max(most, demands[index]!.bits(nowMs));
    }
  }
  return most;
}

test('publishing 64 MiB or 1 GiB into a practice network of 12 nodes of 10 GB hardly raises it', () => {
  for (let seed = 1; seed <= 5; seed += 1) assert.equal(mostBitsOf(64 * MIB, 12, seed), BASE);
  for (let seed = 1; seed <= 2; seed += 1) assert.ok(mostBitsOf(1_024 * MIB, 12, seed) <= BASE + 1);
  // In the worst case every block goes to one and the same node.
  assert.ok(mostBitsOf(1_024 * MIB, 4, 1) <= BASE + 2);
});
