/** What a user shares, looked through and loaded folder by folder, between real processes. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';

const MIB = 1_048_576;
let practice: Practice;
let sharer: Daemon;
const files = new Map<string, Uint8Array>([
  ['Harbour/minutes 1911.txt', randomBytes(70_000)],
  ['Harbour/100%41.txt', randomBytes(10)],
  ['Harbour/plans/quay.bin', randomBytes(3 * MIB + 5)],
  ['Harbour/plans/empty.txt', new Uint8Array(0)],
  ['Harbour/plans/old/.notes.0011223344556677.folder', randomBytes(99)],
  ['other.txt', randomBytes(400)],
]);

before(async () => {
  practice = await startPractice(3);
  sharer = await practice.startDaemon('sharer');
  const folder = join(practice.directory, 'shared');
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  const { id } = await sharer.client.call('shares.add', { path: folder, withHidden: true });
  await new Promise<void>((resolve) => {
    const look = async (): Promise<void> => {
      const known = (await sharer.client.call('shares.list', null)).find((other) => other.id === id);
      if (known?.state === 'shared') resolve();
    };
    sharer.client.on('shares', () => void look());
    void look();
  });
});
after(() => practice.stop());

/** All files below a directory, '/' between. */
async function tree(directory: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(directory, prefix), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      return entry.isDirectory() ? tree(directory, path) : Promise.resolve([path]);
    }),
  );
  return found.flat().sort();
}

