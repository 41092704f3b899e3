import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SearchIndex } from '../../src-main/core/search/index-port.ts';
import { createMemorySearchIndex } from '../../src-main/storage/memory/search-index.ts';
import { createLazySearchIndex } from '../../src-main/storage/sqlite/lazy-search-index.ts';
import { openSqliteSearchIndex } from '../../src-main/storage/sqlite/search-index.ts';
import type { SqliteSearchIndexOptions } from '../../src-main/storage/sqlite/search-index.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import {
  file,
  found,
  LIMITS,
  MADE,
  listing,
  parsed,
  root,
  searchIndexSuite,
  share,
  source,
  textOf,
  TODAY,
} from './search-index.ts';
import type { OpenIndex } from './search-index.ts';

const random = createSystemRandom();
const wallMs = (): number => TODAY * 86_400_000;

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'broadside-search-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function openAt(
  context: TestContext,
  path: string,
  options: Partial<SqliteSearchIndexOptions> = {},
): Promise<SearchIndex> {
  const index = await openSqliteSearchIndex({ path, random, wallMs, ...options });
  context.after(() => index.close());
  return index;
}

const openSqlite: OpenIndex = (context, options) => openAt(context, join(directory(context), 'search.db'), options);
const openMemory: OpenIndex = async (_context, options) => createMemorySearchIndex(options);

searchIndexSuite('memory', openMemory);
searchIndexSuite('sqlite', openSqlite);

describe('the search index of a node that may never be a hub', () => {
  const openLazy = (context: TestContext, path: string, now = wallMs): SearchIndex => {
    const index = createLazySearchIndex({ path, random, wallMs: now });
    context.after(() => index.close());
    return index;
  };

  it('has no file before it is used, and knows then who is linked', async (context) => {
    const path = join(directory(context), 'search.db');
    const index = openLazy(context, path);
    index.present(source(1), { freeSlots: 1 });
    index.present(source(2), { freeSlots: 1 });
    index.present(source(2), undefined);
    assert.equal(await index.dropOld(wallMs()), 0);
    assert.equal(existsSync(path), false);
    await Promise.all([1, 2].map((number) => share(index, number, [file(number, 'tide')])));
    assert.equal((await found(index, 'tide')).length, 1);
    index.present(source(2), { freeSlots: 1 });
    assert.equal((await found(index, 'tide')).length, 2);
    await index.close();
    await assert.rejects(index.stats(), { code: 'unexpected' });
  });

  it('needs no file for lists with nothing in them, nor to say that it has nothing, and keeps them when one comes', async (context) => {
    const path = join(directory(context), 'search.db');
    const index = openLazy(context, path);
    index.present(source(1), { freeSlots: 1 });
    await index.dropSource(source(1));
    assert.equal(await share(index, 1, []), 'done');
    const state = await index.listState(source(1));
    assert.equal(state?.files, 0);
    assert.equal(await index.listState(source(2)), undefined);
    assert.deepEqual(await found(index, 'tide'), []);
    assert.deepEqual(await index.listings(undefined, 10), []);
    assert.deepEqual(await index.wordTable(), await createMemorySearchIndex({ limits: LIMITS, wallMs }).wordTable());
    assert.deepEqual(await index.stats(), { files: 0, sources: 0, listings: 0, usedBytes: 0 });
    assert.equal(existsSync(path), false);
    await share(index, 2, [file(2, 'tide')]);
    assert.deepEqual(await index.listState(source(1)), state);
    assert.equal((await index.stats()).sources, 2);
    await index.dropSource(source(1));
    assert.equal(await index.listState(source(1)), undefined);
  });

  it('removes its file when what is left of it has grown old, and begins anew', async (context) => {
    const path = join(directory(context), 'search.db');
    const first = openLazy(context, path);
    await share(first, 1, [file(1, 'tide')]);
    await first.close();
    const index = openLazy(context, path, () => wallMs() + 2 * 86_400_000);
    assert.equal(await index.dropOld(wallMs()), 0);
    assert.equal(existsSync(path), true, 'it is not old yet');
    assert.equal(await index.dropOld(wallMs() + 86_400_000), 1);
    assert.equal(existsSync(path), false);
    index.present(source(1), { freeSlots: 1 });
    await share(index, 1, [file(2, 'tide again')]);
    assert.deepEqual(await found(index, 'tide'), ['tide again']);
  });
});

