/** Downloads that are done stay on the list over a restart, play while they are as they were, and are forgotten when dismissed. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DownloadJob } from '../../../shared/ipc/model.ts';
import { JobRegistry, MAX_FINISHED_JOBS } from '../../../src-main/services/jobs/job-registry.ts';
import { TransferHistory } from '../../../src-main/services/transfers/history.ts';
import { stampedFile } from '../../../src-main/workers/hashing/open-shared.ts';
import { demoDownloadJob } from '../../support/demo-things.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broadside-history-'));
});
after(() => rm(directory, { recursive: true, force: true }));

interface Run {
  readonly jobs: JobRegistry;
  readonly history: TransferHistory;
  list(): DownloadJob[];
}
let ids = 0;

/** One run of a node over what earlier ones left. */
async function startRun(libraryStore: MemoryLibraryStore): Promise<Run> {
  const jobs: JobRegistry = new JobRegistry({
    clock: new ManualClock(),
    newId: () => `job ${(ids += 1)}`,
    onJob: (job) => history.note(job),
    onGone: (job) => history.gone(job),
  });
  const history: TransferHistory = new TransferHistory(
    {
      ...{ jobs, libraryStore, finished: stampedFile },
      onDefect: (thrown) => {
        throw thrown;
      },
    },
    await libraryStore.list(),
  );
  history.begin();
  return { jobs, history, list: () => jobs.list() as DownloadJob[] };
}

/** A download that ended, through the registry. */
async function load({ jobs }: Run, name: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, name);
  const { id: _, state: __, startedMs: ___, ...initial } = demoDownloadJob(`broadside:file/${name}`, { title: name });
  const id = jobs.start<DownloadJob>(initial, async (job) => {
    job.update({ stage: 'done', path, sizeBytes: name.length, bytesDone: name.length, sourcesUsed: 2 });
  });
  await jobs.settled(id);
  return path;
}

test('what is done is listed after a restart, and can be played if nobody changed it', async () => {
  const store = new MemoryLibraryStore();
  const first = await startRun(store);
  await load(first, 'a.wav');
  const changed = await load(first, 'b.wav');
  await first.history.close();
  await appendFile(changed, 'x');
  const second = await startRun(store);
  await second.history.close();
  assert.deepEqual(
    second.list().map(({ title, state, sourcesUsed, sizeBytes }) => [title, state, sourcesUsed, sizeBytes]),
    [
      ['a.wav', 'done', 2, 5],
      ['b.wav', 'done', 2, 5],
    ],
  );
  const [a, b] = second.list();
  assert.equal((await second.history.media(a!.id))?.sizeBytes, 5);
  await assert.rejects(second.history.media(b!.id), { code: 'damaged', message: /b\.wav was changed/ });
  const elsewhere = `${a!.path}.away`;
  await rename(a!.path!, elsewhere);
  await assert.rejects(second.history.media(a!.id), { code: 'not-found', message: /a\.wav is gone: it was moved/ });
  await rename(elsewhere, a!.path!);
  assert.equal((await second.history.media(a!.id))?.sizeBytes, 5, 'put back, it can be played again');
});

test('what is dismissed is forgotten, in the run that loaded it and in a later one', async () => {
  const store = new MemoryLibraryStore();
  const first = await startRun(store);
  await load(first, 'a.wav');
  await load(first, 'b.wav');
  first.jobs.dismiss(first.list()[0]!.id);
  await first.history.close();
  assert.equal((await store.list()).length, 1);
  const second = await startRun(store);
  assert.deepEqual(
    second.list().map(({ title }) => title),
    ['b.wav'],
  );
  second.jobs.dismiss(second.list()[0]!.id);
  await second.history.close();
  assert.deepEqual(await store.list(), []);
});

test('the oldest leave, so that it stays as long as a list is', async () => {
  const store = new MemoryLibraryStore();
  const run = await startRun(store);
  for (let count = 0; count < MAX_FINISHED_JOBS + 3; count += 1) await load(run, `${count}.wav`);
  await run.history.close();
  assert.equal((await store.list()).length, MAX_FINISHED_JOBS);
});
