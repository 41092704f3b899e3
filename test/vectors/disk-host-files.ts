/** Fixtures of what the host keeps in a data directory: the address of the interface, a library under a passphrase, a moved directory, a window. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDaemonFile, readInterfaceAddress, writeDaemonFile, writeInterfaceAddress } from '../../src-main/host/daemon-file.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';
import { readWindowState, writeWindowState } from '../../src-main/host/electron/window-state.ts';
import { followMoved } from '../../src-main/host/moved.ts';
import { openSettingsAlone } from '../../src-main/host/open-settings.ts';
import { openPersonalDisk } from '../../src-main/host/personal-disk.ts';
import type { PersonalFiles } from '../../src-main/host/personal-disk.ts';
import { openKey, sealKey } from '../../src-main/services/lock/personal-head.ts';
import { decodeRemembered, encodeRemembered } from '../../src-main/services/lock/remembered.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../src-main/workers/sodium/password-hash.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { filesIn } from './disk-folder.ts';
import type { FileFixture } from './disk-folder.ts';

const crypto = createSodiumCrypto();
const TOKEN = 'x'.repeat(43);

const DAEMON = { pid: 77, port: 4_000, token: TOKEN };

const daemon: FileFixture = {
  name: 'daemon',
  async write(directory) {
    await mkdir(directory, { recursive: true });
    writeDaemonFile(dataDirectoryAt(directory), DAEMON);
    return filesIn(directory);
  },
  async read(directory) {
    assert.deepEqual(readDaemonFile(dataDirectoryAt(directory)), DAEMON);
  },
};

const address: FileFixture = {
  name: 'interface',
  async write(directory) {
    await mkdir(directory, { recursive: true });
    writeInterfaceAddress(dataDirectoryAt(directory), { port: 4_000, token: TOKEN });
    return filesIn(directory);
  },
  async read(directory) {
    assert.deepEqual(readInterfaceAddress(dataDirectoryAt(directory)), { port: 4_000, token: TOKEN });
  },
};

const PASSPHRASE = 'harbour tide lantern gravel winter copper';
/** As a fixture is to be opened in no time. */
const COST = { passes: 1, memoryKib: 8 };
const LOCK = {
  crypto,
  random: seededRandom(6),
  passwordHash: createPasswordHash(),
  kdfCost: COST,
  kdfBounds: { least: COST, most: COST },
};
const PEN = new Uint8Array(32).fill(3);
const JOURNAL = '00112233445566aa.journal';

function openDisk(directory: string): Promise<PersonalFiles> {
  const onDamaged = (movedTo: string): never => assert.fail(`a fixture was moved to ${movedTo}`);
  return openPersonalDisk({ directory: dataDirectoryAt(directory), crypto, random: seededRandom(6), onDamaged });
}

/** The key of the library in a copy of the fixture below. */
export async function unlockedFixture(directory: string): Promise<{ disk: PersonalFiles; key: Uint8Array }> {
  const disk = await openDisk(directory);
  assert.ok(disk.head?.key !== undefined);
  return { disk, key: await openKey(LOCK, disk.head, PASSPHRASE) };
}

const personal: FileFixture = {
  name: 'personal',
  async write(directory) {
    await mkdir(directory, { mode: 0o700 });
    const disk = await openDisk(directory);
    const key = await disk.plainKey();
    const stores = await disk.open(key);
    await stores.library.put({ origin: 'published', link: 'a', value: '{"title":"Ümläut ✎"}' });
    await stores.penSecrets.create('ab12', PEN);
    await stores.shares.putFolder(5, '{"path":"/a"}');
    await mkdir(stores.publishing.directory, { recursive: true });
    await writeFile(join(stores.publishing.directory, JOURNAL), 'sealed');
    await stores.close();
    const [folder, nextKey] = [disk.newFolder(), new Uint8Array(32).fill(5)];
    await disk.replace(key, { folder, key: nextKey, sealed: await sealKey(LOCK, folder, nextKey, PASSPHRASE) });
    return filesIn(directory);
  },
  async read(directory) {
    const before = (await readdir(directory)).toSorted();
    const { disk, key } = await unlockedFixture(directory);
    const stores = await disk.open(key);
    const row = (await stores.library.list()).find(({ origin }) => origin === 'published');
    assert.equal(row?.value, '{"title":"Ümläut ✎"}');
    assert.deepEqual(await stores.penSecrets.read('ab12'), PEN);
    assert.deepEqual(await stores.shares.folders(), [{ folder: 5, value: '{"path":"/a"}' }]);
    assert.equal(stores.claimSecret.length, 32);
    assert.equal(await readFile(join(stores.publishing.directory, JOURNAL), 'utf8'), 'sealed');
    assert.equal((await disk.addressKey()).length, 32);
    await stores.close();
    assert.deepEqual((await readdir(directory)).toSorted(), before);
  },
};

const BOUNDS = { x: 40, y: 50, width: 1_000, height: 700 };

const windowPlace: FileFixture = {
  name: 'window',
  write: async () => new Map([['window.json', new TextEncoder().encode(writeWindowState(BOUNDS, true))]]),
  async read(directory) {
    const screen = { x: 0, y: 0, width: 1_920, height: 1_080 };
    const text = await readFile(join(directory, 'window.json'), 'utf8');
    assert.deepEqual(readWindowState(text, [screen]), { bounds: BOUNDS, isMaximised: true });
  },
};

const REMEMBERED = { folder: 'personal-53d96b9f5db9bbdf', sealed: new Uint8Array(80).fill(9) };

const keyStore: FileFixture = {
  name: 'key-store',
  write: async () => new Map([['key-store.json', new TextEncoder().encode(encodeRemembered(REMEMBERED))]]),
  async read(directory) {
    assert.deepEqual(decodeRemembered(await readFile(join(directory, 'key-store.json'), 'utf8')), REMEMBERED);
  },
};

const TO = '/media/no-such-disk/broadside';

/** What leads to where a directory was moved, and what says that another is half of a copy. */
const moved: FileFixture = {
  name: 'moved',
  write: async () =>
    new Map([
      ['old/moved.json', new TextEncoder().encode(JSON.stringify({ to: TO }))],
      ['half/moving.json', new TextEncoder().encode(JSON.stringify({ from: '/home/broadside' }))],
    ]),
  async read(directory) {
    assert.throws(() => followMoved(join(directory, 'old')), { code: 'not-found', message: new RegExp(TO) });
    const half = dataDirectoryAt(join(directory, 'half'));
    const opening = openSettingsAlone({ directory: half, what: 'a test', network: undefined, bootstrap: [] });
    await assert.rejects(opening, { code: 'usage', message: /half of a data directory/ });
  },
};

export const HOST_FIXTURES: readonly FileFixture[] = [daemon, address, personal, keyStore, windowPlace, moved];
