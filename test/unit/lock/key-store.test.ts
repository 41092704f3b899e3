/** The library's key in the system's key store: a real file and a real cipher, without the system's part. */
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { KeyStore } from '../../../src-main/services/lock/ports.ts';
import { createKeyStore } from '../../../src-main/host/electron/key-store.ts';
import { LockStage, OTHER, WORDS } from '../../support/lock-stage.ts';

/** As a user's on one machine: what it sealed, another one does not open. */
class SoftwareKeyStore implements KeyStore {
  state: 'usable' | 'plain-text' | 'unavailable' = 'usable';
  sealsNothing = false;
  readonly #key = randomBytes(32);

  async look() {
    return this.state === 'usable' ? { state: this.state, name: 'a ring' } : { state: this.state };
  }

  async seal(text: string): Promise<Uint8Array | undefined> {
    if (this.sealsNothing) return undefined;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), body]));
  }

  async open(sealed: Uint8Array): Promise<string> {
    const cipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, 12));
    cipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]).toString('utf8');
  }
}

describe('the key of the library in the key store of the system', () => {
  let root: string;
  let keys: SoftwareKeyStore;
  let stage: LockStage;
  const stages: LockStage[] = [];
  const start = async (passphrase?: string, store: KeyStore | undefined = keys): Promise<LockStage> => {
    stage = await new LockStage(join(root, 'data'), store).start(passphrase);
    stages.push(stage);
    return stage;
  };
  const restart = async (store?: KeyStore): Promise<LockStage> => {
    await stage.lock.close();
    return start(undefined, store ?? keys);
  };
  const file = (): string => join(root, 'data', 'key-store.json');

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'broadside-keys-'));
    mkdirSync(join(root, 'data'), { mode: 0o700 });
    keys = new SoftwareKeyStore();
    await start();
    await stage.fill();
    await stage.change(undefined, WORDS);
  });
  afterEach(async () => {
    for (const each of stages.splice(0)) await each.lock.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('is not there unless it was chosen, with the passphrase', async () => {
    assert.deepEqual(stage.lock.handlers['lock.get'](null), {
      state: 'open',
      keyStore: { state: 'off', name: 'a ring' },
    });
    await assert.rejects(stage.lock.remember(OTHER), { code: 'refused' });
    assert.equal(existsSync(file()), false);
    assert.equal((await restart()).lock.state, 'locked');
    await assert.rejects(stage.lock.remember(WORDS), { code: 'locked' });
  });

  it('chosen, the library opens by itself at the next start, and the file tells nothing', async () => {
    const chosen = await stage.lock.remember(WORDS);
    assert.deepEqual(chosen.keyStore, { state: 'on', name: 'a ring' });
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(file(), 'utf8'), new RegExp(WORDS));
    await restart();
    assert.equal(stage.lock.state, 'open');
    await stage.assertAll();
  });

  it('undone, the file is gone and the passphrase is asked for', async () => {
    await stage.lock.remember(WORDS);
    assert.equal((await stage.lock.forget()).keyStore?.state, 'off');
    assert.equal(existsSync(file()), false);
    assert.equal((await restart()).lock.state, 'locked');
  });

  it('locking ends it, by hand, by itself, and by who finds the node locked already', async () => {
    await stage.lock.remember(WORDS);
    await stage.lock.lock();
    assert.equal(existsSync(file()), false);
    await stage.lock.unlock(WORDS);
    await stage.lock.remember(WORDS);
    const locked = new Promise<void>((resolve) => {
      stage.lock.on('lock', ({ state }) => void (state === 'locked' && resolve()));
    });
    stage.idleAfterMs = 300_000;
    stage.lock.idle.changed();
    stage.clock.advance(300_000);
    await locked;
    await stage.lock.lock();
    assert.equal(existsSync(file()), false);
    await stage.lock.unlock(WORDS);
    await stage.lock.remember(WORDS);
    // Started without a key store, as by the daemon: locked, and locking again takes the file away.
    await stage.lock.close();
    const bare = await new LockStage(join(root, 'data')).start();
    stages.push(bare);
    assert.deepEqual([bare.lock.state, existsSync(file())], ['locked', true]);
    assert.equal((await bare.lock.lock()).keyStore, undefined);
    assert.equal(existsSync(file()), false);
  });

  it('another passphrase is another key, which is kept in its place; without one the file goes', async () => {
    await stage.lock.remember(WORDS);
    const before = readFileSync(file(), 'utf8');
    const changed = await stage.change(WORDS, OTHER);
    assert.equal(changed.keyStore?.state, 'on');
    assert.notEqual(readFileSync(file(), 'utf8'), before);
    await restart();
    await stage.assertAll();
    assert.deepEqual(await stage.change(OTHER, undefined), { state: 'none' });
    assert.equal(existsSync(file()), false);
  });

  it('another machine, another user, a damaged or foreign file: it stays locked, and the passphrase opens it', async () => {
    await stage.lock.remember(WORDS);
    await restart(new SoftwareKeyStore());
    assert.equal(stage.lock.state, 'locked');
    await stage.lock.unlock(WORDS);
    await stage.assertAll();
    const folder = stage.disk.head!.folder;
    const otherKey = await keys.seal(`${folder} ${'ab'.repeat(32)}`);
    const short = await keys.seal(`${folder} abcd`);
    const otherFolder = await keys.seal(`personal-${'0'.repeat(16)} ${'ab'.repeat(32)}`);
    const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString('hex');
    for (const text of [
      '',
      '{',
      '{"version":2}',
      JSON.stringify({ version: 1, folder, sealed: 'xyz' }),
      JSON.stringify({ version: 1, folder, sealed: '00'.repeat(50) }),
      ...[otherKey, short, otherFolder].map((sealed) => JSON.stringify({ version: 1, folder, sealed: hex(sealed) })),
    ]) {
      await stage.lock.close();
      writeFileSync(file(), text, { mode: 0o600 });
      await start();
      assert.equal(stage.lock.state, 'locked', text);
      await stage.lock.unlock(WORDS);
    }
    await stage.assertAll();
  });

  it('a key of before is taken away at the start', async () => {
    await stage.lock.close();
    writeFileSync(file(), JSON.stringify({ version: 1, folder: `personal-${'0'.repeat(16)}`, sealed: 'abcd' }));
    await start();
    assert.equal(existsSync(file()), false);
  });

  it('what does not protect is refused with its reason, before and after', async () => {
    keys.state = 'plain-text';
    await assert.rejects(stage.lock.remember(WORDS), { code: 'refused', message: /as good as open/ });
    keys.state = 'unavailable';
    await assert.rejects(stage.lock.remember(WORDS), { code: 'refused', message: /does not answer/ });
    keys.state = 'usable';
    keys.sealsNothing = true;
    await assert.rejects(stage.lock.remember(WORDS), { code: 'refused', message: /as good as open/ });
    assert.equal(existsSync(file()), false);
    keys.sealsNothing = false;
    await stage.lock.remember(WORDS);
    keys.state = 'plain-text';
    assert.equal((await restart()).lock.state, 'locked');
    assert.deepEqual(stage.lock.handlers['lock.get'](null), {
      state: 'locked',
      keyStore: { state: 'plain-text', name: '' },
    });
  });
});

