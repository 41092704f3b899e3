/** Folders of users that are loaded: begun, paused, gone on with after a restart, and given up with or without what came. */
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Params } from '../../../shared/ipc/contract.ts';
import { PrioritySchema } from '../../../shared/ipc/download-model.ts';
import type { FolderJob, Priority } from '../../../shared/ipc/model.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { shortName } from '../node/node-status.ts';
import { linkKindOf } from '../read/output-disk.ts';
import { chooseTarget, outputName } from '../read/output-tree.ts';
import type { OutputTarget } from '../read/output-tree.ts';
import { folderOf, userOf } from '../search/browse.ts';
import { clearTarget } from './folder-disk.ts';
import { FolderFiles } from './folder-files.ts';
import { FolderHistory } from './folder-history.ts';
import { FolderRun } from './folder-run.ts';
import type { FolderRunDeps } from './folder-run.ts';
import { heldName } from './folder-names.ts';
import { FolderState } from './folder-state.ts';
import type { Past } from './history.ts';
import { RestingFolder } from './resting-folder.ts';

/** Remembered for going on after a restart; more are refused. */
const MAX_UNFINISHED_FOLDERS = 64;
/** Files of one answer, as the contract. */
const PAGE_FILES = 500;
const ID_DIGITS = 16;

const KeptSchema = v.object({
  /** User, folder and place. */
  key: v.string(),
  user: v.string(),
  folder: v.string(),
  directory: v.string(),
  /** In it. */
  name: v.string(),
  only: v.optional(v.array(v.string())),
  priority: PrioritySchema,
  isPaused: v.boolean(),
  startedMs: v.number(),
});
type Kept = v.InferOutput<typeof KeptSchema>;

export interface FoldersDeps extends FolderRunDeps {
  readonly jobs: JobRegistry;
  readonly libraryStore: LibraryStore;
  /** Another job goes on with one. */
  readonly onResumed: (job: string, next: string) => void;
  readonly onDefect: (thrown: unknown) => void;
}

type FolderCall = Extract<keyof Handlers, `folder.${string}`>;

export class Folders {
  readonly #deps: FoldersDeps;
  readonly #rows: Rows<Kept>;
  /** The job of each, running or listed to be gone on with. */
  readonly #jobs = new Map<string, string>();
  readonly #runs = new Map<string, FolderRun>();
  readonly #ending = new Map<string, 'pause' | 'discard'>();
  readonly #history: FolderHistory;
  /** The one that was looked at last: it is asked for page by page. */
  #resting: { readonly job: string; readonly folder: RestingFolder } | undefined;

