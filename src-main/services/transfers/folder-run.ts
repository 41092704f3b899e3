/** One folder of a user on its way to the disk: what is in it is asked for, then its files are loaded, some at a time. */
import { rmdir } from 'node:fs/promises';
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import type { DownloadJob, FolderFile, FolderJob, Priority } from '../../../shared/ipc/model.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { ShelfFile } from '../../core/transfer/shelves.ts';
import type { Clock } from '../jobs/clock.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { runDownload } from './download-run.ts';
import type { RunDeps } from './download-run.ts';
import type { DownloadQueue } from './download-queue.ts';
import { isCaseBlind, isThere, makeTarget, makeWay } from './folder-disk.ts';
import { FolderFiles } from './folder-files.ts';
import { NamePlan } from './folder-names.ts';
import type { FolderState, PlannedFile } from './folder-state.ts';

/** Loaded at once of one folder: more than one user gives at once, so that the next is asked for before one ends. Guess. */
const FILES_AT_ONCE = 4;
/** More than a node shares (docs/spec/search.md), and as many as are held in memory without pain. */
const MAX_FILES = 100_000;
/** A user that cannot be asked is asked again after the first, doubling to the second. */
const ASK_AGAIN_MS = 5_000;
const MAX_ASK_AGAIN_MS = 10 * 60_000;
/** A file that nobody gives makes room for the next after so long, where there is one. Guess. */
const IDLE_FILE_MS = 20_000;
/** Its user has it: hubs are asked who else does only for what takes longer. Guess. */
const SEARCH_AFTER_MS = 10_000;

export interface FolderRunDeps extends RunDeps {
  readonly queue: DownloadQueue;
  /** All files below a folder of a user, page by page. */
  readonly list: (user: string, folder: string, signal: AbortSignal) => AsyncIterable<readonly ShelfFile[]>;
}

export interface FolderRequest {
  readonly user: KnownNode;
  readonly userKey: string;
  readonly folder: string;
  /** Absolute: the directory that it becomes. */
  readonly target: string;
  /** Paths below the folder that are wanted at first; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly priority: Priority;
}

interface Running {
  readonly abort: AbortController;
  job: DownloadJob;
  stopIdle: (() => void) | undefined;
  stage: DownloadJob['stage'];
}

/** Why a file that runs is taken back: others have their turn first. */
const LATER = new BroadsideError('busy', 'Others come first.');
/** It is not wanted any more. */
const LEFT = new BroadsideError('cancelled', 'It is not wanted any more.');

export class FolderRun {
  readonly #deps: FolderRunDeps;
  readonly #request: FolderRequest;
  readonly #job: JobHandle<FolderJob>;
  readonly #state: FolderState;
  readonly #rate: RateEstimator;
  readonly #running = new Map<number, Running>();
  readonly #loads = new Set<Promise<void>>();
  #files: FolderFiles | undefined;
  #priority: Priority;
  #keptBytes = 0;
  /** Of files that are over. */
  #receivedBytes = 0;
  #over: { readonly resolve: () => void; readonly reject: (thrown: unknown) => void } | undefined;

  constructor(deps: FolderRunDeps, request: FolderRequest, job: JobHandle<FolderJob>, state: FolderState) {
    this.#deps = deps;
    this.#request = request;
    this.#job = job;
    this.#state = state;
    this.#priority = request.priority;
    this.#rate = new RateEstimator(deps.clock);
  }

