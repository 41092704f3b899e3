/** Shared folders over real files: what is found, hashed, told and forgotten. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  open,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { FileTreeBuilder } from '../../../src-main/core/transfer/tree.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { MemoryShareStore } from '../../support/memory-stores.ts';
import { fill, SharedFolders, temporaryFolder } from '../../support/shared-folders.ts';

const crypto = createSodiumCrypto();
const windows = process.platform === 'win32' && 'no such files on Windows';
const root = process.getuid?.() === 0 && 'who is root can read everything';

function rootOf(content: string | Uint8Array): string {
  const bytes = Buffer.from(content);
  const builder = new FileTreeBuilder(crypto, bytes.length);
  builder.add(bytes);
  return toHex(builder.finish().root);
}

function leftOutOf(folders: SharedFolders): Record<string, number> {
  return Object.fromEntries(folders.folders[0]!.leftOut.map(({ reason, count }) => [reason, count]));
}

describe('shared folders', () => {
  it('hashes what is in a folder, and tells the node names, sizes and roots', async (context) => {
    const path = await temporaryFolder(context);
    const large = Buffer.alloc(3 * 1024 * 1024 + 17, 'broadside');
    await fill(path, { 'a.txt': 'one', 'deep/er/b.txt': 'two', 'empty.bin': '', 'large.bin': large });
    const folders = await SharedFolders.open(context);
    const added = await folders.shares.add(path, false, false);
    assert.equal(added.path, await realpath(path));
    await folders.lists(['a.txt', 'deep/er/b.txt', 'empty.bin', 'large.bin']);
    await folders.settled();
    const [folder] = folders.folders;
    const { files, sizeBytes, offeredFiles, offeredBytes, leftOut, error } = folder!;
    assert.deepEqual([files, offeredFiles, leftOut, error], [4, 4, [], undefined]);
    assert.deepEqual([sizeBytes, offeredBytes], [6 + large.length, 6 + large.length]);
    const entries = folders.told.flatMap(({ added: each }) => each);
    const told = new Map(entries.map(({ name, root: hash }) => [name, toHex(hash)]));
    assert.equal(told.get('b.txt'), rootOf('two'));
    assert.equal(told.get('empty.bin'), rootOf(''));
    assert.equal(told.get('large.bin'), rootOf(large));
    const today = Math.floor(Date.now() / 86_400_000);
    assert.ok(entries.every(({ day }) => day === today || day === today - 1));
    const page = folders.shares.files(folder!.id, 0);
    assert.deepEqual(
      page.files.map(({ folder: inFolder, name }) => `${inFolder}/${name}`),
      ['/a.txt', '/empty.bin', '/large.bin', 'deep/er/b.txt'],
    );
    assert.match(page.files[0]!.link!, /^broadside:file\/[a-z2-7]{52}\?name=a\.txt&size=3$/);
    assert.deepEqual(folders.defects, []);
  });

  it('hands out where a content lies, with the hashes of its chunks', async (context) => {
    const path = await temporaryFolder(context);
    const content = Buffer.alloc(200_000, 'x');
    await fill(path, { 'x.bin': content });
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.settled();
    const builder = new FileTreeBuilder(crypto, content.length);
    builder.add(content);
    const tree = builder.finish();
    const [place, ...others] = folders.shares.find(tree.root);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [place!.folderPath, place!.path, place!.stamp.sizeBytes],
      [await realpath(path), 'x.bin', content.length],
    );
    assert.deepEqual(await place!.hashes(), tree.hashes);
    assert.deepEqual(folders.shares.find(new Uint8Array(32)), []);
  });

  it('notices what comes, goes and changes, and hashes only that', async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'stays.txt': 'stays', 'goes.txt': 'goes', 'sub/changes.txt': 'before' });
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.lists(['goes.txt', 'stays.txt', 'sub/changes.txt']);
    await folders.settled();
    folders.reader.hashed.length = 0;
    await unlink(join(path, 'goes.txt'));
    await writeFile(join(path, 'sub/changes.txt'), 'after');
    await fill(path, { 'new/folder/comes.txt': 'comes' });
    await folders.lists(['new/folder/comes.txt', 'stays.txt', 'sub/changes.txt']);
    await folders.until(
      () => folders.listed.length === 3 && folders.shares.find(Buffer.from(rootOf('after'), 'hex')).length === 1,
    );
    assert.deepEqual(new Set(folders.reader.hashed), new Set(['new/folder/comes.txt', 'sub/changes.txt']));
  });

  it('knows what was moved and renamed, alone or with its folder, without reading it again', async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'a.txt': 'one', 'old/b.txt': 'two', 'old/c.txt': 'three', 'x.txt': 'ex', 'y.txt': 'why' });
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.lists(['a.txt', 'old/b.txt', 'old/c.txt', 'x.txt', 'y.txt']);
    folders.reader.hashed.length = 0;
    await rename(join(path, 'a.txt'), join(path, 'renamed.txt'));
    await rename(join(path, 'old'), join(path, 'new'));
    // Two that change places.
    await rename(join(path, 'x.txt'), join(path, 'z.txt'));
    await rename(join(path, 'y.txt'), join(path, 'x.txt'));
    await rename(join(path, 'z.txt'), join(path, 'y.txt'));
    await folders.lists(['new/b.txt', 'new/c.txt', 'renamed.txt', 'x.txt', 'y.txt']);
    assert.deepEqual(folders.reader.hashed, []);
    assert.equal(folders.shares.find(Buffer.from(rootOf('ex'), 'hex'))[0]!.path, 'y.txt');
    // The hashes of their chunks went with them.
    assert.notEqual(await folders.shares.find(Buffer.from(rootOf('two'), 'hex'))[0]!.hashes(), undefined);
  });

  it('leaves out what is hidden or the system’s, and says so', { skip: windows }, async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, {
      'a.txt': 'one',
      '.hidden': 'h',
      '.folder/in.txt': 'hidden, too',
      'Thumbs.db': 's',
      '.DS_Store': 's',
      '.git/config': 's',
      '~$letter.docx': 's',
      'film.mp4.part': 's',
    });
    const folders = await SharedFolders.open(context);
    const { id } = await folders.shares.add(path, false, false);
    await folders.lists(['a.txt']);
    assert.deepEqual(leftOutOf(folders), { hidden: 2, system: 5 });
    assert.deepEqual(folders.shares.handlers['shares.leftOut']({ id }), [
      { path: '.DS_Store', reason: 'system' },
      { path: '.folder', reason: 'hidden' },
      { path: '.git', reason: 'system' },
      { path: '.hidden', reason: 'hidden' },
      { path: 'Thumbs.db', reason: 'system' },
      { path: 'film.mp4.part', reason: 'system' },
      { path: '~$letter.docx', reason: 'system' },
    ]);
    await folders.shares.remove(id);
    await folders.shares.add(path, true, false);
    await folders.lists(['.folder/in.txt', '.hidden', 'a.txt']);
    assert.deepEqual(leftOutOf(folders), { system: 5 });
  });

  it('follows no link, out of the folder or round in it, and opens no pipe', { skip: windows }, async (context) => {
    const outside = await temporaryFolder(context);
    const path = await temporaryFolder(context);
    await fill(outside, { 'secret.txt': 'secret', 'deep/secret.txt': 'secret' });
    await fill(path, { 'a.txt': 'one', 'sub/b.txt': 'two' });
    await symlink(join(outside, 'secret.txt'), join(path, 'file-link'));
    await symlink(outside, join(path, 'folder-link'));
    await symlink('..', join(path, 'sub/loop'));
    await symlink('nowhere', join(path, 'broken'));
    execFileSync('mkfifo', [join(path, 'pipe')]);
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.lists(['a.txt', 'sub/b.txt']);
    await folders.settled();
    assert.deepEqual(leftOutOf(folders), { link: 4, special: 1 });
    // A folder that becomes a link is no part of it any more.
    await rename(join(path, 'sub'), join(outside, 'sub'));
    await symlink(join(outside, 'sub'), join(path, 'sub'));
    await folders.lists(['a.txt']);
    assert.equal(leftOutOf(folders)['link'], 4);
  });

  it(
    'tells names that cannot be sent',
    { skip: process.platform !== 'linux' && 'only Linux has such names' },
    async (context) => {
      const path = await temporaryFolder(context);
      await fill(path, {
        'a.txt': 'one',
        'line\nbreak.txt': 'two',
        'back\\slash.txt': 'three',
        'real \ufffd.txt': 'four',
      });
      const raw = Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x66, 0xff, 0x6f])]);
      const file = await open(raw, 'w');
      await file.close();
      const folders = await SharedFolders.open(context);
      await folders.shares.add(path, false, false);
      await folders.lists(['a.txt', 'real \ufffd.txt']);
      assert.deepEqual(leftOutOf(folders), { name: 3 });
    },
  );

  it('tells what it cannot read, and shares it when it can', { skip: windows || root }, async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'a.txt': 'one', 'closed.txt': 'two', 'closed/c.txt': 'three' });
    await chmod(join(path, 'closed.txt'), 0);
    await chmod(join(path, 'closed'), 0);
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.lists(['a.txt']);
    await folders.settled();
    assert.deepEqual(leftOutOf(folders), { unreadable: 2 });
    await chmod(join(path, 'closed.txt'), 0o600);
    await chmod(join(path, 'closed'), 0o700);
    await folders.lists(['a.txt', 'closed.txt', 'closed/c.txt']);
    assert.deepEqual(leftOutOf(folders), {});
  });

  it('hashes a file again that changed while it was hashed', async (context) => {
    const path = await temporaryFolder(context);
    const large = Buffer.alloc(8 * 1024 * 1024, 'a');
    await fill(path, { 'large.bin': large });
    const folders = await SharedFolders.open(context);
    let changes = 1;
    folders.reader.beforeStep = async () => {
      if (changes-- > 0) await appendFile(join(path, 'large.bin'), 'more');
    };
    await folders.shares.add(path, false, false);
    await folders.lists(['large.bin']);
    const [place] = folders.shares.find(Buffer.from(rootOf(Buffer.concat([large, Buffer.from('more')])), 'hex'));
    assert.equal(place?.path, 'large.bin');
    assert.ok(folders.reader.readBytes > large.length);
  });

  it('knows everything after a restart, and looks only at what changed meanwhile', async (context) => {
    const path = await temporaryFolder(context);
    const store = new MemoryShareStore();
    await fill(path, { 'a.txt': 'one', 'sub/b.txt': 'two', 'gone.txt': 'gone', 'moved.txt': 'moved' });
    const first = await SharedFolders.open(context, { store });
    await first.shares.add(path, false, false);
    await first.lists(['a.txt', 'gone.txt', 'moved.txt', 'sub/b.txt']);
    await first.settled();
    await first.close();
    const second = await SharedFolders.open(context, { store });
    await second.settled();
    assert.deepEqual(second.listed, ['a.txt', 'gone.txt', 'moved.txt', 'sub/b.txt']);
    assert.deepEqual(second.reader.hashed, []);
    // The same list keeps its generation and its number, so that no hub is sent it again.
    const [last, again] = [first.told.at(-1)!, second.told[0]!];
    assert.deepEqual([again.generation, again.sequence], [last.generation, last.sequence]);
    await second.close();
    await unlink(join(path, 'gone.txt'));
    await rename(join(path, 'moved.txt'), join(path, 'sub/moved.txt'));
    await fill(path, { 'new.txt': 'new' });
    const third = await SharedFolders.open(context, { store });
    await third.lists(['a.txt', 'new.txt', 'sub/b.txt', 'sub/moved.txt']);
    assert.deepEqual(third.reader.hashed, ['new.txt']);
    assert.notEqual(third.told[0]!.generation, last.generation);
  });

  it('stops at once: offers nothing and reads nothing, until it is started again', async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'a.txt': 'one', 'b.txt': 'two' });
    const folders = await SharedFolders.open(context);
    const { id } = await folders.shares.add(path, false, false);
    await folders.lists(['a.txt', 'b.txt']);
    folders.reader.hashed.length = 0;
    await folders.shares.handlers['shares.stop']({ id });
    assert.deepEqual(folders.listed, []);
    assert.deepEqual(folders.shares.find(Buffer.from(rootOf('one'), 'hex')), []);
    const { state, files, offeredFiles } = folders.folders[0]!;
    assert.deepEqual([state, files, offeredFiles], ['stopped', 2, 0]);
    await fill(path, { 'c.txt': 'three' });
    await folders.shares.handlers['shares.look']({});
    assert.deepEqual([folders.folders[0]!.state, folders.listed], ['stopped', []]);
    await folders.shares.handlers['shares.start']({});
    await folders.lists(['a.txt', 'b.txt', 'c.txt']);
    assert.deepEqual(folders.reader.hashed, ['c.txt']);
  });

  it('stays stopped over a restart', async (context) => {
    const path = await temporaryFolder(context);
    const store = new MemoryShareStore();
    await fill(path, { 'a.txt': 'one' });
    const first = await SharedFolders.open(context, { store });
    await first.shares.add(path, false, false);
    await first.settled();
    await first.shares.handlers['shares.stop']({});
    await first.close();
    const second = await SharedFolders.open(context, { store });
    await second.until(() => second.told.length > 0);
    assert.deepEqual([second.folders[0]!.state, second.listed], ['stopped', []]);
  });

  it('forgets a folder that is removed, here and on the disk', async (context) => {
    const [path, other] = [await temporaryFolder(context), await temporaryFolder(context)];
    const store = new MemoryShareStore();
    await fill(path, { 'a.txt': 'one', 'b.txt': 'two' });
    await fill(other, { 'same.txt': 'two' });
    const folders = await SharedFolders.open(context, { store });
    const { id } = await folders.shares.add(path, false, false);
    await folders.settled();
    await folders.shares.add(other, false, false);
    await folders.settled();
    await folders.shares.remove(id);
    // One content lies in the other folder too, and goes on being offered from there.
    await folders.lists(['same.txt']);
    assert.equal(folders.folders.length, 1);
    assert.deepEqual(
      [...store.rows.values()].flatMap((rows) => [...rows.keys()]),
      ['same.txt'],
    );
    assert.throws(() => folders.shares.files(id, 0), { code: 'not-found' });
    await assert.rejects(folders.shares.remove(id), { code: 'not-found' });
  });

  it('says that a folder is not there, and knows it when it is back', async (context) => {
    const above = await temporaryFolder(context);
    const path = join(above, 'disk');
    await fill(path, { 'a.txt': 'one' });
    const folders = await SharedFolders.open(context);
    const { id } = await folders.shares.add(path, false, false);
    await folders.lists(['a.txt']);
    folders.reader.hashed.length = 0;
    await rename(path, join(above, 'away'));
    await folders.shares.handlers['shares.look']({ id });
    assert.equal(folders.folders[0]!.state, 'missing');
    await folders.lists([]);
    await rename(join(above, 'away'), path);
    await folders.shares.handlers['shares.look']({ id });
    await folders.lists(['a.txt']);
    assert.deepEqual([folders.folders[0]!.state, folders.reader.hashed], ['shared', []]);
  });

  it('keeps to its limit of reading, tells rate and time left, and stops in the middle of a file', async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'sparse.bin': '' });
    await truncate(join(path, 'sparse.bin'), 10 * 1024 ** 3);
    const folders = await SharedFolders.open(context, { bytesPerSecond: () => 20_000_000 });
    const { id } = await folders.shares.add(path, false, false);
    const startedMs = performance.now();
    await folders.until(() => folders.folders[0]!.secondsLeft !== undefined);
    const { state, bytesPerSecond, secondsLeft, offeredFiles } = folders.folders[0]!;
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.deepEqual([state, offeredFiles], ['hashing', 0]);
    assert.ok(folders.reader.readBytes <= 20_000_000 * (seconds + 1), `${folders.reader.readBytes} in ${seconds} s`);
    assert.ok(bytesPerSecond! < 40_000_000 && secondsLeft! > 100, `${bytesPerSecond}, ${secondsLeft}`);
    const before = folders.reader.readBytes;
    await folders.shares.remove(id);
    await folders.close();
    // What was on its way is all that still came.
    assert.ok(folders.reader.readBytes - before <= 4 * 1024 * 1024);
  });

  it('takes ten thousand small files', async (context) => {
    const path = await temporaryFolder(context);
    for (let folder = 0; folder < 100; folder += 1) {
      await mkdir(join(path, `folder ${folder}`));
      await Promise.all(
        Array.from({ length: 100 }, (_, file) =>
          writeFile(join(path, `folder ${folder}`, `${file}.txt`), `${folder} ${file}`),
        ),
      );
    }
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.until(() => folders.listed.length === 10_000);
    assert.equal(folders.folders[0]!.offeredFiles, 10_000);
    const batches = folders.told.length;
    assert.ok(batches < 100, `${batches} tellings`);
    folders.reader.hashed.length = 0;
    await folders.shares.handlers['shares.look']({});
    assert.deepEqual(folders.reader.hashed, []);
  });

  it('is told of a disk that fails, and goes on', async (context) => {
    const path = await temporaryFolder(context);
    const store = new MemoryShareStore();
    await fill(path, { 'a.txt': 'one' });
    const folders = await SharedFolders.open(context, { store });
    await folders.shares.add(path, false, false);
    await folders.settled();
    store.failWith = new Error('the disk is full');
    await fill(path, { 'b.txt': 'two' });
    await folders.until(() => folders.folders[0]!.error !== undefined);
    await folders.lists(['a.txt', 'b.txt']);
    assert.match(folders.folders[0]!.error!, /full/);
  });

  it('touches are gathered: a file written many times is looked at a few times', async (context) => {
    const path = await temporaryFolder(context);
    await fill(path, { 'a.txt': 'one' });
    const folders = await SharedFolders.open(context);
    await folders.shares.add(path, false, false);
    await folders.settled();
    folders.reader.hashed.length = 0;
    for (let count = 0; count < 200; count += 1) await appendFile(join(path, 'a.txt'), `${count}`);
    await utimes(join(path, 'a.txt'), new Date(), new Date());
    const content = `one${Array.from({ length: 200 }, (_, count) => count).join('')}`;
    await folders.until(() => folders.shares.find(Buffer.from(rootOf(content), 'hex')).length === 1);
    assert.ok(folders.reader.hashed.length <= 5, `${folders.reader.hashed.length} times`);
    await rm(join(path, 'a.txt'));
    await folders.lists([]);
  });
});
