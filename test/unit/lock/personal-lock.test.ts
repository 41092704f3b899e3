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
import { decodeHead } from '../../../src-main/services/lock/personal-head.ts';
import { LockStage, OTHER, TITLE, WORDS } from '../../support/lock-stage.ts';

const list = (stage: LockStage): unknown => stage.lock.handlers['library.list'](null);
const refusedWith = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

describe('the passphrase of the library', () => {
  let root: string;
  let stage: LockStage;
  const stages: LockStage[] = [];
  const startAt = async (path: string, passphrase?: string): Promise<LockStage> => {
    const started = await new LockStage(path).start(passphrase);
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
