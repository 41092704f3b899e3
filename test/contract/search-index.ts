/** What every search index keeps to. Run on the real one and on the simulator's: search-index.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { toHex } from '../../shared/base/bytes.ts';
import { LINK_BODY_BYTES } from '../../shared/base/links.ts';
import type { FileEntry, Hit, PublicationEntry } from '../../src-main/core/search/entry.ts';
import type { ListedPublication, SearchIndex } from '../../src-main/core/search/index-port.ts';
import { parseQuery } from '../../src-main/core/search/query-text.ts';
import { rootQuery } from '../../src-main/core/search/query.ts';
import type { Query } from '../../src-main/core/search/query.ts';
import { tableMayAnswer } from '../../src-main/core/search/word-table.ts';
import type { Bounds, IndexLimits } from '../../src-main/storage/search-choice.ts';
import { seededRandom } from '../support/seeded-random.ts';

export type OpenIndex = (
  context: TestContext,
  options: { readonly limits: IndexLimits; readonly wallMs: () => number },
) => Promise<SearchIndex>;

export const TODAY = 20_000;
export const LIMITS: IndexLimits = { filesOfSource: 1_000, files: 5_000, sources: 100, listings: 100, removals: 100 };
/** When listings were signed, in minutes. */
export const MADE = TODAY * 1_440 - 5;
const BOUNDS: Bounds = { limit: 100, perSource: 100, perContent: 100, todayDay: TODAY };
const DAY_MS = 86_400_000;

export function source(number: number): Uint8Array {
  return seededRandom(1_000 + number).bytes(32);
}

export function root(number: number): Uint8Array {
  return seededRandom(1_000_000 + number).bytes(32);
}

export function file(number: number, name: string, more: Partial<FileEntry> = {}): FileEntry {
  return { root: root(number), name, folder: '', sizeBytes: 1_000, day: TODAY - 1, ...more };
}

export function listing(number: number, title: string, more: Partial<PublicationEntry> = {}): ListedPublication {
  const random = seededRandom(5_000_000 + number);
  const entry: PublicationEntry = {
    documentKey: random.bytes(32),
    link: random.bytes(LINK_BODY_BYTES),
    title,
    keywords: [],
    shape: 'file',
    fileKind: 'document',
    sizeBytes: 1_000,
    day: TODAY - 1,
    ...more,
  };
  return { entry, record: random.bytes(200), madeMinutes: MADE, expiresMinutes: (TODAY + 14) * 1_440 };
}

export function parsed(text: string): Query {
  const result = parseQuery(text);
  assert.ok(result.ok, text);
  return result.query;
}

export function textOf(hit: Hit): string {
  return hit.kind === 'direct' ? hit.entry.name : hit.entry.title;
}

/** Names and titles, in the order of the letters. */
export async function found(index: SearchIndex, text: string, more: Partial<Bounds> = {}): Promise<string[]> {
  const { hits } = await index.query(parsed(text), { ...BOUNDS, ...more });
  return hits.map(textOf).toSorted();
}

export async function share(
  index: SearchIndex,
  number: number,
  added: readonly FileEntry[],
  more: Partial<{ generation: number; sequence: number; removed: readonly Uint8Array[] }> = {},
): Promise<'done' | 'full'> {
  return index.change(source(number), { generation: 1, sequence: 1, removed: [], ...more, added });
}

const NOBODY = { freeSlots: 0 };

