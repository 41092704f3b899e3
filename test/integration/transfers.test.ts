/** Shared files between real processes: share, find, load from several, and go on after kills. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DownloadJob } from '../../shared/ipc/model.ts';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { shareFolder } from '../support/sharing.ts';
import { runCommand } from '../support/spawn.ts';

const MIB = 1_048_576;
let practice: Practice;

before(async () => {
  practice = await startPractice(3);
});
after(() => practice.stop());

/** A daemon that shares one file; answers the file's link. */
async function sharing(name: string, file: string, bytes: Uint8Array): Promise<{ daemon: Daemon; link: string }> {
  const daemon = await practice.startDaemon(name);
  const folder = join(practice.directory, `${name}-files`);
  await mkdir(folder);
  await writeFile(join(folder, file), bytes);
  const links = await shareFolder(daemon.client, folder);
  return { daemon, link: links.get(file)! };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test(
  'a file that is shared is found by its link alone, and loaded by the command line',
  { timeout: 300_000 },
  async () => {
    const bytes = randomBytes(3 * MIB + 321);
    const { link } = await sharing('one', 'Harbour minutes.pdf', bytes);
    const target = join(practice.directory, 'loaded.pdf');
    const ran = await runCommand(['download', link, '-o', target, '--json', '--quiet', ...practice.on('asker')]);
    assert.equal(ran.code, 0, ran.stderr);
    const result = JSON.parse(ran.stdout.trim().split('\n').at(-1)!) as {
      path: string;
      sizeBytes: number;
      sources: number;
    };
    assert.equal(result.path, target);
    assert.equal(result.sizeBytes, bytes.length);
    assert.equal(result.sources, 1);
    assert.equal(digest(await readFile(target)), digest(bytes));
  },
);

test('a link that nobody has ends with 3, and a bad one with 7', { timeout: 300_000 }, async () => {
  const nobody = `broadside:file/${'a'.repeat(52)}?name=x&size=9`;
  const place = join(practice.directory, 'nothing');
  await mkdir(place);
  const on = ['--json', '--quiet', ...practice.on('nobody')];
  const ran = await runCommand(['download', nobody, '-o', place, '--timeout', '3', ...on]);
  assert.equal(ran.code, 3, ran.stderr);
  assert.equal((JSON.parse(ran.stdout) as { error: { code: string } }).error.code, 'not-found');
  assert.deepEqual(await readdir(place), [], 'nothing is left lying about');
  const bad = await runCommand(['download', 'broadside:file/abc', '--json', '--quiet', ...practice.on('nobody')]);
  assert.equal(bad.code, 7);
});

test(
  'three sources, one killed, the reader killed too: it goes on by itself, and the bytes are right',
  { timeout: 300_000 },
  async () => {
    const bytes = randomBytes(64 * MIB);
    const sources = [];
    for (const name of ['s1', 's2', 's3']) sources.push(await sharing(name, 'film.mkv', bytes));
    for (const { daemon } of sources)
      await daemon.client.call('config.set', { name: 'up-bytes-per-second', value: 2 * MIB });
    const directory = join(practice.directory, 'films');
    await mkdir(directory);
    let reader = await practice.startDaemon('reader');
    const keys = sources.map(({ daemon }) => daemon.ready.publicKey);
    const half = jobWhen(reader.client, 'download', (job) => job.bytesDone > 24 * MIB && usedBy(job) === 3);
    await reader.client.call('download.start', { link: sources[0]!.link, directory, sources: keys });
    await half;
    await sources[0]!.daemon.kill();
    await reader.kill();
    for (const { daemon } of sources.slice(1))
      await daemon.client.call('config.set', { name: 'up-bytes-per-second', value: 0 });
    assert.deepEqual(
      (await readdir(directory)).filter((name) => !name.startsWith('.')),
      [],
      'nothing under its final name',
    );
    reader = await practice.startDaemon('reader');
    const resumed = await firstDownload(reader);
    const done = await jobEnd(reader.client, resumed.id, 'download');
    assert.equal(done.state, 'done', done.error?.message);
    assert.ok((done.bytesKept ?? 0) > 10 * MIB, `${done.bytesKept} bytes kept`);
    assert.equal(digest(await readFile(done.path!)), digest(bytes));
    assert.deepEqual(await readdir(directory), ['film.mkv']);
  },
);

function usedBy(job: DownloadJob): number {
  return job.sources.filter((source) => source.bytes > 0).length;
}

async function firstDownload(daemon: Daemon): Promise<DownloadJob> {
  for (const job of await daemon.client.call('jobs.list', null)) if (job.kind === 'download') return job;
  return jobWhen(daemon.client, 'download', () => true);
}
