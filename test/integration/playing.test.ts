/** A shared file is read in its middle while it comes from another process: what is asked for comes first, verified, and is waited for. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DownloadJob } from '../../shared/ipc/model.ts';
import { jobEnd, jobWhen, startPractice } from '../support/practice.ts';
import type { Practice } from '../support/practice.ts';
import { shareFolder } from '../support/sharing.ts';

const MIB = 1_048_576;
const SIZE = 24 * MIB;
/** So slow that all of it would take most of a minute: what is here early was asked for early. */
const RATE = MIB / 2;
let practice: Practice;

before(async () => {
  practice = await startPractice(3);
});
after(() => practice.stop());

/** A range of what is shown at an address of content, whose host is one of this machine's. */
function readRange(address: string, from: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
  const url = new URL(address);
  return new Promise((resolve, reject) => {
    const headers = { host: url.host, range: `bytes=${from}-${from + length - 1}` };
    const asked = request({ host: '127.0.0.1', port: url.port, path: '/media', headers, signal }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 206) resolve(new Uint8Array(Buffer.concat(pieces)));
        else reject(new Error(`${response.statusCode}: ${Buffer.concat(pieces).toString()}`));
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a range in the middle, another when the first is given up, and the whole', { timeout: 120_000 }, async () => {
  const bytes = new Uint8Array(randomBytes(SIZE));
  const source = await practice.startDaemon('source');
  const shared = join(practice.directory, 'shared');
  await mkdir(shared);
  await writeFile(join(shared, 'film.webm'), bytes);
  const [link] = [...(await shareFolder(source.client, shared)).values()];
  assert.ok(link);
  await source.client.call('config.set', { name: 'up-bytes-per-second', value: RATE });
  const reader = await practice.startDaemon('reader');
  const directory = join(practice.directory, 'films');
  await mkdir(directory);
  const begun = jobWhen(reader.client, 'download', (job) => job.bytesDone > 0);
  const sources = [source.ready.publicKey];
  const { job } = await reader.client.call('download.start', { link, directory, sources });
  const { play, kind, contentUrl } = await reader.client.call('play.start', { job });
  assert.equal(kind, 'video');
  await begun;

  const told = new Promise<number>((resolve) => {
    const stop = reader.client.on('playing', ({ atBytes, isWaiting }) => {
      if (!isWaiting) return;
      stop();
      resolve(atBytes);
    });
  });
  const middle = 18 * MIB + 12_345;
  const read = await readRange(contentUrl, middle, 200_000);
  assert.deepEqual(read, bytes.slice(middle, middle + 200_000));
  const then = (await reader.client.call('jobs.get', { job })) as DownloadJob;
  assert.match(then.coming ?? '', /1/, 'something is on its way');
  assert.ok(then.bytesDone < 12 * MIB, `${then.bytesDone} bytes were here when the middle came`);
  assert.ok((await told) >= middle);

  // Given up while it waits, as when somebody moves on: what is asked for instead comes.
  const abort = new AbortController();
  const givenUp = assert.rejects(readRange(contentUrl, 22 * MIB, MIB, abort.signal), { name: 'AbortError' });
  const early = readRange(contentUrl, 9 * MIB, 100_000);
  abort.abort();
  await givenUp;
  assert.deepEqual(await early, bytes.slice(9 * MIB, 9 * MIB + 100_000));

  // The player is closed: nothing is answered there any more, and loading goes on to the end.
  await reader.client.call('play.stop', { play });
  await assert.rejects(readRange(contentUrl, 0, 10), /^Error: 404/);
  await source.client.call('config.set', { name: 'up-bytes-per-second', value: 0 });
  const done = await jobEnd(reader.client, job, 'download');
  assert.equal(done.state, 'done', done.error?.message);
  assert.deepEqual(new Uint8Array(await readFile(done.path!)), bytes);
  assert.equal(done.came?.length, done.pieces.length);
  const [first, sought] = [0.5, middle / SIZE].map((place) => done.came![Math.floor(place * done.pieces.length)]!);
  assert.ok(first! > sought!, 'the middle of what was not asked for came after what was');

  // What is whole is played from the disk.
  const again = await reader.client.call('play.start', { job });
  assert.deepEqual(await readRange(again.contentUrl, middle, 10), bytes.slice(middle, middle + 10));
});
