/** Single files of a folder that is loaded: left out, put before others, and played while they arrive. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import type { DownloadJob, FolderFile, FolderJob } from '../../../shared/ipc/model.ts';
import { MIN_CHUNK_BYTES } from '../../../src-main/core/transfer/tree.ts';
import { playHandlers } from '../../../src-main/services/transfers/playing-calls.ts';
import { FolderWorld, tree } from '../../support/folder-world.ts';
import type { MeshFile } from '../../support/transfer-mesh.ts';

let base: string;
let stage: FolderWorld;
let files: MeshFile[];

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'broadside-folder-choice-'));
});
after(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  stage = new FolderWorld(await mkdtemp(join(base, 'target-')));
  await stage.open();
});

afterEach(async () => {
  stage.playing.close();
  await stage.jobs.close();
});

/** Files of three chunks that nobody gives until they are told to. */
function share(...names: string[]): void {
  files = names.map((name) => stage.share('', name, 2 * MIN_CHUNK_BYTES + 5));
  for (const { root } of files) stage.missing.add(toHex(root));
}
const begin = (): Promise<FolderJob> => stage.load(undefined, ({ active }) => active.length > 0);
const handlers = (): FolderWorld['folders']['handlers'] => stage.folders.handlers;
const shown = async (job: string, file: number): Promise<{ file: FolderFile; load: DownloadJob }> =>
  (await handlers()['folder.file']({ job, file })) as { file: FolderFile; load: DownloadJob };