  /** Resolves when every file that is wanted is here. */
  async whole(): Promise<void> {
    const { target } = this.#request;
    const isFresh = await makeTarget(target, this.#state.files !== undefined);
    if (this.#state.files === undefined) {
      try {
        await this.#plan();
      } catch (thrown) {
        // Nothing came: nothing is left lying about.
        await rmdir(target).catch(() => undefined);
        throw thrown;
      }
    } else if (isFresh) {
      // It was taken away, and what was in it.
      await this.#state.forgetDone();
    }
    const { signal } = this.#job;
    signal.throwIfAborted();
    this.#files = new FolderFiles(this.#state);
    this.#keptBytes = this.#files.doneBytes;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#over = { resolve, reject };
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        this.#go();
      });
    } finally {
      this.#over = undefined;
      await this.#stop();
    }
    const failure = this.#files.failure();
    if (failure !== undefined) throw failure;
  }

  /** Undefined until it is known what there is. */
  files(from: number, limit: number): { files: FolderFile[]; total: number } {
    const files = this.#files?.page(from, limit) ?? [];
    return { files: files.map((file) => this.#withProgress(file)), total: this.#files?.total ?? 0 };
  }

  async choose(indexes: readonly number[], wanted: boolean): Promise<void> {
    if (this.#files === undefined) throw notListed();
    await this.#files.choose(indexes, wanted);
    if (!wanted) for (const index of indexes) this.#running.get(index)?.abort.abort(LEFT);
    this.#go();
  }

  next(index: number): void {
    if (this.#files === undefined) throw notListed();
    this.#files.preferred(index);
    this.#go();
  }

  setPriority(priority: Priority): void {
    this.#priority = priority;
    for (const index of this.#running.keys()) this.#deps.queue.setPriority(this.#turnOf(index), priority);
    this.#job.update({ priority });
  }

  /** Asks its user what is in it, again and again until it answers or refuses. */
  async #plan(): Promise<void> {
    const { clock, list, part } = this.#deps;
    const { userKey, folder, target, only } = this.#request;
    const { signal } = this.#job;
    let found: ShelfFile[] = [];
    for (let tries = 0; ; tries += 1) {
      this.#job.update({ stage: 'listing', retryMs: undefined });
      try {
        found = [];
        for await (const page of list(userKey, folder, signal)) {
          found.push(...page);
          this.#job.update({ filesInAll: found.length });
          if (found.length > MAX_FILES) throw tooMany();
        }
        break;
      } catch (thrown) {
        const isAway = thrown instanceof BroadsideError && (thrown.code === 'offline' || thrown.code === 'busy');
        if (!isAway || signal.aborted) throw thrown;
        const waitMs = Math.min(MAX_ASK_AGAIN_MS, ASK_AGAIN_MS * 2 ** Math.min(tries, 16));
        this.#job.update({ retryMs: clock.now() + waitMs });
        await pause(clock, waitMs, signal);
      }
    }
    if (found.length === 0)
      throw new BroadsideError('not-found', 'Nothing lies in this folder now. Look through it again.');
    const names = new NamePlan(part.platform, part.platform !== 'linux' || (await isCaseBlind(target)));
    const files = found.map(({ root, sizeBytes, folder: below, name }): PlannedFile => {
      return { root, sizeBytes, folder: below, name, path: names.place(below, name) };
    });
    const wanted = only === undefined ? undefined : new Set(only);
    const left = files.flatMap(({ folder: below, name }, index) => {
      const isWanted = wanted === undefined || wanted.has(below === '' ? name : `${below}/${name}`);
      return isWanted ? [] : [index];
    });
    if (left.length === files.length)
      throw new BroadsideError(
        'not-found',
        'None of the files that were chosen lies in this folder now. Look through it again.',
      );
    await this.#state.choose(left, false);
    await this.#state.plan(files);
  }

  /** Begins with files as long as there is room; ends when none is left. */
  #go(): void {
    const files = this.#files!;
    if (this.#over === undefined) return;
    while (this.#running.size < FILES_AT_ONCE) {
      const index = files.next();
      if (index === undefined) break;
      const load = this.#load(index)
        .catch((thrown: unknown) => this.#over?.reject(thrown))
        .finally(() => this.#loads.delete(load));
      this.#loads.add(load);
    }
    this.#show();
    if (this.#running.size === 0) this.#over?.resolve();
  }

  async #load(index: number): Promise<void> {
    const files = this.#files!;
    const file = files.begin(index);
    const running: Running = {
      abort: new AbortController(),
      job: this.#newJob(file),
      stopIdle: undefined,
      stage: 'queued',
    };
    this.#running.set(index, running);
    const turn = this.#deps.queue.enter(this.#turnOf(index), this.#priority, running.abort.signal, () => {});
    try {
      await turn.ready;
      await this.#bring(
        file,
        this.#handle(index, running, (isLoading) => turn.seen(isLoading)),
      );
      await files.finished(index);
    } catch (thrown) {
      this.#failed(index, thrown);
    } finally {
      turn.leave();
      running.stopIdle?.();
      this.#receivedBytes += running.job.receivedBytes ?? 0;
      this.#running.delete(index);
    }
    this.#go();
  }

  /** One file to its place, unless it is there. */
  async #bring(file: PlannedFile, handle: JobHandle<DownloadJob>): Promise<void> {
    const { target, user } = this.#request;
    await makeWay(target, file.path);
    if (await isThere(this.#deps.part.crypto, target, file)) return;
    handle.update({ stage: 'finding' });
    const slash = file.path.lastIndexOf('/');
    const directory = slash < 0 ? target : `${target}/${file.path.slice(0, slash)}`;
    const deps: RunDeps = {
      ...this.#deps,
      findSources: (root, signal) => this.#othersLater(root, signal),
      // Nothing of a folder is played before it is here.
      onMedia: () => {},
      finished: () => Promise.resolve(undefined),
    };
    const path = `${directory}/${file.path.slice(slash + 1)}`;
    await runDownload(deps, { root: file.root, ownName: file.name, directory, path, sources: [user] }, handle);
  }

  async *#othersLater(root: Uint8Array, signal: AbortSignal): AsyncGenerator<readonly KnownNode[]> {
    await pause(this.#deps.clock, SEARCH_AFTER_MS, signal).catch(() => undefined);
    if (!signal.aborted) yield* this.#deps.findSources(root, signal);
  }

  /** A full disk ends all; what is wrong with one file alone is said of it. */
  #failed(index: number, thrown: unknown): void {
    const files = this.#files!;
    if (thrown === LATER || this.#job.signal.aborted) return files.putBack(index);
    if (thrown === LEFT) return files.putBack(index);
    const error = toBroadsideError(thrown);
    const isOfAll = error.code === 'no-space' || error.code === 'unexpected';
    if (isOfAll) files.putBack(index);
    else files.fail(index, { code: error.code, message: error.message });
    if (isOfAll) throw thrown;
    return undefined;
  }

  #handle(index: number, running: Running, seen: (isLoading: boolean) => void): JobHandle<DownloadJob> {
    const run = this;
    return {
      id: this.#turnOf(index),
      signal: running.abort.signal,
      get job() {
        return running.job;
      },
      update(change) {
        running.job = { ...running.job, ...change } as DownloadJob;
        running.stage = running.job.stage;
        const isLoading = running.stage === 'loading' || running.stage === 'finishing';
        seen(isLoading);
        run.#watch(running, isLoading);
        run.#show();
      },
    };
  }

  /** One that brings nothing for long makes room, where others wait. */
  #watch(running: Running, isLoading: boolean): void {
    if (isLoading) {
      running.stopIdle?.();
      running.stopIdle = undefined;
      return;
    }
    running.stopIdle ??= this.#deps.clock.after(IDLE_FILE_MS, () => {
      running.stopIdle = undefined;
      if (this.#files!.hasWaiting) running.abort.abort(LATER);
    });
  }

  #show(): void {
    const files = this.#files;
    if (files === undefined || this.#over === undefined) return;
    const running = [...this.#running];
    const bytesDone = files.doneBytes + running.reduce((sum, [, { job }]) => sum + job.bytesDone, 0);
    this.#rate.note(bytesDone - this.#keptBytes);
    const stages = new Set(running.map(([, { stage }]) => stage));
    const isLoading = stages.has('loading') || stages.has('finishing');
    const isQueued = !isLoading && stages.size === 1 && stages.has('queued');
    const own = running.flatMap(([, { job }]) =>
      job.sources.filter(({ publicKey }) => publicKey === this.#request.userKey),
    );
    const source = own.find(({ state }) => state === 'active') ?? own[0];
    this.#job.update({
      stage: isLoading ? 'loading' : isQueued ? 'queued' : 'waiting',
      ...files.counts(),
      bytesDone,
      bytesKept: this.#keptBytes === 0 ? undefined : this.#keptBytes,
      receivedBytes: this.#receivedBytes + running.reduce((sum, [, { job }]) => sum + (job.receivedBytes ?? 0), 0),
      active: running.map(([index]) => this.#withProgress(files.shown(index))),
      source,
      ...this.#rate.estimate(files.counts().sizeBytes - bytesDone),
    });
  }

  #withProgress(file: FolderFile): FolderFile {
    const running = this.#running.get(file.index);
    if (running === undefined) return file;
    const { bytesDone, bytesPerSecond } = running.job;
    return { ...file, stage: running.stage, bytesDone, ...(bytesPerSecond !== undefined && { bytesPerSecond }) };
  }

  async #stop(): Promise<void> {
    const ended = [...this.#running.values()].map(({ abort }) => abort);
    for (const abort of ended) abort.abort(this.#job.signal.reason ?? LATER);
    // Each leaves what it has in order.
    await Promise.all(this.#loads);
  }

  #turnOf(index: number): string {
    return `${this.#job.id}/${index}`;
  }

  #newJob({ root, name, sizeBytes }: PlannedFile): DownloadJob {
    return {
      kind: 'download',
      id: '',
      title: name,
      state: 'running',
      startedMs: this.#deps.clock.now(),
      link: formatFileLink({ root, sizeBytes }),
      stage: 'queued',
      bytesDone: 0,
      pieces: '',
      sources: [],
    };
  }
}

/** Rejects with the signal's reason. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      stop();
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function notListed(): BroadsideError {
  return new BroadsideError('busy', 'It is not known yet what is in this folder. Wait until its user has answered.');
}

function tooMany(): BroadsideError {
  return new BroadsideError(
    'usage',
    `More than ${MAX_FILES} files lie in this folder. Load the folders in it one by one.`,
  );
}
