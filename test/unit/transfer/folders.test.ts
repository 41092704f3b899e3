/** Folders on a real disk, from a user who may lie in every name: the tree and nothing beside it, goes on, and goes away when told to. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MIN_CHUNK_BYTES } from '../../../src-main/core/transfer/tree.ts';
import { originalName } from '../../../src-main/services/transfers/folder-names.ts';
import { FolderWorld, tree, USER } from '../../support/folder-world.ts';

let base: string;
let directory: string;

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'broadside-folders-'));
});
after(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(base, 'target-'));
});

async function world(platform = 'linux'): Promise<FolderWorld> {
  const made = new FolderWorld(directory);
  made.platform = platform;
  await made.open();
  return made;
}

const HOSTILE: readonly (readonly [folder: string, name: string])[] = [
  ['..', 'up'],
  ['../../..', 'further up'],
  ['a/../../b', 'sideways'],
  ['/etc', 'passwd'],
  ['', '..'],
  ['', '/etc/passwd'],
  ['', '../up'],
  ['', 'nul\0byte'],
  ['', 'back\\..\\slash'],
  ['C:', 'drive'],
  ['', 'C:\\Windows\\x'],
  ['con', 'aux'],
  ['', 'CON.txt'],
  ['', 'dot.'],
  ['', 'blank '],
  ['x'.repeat(255), 'y'.repeat(255)],
  ['', ':'.repeat(255)],
  ['', '\u202efdp.exe'],
];

for (const platform of ['linux', 'win32', 'darwin']) {
  test(`whatever a user calls its files, nothing leaves the target (names of ${platform})`, async () => {
    const stage = await world(platform);
    for (const [folder, name] of HOSTILE) stage.share(folder, name);
    const job = await stage.load();
    assert.equal(job.state, 'done', job.error?.message);
    assert.deepEqual(await readdir(directory), ['Harbour']);
    const found = await tree(join(directory, 'Harbour'));
    assert.equal(found.length, HOSTILE.length, 'each has a place of its own');
    assert.deepEqual(stage.defects, []);
  });
}

test('a file cannot pass for the half of another: the names of our own work are nobody’s', async () => {
  const stage = await world();
  const real = stage.share('', 'minutes.txt', 3 * MIN_CHUNK_BYTES);
  const part = `.minutes.txt.${toHex(real.root).slice(0, 16)}.part`;
  for (const name of ['data', 'held', 'size', 'hashes']) stage.share(part, name);
  stage.share('', part.toUpperCase());
  const job = await stage.load();
  assert.equal(job.state, 'done', job.error?.message);
  const found = await tree(join(directory, 'Harbour'));
  assert.ok(
    found.every((path) => !path.startsWith('.')),
    found.join(' '),
  );
  assert.ok(found.map(originalName).includes(`${part}/data`));
  assert.deepEqual(new Uint8Array(await readFile(join(directory, 'Harbour', 'minutes.txt'))), real.bytes);
});

test('names that a disk takes for one are two files, and can be told again', async () => {
  const stage = await world('win32');
  for (const name of ['Makefile', 'makefile', 'café', 'cafe\u0301']) stage.share('', name);
  stage.share('makefile', 'a');
  assert.equal((await stage.load()).state, 'done');
  const found = await tree(join(directory, 'Harbour'));
  assert.equal(new Set(found.map((path) => path.normalize('NFC').toLowerCase())).size, 5);
  assert.deepEqual(found.map(originalName).sort(), ['Makefile', 'café', 'cafe\u0301', 'makefile', 'makefile/a'].sort());
});

test('a link that stands in the way is not followed, and what is there is not replaced', async () => {
  const stage = await world();
  const elsewhere = await mkdtemp(join(base, 'elsewhere-'));
  stage.share('inner', 'one.txt');
  stage.share('', 'two.txt');
  stage.share('', 'three.txt');
  stage.listProblem = new BroadsideError('offline', 'Not yet.');
  const id = await stage.folders.start({ user: USER, folder: 'Harbour', directory });
  await stage.ended(id, (job) => job.retryMs !== undefined);
  await stage.folders.handlers['folder.pause']({ job: id });
  assert.deepEqual(await readdir(directory), [], 'nothing was planned, nothing is left');
  stage.listProblem = undefined;
  // Planned, then cut off before anything came.
  for (const { root } of stage.shelf) stage.missing.add(toHex(root));
  const again = await stage.folders.resume(id);
  await stage.ended(again, (job) => job.active.length > 0);
  await stage.folders.handlers['folder.pause']({ job: again });
  stage.missing.clear();
  await rm(join(directory, 'Harbour', 'inner'), { recursive: true });
  await symlink(elsewhere, join(directory, 'Harbour', 'inner'));
  await symlink(join(elsewhere, 'x'), join(directory, 'Harbour', 'two.txt'));
  await writeFile(join(directory, 'Harbour', 'three.txt'), 'mine');
  const job = await stage.ended(await stage.folders.resume(again));
  assert.equal(job.state, 'failed');
  assert.equal(job.error?.code, 'usage');
  assert.equal(job.filesFailed, 3);
  assert.deepEqual(await readdir(elsewhere), []);
  assert.equal(await readFile(join(directory, 'Harbour', 'three.txt'), 'utf8'), 'mine');
  assert.equal(job.canResume, true);
  for (const name of ['inner', 'two.txt', 'three.txt']) await unlink(join(directory, 'Harbour', name));
  const done = await stage.ended(await stage.folders.resume(job.id));
  assert.equal(done.state, 'done', done.error?.message);
  assert.deepEqual(await tree(directory), ['Harbour/inner/one.txt', 'Harbour/three.txt', 'Harbour/two.txt']);
});

test('it goes on where it was: what is whole is not loaded again, what lost its note is looked at, not loaded', async () => {
  const stage = await world();
  const files = ['a', 'b', 'c'].map((name) => stage.share('in', name, 70_000));
  stage.missing.add(toHex(files[2]!.root));
  const first = await stage.load(undefined, (job) => job.filesDone === 2);
  await stage.folders.handlers['folder.pause']({ job: first.id });
  assert.equal(stage.jobs.get(first.id).kind, 'folder');
  const [state] = (await readdir(directory)).filter((name) => name.startsWith('.'));
  // The crash came between the name of the second and its note.
  const notes = await readFile(join(directory, state!, 'done'));
  await writeFile(join(directory, state!, 'done'), notes.subarray(0, 4));
  stage.missing.clear();
  const before = stage.loads;
  const job = await stage.ended(await stage.folders.resume(first.id));
  assert.equal(job.state, 'done', job.error?.message);
  assert.equal(stage.loads - before, 1, 'the third alone');
  assert.equal(job.bytesKept, 70_000);
  assert.deepEqual(await tree(directory), ['Harbour/in/a', 'Harbour/in/b', 'Harbour/in/c']);
});

test('a target that was taken away is loaded anew, and one that is somebody else’s is not touched', async () => {
  const stage = await world();
  const gone = stage.share('', 'a');
  const late = stage.share('', 'b');
  stage.missing.add(toHex(late.root));
  const first = await stage.load(undefined, (job) => job.filesDone === 1);
  await stage.folders.handlers['folder.pause']({ job: first.id });
  await rm(join(directory, 'Harbour'), { recursive: true });
  stage.missing.clear();
  const job = await stage.ended(await stage.folders.resume(first.id));
  assert.equal(job.state, 'done', job.error?.message);
  assert.deepEqual(new Uint8Array(await readFile(join(directory, 'Harbour', 'a'))), gone.bytes);
  await mkdir(join(directory, 'Harbour', '.x.part'), { recursive: true });
  const other = await stage.load();
  assert.equal(other.state, 'failed');
  assert.equal(other.error?.code, 'usage');
  await stage.folders.handlers['folder.discard']({ job: other.id, files: true });
  assert.deepEqual((await readdir(join(directory, 'Harbour'))).sort(), ['.x.part', 'a', 'b']);
});

test('files are chosen before and while it is loaded; one that nobody gives keeps nobody waiting', async () => {
  const stage = await world();
  const files = Array.from({ length: 8 }, (_, index) => stage.share('', `f${index}`));
  stage.missing.add(toHex(files[7]!.root));
  const id = await stage.folders.start({
    user: USER,
    folder: 'Harbour',
    directory,
    only: ['f0', 'f2', 'f7', 'not there'],
  });
  const job = await stage.ended(id, ({ filesDone }) => filesDone === 2);
  assert.deepEqual([job.files, job.filesInAll], [3, 8]);
  const { handlers } = stage.folders;
  await handlers['folder.choose']({ job: id, files: [1, 99_999], wanted: true });
  await stage.ended(id, ({ filesDone }) => filesDone === 3);
  const { files: shown, total } = (await handlers['folder.files']({ job: id, from: 0 })) as {
    files: { state: string }[];
    total: number;
  };
  assert.equal(total, 8);
  assert.deepEqual(
    shown.map(({ state }) => state),
    ['done', 'done', 'done', 'left', 'left', 'left', 'left', 'loading'],
  );
  await handlers['folder.choose']({ job: id, files: [7], wanted: false });
  const done = await stage.ended(id);
  assert.equal(done.state, 'done', done.error?.message);
  assert.deepEqual(await tree(directory), ['Harbour/f0', 'Harbour/f1', 'Harbour/f2']);
});

for (const withFiles of [true, false]) {
  test(`given up ${withFiles ? 'with' : 'without'} its files, the person’s own stay`, async () => {
    const stage = await world();
    stage.share('in/deep', 'whole', 70_000);
    stage.missing.add(toHex(stage.share('', 'never').root));
    const job = await stage.load(undefined, ({ filesDone }) => filesDone === 1);
    await writeFile(join(directory, 'Harbour', 'mine.txt'), 'mine');
    await stage.folders.handlers['folder.discard']({ job: job.id, files: withFiles });
    assert.deepEqual(
      await tree(directory),
      withFiles ? ['Harbour/mine.txt'] : ['Harbour/in/deep/whole', 'Harbour/mine.txt'],
    );
    assert.deepEqual(stage.jobs.list(), []);
    assert.deepEqual(await stage.store.list(), []);
  });
}

test('a command that was interrupted goes on when it is given again, to a path of its own too', async () => {
  const stage = await world();
  stage.share('', 'a');
  const late = stage.share('', 'b');
  stage.missing.add(toHex(late.root));
  const path = join(directory, 'mine');
  const first = await stage.load(path, (job) => job.filesDone === 1);
  stage.jobs.cancel(first.id);
  await stage.jobs.settled(first.id);
  assert.deepEqual(await stage.store.list(), [], 'it is not gone on with by itself');
  stage.missing.clear();
  const before = stage.loads;
  const job = await stage.load(path);
  assert.equal(job.state, 'done', job.error?.message);
  assert.equal(stage.loads - before, 1);
  assert.deepEqual(await tree(directory), ['mine/a', 'mine/b']);
});

test('what its user refuses is said, and a plan that somebody wrote is not believed', async () => {
  const stage = await world();
  stage.listProblem = new BroadsideError('refused', 'It is not allowed.');
  const refused = await stage.load();
  assert.equal(refused.error?.code, 'refused');
  assert.deepEqual(await readdir(directory), []);
  stage.listProblem = undefined;
  stage.missing.add(toHex(stage.share('', 'a').root));
  const begun = await stage.load(undefined, ({ active }) => active.length > 0);
  await stage.folders.handlers['folder.pause']({ job: begun.id });
  const [state] = (await readdir(directory)).filter((name) => name.startsWith('.'));
  const plan = join(directory, state!, 'plan');
  await writeFile(plan, JSON.stringify(['ab'.repeat(32), 1, '', 'a', '../../evil']));
  await rm(join(directory, 'Harbour'), { recursive: true });
  stage.missing.clear();
  const job = await stage.ended(await stage.folders.resume(begun.id));
  assert.equal(job.state, 'done', job.error?.message);
  assert.deepEqual(await tree(dirname(directory), directory.slice(dirname(directory).length + 1)), [
    `${directory.slice(dirname(directory).length + 1)}/Harbour/a`,
  ]);
});
