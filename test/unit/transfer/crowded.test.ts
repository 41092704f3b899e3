/** More unfinished downloads and folders than may run at once: the node begins, what is refused is as before, and what is dismissed stays away. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import type { Job } from '../../../shared/ipc/model.ts';
import { JobRegistry, MAX_FINISHED_JOBS, MAX_RUNNING_JOBS } from '../../../src-main/services/jobs/job-registry.ts';
import type { TransferNetwork } from '../../../src-main/services/node/transfer-network.ts';
import { DownloadQueue } from '../../../src-main/services/transfers/download-queue.ts';
import { Downloads } from '../../../src-main/services/transfers/downloads.ts';
import { Folders } from '../../../src-main/services/transfers/folders.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broadside-crowded-'));
});
after(() => rm(directory, { recursive: true, force: true }));

/** One run of a node in which no download has its turn, so that none ends by itself. */
class Run {
  readonly jobs: JobRegistry;
  readonly downloads: Downloads;
  readonly folders: Folders;

  private constructor(store: MemoryLibraryStore, rows: Awaited<ReturnType<MemoryLibraryStore['list']>>) {
    const clock = new ManualClock();
    let count = 0;
    const onDefect = (thrown: unknown): void => {
      throw thrown;
    };
    this.jobs = new JobRegistry({
      clock,
      newId: () => `job ${(count += 1)}`,
      onJob: () => undefined,
      onGone: () => undefined,
      onDefect,
    });
    const deps = {
      ...{ jobs: this.jobs, clock, libraryStore: store, onDefect },
      network: {} as TransferNetwork,
      queue: new DownloadQueue({ clock, most: () => 0 }),
      part: { crypto: createSodiumCrypto(), random: createSystemRandom(), clock, platform: 'linux', lock: undefined },
      findSources: async function* () {},
      onServing: () => undefined,
      onMedia: () => undefined,
      onResumed: () => undefined,
      finished: () => Promise.resolve(undefined),
      // Its user never answers.
      list: async function* (_user: string, _folder: string, signal: AbortSignal) {
        signal.throwIfAborted();
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
        yield [];
      },
    };
    this.downloads = new Downloads(deps, rows);
    this.folders = new Folders(deps, rows);
  }

  static async begin(store: MemoryLibraryStore): Promise<Run> {
    const run = new Run(store, await store.list());
    run.downloads.begin();
    run.folders.begin();
    return run;
  }

  /** Other work in all places that are left. */
  fill(): void {
    while (this.jobs.hasRoom) {
      this.jobs.start<Job>({ kind: 'download', title: 'other' } as Job, ({ signal }) => {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      });
    }
  }

  states(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { state } of this.jobs.list()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }
}

let links = 0;
const newLink = (): string => formatFileLink({ root: new Uint8Array(32).fill((links += 1)), sizeBytes: 1 });
const aFolder = (name: string) => ({ user: 'ab'.repeat(32), folder: name, directory });

test('more than may run were under way: the node begins, and lists the others to be gone on with', async () => {
  const store = new MemoryLibraryStore();
  // Two runs over different halves, since one cannot begin so many.
  for (let half = 0; half < 2; half += 1) {
    const mine = new MemoryLibraryStore();
    const run = await Run.begin(mine);
    for (let index = 0; index < MAX_RUNNING_JOBS - 1; index += 1)
      await run.downloads.start({ link: newLink(), directory });
    await run.folders.start(aFolder(`half ${half}`));
    await run.jobs.close();
    for (const row of await mine.list()) await store.put(row);
  }
  const run = await Run.begin(store);
  assert.deepEqual(run.states(), { running: MAX_RUNNING_JOBS, interrupted: MAX_RUNNING_JOBS });
  await run.jobs.close();
});

test('what is refused leaves nothing that begins by itself, and what was listed stays listed', async () => {
  const store = new MemoryLibraryStore();
  const run = await Run.begin(store);
  const download = await run.downloads.start({ link: newLink(), directory });
  const folder = await run.folders.start(aFolder('b'));
  await run.downloads.handlers['download.pause']({ job: download });
  await run.folders.handlers['folder.pause']({ job: folder });
  const before = await store.list();
  run.fill();
  const busy = { code: 'busy' };
  await assert.rejects(run.downloads.start({ link: newLink(), directory }), busy);
  await assert.rejects(run.folders.start(aFolder('c')), busy);
  await assert.rejects(run.downloads.resume(download), busy);
  await assert.rejects(run.folders.resume(folder), busy);
  assert.deepEqual(await store.list(), before);
  for (const id of [download, folder]) assert.equal(run.jobs.get(id).state, 'cancelled');
  await run.jobs.close();
});

test('one that failed long ago and left the list can be asked for again', async () => {
  const run = await Run.begin(new MemoryLibraryStore());
  const link = newLink();
  const download = await run.downloads.start({ link, directory });
  const folder = await run.folders.start(aFolder('d'));
  await run.downloads.handlers['download.pause']({ job: download });
  await run.folders.handlers['folder.pause']({ job: folder });
  for (let index = 0; index < MAX_FINISHED_JOBS; index += 1) {
    await run.jobs.settled(run.jobs.start<Job>({ kind: 'download', title: 'other' } as Job, () => Promise.resolve()));
  }
  assert.throws(() => run.jobs.get(download), { code: 'not-found' });
  assert.ok(run.jobs.isRunning(await run.downloads.start({ link, directory })));
  assert.ok(run.jobs.isRunning(await run.folders.start(aFolder('d'))));
  await run.jobs.close();
});

test('what was paused and dismissed is not listed after a restart', async () => {
  const store = new MemoryLibraryStore();
  const run = await Run.begin(store);
  const download = await run.downloads.start({ link: newLink(), directory });
  const folder = await run.folders.start(aFolder('e'));
  await run.downloads.handlers['download.pause']({ job: download });
  await run.folders.handlers['folder.pause']({ job: folder });
  run.jobs.dismiss(download);
  run.jobs.dismiss(folder);
  await run.jobs.close();
  const next = await Run.begin(store);
  assert.deepEqual(next.states(), {});
});
