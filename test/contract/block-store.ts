/** What every block store keeps to. Run on the real one and on the one in memory: block-store.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { BlockStore, Place, PutOutcome, StoreEntry } from '../../src-main/core/ports.ts';
import { entrySizeBytes } from '../../src-main/storage/quotas.ts';
import { toHex } from '../../shared/base/bytes.ts';
import type { BlockStoreStats, PlaceQuotas } from '../../src-main/storage/quotas.ts';
import { seededRandom } from '../support/seeded-random.ts';

export interface TestedStore extends BlockStore {
  stats(): Promise<BlockStoreStats>;
}
export type OpenStore = (
  context: TestContext,
  options: { quotaBytes: number; placeQuotas?: PlaceQuotas },
) => Promise<TestedStore>;

const RECORD_BYTES = 1_000;
/** Room that one entry of these tests takes: quotas are given in them. */
export const UNIT = entrySizeBytes(RECORD_BYTES);

/** Entry number `number`: everything about it follows from the number. */
export function entry(number: number, more: Partial<StoreEntry> = {}): StoreEntry {
  const random = seededRandom(number + 1);
  return { address: random.bytes(32), record: random.bytes(RECORD_BYTES), kind: 'content', place: 'store', ...more };
}

export function rank(counter: number): Uint8Array {
  const bytes = new Uint8Array(14);
  new DataView(bytes.buffer).setUint32(2, counter);
  return bytes;
}

export const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

async function putAll(
  store: BlockStore,
  which: readonly number[],
  more: Partial<StoreEntry> = {},
): Promise<PutOutcome[]> {
  return Promise.all(which.map((number) => store.put(entry(number, more))));
}

async function ask(store: BlockStore, which: readonly number[]): Promise<void> {
  for (const number of which) assert.deepEqual(await store.get(entry(number).address), entry(number).record);
}

/** Which of the entries are held. */
async function held(store: BlockStore, which: readonly number[]): Promise<number[]> {
  const present = await Promise.all(which.map((number) => store.has(entry(number).address)));
  return which.filter((_, index) => present[index]);
}

const times = (outcome: PutOutcome, count: number) => Array<PutOutcome>(count).fill(outcome);

