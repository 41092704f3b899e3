import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { LibraryEntry } from '../../../shared/ipc/model.ts';
import { SETTINGS } from '../../../shared/ipc/settings.ts';
import { Library, MAX_OPENED } from '../../../src-main/services/library/library.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { MemoryLibraryStore, MemorySettingsStore } from '../../support/memory-stores.ts';

const entry = (link: string, change: Partial<LibraryEntry> = {}): LibraryEntry => ({
  link,
  origin: 'published',
  title: link,
  shape: 'file',
  type: 'text/plain',
  sizeBytes: 1,
  edition: 1,
  class: 'updatable',
  k: 3,
  n: 10,
  atMs: 1,
  ...change,
});

describe('library', () => {
  it('keeps what was put, latest first, and tells of each change after it is on disk', async () => {
    const store = new MemoryLibraryStore();
    let changes = 0;
    const library = await Library.load(store, () => {
      changes += 1;
    });
    const put = library.put(entry('a', { atMs: 1 }));
    assert.equal(changes, 0);
    assert.deepEqual(library.list(), []);
    await put;
    assert.equal(changes, 1);
    await library.put(entry('b', { atMs: 2 }));
    await library.put(entry('a', { origin: 'opened', atMs: 3 }));
    assert.deepEqual(
      library.list().map(({ link, origin }) => [link, origin]),
      [
        ['a', 'opened'],
        ['b', 'published'],
        ['a', 'published'],
      ],
    );
    const again = await Library.load(store, () => undefined);
    assert.deepEqual(again.list(), library.list());
    await library.forgetOpened();
    assert.deepEqual(
      (await Library.load(store, () => undefined)).list().map(({ link }) => link),
      ['b', 'a'],
    );
    await library.remove('published', 'b');
    await library.remove('published', 'not there');
    assert.deepEqual(
      library.list().map(({ link }) => link),
      ['a'],
    );
  });

  it('shows nothing that the disk refused', async () => {
    const store = new MemoryLibraryStore();
    const library = await Library.load(store, () => assert.fail('nothing changed'));
    store.failWith = new BroadsideError('no-space', 'full');
    await assert.rejects(library.put(entry('a')), BroadsideError);
    assert.deepEqual(library.list(), []);
  });

  it('keeps a known health through a new opening, and takes a new one', async () => {
    const library = await Library.load(new MemoryLibraryStore(), () => undefined);
    await library.put(entry('a'));
    const health = { shares: [{ index: 1, state: 'found' as const }], checkedMs: 5, retrievable: true };
    await library.setHealth('a', health);
    await library.setHealth('unknown', health);
    await library.put(entry('a', { atMs: 9 }));
    assert.deepEqual(library.get('published', 'a')?.health, health);
  });

  it('leaves out rows that it cannot read or that are filed under another link', async () => {
    const store = new MemoryLibraryStore();
    await store.put({ origin: 'published', link: 'a', value: JSON.stringify(entry('b')) });
    await store.put({ origin: 'published', link: 'c', value: '{' });
    await store.put({ origin: 'opened', link: 'd', value: JSON.stringify(entry('d', { origin: 'opened' })) });
    assert.deepEqual(
      (await Library.load(store, () => undefined)).list().map(({ link }) => link),
      ['d'],
    );
  });

  it('lets the longest unopened go when too many were opened', async () => {
    const store = new MemoryLibraryStore();
    for (let index = 0; index < MAX_OPENED; index += 1) {
      const link = `link-${index}`;
      await store.put({
        origin: 'opened',
        link,
        value: JSON.stringify(entry(link, { origin: 'opened', atMs: index })),
      });
    }
    const library = await Library.load(store, () => undefined);
    await library.put(entry('new', { origin: 'opened', atMs: MAX_OPENED }));
    assert.equal(library.list().length, MAX_OPENED);
    assert.equal(library.get('opened', 'link-0'), undefined);
    assert.notEqual(library.get('opened', 'link-1'), undefined);
  });
});

describe('settings', () => {
  it('has defaults, keeps what was set, and tells at once', async () => {
    const store = new MemorySettingsStore();
    const settings = await Settings.load(store);
    assert.equal(settings.get('links'), SETTINGS.links.default);
    const told: unknown[] = [];
    settings.onChange((values, changed) => told.push([changed, values['links']]));
    assert.equal(await settings.set('links', '20'), 20);
    assert.deepEqual(told, [[['links'], 20]]);
    assert.deepEqual(store.values, { links: 20 });
    assert.equal((await Settings.load(store)).get('links'), 20);
    await settings.set('links', SETTINGS.links.default);
    assert.deepEqual(store.values, {});
  });

  it('refuses wrong names and values, and keeps the old one when the disk fails', async () => {
    const store = new MemorySettingsStore();
    const settings = await Settings.load(store);
    const usage = (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === 'usage';
    await assert.rejects(settings.set('nonsense', 1), usage);
    await assert.rejects(settings.set('links', 1_000), usage);
    await assert.rejects(settings.set('up-bytes-per-second', 5), usage);
    store.failWith = new Error('disk');
    await assert.rejects(settings.set('links', 30));
    assert.equal(settings.get('links'), SETTINGS.links.default);
    store.failWith = undefined;
    await settings.set('links', 31);
    assert.equal(settings.get('links'), 31);
  });

  it('takes the default for what a file says wrongly', async () => {
    const store = new MemorySettingsStore();
    store.values = { links: 'many', appearance: 'dark', 'quota-bytes': -1, unknown: true };
    const settings = await Settings.load(store);
    assert.equal(settings.get('links'), SETTINGS.links.default);
    assert.equal(settings.get('appearance'), 'dark');
    assert.equal(settings.get('quota-bytes'), SETTINGS['quota-bytes'].default);
  });
});