const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('what a user shares is listed by folders, and loaded with its tree', { timeout: 120_000 }, async () => {
  const on = ['--json', '--quiet', ...practice.on('asker')];
  const user = sharer.ready.publicKey;
  const top = await runCommand(['browse', user, ...on]);
  assert.equal(top.code, 0, top.stderr);
  const [harbour, other, end] = lines(top.stdout);
  const below = [...files].filter(([path]) => path.startsWith('Harbour/'));
  const sizeBytes = below.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  assert.deepEqual(harbour, { name: 'Harbour', kind: 'folder', files: 5, sizeBytes });
  assert.equal(other!['name'], 'other.txt');
  assert.match(String(other!['link']), /^broadside:file\//);
  assert.deepEqual(end, { done: true, entries: 2, files: 6, sizeBytes: sizeBytes + 400, more: false });

  const target = join(practice.directory, 'loaded');
  const loaded = await runCommand(['folder', user, 'Harbour', '-o', target, ...on]);
  assert.equal(loaded.code, 0, loaded.stderr);
  const { seconds: _, ...result } = lines(loaded.stdout).at(-1)!;
  assert.deepEqual(result, { path: target, files: 5, sizeBytes });
  const names: Readonly<Record<string, string>> = {
    'Harbour/100%41.txt': '100%2541.txt',
    'Harbour/plans/old/.notes.0011223344556677.folder': 'plans/old/%2Enotes.0011223344556677.folder',
  };
  const expected = below.map(([path]) => names[path] ?? path.slice('Harbour/'.length));
  assert.deepEqual(await tree(target), expected.sort(), 'the tree and nothing else');
  for (const [path, bytes] of below)
    assert.deepEqual(new Uint8Array(await readFile(join(target, names[path] ?? path.slice(8)))), new Uint8Array(bytes));

  const again = await runCommand(['folder', user, 'Harbour', '-o', target, ...on]);
  assert.equal(again.code, 0, 'into the folder that is there');
  assert.ok((await readdir(target)).includes('Harbour'));
  const nowhere = await runCommand(['folder', user, 'Nowhere', ...on]);
  assert.equal(nowhere.code, 3, nowhere.stderr);
});

test('who does not allow it is not looked through, and nobody who is blocked', { timeout: 120_000 }, async () => {
  const asker = await practice.startDaemon('looker');
  const user = sharer.ready.publicKey;
  const look = () => asker.client.call('users.browse', { publicKey: user });
  await look();
  await sharer.client.call('config.set', { name: 'browse-shares', value: false });
  await assert.rejects(look(), { code: 'refused' });
  await sharer.client.call('config.set', { name: 'browse-shares', value: true });
  await look();
  await sharer.client.call('users.set', { publicKey: asker.ready.publicKey, isBlocked: true });
  await assert.rejects(look(), { code: 'refused' });
  await sharer.client.call('users.set', { publicKey: asker.ready.publicKey, isBlocked: false });
  await assert.rejects(asker.client.call('users.browse', { publicKey: user, folder: 'Nowhere' }), {
    code: 'not-found',
  });
});

test(
  'a folder goes on after a kill and keeps what was whole; limits hold; what is left out stays away',
  { timeout: 120_000 },
  async () => {
    const user = sharer.ready.publicKey;
    let reader = await practice.startDaemon('loader');
    // So slow that it is told of on its way.
    await reader.client.call('config.set', { name: 'transfer-down-bytes-per-second', value: MIB / 4 });
    const directory = join(practice.directory, 'folders');
    await mkdir(directory);
    const only = ['minutes 1911.txt', 'plans/quay.bin'];
    const some = jobWhen(reader.client, 'folder', (job) => job.filesDone === 1 && job.bytesDone > MIB);
    await reader.client.call('folder.start', { user, folder: 'Harbour', directory, only });
    await some;
    await reader.kill();
    reader = await practice.startDaemon('loader');
    await reader.client.call('config.set', { name: 'transfer-down-bytes-per-second', value: 0 });
    const ofFolder = (await reader.client.call('jobs.list', null)).find(({ kind }) => kind === 'folder');
    const done = await jobEnd(reader.client, ofFolder!.id, 'folder');
    assert.equal(done.state, 'done', done.error?.message);
    assert.equal(done.filesDone, 2);
    assert.equal(done.bytesKept, 70_000);
    assert.deepEqual(await tree(join(directory, 'Harbour')), ['minutes 1911.txt', 'plans/quay.bin']);
    assert.deepEqual(await readdir(directory), ['Harbour'], 'nothing is left beside it');
    const figures = await reader.client.call('transfers.figures', null);
    assert.ok(figures.receivedBytes >= MIB && figures.receivedInAllBytes >= figures.receivedBytes);
    assert.ok((await sharer.client.call('transfers.figures', null)).sentBytes > 6 * MIB);

    // After a restart it is listed still, with its files; one of them is given out as long as it is there.
    await reader.stop();
    reader = await practice.startDaemon('loader');
    const [again] = (await reader.client.call('jobs.list', null)).filter(({ kind }) => kind === 'folder');
    assert.equal(again?.state, 'done');
    const { files: listed } = await reader.client.call('folder.files', { job: again.id, from: 0 });
    assert.deepEqual(listed.map(({ folder, name }) => `${folder}/${name}`).sort(), [
      '/minutes 1911.txt',
      'plans/quay.bin',
    ]);
    const { index: file } = listed.find(({ name }) => name === 'quay.bin')!;
    const { play } = await reader.client.call('play.start', { job: again.id, file });
    await reader.client.call('play.stop', { play });
    await rm(join(directory, 'Harbour', 'plans', 'quay.bin'));
    await assert.rejects(reader.client.call('play.start', { job: again.id, file }), { code: 'not-found' });
  },
);

test('single files of a folder are left out and put first by the command line', { timeout: 120_000 }, async () => {
  const user = sharer.ready.publicKey;
  const reader = await practice.startDaemon('chooser');
  // So slow that nothing is whole while the commands run.
  await reader.client.call('config.set', { name: 'transfer-down-bytes-per-second', value: 32_768 });
  const directory = join(practice.directory, 'chosen');
  await mkdir(directory);
  const begun = jobWhen(reader.client, 'folder', (job) => job.stage !== 'listing');
  const { job } = await reader.client.call('folder.start', { user, folder: 'Harbour', directory });
  await begun;
  const on = ['--json', '--quiet', '--data', reader.directory];
  const listed = await runCommand(['transfer', 'files', job.slice(0, 8), ...on]);
  assert.equal(listed.code, 0, listed.stderr);
  const paths = lines(listed.stdout).flatMap(({ path }) => (path === undefined ? [] : [path]));
  const below = [...files.keys()].flatMap((path) => (path.startsWith('Harbour/') ? [path.slice(8)] : []));
  assert.deepEqual(new Set(paths), new Set(below));
  const left = await runCommand(['transfer', 'leave', job, 'plans/', ...on]);
  assert.deepEqual([left.code, lines(left.stdout)[0]], [0, { job, files: 3 }], left.stderr);
  const missing = await runCommand(['transfer', 'high', job, 'nowhere', ...on]);
  assert.equal(missing.code, 3, missing.stderr);
  await reader.client.call('config.set', { name: 'transfer-down-bytes-per-second', value: 0 });
  const done = await jobEnd(reader.client, job, 'folder');
  assert.equal(done.state, 'done', done.error?.message);
  const loaded = await tree(join(directory, 'Harbour'));
  assert.ok(loaded.includes('minutes 1911.txt') && !loaded.includes('plans/quay.bin'), loaded.join(' '));
});
