/** Searches, wishes, the history, users and what is hidden, over a real index. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { formatLink, encodeLinkBody } from '../../../shared/base/links.ts';
import type { EventName, EventValue } from '../../../shared/ipc/contract.ts';
import type { SearchNews, Wish } from '../../../shared/ipc/search-model.ts';
import { Browse } from '../../../src-main/services/search/browse.ts';
import { Search } from '../../../src-main/services/search/search.ts';
import { NEWS_EVERY_MS } from '../../../src-main/services/search/search-run.ts';
import { MAX_KEPT_SEARCHES, MAX_RUNNING_SEARCHES } from '../../../src-main/services/search/searches.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { createMemorySearchIndex } from '../../../src-main/storage/memory/search-index.ts';
import { INDEX_LIMITS } from '../../../src-main/storage/sqlite/search-index.ts';
import { IndexNetwork } from '../../support/index-network.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore, MemorySettingsStore } from '../../support/memory-stores.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const TODAY = 20_000;
const START_MS = TODAY * 86_400_000;
const HOUR_MS = 3_600_000;

const numbered = (number: number, fill = 0): Uint8Array => new Uint8Array(32).fill(fill).fill(number, 0, 1);
const source = (number: number): Uint8Array => numbered(number, 0xa0);
const sourceKey = (number: number): string => toHex(source(number));

/** As the message loop does between events: what was promised comes. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

class World {
  readonly clock = new ManualClock(START_MS);
  readonly index = createMemorySearchIndex({ wallMs: () => this.clock.now(), limits: INDEX_LIMITS });
  readonly network = new IndexNetwork(this.index, TODAY);
  readonly libraryStore = new MemoryLibraryStore();
  readonly events: { [N in EventName]: { name: N; value: EventValue<N> } }[EventName][] = [];
  readonly defects: unknown[] = [];
  readonly here = new Set<string>();
  readonly linked = new Set<string>();
  settings!: Settings;
  search!: Search;
  #sequence = 0;

  async open(): Promise<void> {
    this.settings ??= await Settings.load(new MemorySettingsStore());
    this.search = await Search.load({
      ...{ clock: this.clock, random: seededRandom(7), libraryStore: this.libraryStore, settings: this.settings },
      network: this.network,
      browse: new Browse({
        clock: this.clock,
        network: { page: () => Promise.resolve('refused') },
        isHere: () => false,
      }),
      neighbours: () => 3,
      isLinked: (publicKey) => this.linked.has(publicKey),
      isHere: (link) => this.here.has(link),
      emit: (name, value) => void this.events.push({ name, value } as never),
      onDefect: (thrown) => void this.defects.push(thrown),
    });
  }

  /** A source shares a file from now on. The content is the number. */
  async share(from: number, content: number, name: string, host = `198.51.${from}.1`): Promise<void> {
    this.#sequence += 1;
    const entry = {
      root: numbered(content),
      name,
      folder: 'Port records',
      sizeBytes: 1_000 * content,
      day: TODAY - content,
    };
    const change = { generation: 1, sequence: this.#sequence, added: [entry], removed: [] };
    assert.equal(await this.index.change(source(from), change), 'done');
    this.index.present(source(from), { host, port: 4_000, freeSlots: from % 2 });
  }

  async publish(content: number, title: string): Promise<string> {
    const link = {
      class: 1,
      k: 3,
      n: 10,
      documentKey: numbered(content),
      readSecret: new Uint8Array(16),
      namesDigest: new Uint8Array(16),
    } as const;
    const about = {
      title,
      keywords: ['harbour'],
      shape: 'site',
      fileKind: 'document',
      sizeBytes: 5_000,
      day: TODAY,
    } as const;
    const entry = { documentKey: link.documentKey, link: encodeLinkBody(link), ...about };
    const listing = { entry, record: new Uint8Array(1), madeMinutes: 0, expiresMinutes: 99_999_999 };
    assert.equal(await this.index.putListing(listing), 'done');
    return formatLink({ ...link, path: '' });
  }

  news(): SearchNews[] {
    return this.events.flatMap((event) => (event.name === 'search' ? [event.value] : []));
  }

  told(name: EventName): number {
    return this.events.filter((event) => event.name === name).length;
  }
}