export function blockStoreSuite(name: string, open: OpenStore): void {
  describe(`block store: ${name}`, () => {
    it('gives back what was put, and knows nothing else', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      assert.equal(await store.put(entry(1)), 'stored');
      assert.deepEqual(await store.get(entry(1).address), entry(1).record);
      assert.equal(await store.has(entry(1).address), true);
      assert.equal(await store.get(entry(2).address), undefined);
      assert.equal(await store.has(entry(2).address), false);
      await store.remove(entry(1).address);
      await store.remove(entry(2).address);
      assert.equal(await store.get(entry(1).address), undefined);
      assert.equal((await store.stats()).usedBytes, 0);
    });

    it('does not share memory with who puts and who gets', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const own = entry(1);
      await store.put(own);
      own.record.fill(0);
      const first = (await store.get(entry(1).address))!;
      assert.deepEqual(first, entry(1).record);
      first.fill(0);
      assert.deepEqual(await store.get(entry(1).address), entry(1).record);
    });

    it('tells where on the circle it keeps records for others, by what it stores and not by what it caches', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      assert.equal((await store.spread()).length, 256);
      const expected = Array.from({ length: 256 }, () => 0);
      for (let number = 1; number <= 20; number += 1) {
        const own = entry(number, { place: number % 4 === 0 ? 'cache' : 'store' });
        await store.put(own);
        if (own.place === 'store') expected[own.address[0]!]! += 1;
      }
      assert.deepEqual(await store.spread(), expected);
    });

    it('keeps the first seen where there is no rank', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      assert.equal(await store.put(entry(1)), 'stored');
      assert.equal(await store.put(entry(1, { record: entry(2).record })), 'present');
      assert.equal(await store.put(entry(1, { record: entry(2).record, rank: rank(9) })), 'present');
      assert.deepEqual(await store.get(entry(1).address), entry(1).record);
    });

    it('replaces a lower rank by a higher, and nothing else', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const edition = (counter: number) =>
        entry(1, { kind: 'slot', rank: rank(counter), record: entry(counter).record });
      assert.equal(await store.put(edition(5)), 'stored');
      assert.equal(await store.put(edition(5)), 'present');
      assert.equal(await store.put(edition(4)), 'present');
      assert.deepEqual(await store.get(entry(1).address), entry(5).record);
      assert.equal(await store.put(edition(300)), 'stored');
      assert.deepEqual(await store.get(entry(1).address), entry(300).record);
      const { blocks, slots, usedBytes } = await store.stats();
      assert.deepEqual({ blocks, slots, usedBytes }, { blocks: 1, slots: 1, usedBytes: UNIT });
    });

    it('ends with the highest rank of those put at once', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const counters = [3, 9, 1, 9, 40, 2, 39];
      const outcomes = await Promise.all(
        counters.map((counter) =>
          store.put(entry(1, { kind: 'slot', rank: rank(counter), record: entry(counter).record })),
        ),
      );
      assert.deepEqual(await store.get(entry(1).address), entry(40).record);
      assert.deepEqual(outcomes, ['stored', 'stored', 'present', 'present', 'stored', 'present', 'present']);
    });

    it('counts what it holds', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 5));
      await putAll(store, numbers(10, 4), { place: 'cache' });
      await putAll(store, numbers(20, 3), { kind: 'slot', rank: rank(1) });
      await store.put(entry(30, { kind: 'tombstone', rank: rank(2) }));
      const expected = { usedBytes: 13 * UNIT, quotaBytes: 100 * UNIT, blocks: 13, storeBlocks: 9, cacheBlocks: 4 };
      const stats = await store.stats();
      assert.deepEqual(stats, {
        ...expected,
        slots: 3,
        tombstones: 1,
        probationBytes: 12 * UNIT,
        evicted: 0,
        damaged: 0,
      });
    });

    it('evicts the least recently put of what nobody asked for', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      assert.deepEqual(await putAll(store, numbers(0, 150)), times('stored', 150));
      assert.deepEqual(await held(store, numbers(0, 150)), numbers(50, 100));
      const { usedBytes, evicted } = await store.stats();
      assert.deepEqual({ usedBytes, evicted }, { usedBytes: 100 * UNIT, evicted: 50 });
    });

    it('evicts the least recently used of what was asked for, while probation has no more than its quarter', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 100));
      await ask(store, numbers(0, 80));
      await ask(store, numbers(0, 3));
      // 20 in probation: five more fit its quarter and cost what was used longest ago, 3 ... 7; the next five cost its own.
      await putAll(store, numbers(100, 10));
      assert.deepEqual(await held(store, numbers(0, 110)), [0, 1, 2, ...numbers(8, 72), ...numbers(85, 25)]);
      assert.equal((await store.stats()).probationBytes, 25 * UNIT);
    });

    it('is not emptied by a flood of what nobody asks for', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 75));
      await ask(store, numbers(0, 75));
      await putAll(store, numbers(1_000, 500));
      assert.deepEqual(await held(store, numbers(0, 75)), numbers(0, 75));
    });

    it('gives the room of the cache to the store', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 60));
      await putAll(store, numbers(60, 40), { place: 'cache' });
      await ask(store, numbers(0, 100));
      await putAll(store, numbers(100, 10));
      assert.deepEqual(await held(store, numbers(0, 110)), [...numbers(0, 60), ...numbers(70, 40)]);
      assert.deepEqual(await putAll(store, numbers(200, 5), { place: 'cache' }), times('stored', 5));
      assert.deepEqual(await held(store, numbers(0, 60)), numbers(0, 60));
      assert.equal((await store.stats()).storeBlocks, 70);
    });

    it('pushes nothing out of the store for the cache', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 100));
      assert.equal(await store.put(entry(100, { place: 'cache' })), 'full');
      assert.equal(await store.has(entry(100).address), false);
      assert.deepEqual(await held(store, numbers(0, 100)), numbers(0, 100));
    });

    it('moves an entry from the cache to the store when it is put there, never back', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const places: Place[] = ['cache', 'store', 'cache'];
      const outcomes: PutOutcome[] = [];
      for (const place of places) outcomes.push(await store.put(entry(1, { place })));
      assert.deepEqual(outcomes, ['stored', 'present', 'present']);
      const { storeBlocks, cacheBlocks } = await store.stats();
      assert.deepEqual({ storeBlocks, cacheBlocks }, { storeBlocks: 1, cacheBlocks: 0 });
    });

    it('gives slots 15 % and tombstones 1 %', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 80));
      assert.deepEqual(await putAll(store, numbers(100, 20), { kind: 'slot', rank: rank(1) }), times('stored', 20));
      await putAll(store, numbers(200, 3), { kind: 'tombstone', rank: rank(2) });
      assert.deepEqual(await held(store, numbers(100, 20)), numbers(105, 15));
      assert.deepEqual(await held(store, numbers(200, 3)), [202]);
      assert.deepEqual(await held(store, numbers(0, 80)), numbers(0, 80));
      // Content does not push a tombstone out, however much of it comes.
      await putAll(store, numbers(1_000, 300));
      assert.deepEqual(await held(store, [202]), [202]);
      assert.equal((await store.stats()).usedBytes, 100 * UNIT);
    });

    it('is not emptied of slots, nor of tombstones, by a flood of those that nobody asks for', async (context) => {
      const store = await open(context, { quotaBytes: 400 * UNIT });
      const floods = [
        // 15 % of 400 entries, and 1 %: three quarters of them were asked for.
        { kind: 'slot', from: 0, asked: 45 },
        { kind: 'tombstone', from: 10_000, asked: 3 },
      ] as const;
      for (const { kind, from, asked } of floods) {
        await putAll(store, numbers(from, asked), { kind });
        await ask(store, numbers(from, asked));
        await putAll(store, numbers(from + 1_000, 300), { kind });
        assert.deepEqual(await held(store, numbers(from, asked)), numbers(from, asked), kind);
      }
    });

    it('puts a tombstone in the place of a slot when everything is full', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      await putAll(store, numbers(0, 15), { kind: 'slot', rank: rank(1) });
      await putAll(store, numbers(100, 85));
      assert.equal(await store.put(entry(3, { kind: 'tombstone', rank: rank(2), record: entry(9).record })), 'stored');
      assert.deepEqual(await store.get(entry(3).address), entry(9).record);
      const { slots, tombstones, blocks, evicted } = await store.stats();
      assert.deepEqual({ slots, tombstones, blocks, evicted }, { slots: 14, tombstones: 1, blocks: 100, evicted: 0 });
    });

    it('answers full and changes nothing when the entry cannot fit', async (context) => {
      const store = await open(context, { quotaBytes: 10 * UNIT });
      await putAll(store, numbers(0, 9));
      assert.equal(await store.put(entry(50, { record: new Uint8Array(10 * UNIT) })), 'full');
      assert.equal(await store.put(entry(51, { kind: 'tombstone', rank: rank(1) })), 'full');
      assert.equal(await store.put(entry(0, { kind: 'slot', rank: rank(1) })), 'present');
      assert.deepEqual(await held(store, [...numbers(0, 9), 50, 51]), numbers(0, 9));
      assert.equal((await store.stats()).evicted, 0);
    });

    it('keeps the lower rank when the higher cannot fit', async (context) => {
      const store = await open(context, { quotaBytes: 20 * UNIT });
      await store.put(entry(1, { kind: 'slot', rank: rank(1) }));
      const large = entry(1, { kind: 'slot', rank: rank(2), record: new Uint8Array(4 * UNIT) });
      assert.equal(await store.put(large), 'full');
      assert.deepEqual(await store.get(entry(1).address), entry(1).record);
    });

    it('keeps a cap of the cache', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT, placeQuotas: { cacheBytes: 10 * UNIT } });
      await putAll(store, numbers(0, 15), { place: 'cache' });
      await putAll(store, numbers(20, 15));
      assert.deepEqual(await held(store, numbers(0, 40)), [...numbers(5, 10), ...numbers(20, 15)]);
    });

    it('shrinks with the quota at once, the cache first', async (context) => {
      const store = await open(context, { quotaBytes: 1_000 * UNIT });
      await putAll(store, numbers(0, 300));
      await putAll(store, numbers(300, 400), { place: 'cache' });
      await store.setQuota(200 * UNIT);
      assert.deepEqual(await held(store, numbers(0, 700)), numbers(100, 200));
      const { usedBytes, quotaBytes, evicted } = await store.stats();
      assert.deepEqual(
        { usedBytes, quotaBytes, evicted },
        { usedBytes: 200 * UNIT, quotaBytes: 200 * UNIT, evicted: 500 },
      );
      await store.setQuota(202 * UNIT);
      assert.deepEqual(await putAll(store, numbers(800, 2)), times('stored', 2));
      assert.deepEqual(await held(store, numbers(0, 900)), [...numbers(100, 200), 800, 801]);
    });

    it('lets what is kept be looked at without that being a use, and nothing that is only cached', async (context) => {
      const store = await open(context, { quotaBytes: 3 * UNIT });
      await putAll(store, [1, 2, 3]);
      assert.deepEqual(await store.peek(entry(1).address), entry(1).record);
      assert.equal(await store.peek(entry(9).address), undefined);
      // Had it been a use, another would go.
      assert.equal(await store.put(entry(4)), 'stored');
      assert.deepEqual(await held(store, [1, 2, 3, 4]), [2, 3, 4]);
      const other = await open(context, { quotaBytes: 10 * UNIT });
      await putAll(other, [5], { place: 'cache' });
      assert.equal(await other.peek(entry(5).address), undefined);
      await putAll(other, [5]);
      assert.deepEqual(await other.peek(entry(5).address), entry(5).record);
    });

    it('lists what it keeps with its stamp, page by page, and nothing else', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const stampOf = (number: number): Uint8Array => new Uint8Array(8).fill(number);
      for (const number of numbers(1, 20)) await store.put(entry(number, { stamp: stampOf(number) }));
      // Without a stamp no copy can be made of it; what is cached is not looked after.
      await store.put(entry(21));
      await store.put(entry(22, { place: 'cache', stamp: stampOf(22) }));
      // It came without one at first, or as something to cache.
      await store.put(entry(23));
      await store.put(entry(23, { stamp: stampOf(23) }));
      await store.put(entry(24, { place: 'cache' }));
      await store.put(entry(24, { stamp: stampOf(24) }));
      // A newer version that was read on its way has none, and is at the same address.
      await store.put(entry(25, { kind: 'slot', rank: rank(1), stamp: stampOf(25) }));
      await store.put(entry(25, { kind: 'slot', rank: rank(2), record: entry(26).record }));
      await store.remove(entry(3).address);
      const expected = new Map(
        [...numbers(1, 20), 23, 24, 25].filter((number) => number !== 3).map((number) => [number, stampOf(number)]),
      );
      const listed = new Map<string, Uint8Array>();
      let after: Uint8Array | undefined;
      for (let pages = 0; pages < 10; pages += 1) {
        const { addresses, next } = await store.kept(7, after);
        assert.ok(addresses.length <= 7);
        for (const { address, stamp } of addresses) listed.set(toHex(address), stamp);
        after = next;
        if (next === undefined) break;
      }
      assert.equal(after, undefined);
      assert.equal(listed.size, expected.size);
      for (const [number, stamp] of expected) assert.deepEqual(listed.get(toHex(entry(number).address)), stamp);
    });

    it('closes twice, and answers nothing after', async (context) => {
      const store = await open(context, { quotaBytes: 100 * UNIT });
      const last = store.put(entry(1));
      await Promise.all([store.close(), store.close()]);
      await store.close();
      assert.equal(await last, 'stored');
      const { address } = entry(1);
      const calls = [
        () => store.get(address),
        () => store.has(address),
        () => store.put(entry(2)),
        () => store.remove(address),
      ];
      for (const call of [...calls, () => store.setQuota(1), () => store.stats()]) {
        await assert.rejects(async () => call(), { code: 'unexpected' });
      }
    });
  });
}
