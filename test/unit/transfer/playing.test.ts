/** Files that are read while they are loaded: what is waited for, what is wanted first, and that nothing unverified is given out. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, open as openFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { EventValue } from '../../../shared/ipc/contract.ts';
import { FileTreeBuilder, HASH_BYTES, MIN_CHUNK_BYTES } from '../../../src-main/core/transfer/tree.ts';
import { FilePart } from '../../../src-main/services/transfers/file-part.ts';
import { MAX_PLAYS, Playing } from '../../../src-main/services/transfers/playing.ts';
import type { Play } from '../../../src-main/services/transfers/playing.ts';
import { MAX_READS } from '../../../src-main/services/transfers/playing-media.ts';
import { stampedFile } from '../../../src-main/workers/hashing/open-shared.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const crypto = createSodiumCrypto();
const CHUNKS = 6;
const bytes = new Uint8Array(randomBytes((CHUNKS - 1) * MIN_CHUNK_BYTES + 100));
const builder = new FileTreeBuilder(crypto, bytes.length);
builder.add(bytes);
const { root, hashes } = builder.finish();
const chunkOf = (chunk: number): Uint8Array => bytes.slice(chunk * MIN_CHUNK_BYTES, (chunk + 1) * MIN_CHUNK_BYTES);
const hashOf = (chunk: number): Uint8Array => hashes.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);

let base: string;
let directory: string;
let clock: ManualClock;
let playing: Playing;
let plays: Map<string, Play>;
let told: EventValue<'playing'>[];
let wanted: (number | undefined)[];
const parts: FilePart[] = [];

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'broadside-playing-'));
});
after(async () => {
  for (const part of parts) await part.leave();
  await rm(base, { recursive: true, force: true });
});
beforeEach(async () => {
  directory = await mkdtemp(join(base, 'target-'));
  clock = new ManualClock();
  plays = new Map();
  [told, wanted] = [[], []];
  let ids = 0;
  playing = new Playing({
    ...{ crypto, clock },
    newId: () => `play ${(ids += 1)}`,
    origins: {
      open: (id, play) => {
        plays.set(id, play);
        return `http://${id}/`;
      },
      close: (id) => void plays.delete(id),
    },
    tell: (value) => told.push(value),
  });
});

async function openPart(): Promise<FilePart> {
  const part = await FilePart.open({
    ...{ crypto, clock, root, directory },
    ...{ random: createSystemRandom(), ownName: 'film.webm', path: undefined, platform: 'linux', lock: undefined },
  });
  parts.push(part);
  return part;
}

/** A download whose size is proved, with these chunks. */
async function loading(job: string, ...chunks: number[]): Promise<FilePart> {
  const part = await openPart();
  playing.setMedia(job, { kind: 'loading', part, wantFrom: (chunk) => wanted.push(chunk) });
  const sized = new Promise<void>((resolve) => part.onChange(resolve));
  part.proved(bytes.length);
  await sized;
  part.page({ level: 0, index: 0 }, hashes);
  for (const chunk of chunks) await store(part, chunk);
  return part;
}
async function store(part: FilePart, chunk: number): Promise<void> {
  assert.equal(await part.store(chunk, chunkOf(chunk), hashOf(chunk)), 'stored');
}
function started(job: string): { id: string; play: Play } {
  const { play: id } = playing.start(job, 'film.webm', root);
  return { id, play: plays.get(id)! };
}
async function all(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
const is = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

test('a range in the middle says where chunks are wanted, waits for each by its event, and gives the exact bytes', async () => {
  const part = await loading('job', 0);
  const { play } = started('job');
  const [start, end] = [3 * MIN_CHUNK_BYTES + 17, 4 * MIN_CHUNK_BYTES + 33];
  const iterator = play.read(start, end, undefined)[Symbol.asyncIterator]();
  const first = iterator.next();
  let isSettled = false;
  void first.then(() => (isSettled = true));
  await store(part, 1);
  assert.deepEqual(wanted, [3]);
  assert.equal(isSettled, false, 'a chunk elsewhere is not what was waited for');
  clock.advance(250);
  assert.deepEqual(told, [{ job: 'job', atBytes: start, isWaiting: true }]);
  await store(part, 3);
  assert.deepEqual((await first).value, bytes.slice(start, 4 * MIN_CHUNK_BYTES));
  const second = iterator.next();
  await store(part, 4);
  assert.deepEqual((await second).value, bytes.slice(4 * MIN_CHUNK_BYTES, end));
  assert.equal((await iterator.next()).done, true);
  assert.deepEqual(wanted, [3, 4]);
});

test('the size is waited for, too, and a file that nobody loads yet', async () => {
  const { play } = started('job');
  const size = play.sizeBytes(undefined);
  await loading('job');
  assert.equal(await size, bytes.length);
});

test('a read that is aborted waits no more; what another waits for is wanted again', async () => {
  const part = await loading('job');
  await store(part, 5);
  const { play } = started('job');
  const early = all(play.read(0, 10, undefined));
  const abort = new AbortController();
  const late = all(play.read(4 * MIN_CHUNK_BYTES, bytes.length, abort.signal));
  await Promise.resolve();
  assert.deepEqual(wanted, [0, 4]);
  abort.abort(new Error('the tab went'));
  await assert.rejects(late, /the tab went/);
  assert.deepEqual(wanted, [0, 4, 0]);
  await store(part, 0);
  assert.deepEqual(await early, bytes.slice(0, 10));
});

test('the order is handed back when the player is closed, and who still reads there is told', async () => {
  await loading('job');
  const { id, play } = started('job');
  const reading = all(play.read(2 * MIN_CHUNK_BYTES, bytes.length, undefined));
  const refused = assert.rejects(reading, is('not-found'));
  await Promise.resolve();
  playing.stop(id);
  await refused;
  assert.deepEqual(wanted, [2, undefined]);
  assert.equal(plays.size, 0);
  await assert.rejects(all(play.read(0, 1, undefined)), is('not-found'));
});

test('a player that reads nothing for two minutes hands the order back, and has it again when it reads', async () => {
  const part = await loading('job', 2);
  const { play } = started('job');
  await all(play.read(2 * MIN_CHUNK_BYTES, 3 * MIN_CHUNK_BYTES, undefined));
  clock.advance(119_000);
  assert.deepEqual(wanted, [2]);
  clock.advance(1_000);
  assert.deepEqual(wanted, [2, undefined]);
  const again = all(play.read(3 * MIN_CHUNK_BYTES, 4 * MIN_CHUNK_BYTES, undefined));
  await store(part, 3);
  await again;
  assert.deepEqual(wanted, [2, undefined, 3]);
});

test('one of two players ends: what the other reads stays wanted', async () => {
  await loading('job');
  const [a, b] = [started('job'), started('job')];
  const first = all(a.play.read(MIN_CHUNK_BYTES, bytes.length, undefined));
  const second = all(b.play.read(4 * MIN_CHUNK_BYTES, bytes.length, undefined));
  const ended = assert.rejects(second, is('not-found'));
  await Promise.resolve();
  playing.stop(b.id);
  await ended;
  assert.deepEqual(wanted, [1, 4, 1]);
  const other = assert.rejects(first, is('not-found'));
  playing.stop(a.id);
  await other;
  assert.equal(wanted.at(-1), undefined);
});

test('it goes on where the download was paused and goes on as another job', async () => {
  const part = await loading('job', 0);
  const { play } = started('job');
  const reading = all(play.read(0, 2 * MIN_CHUNK_BYTES, undefined));
  await Promise.resolve();
  playing.setMedia('job', undefined);
  await part.leave();
  playing.moved('job', 'next');
  playing.gone('job');
  const resumed = await openPart();
  playing.setMedia('next', { kind: 'loading', part: resumed, wantFrom: (chunk) => wanted.push(chunk) });
  await store(resumed, 1);
  assert.deepEqual(await reading, bytes.slice(0, 2 * MIN_CHUNK_BYTES));
  assert.equal(resumed.has(0), true);
});

test('chunks that were changed on the disk are not given out', async () => {
  const part = await loading('job', 0, 1);
  const { play } = started('job');
  const name = (await readdir(directory))[0]!;
  const file = await openFile(join(directory, name, 'data'), 'r+');
  await file.write(new Uint8Array([bytes[MIN_CHUNK_BYTES]! ^ 1]), 0, 1, MIN_CHUNK_BYTES);
  await file.close();
  assert.deepEqual(await all(play.read(0, MIN_CHUNK_BYTES, undefined)), chunkOf(0));
  await assert.rejects(all(play.read(0, bytes.length, undefined)), is('damaged'));
  assert.equal(part.has(1), true);
});

test('a file that becomes whole while it is read is read to its end, and no more once it was changed', async () => {
  const part = await loading('job', 0, 1, 2, 3, 4);
  const { play } = started('job');
  const reading = all(play.read(0, bytes.length, undefined));
  await store(part, 5);
  playing.setMedia('job', undefined);
  const path = await part.finish();
  const file = await stampedFile(path);
  assert.ok(file);
  playing.setMedia('job', { kind: 'finished', file });
  assert.deepEqual(await reading, bytes);
  assert.deepEqual(await all(play.read(70_000, 70_010, undefined)), bytes.slice(70_000, 70_010));
  await appendFile(path, 'x');
  await assert.rejects(all(play.read(0, 10, undefined)), is('damaged'));
});

test('players, and what they read at once, are bounded', async () => {
  await loading('job');
  const first = started('job');
  const reads = Array.from({ length: MAX_READS }, () => all(first.play.read(0, 1, undefined)));
  const ended = Promise.all(reads.map((read) => assert.rejects(read, is('not-found'))));
  await assert.rejects(all(first.play.read(0, 1, undefined)), is('busy'));
  for (let count = 0; count < MAX_PLAYS; count += 1) started('job');
  assert.equal(plays.has(first.id), false, 'the least lately used ended');
  assert.deepEqual(playing.sizes, { plays: MAX_PLAYS, files: 1 });
  await ended;
  playing.gone('job');
  assert.deepEqual(playing.sizes, { plays: 0, files: 0 });
});