describe('searches', () => {
  let world: World;
  const handlers = (): Search['handlers'] => world.search.handlers;
  const start = async (query: string) => handlers()['search.start']({ query });

  beforeEach(async () => {
    world = new World();
    await world.open();
    await world.share(1, 1, 'Harbour board minutes 1908.pdf');
    await world.share(2, 1, 'harbour minutes (copy).pdf');
    await world.share(2, 2, 'harbour_viewer.pdf.exe');
    await world.share(3, 3, 'Dredging costs.csv');
  });

  it('find shared files and publications, as they are to be shown', async () => {
    const link = await world.publish(9, 'Minutes of the harbour committee');
    world.here.add(link);
    const { id, state } = await start('harbour minutes');
    assert.equal(state, 'searching');
    await world.network.last.answer();
    const { state: done, results } = await handlers()['search.results']({ search: id });
    assert.deepEqual(
      [done.state, done.end, done.results, done.hubsAsked, done.messages],
      ['done', 'exhausted', 2, 1, 2],
    );
    const file = results.find(({ kind }) => kind === 'direct')!;
    assert.equal(file.sources, 2);
    assert.equal(file.freeSources, 1);
    assert.deepEqual(file.sourceNames!.map(({ publicKey }) => publicKey).sort(), [sourceKey(1), sourceKey(2)]);
    assert.equal(file.otherNames.length, 1);
    assert.deepEqual(
      [file.fileKind, file.isProgram, file.warnings, file.folder],
      ['document', false, undefined, 'Port records'],
    );
    assert.equal(file.sinceMs, (TODAY - 1) * 86_400_000);
    const parsed = parseFileLink(file.link);
    assert.ok(parsed.ok && parsed.value.name === file.name && parsed.value.sizeBytes === 1_000);
    assert.deepEqual(
      file.marks!.map(({ from, to }) => file.name.slice(from, to).toLowerCase()),
      ['harbour', 'minutes'],
    );
    const publication = results.find(({ kind }) => kind === 'anonymous')!;
    assert.deepEqual(
      [publication.link, publication.isHere, publication.sources, publication.keywords],
      [link, true, undefined, ['harbour']],
    );
    assert.equal(publication.id, `anonymous:${toHex(numbered(9))}`);
  });

  it('mark programs and names that mislead', async () => {
    await start('viewer');
    await world.network.last.answer();
    const [result] = world.news()[0]!.results;
    assert.deepEqual([result!.fileKind, result!.isProgram, result!.warnings], ['program', true, ['double-ending']]);
  });

  it('tell what comes at once, then at most four times a second, and the end at once', async () => {
    await start('harbour type:document,program');
    const hits = await world.network.last.found();
    world.network.last.tell(hits.slice(0, 1));
    assert.equal(world.news().length, 1);
    assert.equal(world.news()[0]!.results.length, 1);
    world.network.last.tell(hits.slice(1, 2));
    world.network.last.tell(hits.slice(2));
    assert.equal(world.news().length, 1);
    world.clock.advance(NEWS_EVERY_MS);
    assert.equal(world.news().length, 2);
    assert.equal(world.news()[1]!.state.results, 2);
    world.clock.advance(10 * NEWS_EVERY_MS);
    assert.equal(world.news().length, 2, 'nothing new, nothing told');
    world.network.last.tell([]);
    world.network.last.end('enough');
    assert.equal(world.news().at(-1)!.state.end, 'enough');
    assert.equal(world.clock.pendingTimers, 0);
  });

  it('keep rows in the order in which they came; another order is asked for', async () => {
    const { id } = await start('harbour* minutes* -nothing');
    await world.share(5, 5, 'minutes of the harbour');
    await world.share(6, 6, 'harbour minutes');
    const hits = await world.network.last.found();
    world.network.last.tell(hits.filter(({ kind, entry }) => kind === 'direct' && entry.root[0] === 5));
    world.network.last.tell(hits);
    const names = async (order: 'calm' | 'rank' | 'name' | 'size' | 'newest' | 'sources') =>
      (await handlers()['search.results']({ search: id, order })).results.map(({ name }) => name);
    assert.equal((await names('calm'))[0], 'minutes of the harbour');
    assert.equal((await names('rank'))[0], 'harbour minutes');
    assert.equal((await names('size'))[0], 'harbour minutes');
    assert.match((await names('newest'))[0]!, /1908|copy/);
    assert.match((await names('sources'))[0]!, /1908|copy/);
    assert.deepEqual(
      await names('name'),
      [...(await names('calm'))].sort((a, b) => a.localeCompare(b)),
    );
    const page = await handlers()['search.results']({ search: id, from: 1, limit: 1 });
    assert.equal(page.results.length, 1);
  });

  it('count for the network what is left after filtering, and stop when they are stopped', async () => {
    const { id } = await start('harbour');
    world.network.last.tell(await world.network.last.found());
    assert.equal(world.network.last.counted, 2);
    await handlers()['search.stop']({ search: id });
    assert.ok(world.network.last.isOver);
    const [state] = await handlers()['search.list'](null);
    assert.deepEqual([state!.state, state!.end], ['stopped', 'stopped']);
    const before = world.news().length;
    world.network.last.tell(await world.network.last.found());
    assert.equal(world.news().length, before, 'what comes late is left');
    await handlers()['search.stop']({ search: id });
  });

  it('say what is wrong with a query, and where; asking nobody', async () => {
    await assert.rejects(async () => start('harbour size:10XB'), { code: 'usage', message: /size:10XB.*character 9/ });
    assert.equal(world.network.asked.length, 0);
    assert.deepEqual(await handlers()['search.check']({ query: 'Harbour  "a b' }), {
      ok: false,
      message: 'The quotation mark at character 10 has no second. Put one where the phrase ends.',
      from: 9,
      to: 13,
    });
    assert.deepEqual(await handlers()['search.check']({ query: ' Harbour ' }), { ok: true, query: 'harbour' });
  });

  it('end by themselves where there is nobody to ask', async () => {
    world.network.isUp = false;
    const state = await start('harbour');
    assert.deepEqual([state.state, state.end], ['done', 'no-hubs']);
    assert.equal(world.news().length, 1);
  });

  it('go by the stem alone when the setting says so', async () => {
    await start('harbour');
    await world.settings.set('search-anonymously', true);
    const state = await start('harbour');
    assert.deepEqual(
      world.network.asked.map(({ options }) => options.anonymousOnly),
      [false, true],
    );
    assert.equal(state.anonymousOnly, true);
  });

  it('are bounded: those under way, and those that are kept', async () => {
    const ids: string[] = [];
    for (let number = 0; number < MAX_RUNNING_SEARCHES; number += 1) ids.push((await start(`word${number}`)).id);
    await assert.rejects(async () => start('another'), { code: 'busy' });
    await handlers()['search.stop']({ search: ids[0]! });
    for (let number = 0; number < MAX_KEPT_SEARCHES; number += 1) {
      await start(`more${number}`);
      world.network.last.end();
    }
    assert.equal((await handlers()['search.list'](null)).length, MAX_KEPT_SEARCHES);
    assert.ok(world.told('searchGone') > 0);
    await assert.rejects(async () => handlers()['search.results']({ search: ids[0]! }), { code: 'not-found' });
    await handlers()['search.results']({ search: ids[1]! });
    await handlers()['search.dismiss']({ search: ids[1]! });
    assert.ok(world.network.asked[1]!.isOver);
  });

  it('are remembered only when the person wants it, and forgotten when no more', async () => {
    const search = async (query: string): Promise<void> => {
      await start(query);
      await world.network.last.answer();
      await settle();
    };
    await search('harbour');
    assert.deepEqual(await handlers()['search.history'](null), []);
    assert.equal(world.libraryStore.rows.size, 0, 'nothing of a search is on disk');
    await world.settings.set('search-history', true);
    await search('Harbour  minutes');
    await search('dredging');
    world.clock.advance(1_000);
    await search('Harbour minutes');
    const history = await handlers()['search.history'](null);
    assert.deepEqual(
      history.map(({ query, results }) => [query, results]),
      [
        ['Harbour minutes', 1],
        ['dredging', 1],
      ],
    );
    await handlers()['search.forget']({ query: 'dredging' });
    assert.equal((await handlers()['search.history'](null)).length, 1);
    await world.settings.set('search-history', false);
    await settle();
    assert.deepEqual(await handlers()['search.history'](null), []);
    assert.equal(world.libraryStore.rows.size, 0);
  });
});

