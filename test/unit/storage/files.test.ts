import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockDataDirectory } from '../../../src-main/storage/files/data-lock.ts';
import { createSecretStore, readOrCreateSecret, secretFileBytes } from '../../../src-main/storage/files/secret-file.ts';
import { createSettingsFile, MAX_SETTINGS_BYTES } from '../../../src-main/storage/files/settings-file.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const onPosix = { skip: process.platform === 'win32' };
const mode = (path: string) => statSync(path).mode & 0o777;

function directoryOf(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-files-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('settings file', () => {
  it('reads what was written, also by another', async (context) => {
    const path = join(directoryOf(context), 'new', 'settings.json');
    const settings = createSettingsFile({ path });
    assert.deepEqual(await settings.read(), {});
    await settings.write({ links: 12, appearance: 'dark' });
    await settings.write({ links: 13 });
    assert.deepEqual(await settings.read(), { links: 13 });
    assert.deepEqual(await createSettingsFile({ path }).read(), { links: 13 });
    assert.deepEqual(readdirSync(join(path, '..')), ['settings.json']);
    if (process.platform !== 'win32') assert.equal(mode(path), 0o600);
  });

  it('ends with the last of many writes at once', async (context) => {
    const path = join(directoryOf(context), 'settings.json');
    const settings = createSettingsFile({ path });
    await Promise.all(Array.from({ length: 20 }, (_, links) => settings.write({ links })));
    assert.deepEqual(await settings.read(), { links: 19 });
  });

  it('moves aside what is no JSON object, and tells', async (context) => {
    const path = join(directoryOf(context), 'settings.json');
    const moved: string[] = [];
    const settings = createSettingsFile({ path, onDamaged: (movedTo) => moved.push(movedTo) });
    const bad = ['{"links": 1', '[1]', 'null', Buffer.from([0x22, 0xff, 0x22]), ' '.repeat(MAX_SETTINGS_BYTES + 1)];
    for (const content of bad) {
      writeFileSync(path, content);
      assert.deepEqual(await settings.read(), {});
      assert.equal(existsSync(path), false);
      assert.deepEqual(readFileSync(moved.at(-1)!), Buffer.from(content));
    }
    assert.deepEqual(
      moved,
      bad.map((_, index) => `${path}.damaged-${index + 1}`),
    );
  });

  it('is whole when a write was cut short', async (context) => {
    const path = join(directoryOf(context), 'settings.json');
    const settings = createSettingsFile({ path });
    await settings.write({ links: 5 });
    // What a process leaves that dies before the rename.
    writeFileSync(join(path, '..', '.settings.json.new'), '{"links": 6');
    assert.deepEqual(await settings.read(), { links: 5 });
    await settings.write({ links: 7 });
    assert.deepEqual(await settings.read(), { links: 7 });
    assert.deepEqual(readdirSync(join(path, '..')), ['settings.json']);
  });

  it('refuses too much', async (context) => {
    const settings = createSettingsFile({ path: join(directoryOf(context), 'settings.json') });
    await assert.rejects(settings.write({ text: 'x'.repeat(MAX_SETTINGS_BYTES) }), { code: 'usage' });
  });
});

describe('secret file', () => {
  const secretAt = (path: string, seed = 1) => readOrCreateSecret({ path, length: 32, random: seededRandom(seed) });

  it('is made once and read after', async (context) => {
    const path = join(directoryOf(context), 'data', 'identity');
    const secret = await secretAt(path, 1);
    assert.equal(secret.length, 32);
    assert.deepEqual(await secretAt(path, 2), secret);
    assert.deepEqual(new Uint8Array(readFileSync(path)), secretFileBytes(secret));
    assert.deepEqual(readdirSync(join(path, '..')), ['identity']);
  });

  it('is one, whoever of many makes it', async (context) => {
    const path = join(directoryOf(context), 'identity');
    const secrets = await Promise.all(Array.from({ length: 20 }, (_, seed) => secretAt(path, seed)));
    for (const secret of secrets) assert.deepEqual(secret, secrets[0]);
    assert.deepEqual(readdirSync(join(path, '..')), ['identity']);
  });

  it('is for its owner alone', onPosix, async (context) => {
    const path = join(directoryOf(context), 'data', 'identity');
    await secretAt(path);
    assert.equal(mode(path), 0o600);
    assert.equal(mode(join(path, '..')), 0o700);
    chmodSync(path, 0o640);
    await assert.rejects(secretAt(path), { code: 'refused', message: /chmod 600/ });
    chmodSync(path, 0o600);
    chmodSync(join(path, '..'), 0o755);
    await assert.rejects(secretAt(path), { code: 'refused', message: /chmod 700/ });
  });

  it('is not replaced when it is damaged', async (context) => {
    const path = join(directoryOf(context), 'identity');
    writeFileSync(path, 'short', { mode: 0o600 });
    await assert.rejects(secretAt(path), { code: 'damaged' });
    assert.equal(readFileSync(path, 'utf8'), 'short');
  });

  it('is refused when one bit of it has changed, wherever, instead of being another one', async (context) => {
    const path = join(directoryOf(context), 'identity');
    await secretAt(path);
    const whole = readFileSync(path);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const changed = Buffer.from(whole);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, changed);
      await assert.rejects(secretAt(path), { code: 'damaged', message: /Put it back from a copy/ });
      assert.deepEqual(readFileSync(path), changed);
    }
    writeFileSync(path, new Uint8Array(whole.length));
    await assert.rejects(secretAt(path), { code: 'damaged' });
  });

  it('of an earlier version, without what it is checked by, opens and is checked from then on', async (context) => {
    const path = join(directoryOf(context), 'identity');
    const secret = seededRandom(5).bytes(32);
    writeFileSync(path, secret, { mode: 0o600 });
    assert.deepEqual(await secretAt(path), secret);
    assert.deepEqual(new Uint8Array(readFileSync(path)), secretFileBytes(secret));
    assert.deepEqual(await secretAt(path), secret);
    assert.deepEqual(readdirSync(join(path, '..')), ['identity']);
    if (process.platform !== 'win32') assert.equal(mode(path), 0o600);
  });

  it('tells when it cannot be made', async (context) => {
    const directory = directoryOf(context);
    writeFileSync(join(directory, 'file'), '');
    await assert.rejects(secretAt(join(directory, 'file', 'identity')), { code: 'unexpected' });
  });
});

