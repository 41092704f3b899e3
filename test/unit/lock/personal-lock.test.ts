import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Lock } from '../../../shared/ipc/lock-calls.ts';
import type { App } from '../../../src-main/services/app.ts';
import { PersonalLock } from '../../../src-main/services/lock/lock.ts';
import type { PersonalStores } from '../../../src-main/services/lock/ports.ts';
import { decodeHead } from '../../../src-main/services/lock/personal-head.ts';
import { dataDirectoryAt } from '../../../src-main/host/data-directory.ts';
import { openPersonalDisk } from '../../../src-main/host/personal-disk.ts';
import type { PersonalFiles } from '../../../src-main/host/personal-disk.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const COST = { passes: 1, memoryKib: 8 };
const BOUNDS = { least: COST, most: { passes: 4, memoryKib: 64 * 1024 } };
const WORDS = 'harbour tide lantern gravel winter copper';
const OTHER = 'meadow signal orbit velvet cactus stamp';
const TITLE = 'A title that nobody else is to see';
const ROOT = new Uint8Array(32).fill(7);
const HASHES = new Uint8Array(64).fill(9);

/** Services that hold what the stores hold, and do no more: what they do is tested elsewhere. */
class Stage {
  readonly directory;
  readonly path: string;
  readonly events: Lock[] = [];
  readonly defects: unknown[] = [];
  stores: PersonalStores | undefined;
  began = 0;
  forgotten = 0;
  wiped = 0;
  wipesByChoice = false;
  disk!: PersonalFiles;
  lock!: PersonalLock;

  constructor(path: string) {
    this.path = path;
    this.directory = dataDirectoryAt(path);
  }

  async start(passphrase?: string): Promise<this> {
    this.disk = await openPersonalDisk({
      directory: this.directory,
      crypto,
      random,
      onDamaged: (path) => this.defects.push(path),
    });
    this.lock = new PersonalLock({
      ...{ disk: this.disk, crypto, random, passwordHash: createPasswordHash(), kdfCost: COST, kdfBounds: BOUNDS },
      createApp: async (stores) => {
        this.stores = stores;
        const rows = await stores.library.list();
        const handlers = {
          'library.list': () => rows.filter(({ origin }) => origin === 'published').map(({ value }) => value),
        };
        const app = {
          handlers,
          on: () => () => undefined,
          begin: () => (this.began += 1),
          close: async () => (this.stores = undefined),
        };
        return app as unknown as App;
      },
      always: { 'status.get': (() => 'a status') as never, 'config.get': () => ({}) },
      forget: () => (this.forgotten += 1),
      wipe: async () => void (this.wiped += 1),
      wipesByChoice: () => this.wipesByChoice,
      onDefect: (thrown) => this.defects.push(thrown),
    });
    this.lock.on('lock', (value) => this.events.push(value));
    await this.lock.load(passphrase);
    this.lock.begin();
    return this;
  }

  /** What a person has: a publication, a pen name, a shared folder, something being sent. */
  async fill(): Promise<void> {
    const { library, penSecrets, shares, publishing } = this.stores!;
    await library.put({ origin: 'published', link: 'broadside:somewhere', value: TITLE });
    await penSecrets.create('ab12', new Uint8Array(32).fill(3));
    await shares.putFolder(5, '{"path":"/home/secret"}');
    const row = { path: 'inside/a.txt', sizeBytes: 10, modifiedMs: 1.5, inode: 3n, root: ROOT, day: 9 };
    await shares.change(5, { put: [{ ...row, hashes: HASHES }], moved: [], removed: [] });
    mkdirSync(publishing.directory, { recursive: true });
    writeFileSync(join(publishing.directory, '00112233445566aa.journal'), 'sealed');
  }

  async assertAll(): Promise<void> {
    const { library, penSecrets, shares, publishing } = this.stores!;
    const row = (await library.list()).find(({ origin }) => origin === 'published');
    assert.equal(row?.value, TITLE);
    assert.deepEqual(await penSecrets.read('ab12'), new Uint8Array(32).fill(3));
    assert.deepEqual(await shares.folders(), [{ folder: 5, value: '{"path":"/home/secret"}' }]);
    const paths: string[] = [];
    await shares.files(5, (rows) => paths.push(...rows.map(({ path }) => path)));
    assert.deepEqual(paths, ['inside/a.txt']);
    assert.deepEqual(await shares.hashes(5, 'inside/a.txt', ROOT), HASHES);
    assert.equal(readFileSync(join(publishing.directory, '00112233445566aa.journal'), 'utf8'), 'sealed');
  }