describe('what is hidden', () => {
  let world: World;
  const handlers = (): Search['handlers'] => world.search.handlers;
  const find = async (query: string): Promise<string[]> => {
    const { id } = await handlers()['search.start']({ query });
    await world.network.last.answer();
    return (await handlers()['search.results']({ search: id })).results.map(({ name }) => name);
  };

  beforeEach(async () => {
    world = new World();
    await world.open();
    await world.share(1, 1, 'harbour minutes');
    await world.share(2, 1, 'harbour minutes');
    await world.share(2, 2, 'harbour casino bonus');
    await world.share(2, 3, 'harbour free money');
    await world.share(3, 4, 'harbour map');
  });

  it('leaves every search at once, and does not come again, not after a restart either', async () => {
    assert.equal((await find('harbour')).length, 4);
    const before = world.news().length;
    const id = `direct:${toHex(numbered(4))}`;
    const hidden = await handlers()['hidden.add']({ kind: 'content', value: id, label: 'harbour map' });
    world.clock.advance(NEWS_EVERY_MS);
    assert.deepEqual(
      world
        .news()
        .slice(before)
        .flatMap(({ gone }) => gone),
      [id],
    );
    assert.equal((await handlers()['search.list'](null))[0]!.hidden, 1);
    await handlers()['hidden.add']({ kind: 'word', value: 'Casino Bonus!' });
    assert.deepEqual((await find('harbour')).sort(), ['harbour free money', 'harbour minutes']);
    assert.deepEqual(hidden, { kind: 'content', value: id, label: 'harbour map', atMs: START_MS });
    await world.search.close();
    await world.open();
    assert.deepEqual((await find('harbour')).sort(), ['harbour free money', 'harbour minutes']);
    assert.deepEqual((await handlers()['hidden.list'](null)).map(({ kind, value }) => [kind, value]).reverse(), [
      ['content', id],
      ['word', 'casino bonus'],
    ]);
    await handlers()['hidden.remove']({ kind: 'word', value: 'casino bonus' });
    assert.equal((await find('harbour')).length, 3);
  });

  it('a source that is blocked is nobody: what it alone has goes, what others have stays', async () => {
    await find('harbour');
    await handlers()['hidden.add']({ kind: 'source', value: sourceKey(2), label: 'spammer' });
    assert.deepEqual((await find('harbour')).sort(), ['harbour map', 'harbour minutes']);
    const [user] = await handlers()['users.list'](null);
    assert.deepEqual([user!.publicKey, user!.isBlocked, user!.label], [sourceKey(2), true, 'spammer']);
    assert.deepEqual(
      (await handlers()['hidden.list'](null)).map(({ kind, value, label }) => [kind, value, label]),
      [['source', sourceKey(2), 'spammer']],
    );
    await handlers()['hidden.remove']({ kind: 'source', value: sourceKey(2) });
    assert.equal((await find('harbour')).length, 4);
  });

  it('teaches the rating, which sorts and hides nothing', async () => {
    assert.equal((await handlers()['search.list'](null)).length, 0);
    await find('harbour');
    const { id } = (await handlers()['search.list'](null))[0]!;
    const ratings = async (): Promise<Map<string, number | undefined>> => {
      const { results } = await handlers()['search.results']({ search: id });
      return new Map(results.map(({ name, rating }) => [name, rating]));
    };
    assert.ok([...(await ratings()).values()].every((rating) => rating === undefined));
    await handlers()['hidden.add']({ kind: 'content', value: `direct:${toHex(numbered(2))}` });
    await handlers()['search.chose']({ search: id, result: `direct:${toHex(numbered(4))}` });
    const after = await ratings();
    assert.ok(after.get('harbour free money')! < 0.5, 'from the same source as what was hidden');
    assert.ok(after.get('harbour map')! > 0.5, 'was chosen');
    assert.equal(after.size, 3);
    await world.search.close();
    await world.open();
    await find('harbour');
    const again = (await handlers()['search.list'](null))[0]!;
    const { results } = await handlers()['search.results']({ search: again.id });
    assert.ok(results.find(({ name }) => name === 'harbour free money')!.rating! < 0.5, 'kept over a restart');
    await handlers()['hidden.forgetRating'](null);
    const forgotten = await handlers()['search.results']({ search: again.id });
    assert.ok(forgotten.results.every(({ rating }) => rating === undefined));
  });

  it('is refused when it is nothing that can be hidden', async () => {
    for (const [kind, value] of [
      ['source', 'abc'],
      ['content', 'direct:1'],
      ['word', ' … '],
    ] as const)
      await assert.rejects(async () => handlers()['hidden.add']({ kind, value }), { code: 'usage' });
    assert.equal(world.libraryStore.rows.size, 0);
  });
});

