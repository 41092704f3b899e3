import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { Bookmarks, MAX_BOOKMARKS } from '../../../src-main/services/library/bookmarks.ts';
import { newestEdition } from '../../../src-main/services/read/newest-edition.ts';
import { supersede } from '../../support/publication-builder.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { createWorld, crypto, pattern, withCode } from '../read/world.ts';

const DAY_MS = 24 * 60 * 60_000;

function linkOf(seed: number, linkClass: 1 | 2 | 3 = 1): PublicationLink {
  const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(seed);
  return {
    ...{ class: linkClass, k: 3, n: 10, path: '' },
    ...{ documentKey: bytes(32), readSecret: bytes(16), namesDigest: bytes(16) },
  };
}

async function bookmarksOf(
  look: (link: PublicationLink) => Promise<number | undefined> = async () => undefined,
  store = new MemoryLibraryStore(),
) {
  const clock = new ManualClock();
  const asked: string[] = [];
  let changes = 0;
  const bookmarks = new Bookmarks(
    {
      ...{ clock, random: seededRandom(3), libraryStore: store, neighbours: () => 4 },
      newestEdition: (link) => {
        asked.push(formatLink(link));
        return look(link);
      },
      changed: () => (changes += 1),
      onDefect: (thrown) => assert.fail(String(thrown)),
    },
    await store.list(),
  );
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 60_000) {
      clock.advance(60_000);
      await turn();
    }
  };
  return { bookmarks, store, clock, asked, pass, changes: () => changes };
}

test('what is added is there after a restart, under the one spelling of its link, latest first', async () => {
  const first = await bookmarksOf();
  const one = formatLink(linkOf(1));
  await first.bookmarks.add(one.toUpperCase().replace('BROADSIDE:', 'broadside: '), 'Tides', 2);
  first.clock.advance(1000);
  await first.bookmarks.add(formatLink({ ...linkOf(2), path: 'a b/c.html' }), 'Winds');
  await first.bookmarks.close();
  const { bookmarks } = await bookmarksOf(undefined, first.store);
  assert.deepEqual(
    bookmarks.list().map(({ title, edition, seenEdition }) => [title, edition, seenEdition]),
    [
      ['Winds', 0, 0],
      ['Tides', 2, 2],
    ],
  );
  assert.equal(bookmarks.list()[1]!.link, one);
  await bookmarks.remove(one);
  await bookmarks.remove(one);
  assert.equal(bookmarks.list().length, 1);
  assert.equal((await first.store.list()).length, 1);
  await assert.rejects(bookmarks.add('broadside:abc', 'x'), withCode('bad-link'));
  await bookmarks.close();
});

test('a new edition is marked until it was seen, and a first look at one whose edition was unknown is no news', async () => {
  let newest = 3;
  const { bookmarks, asked, pass, changes } = await bookmarksOf(async () => newest);
  const known = formatLink(linkOf(1));
  const unknown = formatLink(linkOf(2));
  await bookmarks.add(known, 'Known', 2);
  await bookmarks.add(unknown, 'Unknown');
  await bookmarks.add(formatLink(linkOf(3, 3)), 'Permanent', 1);
  await pass(20 * 60_000);
  assert.deepEqual(asked.toSorted(), [known, unknown].toSorted(), 'each once, and never what has one edition for ever');
  const of = (link: string) => bookmarks.list().find((bookmark) => bookmark.link === link)!;
  assert.deepEqual([of(known).edition, of(known).seenEdition], [3, 2]);
  assert.ok(of(known).foundMs !== undefined);
  assert.deepEqual([of(unknown).edition, of(unknown).seenEdition, of(unknown).foundMs], [3, 3, undefined]);
  const before = changes();
  await bookmarks.seen(known, 3);
  assert.equal(of(known).seenEdition, 3);
  await bookmarks.seen(known, 2);
  await bookmarks.seen(formatLink(linkOf(9)), 5);
  assert.equal(changes(), before + 1, 'what changes nothing is not told');
  newest = 4;
  await pass(2 * DAY_MS);
  assert.equal(of(unknown).edition, 4);
  assert.equal(of(unknown).seenEdition, 3);
  await bookmarks.close();
});

test('one that was deleted says so, one that nobody answers for stays as it is', async () => {
  let answer: () => Promise<number | undefined> = async () => undefined;
  const { bookmarks, pass } = await bookmarksOf(() => answer());
  await bookmarks.add(formatLink(linkOf(1)), 'Gone', 1);
  await pass(20 * 60_000);
  assert.equal(bookmarks.list()[0]!.deletedMs, undefined);
  assert.ok(bookmarks.list()[0]!.checkedMs !== undefined);
  answer = () => Promise.reject(new BroadsideError('deleted', 'It was deleted.'));
  await pass(2 * DAY_MS);
  const [gone] = bookmarks.list();
  assert.ok(gone!.deletedMs !== undefined);
  assert.equal(gone!.edition, 1);
  await bookmarks.close();
});

test('there is a bound, and it is said', async () => {
  const { bookmarks } = await bookmarksOf();
  for (let index = 0; index < MAX_BOOKMARKS; index += 1) {
    const documentKey = new Uint8Array(32);
    new DataView(documentKey.buffer).setUint32(0, index);
    await bookmarks.add(formatLink({ ...linkOf(1, 3), documentKey }), 'x');
  }
  await assert.rejects(bookmarks.add(formatLink(linkOf(2)), 'one more'), withCode('no-space'));
  await bookmarks.close();
});

test('the newest edition is found from a few slots, through what an older link leads to; nothing else is asked for', async () => {
  const world = createWorld();
  const old = world.publish({ files: { 'a.txt': pattern(10) }, k: 2, n: 8 });
  assert.equal(await newestEdition(world.deps, old.link), 1);
  assert.equal(world.network.requests.length, 3);
  const fresh = world.publish({ files: { 'a.txt': pattern(20) }, k: 2, n: 8, edition: 5 });
  for (const slot of supersede(crypto, world.deps.random, old, { kind: 'moved', link: fresh.link }))
    world.network.put(slot);
  assert.equal(await newestEdition(world.deps, old.link), 5);
  for (const slot of supersede(crypto, world.deps.random, fresh, { kind: 'deleted' })) world.network.put(slot);
  await assert.rejects(newestEdition(world.deps, old.link), withCode('deleted'));
});

test('without an answer the newest edition is unknown', async () => {
  const world = createWorld(1, { refuseRequest: () => 'not-found' });
  const built = world.publish({ files: { 'a.txt': pattern(10) } });
  assert.equal(await newestEdition(world.deps, built.link), undefined);
});