  /** `rows`: what an earlier run of the node left among others; `begin` goes on with it. */
  constructor(deps: FoldersDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'folder', KeptSchema, MAX_UNFINISHED_FOLDERS);
    this.#history = new FolderHistory(deps, rows);
  }

  /** The node runs: what was under way goes on; where too much was, the rest is listed to be gone on with. */
  begin(): void {
    for (const kept of this.#rows.list()) {
      if (kept.isPaused || !this.#deps.jobs.hasRoom) this.#list(kept);
      else this.#start(kept);
    }
  }

  /** Folders that earlier runs of the node loaded, to be listed. */
  past(): Past[] {
    return this.#history.past((key) => this.#rows.get(key) !== undefined);
  }

  /** The job left the list. */
  gone(job: string): void {
    this.#history.gone(job);
    if (this.#resting?.job === job) this.#resting = undefined;
  }

  async close(): Promise<void> {
    await this.#history.close();
  }

  get handlers(): Pick<Handlers, FolderCall> {
    return {
      'folder.start': async (request) => ({ job: await this.start(request) }),
      'folder.pause': async ({ job }) => {
        await this.#end(job, 'pause');
        return null;
      },
      'folder.discard': async ({ job, files }) => {
        const kept = await this.#end(job, 'discard');
        await this.#clear(kept, files);
        this.#deps.jobs.replace(job);
        return null;
      },
      'folder.files': async ({ job, from }) => (await this.#looked(job)).files(from, PAGE_FILES),
      'folder.file': async ({ job, file }) => (await this.#looked(job)).file(file),
      'folder.choose': async ({ job, files, wanted }) => {
        await this.#run(job).choose(files, wanted);
        return null;
      },
      'folder.next': ({ job, file }) => {
        this.#run(job).next(file);
        return null;
      },
      'folder.order': async ({ job, files, priority }) => {
        await this.#run(job).order(files, priority);
        return null;
      },
    };
  }

  /** One of its files is to be played, as FolderRun and RestingFolder. */
  async play(job: string, file: number): ReturnType<FolderRun['play']> {
    return (await this.#looked(job)).play(file);
  }

  /** Throws `usage` and `busy`. */
  async start({ user, folder: text, directory, path, only }: Params<'folder.start'>): Promise<string> {
    const { part, jobs, clock } = this.#deps;
    const node = userOf(user);
    const folder = folderOf(text);
    const target = await this.#targetOf(user, folder, directory, path);
    const own = folder === '' ? shortName(node.publicKey) : folder.slice(folder.lastIndexOf('/') + 1);
    const name = outputName(
      target,
      heldName(own, part.platform, () => false),
      part.platform,
    );
    const key = `${user} ${folder} ${join(target.directory, name)}`;
    const known = this.#jobs.get(key);
    if (known !== undefined && jobs.isRunning(known)) return known;
    const before = this.#rows.get(key);
    const kept: Kept = {
      ...{ key, user, folder, directory: target.directory, name, isPaused: false },
      ...(only !== undefined && { only: [...only] }),
      priority: before?.priority ?? 'normal',
      startedMs: before?.startedMs ?? clock.now(),
    };
    return this.#startInstead(known, before, kept);
  }

  /** Goes on with one that was paused, failed or interrupted. Throws `usage` for any other job. */
  async resume(job: string): Promise<string> {
    const kept = this.#keptOf(job);
    if (this.#deps.jobs.isRunning(job)) return job;
    return this.#startInstead(job, kept, { ...kept, isPaused: false });
  }

  /**
   * In the place of a job on the list that has ended. What is refused, as too many run, leaves that job and does not
   * begin by itself with the next start of the node.
   */
  async #startInstead(job: string | undefined, before: Kept | undefined, kept: Kept): Promise<string> {
    await this.#rows.put(kept.key, kept);
    const now = this.#jobs.get(kept.key);
    // Somebody else was quicker.
    if (now !== undefined && now !== job) return now;
    try {
      const next = this.#start(kept);
      if (job === undefined) return next;
      this.#deps.onResumed(job, next);
      this.#deps.jobs.replace(job);
      return next;
    } catch (thrown) {
      await (before === undefined ? this.#rows.remove(kept.key) : this.#rows.put(kept.key, before));
      throw thrown;
    }
  }

  async setPriority(job: string, priority: Priority): Promise<void> {
    const kept = this.#keptOf(job);
    await this.#rows.put(kept.key, { ...kept, priority });
    this.#runs.get(job)?.setPriority(priority);
  }

  /** A path that an interrupted run has begun is gone on with; any other directory gets the folder inside it. */
  async #targetOf(user: string, folder: string, directory: string, path: string | undefined): Promise<OutputTarget> {
    const target = await chooseTarget(directory, path);
    if (path === undefined || target.name !== undefined) return target;
    const begun = { directory: dirname(target.directory), name: basename(target.directory) };
    const isBegun = (await linkKindOf(this.#statePath({ ...begun, user, folder }))) === 'directory';
    return isBegun ? begun : target;
  }

  #start(kept: Kept): string {
    const { jobs, clock } = this.#deps;
    const startedAtMs = clock.monotonicMs();
    const id = jobs.start<FolderJob>(newJob(kept), async (job) => {
      try {
        await this.#whole(kept, job, startedAtMs);
        await this.#forget(kept.key);
      } catch (thrown) {
        await this.#onEnd(kept, job);
        throw thrown;
      }
    });
    this.#jobs.set(kept.key, id);
    return id;
  }

  async #whole(kept: Kept, job: JobHandle<FolderJob>, startedAtMs: number): Promise<void> {
    const { part, clock } = this.#deps;
    const state = await FolderState.open(this.#statePath(kept), part.lock);
    const request = {
      user: userOf(kept.user),
      userKey: kept.user,
      folder: kept.folder,
      target: join(kept.directory, kept.name),
      only: kept.only,
      priority: kept.priority,
    };
    const run = new FolderRun(this.#deps, request, job, state);
    this.#runs.set(job.id, run);
    try {
      await run.whole();
      const seconds = (clock.monotonicMs() - startedAtMs) / 1_000;
      job.update({ stage: 'done', active: [], source: undefined, seconds });
      await this.#history.keep(kept.key, job.job, request.target, run.finishedFiles());
    } catch (thrown) {
      // Nothing was planned: nothing is left lying about.
      await (state.files === undefined ? state.remove() : state.close());
      throw thrown;
    } finally {
      this.#runs.delete(job.id);
    }
    await state.remove();
  }

  /** It stopped before it was whole: by the person, by the end of the program, or by a fault. */
  async #onEnd(kept: Kept, job: JobHandle<FolderJob>): Promise<void> {
    const ending = this.#ending.get(job.id);
    this.#ending.delete(job.id);
    if (this.#deps.jobs.closing) return;
    if (ending === 'discard' || (ending === undefined && job.signal.aborted)) {
      await this.#forget(kept.key);
      return;
    }
    await this.#rows.put(kept.key, { ...(this.#rows.get(kept.key) ?? kept), isPaused: true });
    job.update({ isPaused: ending === 'pause', canResume: true, active: [] });
    this.#deps.jobs.onDismiss(job.id, () => this.#giveUp(kept.key));
  }

  async #end(job: string, ending: 'pause' | 'discard'): Promise<Kept> {
    const { jobs } = this.#deps;
    const kept = this.#keptOf(job);
    if (jobs.isRunning(job)) {
      this.#ending.set(job, ending);
      jobs.cancel(job);
      await jobs.settled(job);
    }
    if (ending === 'discard') await this.#forget(kept.key);
    return kept;
  }

  /** What is unfinished leaves the disk; with `files` what is whole, too. */
  async #clear(kept: Kept, withFiles: boolean): Promise<void> {
    const state = await FolderState.open(this.#statePath(kept), this.#deps.part.lock);
    const { files = [] } = state;
    const whole = files.filter((_, index) => state.done.has(index));
    // Without a plan nothing of it was made here: what is there is the person's.
    if (state.files !== undefined) await clearTarget(join(kept.directory, kept.name), withFiles ? whole : []);
    await state.remove();
  }

  #list(kept: Kept): void {
    const initial = { ...newJob(kept), startedMs: kept.startedMs, isPaused: true, canResume: true };
    const id = this.#deps.jobs.restore<FolderJob>(initial, () => this.#giveUp(kept.key));
    this.#jobs.set(kept.key, id);
  }

  #statePath({ directory, name, user, folder }: Pick<Kept, 'directory' | 'name' | 'user' | 'folder'>): string {
    const { crypto, platform } = this.#deps.part;
    const id = toHex(crypto.hash('folder on its way', fromHex(user)!, Buffer.from(folder))).slice(0, ID_DIGITS);
    return FolderState.pathOf(directory, name, id, platform);
  }

  /** What runs, or what is known of what does not. Throws `not-found`. */
  async #looked(job: string): Promise<FolderRun | RestingFolder> {
    const run = this.#runs.get(job);
    if (run !== undefined) return run;
    if (this.#resting?.job === job) return this.#resting.folder;
    const folder = (await this.#rested(job)) ?? this.#run(job);
    if (folder instanceof RestingFolder) this.#resting = { job, folder };
    return folder;
  }

  /** Of what is done, what is remembered; of what is paused, what lies beside it. */
  async #rested(job: string): Promise<RestingFolder | undefined> {
    const done = this.#history.find(job);
    if (done !== undefined) return new RestingFolder(this.#deps, { id: job, ...done }, done.target, done.files);
    const kept = this.#keptIf(job);
    const state = kept === undefined ? undefined : await FolderState.look(this.#statePath(kept));
    if (kept === undefined || state === undefined) return undefined;
    const files = new FolderFiles(state);
    const resting = state.files!.map((planned, index) => ({ planned, file: files.shown(index) }));
    const { startedMs, directory, name } = kept;
    return new RestingFolder(this.#deps, { id: job, startedMs }, join(directory, name), resting);
  }

  #run(job: string): FolderRun {
    const run = this.#runs.get(job);
    if (run === undefined)
      throw new BroadsideError('not-found', 'This folder is not being loaded now. Go on with it first.');
    return run;
  }

  #keptOf(job: string): Kept {
    const kept = this.#keptIf(job);
    if (kept === undefined) throw new BroadsideError('usage', 'There is nothing left to go on with.');
    return kept;
  }

  #keptIf(job: string): Kept | undefined {
    for (const [key, id] of this.#jobs) {
      const kept = id === job ? this.#rows.get(key) : undefined;
      if (kept !== undefined) return kept;
    }
    return undefined;
  }

  /** Dismissed: what came stays on the disk, and nobody goes on with it. */
  #giveUp(key: string): void {
    this.#forget(key).catch((thrown: unknown) => this.#deps.onDefect(thrown));
  }

  async #forget(key: string): Promise<void> {
    this.#jobs.delete(key);
    await this.#rows.remove(key);
  }
}

function newJob({ user, folder, directory, name, priority }: Kept): Omit<FolderJob, 'id' | 'state' | 'startedMs'> {
  return {
    kind: 'folder',
    title: name,
    ...{ user, userName: shortName(userOf(user).publicKey), folder, stage: 'listing' },
    ...{ files: 0, filesDone: 0, filesFailed: 0, filesInAll: 0, sizeBytes: 0, bytesDone: 0, active: [] },
    ...(priority !== 'normal' && { priority }),
    path: join(directory, name),
  };
}