describe('users', () => {
  it('are listed hot ones first, online when linked or found lately, and forgotten when nothing is said of them', async () => {
    const world = new World();
    await world.open();
    const { handlers } = world.search;
    await world.share(1, 1, 'harbour');
    const set = handlers['users.set'];
    await set({ publicKey: sourceKey(1), label: 'Anna' });
    await set({ publicKey: sourceKey(2), isHot: true });
    await set({ publicKey: sourceKey(3), isBlocked: true });
    world.linked.add(sourceKey(2));
    const view = async () => (await handlers['users.list'](null)).map(({ publicKey, online }) => [publicKey, online]);
    assert.deepEqual((await view())[0], [sourceKey(2), true]);
    assert.ok((await view()).some(([key, online]) => key === sourceKey(1) && online === false));
    await handlers['search.start']({ query: 'harbour' });
    await world.network.last.answer();
    assert.ok((await view()).some(([key, online]) => key === sourceKey(1) && online === true));
    world.clock.advance(HOUR_MS);
    assert.ok((await view()).some(([key, online]) => key === sourceKey(1) && online === false));
    await set({ publicKey: sourceKey(1), label: '' });
    await set({ publicKey: sourceKey(3), isBlocked: false });
    assert.deepEqual(
      (await handlers['users.list'](null)).map(({ publicKey }) => publicKey),
      [sourceKey(2)],
    );
    await assert.rejects(async () => set({ publicKey: 'nobody', isHot: true }), { code: 'usage' });
  });
});

