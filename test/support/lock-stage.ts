/** The lock of the library on a real disk, with what a person has in it. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lock } from '../../shared/ipc/lock-calls.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';
import { openPersonalDisk } from '../../src-main/host/personal-disk.ts';
import type { PersonalFiles } from '../../src-main/host/personal-disk.ts';
import type { App } from '../../src-main/services/app.ts';
import { PersonalLock } from '../../src-main/services/lock/lock.ts';
import type { KeyStore, PersonalStores } from '../../src-main/services/lock/ports.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../src-main/workers/sodium/password-hash.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { ManualClock } from './manual-clock.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const COST = { passes: 1, memoryKib: 8 };
const BOUNDS = { least: COST, most: { passes: 4, memoryKib: 64 * 1024 } };
export const WORDS = 'harbour tide lantern gravel winter copper';
export const OTHER = 'meadow signal orbit velvet cactus stamp';
export const TITLE = 'A title that nobody else is to see';
const ROOT = new Uint8Array(32).fill(7);
const HASHES = new Uint8Array(64).fill(9);

/** A real data directory and a real lock on it; services that hold what the stores hold, and do no more. */
export class LockStage {
  readonly directory;
  readonly path: string;
  readonly events: Lock[] = [];
  readonly defects: unknown[] = [];
  stores: PersonalStores | undefined;
  began = 0;
  forgotten = 0;
  wiped = 0;
  wipesByChoice = false;
  idleAfterMs: number | undefined;
  readonly clock = new ManualClock();
  disk!: PersonalFiles;
  lock!: PersonalLock;

  readonly #keyStore: KeyStore | undefined;

  constructor(path: string, keyStore?: KeyStore) {
    this.path = path;
    this.#keyStore = keyStore;
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
          tell: () => undefined,
          begin: () => (this.began += 1),
          close: async () => (this.stores = undefined),
        };
        return app as unknown as App;
      },
      always: { 'status.get': (() => 'a status') as never, 'config.get': () => ({}) },
      forget: () => (this.forgotten += 1),
      wipe: async () => void (this.wiped += 1),
      wipesByChoice: () => this.wipesByChoice,
      ...{ clock: this.clock, idleAfterMs: () => this.idleAfterMs, keyStore: this.#keyStore },
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