describe('lock of a data folder', () => {
  const LOCK_MODULE = new URL('../../../src-main/storage/files/data-lock.ts', import.meta.url).href;

  /** A process that locks the folder, says so, and stays. */
  async function holder(context: TestContext, directory: string) {
    const script = `const { lockDataDirectory } = await import(${JSON.stringify(LOCK_MODULE)});
      try { lockDataDirectory(${JSON.stringify(directory)}); console.log('locked'); setInterval(() => {}, 1e6); }
      catch (error) { console.log(error.code + ' ' + error.message); }`;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: fileURLToPath(new URL('.', import.meta.url)),
      },
    );
    context.after(() => child.kill('SIGKILL'));
    const [said] = await once(child.stdout, 'data');
    return { child, said: String(said).trim() };
  }

  it('is held by one process, and the second learns which', async (context) => {
    const directory = directoryOf(context);
    const { child, said } = await holder(context, directory);
    assert.equal(said, 'locked');
    assert.throws(() => lockDataDirectory(directory), {
      code: 'data-in-use',
      message: new RegExp(`process ${child.pid}\\b`),
    });
  });

  it('ends with its process, however that ends', async (context) => {
    const directory = directoryOf(context);
    for (let round = 0; round < 3; round += 1) {
      const { child, said } = await holder(context, directory);
      assert.equal(said, 'locked');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // The note of a holder that died, with a number that another process may have by now, keeps nobody out.
    writeFileSync(join(directory, 'lock-holder'), `${process.ppid}\n`);
    lockDataDirectory(directory).release();
  });

  it('is held against this process too, and is not lost by the attempt', async (context) => {
    const directory = directoryOf(context);
    const lock = lockDataDirectory(directory);
    assert.throws(() => lockDataDirectory(directory), {
      code: 'data-in-use',
      message: new RegExp(`process ${process.pid}\\b`),
    });
    const { said } = await holder(context, directory);
    assert.match(said, new RegExp(`^data-in-use .*process ${process.pid}\\b`));
    lock.release();
    lock.release();
    const again = lockDataDirectory(directory);
    lock.release();
    assert.throws(() => lockDataDirectory(directory), { code: 'data-in-use' });
    again.release();
  });

  it('does not mind rubbish in its file, and makes the folder', async (context) => {
    const directory = join(directoryOf(context), 'a', 'b');
    lockDataDirectory(directory).release();
    writeFileSync(join(directory, 'lock'), 'rubbish '.repeat(1_000));
    lockDataDirectory(directory).release();
    if (process.platform === 'win32') return;
    assert.equal(mode(directory), 0o700);
    assert.equal(mode(join(directory, 'lock')), 0o600);
  });

  it('tells when it cannot be made', (context) => {
    const directory = directoryOf(context);
    writeFileSync(join(directory, 'file'), '');
    assert.throws(() => lockDataDirectory(join(directory, 'file')), { code: 'unexpected' });
    mkdirSync(join(directory, 'lock'));
    assert.throws(() => lockDataDirectory(directory), { code: 'unexpected' });
  });
});

describe('secrets by their ids', () => {
  it('keeps each in a file of its owner alone, and replaces none', async (context) => {
    const directory = join(directoryOf(context), 'pens');
    const store = createSecretStore(directory, seededRandom(1));
    assert.equal(await store.read('0a'), undefined);
    const secret = seededRandom(2).bytes(32);
    await store.create('0a', secret);
    assert.deepEqual(await createSecretStore(directory, seededRandom(3)).read('0a'), secret);
    assert.deepEqual(readdirSync(directory), ['0a.key']);
    if (process.platform !== 'win32') assert.equal(mode(join(directory, '0a.key')), 0o600);
    await assert.rejects(() => store.create('0a', seededRandom(4).bytes(32)), { code: 'refused' });
    assert.deepEqual(await store.read('0a'), secret);
    await assert.rejects(() => store.read('../a'), RangeError);
    writeFileSync(join(directory, '0b.key'), 'short', { mode: 0o600 });
    await assert.rejects(() => store.read('0b'), { code: 'damaged' });
  });

  it('refuses a secret that others may read', onPosix, async (context) => {
    const directory = join(directoryOf(context), 'pens');
    const store = createSecretStore(directory, seededRandom(1));
    await store.create('0a', seededRandom(2).bytes(32));
    chmodSync(join(directory, '0a.key'), 0o644);
    await assert.rejects(() => store.read('0a'), { code: 'refused' });
  });
});