describe('wishes', () => {
  let world: World;
  const handlers = (): Search['handlers'] => world.search.handlers;
  const found = (): Wish[] => world.events.flatMap((event) => (event.name === 'wish' ? [event.value] : []));
  /** Time passes until the wish looks, and it is answered. */
  const look = async (): Promise<void> => {
    const before = world.network.asked.length;
    for (let minutes = 0; minutes < 200 && world.network.asked.length === before; minutes += 1) {
      world.clock.advance(60_000);
      await settle();
    }
    assert.equal(world.network.asked.length, before + 1, 'it looked');
    await world.network.last.answer();
    await settle();
  };

  beforeEach(async () => {
    world = new World();
    await world.open();
  });

  it('look again and again, and say what is new', async () => {
    await world.share(1, 1, 'harbour minutes');
    const wish = await handlers()['wishes.add']({ query: 'Harbour' });
    assert.deepEqual([wish.fresh, wish.lastMs], [0, undefined]);
    await look();
    assert.deepEqual(
      found().map(({ id, fresh }) => [id, fresh]),
      [[wish.id, 1]],
    );
    await look();
    assert.equal(found().length, 1, 'nothing is news twice');
    await world.share(2, 2, 'harbour map');
    await look();
    assert.deepEqual(
      found().map(({ fresh }) => fresh),
      [1, 2],
    );
    assert.deepEqual(
      (await handlers()['wishes.results']({ wish: wish.id })).map(({ name }) => name),
      ['harbour map', 'harbour minutes'],
    );
    await handlers()['wishes.seen']({ wish: wish.id });
    assert.deepEqual(
      (await handlers()['wishes.list'](null)).map(({ fresh, found: all }) => [fresh, all]),
      [[0, 2]],
    );
    assert.equal(world.news().length, 0, 'nobody looks at its searches');
    assert.deepEqual(await handlers()['search.list'](null), []);
  });

  it('are there again after a restart, with what they know', async () => {
    await world.share(1, 1, 'harbour minutes');
    await handlers()['wishes.add']({ query: 'harbour' });
    await look();
    await world.search.close();
    await world.open();
    await look();
    assert.equal(found().length, 1);
  });

  it('are one for a query, however it is spelt; quiet when they are told to be; gone when removed', async () => {
    const first = await handlers()['wishes.add']({ query: 'Harbour  size:>1KB' });
    const again = await handlers()['wishes.add']({ query: 'harbour SIZE:>1000', notify: false });
    assert.equal(again.id, first.id);
    await world.share(1, 1, 'harbour minutes');
    await look();
    assert.equal(found().length, 0);
    assert.equal((await handlers()['wishes.list'](null))[0]!.fresh, 1);
    await handlers()['wishes.change']({ wish: first.id, notify: true });
    await handlers()['wishes.remove']({ wish: first.id });
    assert.deepEqual(await handlers()['wishes.list'](null), []);
    const before = world.network.asked.length;
    for (let hours = 0; hours < 24; hours += 1) {
      world.clock.advance(HOUR_MS);
      await settle();
    }
    assert.equal(world.network.asked.length, before);
    assert.equal(world.libraryStore.rows.size, 0);
    await assert.rejects(async () => handlers()['wishes.results']({ wish: first.id }), { code: 'not-found' });
    await assert.rejects(async () => handlers()['wishes.add']({ query: '-harbour' }), { code: 'usage' });
  });

  it('look at once when somebody asks, who sees how it goes', async () => {
    await world.share(1, 1, 'harbour minutes');
    const { id } = await handlers()['wishes.add']({ query: 'harbour' });
    const state = await handlers()['wishes.look']({ wish: id });
    assert.deepEqual([state.wish, state.state], [id, 'searching']);
    assert.equal((await handlers()['wishes.look']({ wish: id })).id, state.id, 'one at a time');
    await world.network.last.answer();
    await settle();
    assert.equal(world.news().at(-1)!.state.wish, id);
    assert.equal((await handlers()['wishes.list'](null))[0]!.fresh, 1);
  });

  it('that asked nobody have not looked; one that is under way ends with the node', async () => {
    const { id } = await handlers()['wishes.add']({ query: 'harbour' });
    world.network.isUp = false;
    await handlers()['wishes.look']({ wish: id });
    await settle();
    assert.equal((await handlers()['wishes.list'](null))[0]!.lastMs, undefined);
    world.network.isUp = true;
    await handlers()['wishes.look']({ wish: id });
    await world.search.close();
    assert.ok(world.network.last.isOver);
    assert.deepEqual(world.defects, []);
  });
});