  /** Resolves with what the change ended with. */
  async change(passphrase: string | undefined, next: string | undefined): Promise<Lock> {
    const { promise, resolve } = Promise.withResolvers<Lock>();
    const stop = this.lock.on('lock', (value) => void (value.state !== 'changing' && resolve(value)));
    await this.lock.change(passphrase, next);
    return promise.finally(stop);
  }
}

const list = (stage: Stage): unknown => stage.lock.handlers['library.list'](null);
const refusedWith = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

describe('the passphrase of the library', () => {
  let root: string;
  let stage: Stage;
  const stages: Stage[] = [];
  const startAt = async (path: string, passphrase?: string): Promise<Stage> => {
    const started = await new Stage(path).start(passphrase);
    stages.push(started);
    return started;
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'broadside-lock-'));
    mkdirSync(join(root, 'data'), { mode: 0o700 });
    stage = await startAt(join(root, 'data'));
    await stage.fill();
  });
  afterEach(async () => {
    for (const each of stages.splice(0)) await each.lock.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('nothing is locked without one, and locking says so', async () => {
    assert.deepEqual(stage.lock.handlers['lock.get'](null), { state: 'none' });
    await assert.rejects(stage.lock.lock(), refusedWith('usage'));
    await stage.lock.lock(true);
    assert.equal(stage.wiped, 1);
    await stage.assertAll();
  });

  it('set: everything is there, under another key, and nothing of before is', async () => {
    const claim = stage.stores!.claimSecret;
    const address = await stage.disk.addressKey();
    assert.deepEqual(await stage.change(undefined, WORDS), { state: 'open' });
    await stage.assertAll();
    assert.deepEqual(stage.stores!.claimSecret, claim);
    assert.deepEqual(await stage.disk.addressKey(), address, 'blocks kept for others go on being looked after');
    assert.deepEqual(stage.defects, []);
    const left = readdirSync(stage.path).toSorted();
    assert.deepEqual(left, ['addresses.key', stage.disk.head!.folder, 'personal.json'].toSorted());
    assert.equal(existsSync(join(stage.path, stage.disk.head!.folder, 'library.key')), false);
    // No key that lies on the disk opens it: not that of the addresses, nor the file's own bytes.
    const head = decodeHead(readFileSync(stage.directory.personal, 'utf8'), '');
    for (const key of [address, head.key!.sealed.slice(0, 32)])
      await assert.rejects(stage.disk.open(key), refusedWith('refused'));
  });

  it('locked: nothing is in memory, nothing is answered but how the node is; unlocked, all is there', async () => {
    await stage.change(undefined, WORDS);
    const began = stage.began;
    assert.deepEqual(await list(stage), [TITLE]);
    const locking = stage.lock.lock();
    // At once, before what runs has stopped.
    assert.throws(() => list(stage), refusedWith('locked'));
    assert.deepEqual(await locking, { state: 'locked' });
    assert.equal(stage.stores, undefined);
    assert.equal(stage.wiped, 0);
    assert.throws(() => stage.lock.app, refusedWith('locked'));
    assert.equal(stage.lock.handlers['status.get'](null), 'a status');
    await assert.rejects(stage.lock.unlock(OTHER), refusedWith('refused'));
    assert.throws(() => list(stage), refusedWith('locked'));
    await assert.rejects(stage.lock.change(WORDS, OTHER), refusedWith('locked'));
    assert.deepEqual(await stage.lock.unlock(WORDS), { state: 'open' });
    assert.deepEqual(await list(stage), [TITLE]);
    assert.equal(stage.began, began + 1, 'what waited goes on');
    assert.deepEqual(stage.events.slice(-2), [{ state: 'locked' }, { state: 'open' }]);
  });

  it('panic wipes when that was chosen', async () => {
    await stage.change(undefined, WORDS);
    stage.wipesByChoice = true;
    await stage.lock.lock();
    assert.equal(stage.wiped, 1);
    assert.ok(stage.forgotten > 0);
  });

  it('a node that starts is locked until the passphrase is given; a wrong one stops it before anything', async () => {
    await stage.change(undefined, WORDS);
    await stage.lock.close();
    const locked = await startAt(stage.path);
    assert.throws(() => list(locked), refusedWith('locked'));
    await locked.lock.close();
    await assert.rejects(startAt(stage.path, OTHER), refusedWith('refused'));
    const open = await startAt(stage.path, WORDS);
    await open.assertAll();
  });

  it('changed: the old one opens nothing; removed: everything is there without one', async () => {
    await stage.change(undefined, WORDS);
    const first = stage.disk.head!.folder;
    assert.deepEqual(await stage.change(WORDS, OTHER), { state: 'open' });
    await stage.assertAll();
    assert.equal(existsSync(join(stage.path, first)), false);
    await stage.lock.lock();
    await assert.rejects(stage.lock.unlock(WORDS), refusedWith('refused'));
    await stage.lock.unlock(OTHER);
    await assert.rejects(stage.lock.change(WORDS, undefined), refusedWith('refused'));
    await assert.rejects(stage.lock.change(undefined, WORDS), refusedWith('usage'));
    assert.deepEqual(await stage.change(OTHER, undefined), { state: 'none' });
    await stage.assertAll();
    await stage.lock.close();
    const plain = await startAt(stage.path);
    await plain.assertAll();
    await plain.stores!.penSecrets.create('cd34', new Uint8Array(32).fill(4));
    assert.deepEqual(await plain.change(undefined, WORDS), { state: 'open' });
    await plain.assertAll();
    assert.deepEqual(await plain.stores!.penSecrets.read('cd34'), new Uint8Array(32).fill(4));
  });

  it('a weak one is refused, and one that was suggested is not', async () => {
    await assert.rejects(stage.lock.change(undefined, 'password1'), refusedWith('weak-password'));
    const { passphrase } = await stage.lock.handlers['lock.suggest'](null);
    assert.deepEqual(await stage.change(undefined, passphrase), { state: 'open' });
  });

  it('a change that stops anywhere has happened or has not', async () => {
    // Each state that the disk can be found in: what is written before the head, then the head, then what is removed.
    await stage.lock.close();
    const before = join(root, 'before');
    mkdirSync(before, { mode: 0o700 });
    cpSync(stage.path, before, { recursive: true, preserveTimestamps: true });
    chmodSync(before, 0o700);
    const changed = await startAt(stage.path);
    await changed.change(undefined, WORDS);
    const folder = changed.disk.head!.folder;
    await changed.lock.close();

    // The new folder is there, half of it; the head is not.
    cpSync(join(stage.path, folder), join(before, folder), { recursive: true });
    rmSync(join(before, folder, 'shares.db'), { force: true });
    cpSync(join(stage.path, 'addresses.key'), join(before, 'addresses.key'));
    const early = await startAt(before);
    assert.equal(early.lock.state, 'none');
    await early.assertAll();
    assert.equal(existsSync(join(before, folder)), false);
    await early.lock.close();

    // The head is there; nothing of before was removed yet.
    cpSync(join(stage.path, folder), join(before, folder), { recursive: true });
    cpSync(join(stage.path, 'personal.json'), join(before, 'personal.json'));
    const late = await startAt(before, WORDS);
    await late.assertAll();
    assert.equal(existsSync(join(before, 'library.key')), false);
    assert.equal(existsSync(join(before, 'pens')), false);
  });

  it('a change that fails leaves everything, and says why', async () => {
    // A head cannot be put in the place of a folder that is not empty.
    mkdirSync(join(stage.directory.personal, 'in the way'), { recursive: true });
    const { state, problem } = await stage.change(undefined, WORDS);
    assert.equal(state, 'none');
    assert.match(problem!.message, /The passphrase is as it was\.$/u);
    await stage.assertAll();
    assert.equal(
      readdirSync(stage.path).some((name) => name.startsWith('personal-')),
      false,
    );
  });

  it('without its head nothing is taken for new: no file is removed, and it says so', async () => {
    await stage.change(undefined, WORDS);
    await stage.lock.close();
    const head = readFileSync(stage.directory.personal);
    rmSync(stage.directory.personal);
    await assert.rejects(startAt(stage.path), refusedWith('damaged'));
    writeFileSync(stage.directory.personal, head.subarray(0, 60));
    await assert.rejects(startAt(stage.path), refusedWith('damaged'));
    writeFileSync(stage.directory.personal, '{"version":2}');
    await assert.rejects(startAt(stage.path), refusedWith('not-in-version'));
    writeFileSync(stage.directory.personal, head);
    await (await startAt(stage.path, WORDS)).assertAll();
  });

  it('a head that asks for more than this program ever does is not obeyed', async () => {
    await stage.change(undefined, WORDS);
    await stage.lock.close();
    const head = JSON.parse(readFileSync(stage.directory.personal, 'utf8'));
    head.key.memoryKib = 2 ** 40;
    writeFileSync(stage.directory.personal, JSON.stringify(head));
    await assert.rejects(startAt(stage.path, WORDS), refusedWith('refused'));
  });
});
