/** One folder of a user on its way to the disk: what is in it is asked for, then its files are loaded, some at a time. */
import { rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { playableOf } from '../../../shared/base/playable.ts';
import type { DownloadJob, FolderFile, FolderJob, Priority } from '../../../shared/ipc/model.ts';
import type { KnownNode } from '../../core/ports.ts';
import { wait } from '../flow/waiting.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { runDownload } from './download-run.ts';
import type { RunDeps } from './download-run.ts';
import type { DownloadQueue } from './download-queue.ts';
import { FilePart } from './file-part.ts';
import { isThere, makeTarget, makeWay } from './folder-disk.ts';
import type { FinishedFile } from './folder-history.ts';
import { FolderFiles } from './folder-files.ts';
import { newLoad, shownLoad } from './folder-loads.ts';
import { planFolder } from './folder-plan.ts';
import type { PlanDeps, PlanRequest } from './folder-plan.ts';
import type { FolderState, PlannedFile } from './folder-state.ts';
import type { Media } from './playing-media.ts';
import { wholeMedia } from './whole-media.ts';

/** Loaded at once of one folder: more than one user gives at once, so that the next is asked for before one ends. Guess. */
const FILES_AT_ONCE = 4;
/** The first comes first. */
const RANKS = ['high', 'normal', 'low'] as const satisfies readonly Priority[];
/** A file that nobody gives makes room for the next after so long, where there is one. Guess. */
const IDLE_FILE_MS = 20_000;
/** Its user has it: hubs are asked who else does only for what takes longer. Guess. */
const SEARCH_AFTER_MS = 10_000;

export interface FolderRunDeps extends RunDeps, Pick<PlanDeps, 'list'> {
  readonly queue: DownloadQueue;
}

export interface FolderRequest extends PlanRequest {
  readonly user: KnownNode;
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
/** Somebody waits for another. */
const MAKE_ROOM = new BroadsideError('busy', 'Another is played, or looked at.');
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
  /** Of files that can be played: as they were when they were finished. */
  readonly #stamps = new Map<number, string>();
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
        await planFolder(this.#deps, this.#request, this.#job, this.#state);
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

  /** What is whole of it. */
  finishedFiles(): FinishedFile[] {
    return [...this.#state.done]
      .sort((a, b) => a - b)
      .map((index) => ({ index, planned: this.#planned(index), stamp: this.#stamps.get(index) }));
  }

  /** Undefined until it is known what there is. */
  files(from: number, limit: number): { files: FolderFile[]; total: number } {
    const files = this.#files?.page(from, limit) ?? [];
    return { files: files.map((file) => this.#withProgress(file)), total: this.#files?.total ?? 0 };
  }

  /** One of them, and how its loading fares. Throws `not-found`. */
  file(index: number): { file: FolderFile; load: DownloadJob } {
    const planned = this.#planned(index);
    const file = this.#withProgress(this.#files!.shown(index));
    const running = this.#running.get(index)?.job ?? this.#newLoad(index, planned);
    return { file, load: shownLoad(running, file, planned, this.#request.target) };
  }

  /**
   * To be played now: one that is not here yet comes before all others, and one of those makes room for it. `media`: of one that is whole, as
   * it was verified. Throws `not-found`, `usage` for one that is not wanted, and `damaged` for one that was changed.
   */
  async play(index: number): Promise<{ name: string; root: Uint8Array; media: Media | undefined }> {
    const planned = this.#planned(index);
    const { root, name } = planned;
    const state = this.#files!.stateOf(index);
    if (state === 'done') return { root, name, media: await this.#wholeMedia(index, planned) };
    if (!this.#files!.isWanted(index))
      throw new BroadsideError('usage', 'This file is not wanted. Choose it to be loaded, then play it.');
    if (state !== 'loading') {
      this.#files!.preferred(index);
      if (this.#running.size >= FILES_AT_ONCE) this.#makeRoom();
      else this.#go();
    }
    return { root, name, media: undefined };
  }

  async choose(indexes: readonly number[], wanted: boolean): Promise<void> {
    if (this.#files === undefined) throw notListed();
    const left = await this.#files.choose(indexes, wanted);
    if (!wanted) for (const index of indexes) this.#running.get(index)?.abort.abort(LEFT);
    for (const index of left) await this.#clear(this.#planned(index));
    this.#go();
  }

  next(index: number): void {
    if (this.#files === undefined) throw notListed();
    this.#files.preferred(index);
    this.#go();
  }

  async order(indexes: readonly number[], priority: Priority): Promise<void> {
    if (this.#files === undefined) throw notListed();
    await this.#files.order(indexes, priority);
    this.#tellQueue();
    this.#show();
  }

  setPriority(priority: Priority): void {
    this.#priority = priority;
    this.#tellQueue();
    this.#job.update({ priority });
  }

  #tellQueue(): void {
    for (const index of this.#running.keys())
      this.#deps.queue.setPriority(this.#turnOf(index), this.#priorityOf(index));
  }

  /** Beside all that is loaded here: that of the folder, and that of the file in it. */
  #priorityOf(index: number): Priority {
    const rank = RANKS.indexOf(this.#priority) + RANKS.indexOf(this.#files!.priorityOf(index)) - 1;
    return RANKS[Math.max(0, Math.min(RANKS.length - 1, rank))]!;
  }

  /** Of those under way the one that began last gives its turn to the next; what came of it is kept. */
  #makeRoom(): void {
    const last = [...this.#running.values()].at(-1);
    last?.abort.abort(MAKE_ROOM);
  }

  #planned(index: number): PlannedFile {
    if (this.#files === undefined) throw notListed();
    const planned = this.#files.planned(index);
    if (planned === undefined) throw new BroadsideError('not-found', 'This folder has no such file. List it again.');
    return planned;
  }

  async #wholeMedia(index: number, planned: PlannedFile): Promise<Media> {
    const file = await wholeMedia(this.#deps, this.#request.target, planned, this.#stamps.get(index));
    this.#stamps.set(index, file.stamp);
    return { kind: 'finished', file };
  }

  /** What is half here of a file leaves the disk. */
  async #clear({ path, root }: PlannedFile): Promise<void> {
    const whole = join(this.#request.target, path);
    await FilePart.clear(dirname(whole), basename(whole), root, this.#deps.part.platform);
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
      job: this.#newLoad(index, file),
      stopIdle: undefined,
      stage: 'queued',
    };
    this.#running.set(index, running);
    const turn = this.#deps.queue.enter(this.#turnOf(index), this.#priorityOf(index), running.abort.signal, () => {});
    try {
      await turn.ready;
      await this.#bring(
        index,
        file,
        this.#handle(index, running, (isLoading) => turn.seen(isLoading)),
      );
      await files.finished(index);
    } catch (thrown) {
      if (thrown === LEFT) await this.#clear(file);
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
  async #bring(index: number, file: PlannedFile, handle: JobHandle<DownloadJob>): Promise<void> {
    const { target, user } = this.#request;
    await makeWay(target, file.path);
    if (await isThere(this.#deps.part.crypto, target, file)) return;
    handle.update({ stage: 'finding' });
    const slash = file.path.lastIndexOf('/');
    const directory = slash < 0 ? target : `${target}/${file.path.slice(0, slash)}`;
    const deps: RunDeps = {
      ...this.#deps,
      findSources: (root, signal) => this.#othersLater(root, signal),
      finished: async (whole) => {
        if (playableOf(file.name) === undefined) return undefined;
        const media = await this.#deps.finished(whole);
        if (media !== undefined) this.#stamps.set(index, media.stamp);
        return media;
      },
    };
    const path = `${directory}/${file.path.slice(slash + 1)}`;
    await runDownload(deps, { root: file.root, ownName: file.name, directory, path, sources: [user] }, handle);
  }

  async *#othersLater(root: Uint8Array, signal: AbortSignal): AsyncGenerator<readonly KnownNode[]> {
    await wait(this.#deps.clock, SEARCH_AFTER_MS, signal).catch(() => undefined);
    if (!signal.aborted) yield* this.#deps.findSources(root, signal);
  }

  /** A full disk ends all; what is wrong with one file alone is said of it. */
  #failed(index: number, thrown: unknown): void {
    const files = this.#files!;
    if (thrown === LATER || thrown === LEFT || thrown === MAKE_ROOM || this.#job.signal.aborted)
      return files.putBack(index, thrown === LATER);
    const error = toBroadsideError(thrown);
    const isOfAll = error.code === 'no-space' || error.code === 'unexpected';
    if (isOfAll) files.putBack(index, false);
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

  #newLoad(index: number, planned: PlannedFile): DownloadJob {
    return newLoad(planned, this.#turnOf(index), this.#deps.clock.now());
  }
}

function notListed(): BroadsideError {
  return new BroadsideError('busy', 'It is not known yet what is in this folder. Wait until its user has answered.');
}
