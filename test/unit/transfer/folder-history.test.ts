/** Folders that are done, or rest: listed over a restart, their files played as they were verified, and forgotten when told to. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import type { FolderFile, FolderJob } from '../../../shared/ipc/model.ts';
import { JobRegistry, MAX_FINISHED_JOBS } from '../../../src-main/services/jobs/job-registry.ts';
import { FolderHistory, MAX_LISTED_BYTES } from '../../../src-main/services/transfers/folder-history.ts';
import type { FinishedFile } from '../../../src-main/services/transfers/folder-history.ts';
import { playHandlers } from '../../../src-main/services/transfers/playing-calls.ts';
import { demoFolderJob } from '../../support/demo-loading.ts';
import { FolderWorld } from '../../support/folder-world.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';

let base: string;
let directory: string;
before(async () => {
  base = await mkdtemp(join(tmpdir(), 'broadside-folder-history-'));
});
after(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(base, 'target-'));
});

const worlds: FolderWorld[] = [];
afterEach(async () => {
  for (const { playing, jobs } of worlds.splice(0)) {
    playing.close();
    await jobs.close();
  }
});

/** One run of a node over what earlier ones left. */
async function startRun(store?: MemoryLibraryStore): Promise<FolderWorld> {
  const world = new FolderWorld(directory, store);
  worlds.push(world);
  await world.open();
  for (const { list } of world.folders.past()) list();
  world.folders.begin();
  return world;
}
const noDownloads = { media: () => Promise.resolve(undefined) };
const play = (world: FolderWorld, job: string, file: number): Promise<{ play: string }> =>
  playHandlers(world.playing, world.jobs, world.folders, noDownloads)['play.start']({ job, file }) as Promise<{
    play: string;
  }>;
async function read(world: FolderWorld, id: string, from: number, to: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of world.plays.get(id)!.read(from, to, undefined)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
const filesOf = async ({ folders }: FolderWorld, job: string): Promise<FolderFile[]> =>
  ((await folders.handlers['folder.files']({ job, from: 0 })) as { files: FolderFile[] }).files;

test('its files are listed and played after a restart; one that was moved or changed says so', async () => {
  const first = await startRun();
  first.share('', '1.ogg', 70_000);
  const film = first.share('plans', 'film.webm', 90_000);
  first.share('', 'unwanted.txt');
  first.share('', 'note.txt');
  const only = ['1.ogg', 'plans/film.webm', 'note.txt'];
  const id = await first.folders.start({ user: 'ab'.repeat(32), folder: 'Harbour', directory, only });
  const job = await first.ended(id);
  assert.equal(job.state, 'done', job.error?.message);
  const own = await play(first, id, 1);
  assert.deepEqual(await read(first, own.play, 0, 9), film.bytes.slice(0, 9), 'in the run that loaded it');
  await first.folders.close();

  const second = await startRun(first.store);
  const [listed] = second.jobs.list() as FolderJob[];
  assert.ok(listed);
  assert.deepEqual(
    [listed.kind, listed.state, listed.title, listed.filesDone, listed.filesInAll, listed.bytesDone, listed.path],
    ['folder', 'done', 'Harbour', 3, 4, job.sizeBytes, join(directory, 'Harbour')],
  );
  assert.deepEqual(
    (await filesOf(second, listed.id)).map(({ index, folder, name, state }) => [index, folder, name, state]),
    [
      [0, '', '1.ogg', 'done'],
      [1, 'plans', 'film.webm', 'done'],
      [3, '', 'note.txt', 'done'],
    ],
  );
  const { load } = (await second.folders.handlers['folder.file']({ job: listed.id, file: 1 })) as {
    load: { state: string; path: string };
  };
  const path = join(directory, 'Harbour', 'plans', 'film.webm');
  assert.deepEqual([load.state, load.path], ['done', path]);
  const again = await play(second, listed.id, 1);
  assert.deepEqual(await read(second, again.play, 80_000, 80_009), film.bytes.slice(80_000, 80_009));
  second.playing.stop(again.play);

  await rename(path, `${path}.away`);
  await assert.rejects(play(second, listed.id, 1), { code: 'not-found', message: /film\.webm is gone: it was moved/ });
  await rename(`${path}.away`, path);
  second.playing.stop((await play(second, listed.id, 1)).play);
  await appendFile(path, 'more');
  await assert.rejects(play(second, listed.id, 1), { code: 'damaged', message: /film\.webm was changed/ });
  await assert.rejects(play(second, listed.id, 2), { code: 'not-found', message: /no such file/ });
  assert.deepEqual(second.defects, []);

  second.jobs.dismiss(listed.id);
  await second.folders.close();
  assert.deepEqual(await second.store.list(), [], 'dismissed, it is forgotten');
  await assert.rejects(play(second, listed.id, 1), { code: 'not-found' });
});

test('of one that is paused what is whole can be played, after a restart, too', async () => {
  const first = await startRun();
  const whole = first.share('', '1.ogg', 70_000);
  first.missing.add(toHex(first.share('', '2.ogg', 70_000).root));
  const { id } = await first.load(undefined, ({ filesDone }) => filesDone === 1);
  await first.folders.handlers['folder.pause']({ job: id });
  const second = await startRun(first.store);
  for (const [world, job] of [
    [first, id],
    [second, second.jobs.list()[0]!.id],
  ] as const) {
    assert.deepEqual(
      (await filesOf(world, job)).map(({ name, state }) => [name, state]),
      [
        ['1.ogg', 'done'],
        ['2.ogg', 'waiting'],
      ],
    );
    const { play: opened } = await play(world, job, 0);
    assert.deepEqual(await read(world, opened, 60_000, 60_009), whole.bytes.slice(60_000, 60_009));
    await assert.rejects(play(world, job, 1), { code: 'usage', message: /not whole/ });
  }
});

test('one whose end was cut off is gone on with, and not listed twice; half a note of one is cleared away', async () => {
  const first = await startRun();
  first.share('', '1.ogg');
  const job = await first.load();
  await first.folders.close();
  const rows = await first.store.list();
  assert.deepEqual(rows.map(({ origin }) => origin).sort(), ['loaded-files', 'loaded-folder']);
  // As if it had ended before it was taken off what is under way.
  const { user, folder, path } = job;
  const key = `${user} ${folder} ${path}`;
  const kept = { key, user, folder, directory, name: 'Harbour', priority: 'normal', isPaused: true, startedMs: 1 };
  await first.store.put({ origin: 'folder', link: key, value: JSON.stringify(kept) });
  await first.store.put({ origin: 'loaded-files', link: 'x 0', value: '{"key":"x","page":0,"lines":""}' });
  const second = await startRun(first.store);
  assert.deepEqual(
    second.jobs.list().map(({ state }) => state),
    ['interrupted'],
  );
  await second.folders.close();
  assert.deepEqual(
    (await second.store.list()).map(({ origin }) => origin),
    ['folder'],
  );
});

/** Many files with long names. */
function manyFiles(count: number): FinishedFile[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    planned: {
      ...{ root: new Uint8Array(32).fill(index), sizeBytes: index, folder: 'x'.repeat(200), name: `${index}.ogg` },
      path: `${'x'.repeat(200)}/${index}.ogg`,
    },
    stamp: '1 2 3',
  }));
}