const noDownloads = { media: () => Promise.resolve(undefined) };
const play = playCalls();
function playCalls() {
  return {
    start: (job: string, file?: number) =>
      playHandlers(stage.playing, stage.jobs, stage.folders, noDownloads)['play.start']({ job, file }) as Promise<{
        play: string;
        state: { job: string; file?: number };
      }>,
  };
}
async function read(id: string, from: number, to: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stage.plays.get(id)!.read(from, to, undefined)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
/** Resolves with the job as soon as it is so. */
const when = (id: string, is: (job: FolderJob) => boolean): Promise<FolderJob> => stage.ended(id, is);

test('what is before others is loaded before them, what is after them at the end; over a pause, too', async () => {
  share('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const { id } = await begin();
  await when(id, ({ active }) => active.length === 4);
  assert.deepEqual(stage.begun.toSorted(), ['a', 'b', 'c', 'd']);
  await handlers()['folder.order']({ job: id, files: [4, 99_999], priority: 'low' });
  await handlers()['folder.order']({ job: id, files: [7], priority: 'high' });
  assert.equal((await shown(id, 7)).file.priority, 'high');
  await handlers()['folder.pause']({ job: id });
  const again = await stage.folders.resume(id);
  await when(again, ({ active }) => active.length === 4);
  assert.deepEqual(stage.begun.slice(4).toSorted(), ['a', 'b', 'c', 'h']);
  stage.missing.clear();
  for (const index of [7, 0, 1, 2]) await stage.give(files[index]!);
  const done = await stage.ended(again);
  assert.equal(done.state, 'done', done.error?.message);
  assert.deepEqual(stage.begun.slice(8).toSorted(), ['d', 'e', 'f', 'g']);
  assert.equal(stage.begun.at(-1), 'e');
  assert.deepEqual(stage.defects, []);
});

test('one that is left out ends, and what is half here of it goes; taken in again it begins anew', async () => {
  share('a', 'b');
  const { id } = await begin();
  await when(id, ({ active }) => active.length === 2);
  await stage.give(files[0]!, 1);
  const harbour = join(stage.directory, 'Harbour');
  assert.equal((await readdir(harbour)).filter((name) => name.startsWith('.a.')).length, 1);
  await handlers()['folder.choose']({ job: id, files: [0], wanted: false });
  await when(id, ({ files: wanted, active }) => wanted === 1 && active.length === 1);
  assert.deepEqual(
    (await readdir(harbour)).filter((name) => name.includes('.a.')),
    [],
  );
  const { file, load } = await shown(id, 0);
  assert.deepEqual([file.state, load.state, load.id], ['left', 'cancelled', `${id}/0`]);
  await handlers()['folder.choose']({ job: id, files: [0], wanted: true });
  await when(id, ({ active }) => active.length === 2);
  await handlers()['folder.choose']({ job: id, files: [0], wanted: false });
  await stage.give(files[1]!);
  const done = await stage.ended(id);
  assert.equal(done.state, 'done', done.error?.message);
  assert.deepEqual(await tree(stage.directory), ['Harbour/b'], 'nothing is left of what was not wanted');
});

test('a file is played while it comes, before it is its turn, and after it is whole', async () => {
  share('1.ogg', '2.ogg', '3.ogg', '4.ogg', 'film.webm');
  const { id } = await begin();
  await when(id, ({ active }) => active.length === 4);
  const first = await play.start(id, 4);
  assert.deepEqual(first.state, { job: id, file: 4, atBytes: 0, isWaiting: false });
  await when(id, ({ active }) => active.some(({ index }) => index === 4));
  const { active } = stage.jobs.get(id) as FolderJob;
  assert.deepEqual(
    active.map(({ index }) => index).toSorted((a, b) => a - b),
    [0, 1, 2, 4],
    'the last that began made room',
  );
  const film = files[4]!;
  const middle = read(first.play, MIN_CHUNK_BYTES + 7, MIN_CHUNK_BYTES + 19);
  await stage.give(film, 2);
  assert.deepEqual(await middle, film.bytes.slice(MIN_CHUNK_BYTES + 7, MIN_CHUNK_BYTES + 19));
  assert.ok(stage.wanted.includes(1), 'where it is read comes first');
  await stage.give(film);
  await when(id, ({ filesDone }) => filesDone === 1);
  const end = film.bytes.length;
  assert.deepEqual(await read(first.play, end - 9, end), film.bytes.slice(end - 9), 'it plays on from its place');
  stage.playing.stop(first.play);
  const again = await play.start(id, 4);
  assert.deepEqual(await read(again.play, 0, 9), film.bytes.slice(0, 9));
  const { load } = await shown(id, 4);
  assert.deepEqual([load.state, load.path], ['done', join(stage.directory, 'Harbour', 'film.webm')]);
  stage.playing.stop(again.play);
  for (const index of [0, 1, 2]) await stage.give(files[index]!);
  await when(id, ({ active: now }) => now.some(({ index }) => index === 3));
  await stage.give(files[3]!);
  assert.equal((await stage.ended(id)).state, 'done');
  assert.equal(stage.playing.sizes.files, 0, 'nothing is remembered of what nobody plays');
});

test('what was changed since it was verified is not played, nor what is not wanted, nor what is not there', async () => {
  share('1.ogg', '2.ogg');
  const { id } = await begin();
  await when(id, ({ active }) => active.length === 2);
  await stage.give(files[0]!);
  await when(id, ({ filesDone }) => filesDone === 1);
  await appendFile(join(stage.directory, 'Harbour', '1.ogg'), 'more');
  await assert.rejects(play.start(id, 0), { code: 'damaged' });
  await handlers()['folder.choose']({ job: id, files: [1], wanted: false });
  await stage.ended(id);
  await assert.rejects(play.start(id, 1), { code: 'not-found' });
});

test('a player stays with its file when the folder is paused and gone on with', async () => {
  share('1.ogg', '2.ogg');
  const { id } = await begin();
  await when(id, ({ active }) => active.length === 2);
  const { play: opened } = await play.start(id, 1);
  await handlers()['folder.pause']({ job: id });
  const waiting = read(opened, 0, 5);
  const next = await stage.folders.resume(id);
  await when(next, ({ active }) => active.length === 2);
  await stage.give(files[1]!);
  assert.deepEqual(await waiting, files[1]!.bytes.slice(0, 5));
});

test('choices out of bounds are refused by what they say', async () => {
  share('a', 'b');
  const { id } = await begin();
  await assert.rejects(async () => handlers()['folder.file']({ job: id, file: 7 }), { code: 'not-found' });
  await assert.rejects(play.start(id, 7), { code: 'not-found' });
  await assert.rejects(play.start(id), { code: 'not-found' });
  await handlers()['folder.choose']({ job: id, files: [1], wanted: false });
  await assert.rejects(play.start(id, 1), { code: 'usage' });
});