export function searchIndexSuite(name: string, open: OpenIndex): void {
  describe(`search index: ${name}`, () => {
    const opened = async (context: TestContext, limits: Partial<IndexLimits> = {}, wall = { ms: TODAY * DAY_MS }) =>
      open(context, { limits: { ...LIMITS, ...limits }, wallMs: () => wall.ms });

    it('finds who has a file by its root alone', async (context) => {
      const index = await opened(context);
      for (const number of [1, 2, 3]) {
        await share(index, number, [file(1, 'Harbour Board Minutes.pdf'), file(10 + number, 'tide tables.txt')]);
      }
      index.present(source(1), { host: '10.0.0.1', port: 4_000, freeSlots: 2 });
      index.present(source(3), NOBODY);
      const { hits, more } = await index.query(rootQuery(root(1)), BOUNDS);
      assert.equal(more, false);
      const found = hits.map((hit) => (hit.kind === 'direct' ? toHex(hit.source) : ''));
      assert.deepEqual(found.toSorted(), [toHex(source(1)), toHex(source(3))].toSorted(), 'the second is away');
      assert.deepEqual((await index.query(rootQuery(root(99)), BOUNDS)).hits, []);
      assert.ok(tableMayAnswer(await index.wordTable(), rootQuery(root(99))), 'tables say nothing of roots');
    });

    it('finds files of linked sources by their words, and says where they are', async (context) => {
      const index = await opened(context);
      assert.equal(await index.listState(source(1)), undefined);
      const entry = file(1, 'Harbour Board Minutes.pdf', { folder: 'Town/1974', sizeBytes: 12_345, day: TODAY - 3 });
      assert.equal(await share(index, 1, [entry, file(2, 'tide tables.txt')], { generation: 9, sequence: 4 }), 'done');
      assert.deepEqual(await index.listState(source(1)), { generation: 9, sequence: 4, files: 2 });
      assert.deepEqual(await found(index, 'harbour'), [], 'nobody is linked');
      index.present(source(1), { host: '203.0.113.9', port: 4_000, freeSlots: 3 });
      const { hits, more } = await index.query(parsed('minutes 1974'), BOUNDS);
      const [hit] = hits;
      assert.deepEqual([hits.length, more], [1, false]);
      assert.deepEqual(hit, {
        kind: 'direct',
        entry,
        source: source(1),
        host: '203.0.113.9',
        port: 4_000,
        freeSlots: 3,
      });
      index.present(source(1), { freeSlots: 0 });
      const again = await index.query(parsed('minutes'), BOUNDS);
      assert.deepEqual(again.hits, [{ kind: 'direct', entry, source: source(1), freeSlots: 0 }]);
      index.present(source(1), undefined);
      assert.deepEqual(await found(index, 'harbour'), []);
    });

    it('answers words, phrases, prefixes and exclusions in any script', async (context) => {
      const index = await opened(context);
      index.present(source(1), NOBODY);
      await share(index, 1, [
        file(1, 'Café del Mar.mp3', { folder: 'Music/Ibiza' }),
        file(2, 'Mar del Plata.mp3', { folder: 'Music' }),
        file(3, '東京物語.avi'),
        file(4, 'Война и мир.fb2'),
        file(5, 'مقدمة ابن خلدون.pdf'),
        file(6, 'musk ox.jpg'),
      ]);
      assert.deepEqual(await found(index, 'CAFE'), ['Café del Mar.mp3']);
      assert.deepEqual(await found(index, 'del mar'), ['Café del Mar.mp3', 'Mar del Plata.mp3']);
      assert.deepEqual(await found(index, '"del mar"'), ['Café del Mar.mp3']);
      assert.deepEqual(await found(index, '"mar music"'), [], 'a phrase does not go from the name into the folder');
      assert.deepEqual(await found(index, 'mus*'), ['Café del Mar.mp3', 'Mar del Plata.mp3', 'musk ox.jpg']);
      assert.deepEqual(await found(index, 'mu* -music'), ['musk ox.jpg']);
      assert.deepEqual(await found(index, 'musi*'), ['Café del Mar.mp3', 'Mar del Plata.mp3']);
      assert.deepEqual(await found(index, 'mar -ibi*'), ['Mar del Plata.mp3']);
      assert.deepEqual(await found(index, 'mar -"del plata"'), ['Café del Mar.mp3']);
      assert.deepEqual(await found(index, '東京'), ['東京物語.avi']);
      assert.deepEqual(await found(index, '物語'), ['東京物語.avi']);
      assert.deepEqual(await found(index, '物'), ['東京物語.avi']);
      assert.deepEqual(await found(index, 'ВОЙНА мир'), ['Война и мир.fb2']);
      assert.deepEqual(await found(index, 'خلدون'), ['مقدمة ابن خلدون.pdf']);
      assert.deepEqual(await found(index, 'nothing'), []);
      assert.deepEqual(await found(index, 'cafe nothing'), []);
    });

    it('filters by kind of file, size and age', async (context) => {
      const index = await opened(context);
      index.present(source(1), NOBODY);
      await share(index, 1, [
        file(1, 'tide.mp3', { sizeBytes: 5_000_000, day: TODAY - 40 }),
        file(2, 'tide.pdf', { sizeBytes: 500, day: TODAY }),
        file(3, 'tide.exe', { sizeBytes: 20_000_000_000, day: TODAY - 2 }),
      ]);
      assert.deepEqual(await found(index, 'tide type:audio,program'), ['tide.exe', 'tide.mp3']);
      assert.deepEqual(await found(index, 'tide size:>1MB'), ['tide.exe', 'tide.mp3']);
      assert.deepEqual(await found(index, 'tide size:<1GB type:audio'), ['tide.mp3']);
      assert.deepEqual(await found(index, 'tide age:<30d'), ['tide.exe', 'tide.pdf']);
      assert.deepEqual(await found(index, 'tide kind:anonymous'), []);
      assert.deepEqual(await found(index, 'tide kind:direct age:<1d'), ['tide.pdf']);
    });

    it('takes changes one by one: more, fewer, others under the same root, a new generation', async (context) => {
      const index = await opened(context);
      index.present(source(1), NOBODY);
      await share(index, 1, [file(1, 'one'), file(2, 'two'), file(3, 'three')]);
      await share(index, 1, [file(4, 'four')], { sequence: 2, removed: [root(1), root(99)] });
      assert.deepEqual(await index.listState(source(1)), { generation: 1, sequence: 2, files: 3 });
      assert.deepEqual(await found(index, 'one'), []);
      await share(index, 1, [file(2, 'second')], { sequence: 3, removed: [root(2)] });
      await share(index, 1, [file(3, 'third')], { sequence: 4 });
      assert.deepEqual(
        await Promise.all(['two', 'second', 'three', 'third', 'four'].map((each) => found(index, each))),
        [[], ['second'], [], ['third'], ['four']],
      );
      assert.equal((await index.stats()).files, 3);
      await share(index, 1, [file(7, 'seven')], { generation: 2, sequence: 1 });
      assert.deepEqual(await index.listState(source(1)), { generation: 2, sequence: 1, files: 1 });
      assert.deepEqual([await found(index, 'four'), await found(index, 'seven')], [[], ['seven']]);
      assert.equal((await index.stats()).files, 1);
    });

    it('keeps the order of what is asked for at once', async (context) => {
      const index = await opened(context);
      index.present(source(1), NOBODY);
      const work: Promise<unknown>[] = [];
      for (let round = 0; round < 20; round += 1) {
        work.push(share(index, 1, [file(1, `round ${round}`)], { sequence: round }));
        if (round % 3 === 0) work.push(share(index, 1, [], { sequence: round, removed: [root(1)] }));
        if (round % 7 === 0) work.push(index.dropSource(source(1)));
      }
      await Promise.all(work);
      assert.deepEqual(await found(index, 'round'), ['round 19']);
      assert.deepEqual(await index.listState(source(1)), { generation: 1, sequence: 19, files: 1 });
      assert.equal((await index.stats()).files, 1);
    });

    it('forgets a source, and its words with it', async (context) => {
      const index = await opened(context);
      for (const number of [1, 2]) {
        index.present(source(number), NOBODY);
        await share(index, number, [file(1, 'common'), file(10 + number, `only${number}`)]);
      }
      const before = await index.wordTable();
      assert.ok(tableMayAnswer(before, parsed('only1')) && tableMayAnswer(before, parsed('on* only2')));
      await index.dropSource(source(1));
      await index.dropSource(source(77));
      assert.deepEqual([await found(index, 'common'), await found(index, 'only1')], [['common'], []]);
      assert.equal(await index.listState(source(1)), undefined);
      const after = await index.wordTable();
      assert.equal(tableMayAnswer(after, parsed('only1')), false);
      assert.equal(tableMayAnswer(after, parsed('common only2')), true);
      await index.dropSource(source(2));
      assert.ok(
        (await index.wordTable()).every((byte) => byte === 0),
        'what has no words has no bits',
      );
    });

    it('drops lists of those who stay away, and listings that ended', async (context) => {
      const wall = { ms: TODAY * DAY_MS };
      const index = await opened(context, {}, wall);
      for (const number of [1, 2, 3]) {
        index.present(source(number), NOBODY);
        await share(index, number, [file(number, `file ${number}`)]);
      }
      await index.putListing(listing(1, 'stays'));
      await index.putListing({ ...listing(2, 'ends'), expiresMinutes: TODAY * 1_440 + 60 });
      index.present(source(2), undefined);
      wall.ms += DAY_MS / 2;
      assert.equal(await index.dropOld(wall.ms - DAY_MS), 0);
      assert.deepEqual(await found(index, 'ends'), [], 'what has ended is not found');
      wall.ms += DAY_MS;
      await share(index, 3, [file(30, 'file 30')], { sequence: 2 });
      index.present(source(3), undefined);
      assert.equal(await index.dropOld(wall.ms - DAY_MS), 1);
      assert.equal(await index.listState(source(2)), undefined);
      assert.deepEqual(await found(index, 'file'), ['file 1']);
      index.present(source(3), NOBODY);
      assert.deepEqual(await found(index, 'file'), ['file 1', 'file 3', 'file 30']);
      assert.deepEqual(
        (await index.listings(undefined, 10)).map(({ entry }) => entry.title),
        ['stays'],
      );
      assert.equal((await index.stats()).listings, 1);
    });

    it('has bounds, and changes nothing at them', async (context) => {
      const index = await opened(context, { filesOfSource: 3, files: 5, sources: 3, listings: 2, removals: 2 });
      index.present(source(1), NOBODY);
      assert.equal(await share(index, 1, [file(1, 'a1'), file(2, 'a2'), file(3, 'a3')]), 'done');
      assert.equal(await share(index, 1, [file(4, 'a4')], { sequence: 2 }), 'full');
      assert.deepEqual(await index.listState(source(1)), { generation: 1, sequence: 1, files: 3 });
      assert.equal(await share(index, 1, [file(4, 'a4')], { sequence: 2, removed: [root(1)] }), 'done');
      assert.equal(await share(index, 1, [file(4, 'again')], { sequence: 3 }), 'done', 'the same root takes no room');
      const many = [file(5, 'b5'), file(6, 'b6'), file(7, 'b7')];
      assert.equal(await share(index, 2, many), 'full');
      assert.equal(await index.listState(source(2)), undefined);
      assert.equal(await share(index, 2, many.slice(1)), 'done');
      assert.equal(await share(index, 1, [], { sequence: 4, removed: [root(2)] }), 'done');
      assert.equal(await share(index, 3, [file(9, 'c')]), 'done');
      assert.equal(await share(index, 4, []), 'full');
      assert.deepEqual(await index.stats().then(({ files, sources }) => [files, sources]), [5, 3]);
      assert.equal(await index.putListing(listing(1, 'first')), 'done');
      assert.equal(await index.putListing(listing(2, 'second')), 'done');
      assert.equal(await index.putListing(listing(3, 'third')), 'full');
      assert.equal(await index.putListing({ ...listing(2, 'second'), expiresMinutes: (TODAY + 15) * 1_440 }), 'done');
      await index.dropListing(listing(1, '').entry.documentKey, MADE);
      assert.equal(await index.putListing(listing(3, 'third')), 'done');
      assert.deepEqual(await found(index, 'first'), []);
    });

    it('keeps listings with their records, by document, in order', async (context) => {
      const index = await opened(context);
      const all = Array.from({ length: 20 }, (_, number) =>
        listing(number, `Paper ${number}`, {
          keywords: number % 2 === 0 ? ['tidal power', 'coast'] : [],
          fileKind: number % 3 === 0 ? 'archive' : 'document',
          shape: number % 5 === 0 ? 'site' : 'directory',
          sizeBytes: 2 ** 40 + number,
        }),
      );
      for (const each of all) assert.equal(await index.putListing(each), 'done');
      assert.equal(await index.putListing(all[3]!), 'known');
      const key = ({ entry }: ListedPublication): string => Buffer.from(entry.documentKey).toString('hex');
      const inOrder = all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
      assert.deepEqual(await index.listings(undefined, 7), inOrder.slice(0, 7));
      assert.deepEqual(await index.listings(inOrder[6]!.entry.documentKey, 100), inOrder.slice(7));
      const { hits } = await index.query(parsed('tidal power type:archive kind:anonymous'), BOUNDS);
      assert.deepEqual(
        hits.map((hit) => hit.entry).toSorted((a, b) => a.sizeBytes - b.sizeBytes),
        all.map(({ entry }) => entry).filter((_, number) => number % 6 === 0),
      );
      assert.deepEqual(await found(index, '"power coast"'), [], 'a phrase does not go from one keyword into the next');
      const renewed = { ...listing(3, 'Paper three, mended'), expiresMinutes: (TODAY + 20) * 1_440 };
      assert.equal(await index.putListing(renewed), 'done');
      assert.deepEqual([await found(index, 'mended'), (await index.stats()).listings], [['Paper three, mended'], 20]);
    });

    it('keeps the newest of what a publisher signed, and remembers what was taken back', async (context) => {
      const index = await opened(context, { removals: 2 });
      const first = listing(1, 'First edition');
      const later = { ...listing(1, 'Second edition'), madeMinutes: MADE + 1 };
      const { documentKey } = first.entry;
      assert.equal(await index.putListing(first), 'done');
      assert.equal(await index.putListing(later), 'done', 'it stands as long as the first, and is newer');
      assert.equal(await index.putListing({ ...first, expiresMinutes: (TODAY + 20) * 1_440 }), 'known');
      await index.dropListing(documentKey, MADE);
      assert.deepEqual(await found(index, 'edition'), ['Second edition'], 'made after it was taken back');
      await index.dropListing(documentKey, MADE + 1);
      assert.deepEqual(await found(index, 'edition'), []);
      await index.dropListing(documentKey, MADE - 1);
      assert.equal(await index.putListing(later), 'removed');
      assert.equal(await index.putListing({ ...later, madeMinutes: MADE + 2 }), 'done', 'its publisher lists it anew');
      await index.dropListing(listing(2, '').entry.documentKey, MADE);
      assert.equal(await index.putListing(listing(2, 'never seen before')), 'removed');
      await index.dropListing(listing(3, '').entry.documentKey, MADE);
      assert.equal(await index.putListing(first), 'known', 'of many removals the oldest are forgotten');
      assert.equal(await index.putListing(listing(2, 'still')), 'removed');
    });

    it('answers the best, at most so many in all, of one source, of one content', async (context) => {
      const index = await opened(context);
      for (let number = 1; number <= 30; number += 1) {
        index.present(source(number), { host: `198.51.${number}.1`, port: 1, freeSlots: 1 });
        const own = Array.from({ length: 10 }, (_, at) =>
          file(number * 100 + at, `tide ${number} ${at} and much else`),
        );
        await share(index, number, [file(1, 'tide'), ...own]);
      }
      const all = await index.query(parsed('tide'), { ...BOUNDS, limit: 500, perSource: 20, perContent: 5 });
      assert.deepEqual([all.hits.length, all.more], [305, true]);
      assert.ok(
        all.hits.slice(0, 5).every((hit) => textOf(hit) === 'tide'),
        'an exact name with many sources is first',
      );
      const few = await index.query(parsed('tide'), { ...BOUNDS, limit: 50, perSource: 2, perContent: 10 });
      assert.deepEqual([few.hits.length, few.more], [50, true]);
      const ofSource = new Map<string, number>();
      for (const hit of few.hits) {
        assert.ok(hit.kind === 'direct');
        const key = Buffer.from(hit.source).toString('hex');
        ofSource.set(key, (ofSource.get(key) ?? 0) + 1);
      }
      assert.ok([...ofSource.values()].every((count) => count <= 2));
      assert.equal(few.hits.filter((hit) => textOf(hit) === 'tide').length, 10);
    });

    it('does not share memory with who gives and who gets', async (context) => {
      const index = await opened(context);
      const own = { ...file(1, 'mine'), root: root(1) };
      const key = source(1);
      index.present(key, NOBODY);
      await index.change(key, { generation: 1, sequence: 1, added: [own], removed: [] });
      const table = await index.wordTable();
      table.fill(255);
      assert.equal(tableMayAnswer(await index.wordTable(), parsed('never seen')), false);
      assert.deepEqual(await found(index, 'mine'), ['mine']);
    });

    it('stands names that are made to break it', async (context) => {
      const index = await opened(context);
      index.present(source(1), NOBODY);
      const names = [
        'a" OR "b',
        "x'); DROP TABLE files; --",
        'NEAR(one two)',
        `${'w'.repeat(60)} end`,
        '﷽ '.repeat(20).trim(),
        '\u202egpj.exe',
        'e\u0301'.repeat(60),
        '* ^ { } : - +',
        '👩‍👩‍👧‍👦 family',
        `${'z '.repeat(120)}z`,
      ];
      assert.equal(
        await share(
          index,
          1,
          names.map((name, number) => file(number, name)),
        ),
        'done',
      );
      assert.deepEqual(await found(index, 'drop table'), [names[1]]);
      assert.deepEqual(await found(index, 'near'), [names[2]]);
      assert.deepEqual(await found(index, 'w'.repeat(60)), [names[3]]);
      assert.deepEqual(await found(index, 'family'), [names[8]]);
      await index.dropSource(source(1));
      assert.equal((await index.stats()).files, 0);
      assert.ok((await index.wordTable()).every((byte) => byte === 0));
    });

    it('closes once, and then answers nothing', async (context) => {
      const index = await opened(context);
      await Promise.all([index.close(), index.close()]);
      await assert.rejects(index.query(parsed('any'), BOUNDS), { code: 'unexpected' });
      await assert.rejects(share(index, 1, []), { code: 'unexpected' });
    });
  });
}