test('lists are bounded: the oldest go first, and a file with a path that leads out is left out', async () => {
  const store = new MemoryLibraryStore();
  const clock = new ManualClock();
  let ids = 0;
  const jobs = new JobRegistry({ clock, newId: () => `job ${(ids += 1)}`, onJob: () => {}, onGone: () => {} });
  const onDefect = (thrown: unknown): never => {
    throw thrown;
  };
  const history = new FolderHistory({ clock, jobs, libraryStore: store, onDefect }, await store.list());
  const load = async (files: readonly FinishedFile[]): Promise<string> => {
    const { id: _, state: __, startedMs: ___, ...initial } = demoFolderJob({ stage: 'done', active: [] });
    const id = jobs.start<FolderJob>(initial, (job) => history.keep(`key ${job.id}`, job.job, directory, files));
    await jobs.settled(id);
    return id;
  };
  // Each line is some 320 bytes: two such lists are more than there is room for.
  const count = Math.floor(MAX_LISTED_BYTES / 600);
  const [first, second, third] = [await load(manyFiles(count)), await load(manyFiles(count)), await load([])];
  assert.equal(history.find(first)?.files.length, 0, 'its list is forgotten, it is not');
  assert.equal(history.find(second)?.files.length, count);
  assert.deepEqual(history.find(third)?.files, []);
  const evil = manyFiles(2).map((file, index) =>
    index === 1 ? { ...file, planned: { ...file.planned, path: '../../evil' } } : file,
  );
  assert.equal(history.find(await load(evil))?.files.length, 1);
  for (let more = 0; more < MAX_FINISHED_JOBS; more += 1) await load([]);
  assert.equal(history.find(first), undefined);
  assert.equal((await store.list()).filter(({ origin }) => origin === 'loaded-folder').length, MAX_FINISHED_JOBS);
  assert.equal((await store.list()).filter(({ origin }) => origin === 'loaded-files').length, 0);
  assert.deepEqual(await readdir(directory), []);
});