describe('the key store as Electron has it', () => {
  /** Electron’s own answers, as its documentation has them. */
  const storage = (backend: string, isThere = true, mark = 'v11') => ({
    isAsyncEncryptionAvailable: async () => isThere,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text: string) => Buffer.from(`${mark}${text}`),
    decryptStringAsync: async (sealed: Buffer) => ({ shouldReEncrypt: false, result: sealed.subarray(3).toString() }),
  });

  it('on Linux is one that protects, or none', async () => {
    for (const [backend, state] of [
      ['gnome_libsecret', 'usable'],
      ['kwallet', 'usable'],
      ['kwallet5', 'usable'],
      ['kwallet6', 'usable'],
      ['basic_text', 'plain-text'],
      ['unknown', 'plain-text'],
      ['something later', 'plain-text'],
      ['toString', 'plain-text'],
    ] as const)
      assert.equal((await createKeyStore('linux', storage(backend)).look()).state, state, backend);
    assert.equal((await createKeyStore('linux', storage('kwallet6', false)).look()).state, 'unavailable');
    const breaks = { ...storage('kwallet6'), isAsyncEncryptionAvailable: () => Promise.reject(new Error('no bus')) };
    assert.equal((await createKeyStore('linux', breaks).look()).state, 'unavailable');
  });

  it('what was sealed with the key that everybody knows is not taken, whatever the name of the store', async () => {
    assert.equal(await createKeyStore('linux', storage('gnome_libsecret', true, 'v10')).seal('secret'), undefined);
    const sealed = await createKeyStore('linux', storage('gnome_libsecret')).seal('secret');
    assert.equal(await createKeyStore('linux', storage('gnome_libsecret')).open(sealed!), 'secret');
    // On the other two every text begins so.
    assert.notEqual(await createKeyStore('darwin', storage('', true, 'v10')).seal('secret'), undefined);
  });

  it('elsewhere it is the system’s own, and on other systems none', async () => {
    assert.deepEqual(await createKeyStore('darwin', storage('')).look(), { state: 'usable', name: 'macOS Keychain' });
    assert.deepEqual(await createKeyStore('win32', storage('')).look(), { state: 'usable', name: 'Windows DPAPI' });
    assert.equal((await createKeyStore('win32', storage('', false)).look()).state, 'unavailable');
    assert.equal((await createKeyStore('freebsd', storage('')).look()).state, 'plain-text');
  });
});