const WORDS = ['tide', 'harbour', 'board', 'minutes', 'music', 'musk', 'мир', '東京', 'café', 'x1974'];
const QUERIES = [...WORDS, 'tide harbour', '"harbour board"', 'mus*', 'tide -board', 'ca* music', 'tide type:audio'];

describe('search indexes on disk and in memory', () => {
  for (const seed of [1, 2, 3]) {
    it(`do the same with the same calls (seed ${seed})`, async (context) => {
      const choose = seededRandom(seed);
      const limits = { ...LIMITS, filesOfSource: 40, files: 150, listings: 10, removals: 5 };
      const indexes = await Promise.all([
        openSqlite(context, { limits, wallMs }),
        openMemory(context, { limits, wallMs }),
      ]);
      const both = async (name: string, work: (index: SearchIndex) => unknown): Promise<void> => {
        const [onDisk, inMemory] = await Promise.all(indexes.map(work));
        assert.deepEqual(onDisk, inMemory, name);
      };
      const name = (): string =>
        `${Array.from({ length: 1 + choose.below(4) }, () => WORDS[choose.below(WORDS.length)]).join(' ')}.${['mp3', 'pdf'][choose.below(2)]}`;
      for (let step = 0; step < 250; step += 1) {
        const number = choose.below(8);
        const kind = choose.below(12);
        if (kind < 6) {
          const added = Array.from({ length: choose.below(12) }, () => file(choose.below(60), name()));
          const removed = Array.from({ length: choose.below(4) }, () => root(choose.below(60)));
          const generation = choose.below(20) === 0 ? step : 1;
          await both(`${step}: change`, (index) =>
            share(index, number, added, { generation, sequence: step, removed }),
          );
        } else if (kind === 6) await both(`${step}: drop`, (index) => index.dropSource(source(number)));
        else if (kind === 7) {
          const where =
            choose.below(3) === 0 ? undefined : { host: `198.51.${number}.1`, port: 1, freeSlots: step % 256 };
          await both(`${step}: present`, (index) => index.present(source(number), where));
        } else if (kind === 8) {
          const listed = listing(choose.below(15), name(), { keywords: [name(), name()] });
          const each = { ...listed, madeMinutes: MADE + choose.below(3) };
          await both(`${step}: list`, (index) => index.putListing(each));
        } else if (kind === 9) {
          const { documentKey } = listing(choose.below(15), '').entry;
          const made = MADE - 1 + choose.below(3);
          await both(`${step}: unlist`, (index) => index.dropListing(documentKey, made));
        } else {
          const query = parsed(QUERIES[choose.below(QUERIES.length)]!);
          const bounds = { limit: 5 + choose.below(100), perSource: 50, perContent: 50, todayDay: TODAY };
          await both(`${step}: query`, (index) => index.query(query, bounds));
        }
        await both(`${step}: state`, (index) => index.listState(source(number)));
      }
      await both('stats', async (index) => ({ ...(await index.stats()), usedBytes: 0 }));
      await both('table', (index) => index.wordTable());
      await both('listings', (index) => index.listings(undefined, 100));
    });
  }
});

describe('the search index on disk', () => {
  it('takes over what the first version wrote, whose listings had no time', async (context) => {
    const path = join(directory(context), 'search.db');
    const first = await openAt(context, path);
    await share(first, 1, [file(1, 'tide.mp3')]);
    await first.putListing(listing(1, 'A paper'));
    await first.close();
    const old = new DatabaseSync(path);
    old.exec(
      "DROP TABLE removals; ALTER TABLE listings DROP COLUMN made; UPDATE meta SET value = 1 WHERE name = 'version'",
    );
    old.exec('PRAGMA user_version = 1');
    old.close();
    const second = await openAt(context, path);
    assert.deepEqual(await found(second, 'paper'), ['A paper']);
    assert.equal(await second.putListing({ ...listing(1, 'A later paper'), madeMinutes: 1 }), 'done');
    assert.deepEqual(await found(second, 'paper'), ['A later paper']);
    await second.dropListing(listing(1, '').entry.documentKey, 1);
    assert.deepEqual(await found(second, 'paper'), []);
  });

  it('has everything again when it is opened anew, and counts its words alike', async (context) => {
    const path = join(directory(context), 'search.db');
    const first = await openAt(context, path);
    await share(first, 1, [file(1, 'Café 東京 tide.mp3'), file(2, 'two')], { generation: 2 ** 47, sequence: 12 });
    await share(first, 2, [file(3, 'three')]);
    await share(first, 1, [], { generation: 2 ** 47, sequence: 13, removed: [root(2)] });
    await first.dropSource(source(2));
    await first.putListing(listing(1, 'A paper', { keywords: ['on tides'] }));
    await first.dropListing(listing(2, '').entry.documentKey, MADE);
    const table = await first.wordTable();
    await first.close();
    const second = await openAt(context, path);
    second.present(source(1), { freeSlots: 1 });
    assert.deepEqual(await second.listState(source(1)), { generation: 2 ** 47, sequence: 13, files: 1 });
    assert.equal(await second.listState(source(2)), undefined);
    assert.deepEqual(await found(second, 'tide'), ['Café 東京 tide.mp3']);
    assert.deepEqual(await found(second, 'paper'), ['A paper']);
    assert.deepEqual(await second.wordTable(), table);
    assert.equal(await second.putListing(listing(2, 'taken back')), 'removed');
    assert.deepEqual(await second.listings(undefined, 10), [listing(1, 'A paper', { keywords: ['on tides'] })]);
    await share(second, 3, [file(9, 'tide too')]);
    second.present(source(3), { freeSlots: 1 });
    assert.deepEqual(await found(second, 'tide'), ['Café 東京 tide.mp3', 'tide too']);
  });

  it('answers a full disk with full, keeps what it has, and goes on when there is room', async (context) => {
    const path = join(directory(context), 'search.db');
    const index = await openAt(context, path, { maxPages: 120 });
    index.present(source(1), { freeSlots: 1 });
    const taken: string[] = [];
    let outcome: 'done' | 'full' = 'done';
    for (let round = 0; outcome === 'done' && round < 100; round += 1) {
      const added = Array.from({ length: 50 }, (_, at) => file(round * 100 + at, `round${round} at${at}`));
      outcome = await share(index, 1, added, { sequence: round });
      if (outcome === 'done') taken.push(...added.map(({ name }) => name));
    }
    assert.equal(outcome, 'full');
    assert.ok(taken.length >= 50);
    for (const each of ['round0 at7', `round${taken.length / 50 - 1} at49`]) {
      assert.deepEqual(await found(index, each), [each]);
    }
    assert.deepEqual(await found(index, `round${taken.length / 50}`), []);
    assert.equal((await index.stats()).files, taken.length);
    await index.close();
    const roomy = await openAt(context, path);
    roomy.present(source(1), { freeSlots: 1 });
    assert.equal(await share(roomy, 1, [file(99_999, 'after')], { sequence: 1_000 }), 'done');
    assert.deepEqual([await found(roomy, 'after'), await found(roomy, 'round0 at7')], [['after'], ['round0 at7']]);
    assert.deepEqual(await roomy.listState(source(1)), { generation: 1, sequence: 1_000, files: taken.length + 1 });
  });

  it('takes nothing in on a disk with less room than its reserve, but lets go', async (context) => {
    const path = join(directory(context), 'search.db');
    const roomy = await openAt(context, path);
    await share(roomy, 1, [file(1, 'one'), file(2, 'two')]);
    await roomy.close();
    const index = await openAt(context, path, { reserveBytes: 2 ** 60 });
    assert.equal(await share(index, 1, [file(3, 'three')], { sequence: 2 }), 'full');
    assert.equal(await share(index, 1, [], { sequence: 3, removed: [root(1)] }), 'done');
    assert.equal(await index.putListing(listing(1, 'paper')), 'full');
    assert.deepEqual(await index.listState(source(1)), { generation: 1, sequence: 3, files: 1 });
  });

  it('gives the disk back after much was dropped', async (context) => {
    const path = join(directory(context), 'search.db');
    const index = await openAt(context, path);
    for (let number = 0; number < 40; number += 1) {
      const added = Array.from({ length: 500 }, (_, at) =>
        file(number * 1_000 + at, `shared file ${number} number ${at}.mp3`),
      );
      await share(index, number, added);
    }
    const before = (await index.stats()).usedBytes;
    for (let number = 1; number < 40; number += 1) await index.dropSource(source(number));
    const startedMs = performance.now();
    let used = before;
    while (used > before / 4 && performance.now() - startedMs < 30_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      used = (await index.stats()).usedBytes;
    }
    assert.ok(used <= before / 4, `${used} of ${before} bytes are still used`);
    assert.deepEqual(await index.stats().then(({ files }) => files), 500);
    index.present(source(0), { freeSlots: 1 });
    assert.equal((await found(index, 'shared', { limit: 50 })).length, 50);
  });

  it('does not let one source, or common words, keep others from being found', async (context) => {
    const index = await openAt(context, join(directory(context), 'search.db'));
    const flood = Array.from({ length: 20_000 }, (_, number) => file(number, `tide harbour flood ${number}.mp3`));
    for (let at = 0; at < flood.length; at += 1_000) {
      assert.equal(await share(index, 0, flood.slice(at, at + 1_000), { sequence: at }), 'done');
    }
    index.present(source(0), { freeSlots: 1 });
    for (let number = 1; number <= 5; number += 1) {
      await share(index, number, [file(100_000 + number, `tide harbour honest ${number}.mp3`)]);
      index.present(source(number), { freeSlots: 1 });
    }
    for (let round = 0; round < 10; round += 1) {
      const { hits, more } = await index.query(parsed('tide harbour'), {
        limit: 100,
        perSource: 20,
        perContent: 10,
        todayDay: TODAY,
      });
      assert.equal(hits.filter((hit) => textOf(hit).includes('honest')).length, 5);
      assert.deepEqual([hits.length, more], [25, true]);
    }
    assert.equal((await found(index, 'honest')).length, 5);
  });

  it('moves a file that is damaged aside, refuses changes of lists that are lost, and takes them anew', async (context) => {
    const path = join(directory(context), 'search.db');
    const first = await openAt(context, path);
    for (let number = 0; number < 20; number += 1) {
      await share(
        first,
        number,
        Array.from({ length: 100 }, (_, at) => file(number * 1_000 + at, `tide ${number} ${at}`)),
      );
    }
    await first.close();
    const { size } = statSync(path);
    const moved: string[] = [];
    const index = await openAt(context, path, { onDamaged: (movedTo) => moved.push(movedTo) });
    for (let number = 0; number < 20; number += 1) index.present(source(number), { freeSlots: 1 });
    assert.deepEqual(moved, []);
    const descriptor = openSync(path, 'r+');
    for (let at = 4_096 * 3; at < size; at += 4_096)
      writeSync(descriptor, new Uint8Array(4_096).fill(0xa5), 0, 4_096, at);
    closeSync(descriptor);
    // Pages that were read before are in memory: some query meets the damage.
    for (let round = 0; moved.length === 0 && round < 200; round += 1) {
      await found(index, `${round % 100} tide`).catch((thrown: { code?: string }) =>
        assert.equal(thrown.code, 'damaged'),
      );
    }
    await index.stats();
    assert.equal(moved.length, 1);
    assert.equal(await share(index, 1, [file(1, 'a change')], { sequence: 2 }), 'full');
    const begun = [index.dropSource(source(1)), share(index, 1, [file(1, 'the whole list')], { sequence: 2 })];
    assert.deepEqual(await Promise.all(begun), [undefined, 'done']);
    assert.deepEqual(await found(index, 'whole'), ['the whole list']);
  });
});
