/** Shared files that are loaded: begun, paused, gone on with after a restart, and given up. */
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { explainFileLinkProblem, formatFileLink, parseFileLink } from '../../../shared/base/file-links.ts';
import type { FileLink } from '../../../shared/base/file-links.ts';
import type { Params } from '../../../shared/ipc/contract.ts';
import { PrioritySchema } from '../../../shared/ipc/download-model.ts';
import type { Priority } from '../../../shared/ipc/download-model.ts';
import type { DownloadJob } from '../../../shared/ipc/model.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import * as v from 'valibot';
import type { KnownNode, LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { runDownload } from './download-run.ts';
import type { DownloadQueue } from './download-queue.ts';
import type { RunDeps } from './download-run.ts';
import { FilePart } from './file-part.ts';

/** Remembered for going on after a restart; more are refused. */
export const MAX_UNFINISHED_DOWNLOADS = 256;

const KeptSchema = v.object({
  /** Root and place. */
  key: v.string(),
  link: v.string(),
  directory: v.string(),
  path: v.optional(v.string()),
  sources: v.array(v.string()),
  isPaused: v.boolean(),
  startedMs: v.number(),
  /** Absent: normal. */
  priority: v.optional(PrioritySchema),
});
type Kept = v.InferOutput<typeof KeptSchema>;

export interface DownloadsDeps extends Omit<RunDeps, 'onServing'> {
  readonly jobs: JobRegistry;
  /** Whose turn it is. */
  readonly queue: DownloadQueue;
  readonly libraryStore: LibraryStore;
  readonly onServing: RunDeps['onServing'];
  /** Another job goes on with one. */
  readonly onResumed: (job: string, next: string) => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class Downloads {
  readonly #deps: DownloadsDeps;
  readonly #rows: Rows<Kept>;
  /** The job of each, running or listed to be gone on with. */
  readonly #jobs = new Map<string, string>();
  /** What is to become of a job that is being cancelled. */
  readonly #ending = new Map<string, 'pause' | 'discard'>();

  /** `rows`: what an earlier run of the node left among others; `begin` goes on with it. */
  constructor(deps: DownloadsDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'download', KeptSchema, MAX_UNFINISHED_DOWNLOADS);
  }

  /** The node runs: what was under way goes on; where too much was, the rest is listed to be gone on with. */
  begin(): void {
    for (const kept of this.#rows.list()) {
      if (kept.isPaused || !this.#deps.jobs.hasRoom) this.#list(kept.key, kept);
      else this.#start(kept.key, kept);
    }
  }

  get handlers(): Pick<Handlers, 'download.start' | 'download.pause' | 'download.discard'> {
    return {
      'download.start': async (request) => ({ job: await this.start(request) }),
      'download.pause': async ({ job }) => {
        await this.#end(job, 'pause');
        return null;
      },
      'download.discard': async ({ job }) => {
        await this.#end(job, 'discard');
        return null;
      },
    };
  }

  /** Throws `bad-link`, `usage` and `busy`. */
  async start({ link: text, directory, path, sources = [] }: Params<'download.start'>): Promise<string> {
    const link = fileLink(text);
    const target = await FilePart.target({ directory, path });
    const key = `${toHex(link.root)} ${target.directory}/${target.name ?? ''}`;
    const known = this.#jobs.get(key);
    if (known !== undefined && this.#deps.jobs.isRunning(known)) return known;
    const before = this.#rows.get(key);
    const kept: Kept = {
      key,
      link: formatFileLink(link),
      directory,
      ...(path !== undefined && { path }),
      sources: [...new Set([...sources, ...(before?.sources ?? [])])].slice(0, 64),
      isPaused: false,
      startedMs: before?.startedMs ?? this.#deps.clock.now(),
    };
    await this.#rows.put(key, kept);
    return this.#orAsBefore(key, before, () => this.#startInstead(known, key, kept));
  }

  /** Goes on with one that was paused, failed or interrupted. Throws `usage` for any other job. */
  async resume(job: string): Promise<string> {
    const key = this.#keyOf(job);
    const kept = key === undefined ? undefined : this.#rows.get(key);
    if (key === undefined || kept === undefined)
      throw new BroadsideError('usage', 'There is nothing left to go on with.');
    if (this.#deps.jobs.isRunning(job)) return job;
    const unpaused = { ...kept, isPaused: false };
    await this.#rows.put(key, unpaused);
    return this.#orAsBefore(key, kept, () => this.#startInstead(job, key, unpaused));
  }

  /** What is refused, as too many run, does not begin by itself with the next start of the node. */
  async #orAsBefore(key: string, before: Kept | undefined, start: () => string): Promise<string> {
    try {
      return start();
    } catch (thrown) {
      await (before === undefined ? this.#rows.remove(key) : this.#rows.put(key, before));
      throw thrown;
    }
  }

  /** In the place of a job on the list that has ended; who plays that goes on with this. */
  #startInstead(job: string | undefined, key: string, kept: Kept): string {
    const { jobs, onResumed } = this.#deps;
    const now = this.#jobs.get(key);
    // Somebody else was quicker.
    if (now !== undefined && now !== job) return now;
    const next = this.#start(key, kept);
    if (job === undefined) return next;
    onResumed(job, next);
    jobs.replace(job);
    return next;
  }

  #start(key: string, kept: Kept): string {
    const { jobs, clock } = this.#deps;
    const link = fileLink(kept.link);
    const startedAtMs = clock.monotonicMs();
    const id = jobs.start<DownloadJob>(newJob(kept, link), async (job) => {
      try {
        const path = await this.#run(kept, link, job);
        job.update({ path, stage: 'done', seconds: (clock.monotonicMs() - startedAtMs) / 1_000 });
        await this.#forget(key);
      } catch (thrown) {
        await this.#onEnd(key, kept, job, thrown);
        throw thrown;
      }
    });
    this.#jobs.set(key, id);
    return id;
  }

  #run(kept: Kept, link: FileLink, job: JobHandle<DownloadJob>): Promise<string> {
    const sources: KnownNode[] = kept.sources.flatMap((key) => {
      const publicKey = fromHex(key);
      return publicKey?.length === 32 ? [{ publicKey }] : [];
    });
    const request = {
      ...{ root: link.root, ownName: nameOf(link), directory: kept.directory, path: kept.path },
      sources,
    };
    return this.#inTurn(kept, job, (handle) => runDownload(this.#deps, request, handle));
  }

  /** When it is its turn; what it tells of itself says whether it uses it. */
  async #inTurn(
    kept: Kept,
    job: JobHandle<DownloadJob>,
    run: (handle: JobHandle<DownloadJob>) => Promise<string>,
  ): Promise<string> {
    const turn = this.#deps.queue.enter(job.id, kept.priority ?? 'normal', job.signal, (place) =>
      job.update({ stage: 'queued', place }),
    );
    try {
      await turn.ready;
      job.update({ stage: 'finding', place: undefined });
      return await run({
        id: job.id,
        signal: job.signal,
        get job() {
          return job.job;
        },
        update(change) {
          job.update(change);
          const { stage } = job.job;
          turn.seen(stage === 'loading' || stage === 'finishing');
        },
      });
    } finally {
      turn.leave();
    }
  }

  /** Throws `usage` for one that is over. */
  async setPriority(job: string, priority: Priority): Promise<void> {
    const key = this.#keyOf(job);
    const kept = key === undefined ? undefined : this.#rows.get(key);
    if (key === undefined || kept === undefined) throw new BroadsideError('usage', 'This download has ended.');
    await this.#rows.put(key, { ...kept, priority });
    this.#deps.queue.setPriority(job, priority);
    this.#deps.jobs.amend(job, { priority });
  }

  /** It stopped before it was whole: by the person, by the end of the program, or by a fault. */
  async #onEnd(key: string, kept: Kept, job: JobHandle<DownloadJob>, thrown: unknown): Promise<void> {
    const { jobs } = this.#deps;
    const ending = this.#ending.get(job.id);
    this.#ending.delete(job.id);
    if (jobs.closing) return;
    const isOver = ending === 'discard' || (ending === undefined && job.signal.aborted);
    if (isOver) {
      await this.#forget(key);
      return;
    }
    const isMisplaced = thrown instanceof BroadsideError && thrown.code === 'usage';
    if (isMisplaced) await this.#forget(key);
    else await this.#rows.put(key, { ...kept, isPaused: true });
    job.update({ isPaused: ending === 'pause', canResume: !isMisplaced });
    jobs.onDismiss(job.id, () => this.#giveUp(key));
  }

  async #end(job: string, ending: 'pause' | 'discard'): Promise<void> {
    const { jobs } = this.#deps;
    const key = this.#keyOf(job);
    const kept = key === undefined ? undefined : this.#rows.get(key);
    if (key === undefined || kept === undefined) throw new BroadsideError('usage', 'This download has ended.');
    if (jobs.isRunning(job)) {
      this.#ending.set(job, ending);
      jobs.cancel(job);
      await jobs.settled(job);
    }
    if (ending === 'pause') return;
    await this.#forget(key);
    const link = fileLink(kept.link);
    const part = await FilePart.open({ ...this.#deps.part, ...partOf(kept, link) });
    await part.remove();
    jobs.replace(job);
  }

  #list(key: string, kept: Kept): void {
    const initial = {
      ...newJob(kept, fileLink(kept.link)),
      startedMs: kept.startedMs,
      isPaused: true,
      canResume: true,
    };
    const id = this.#deps.jobs.restore<DownloadJob>(initial, () => this.#giveUp(key));
    this.#jobs.set(key, id);
  }

  #keyOf(job: string): string | undefined {
    for (const [key, id] of this.#jobs) if (id === job) return key;
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

function newJob(kept: Kept, link: FileLink): Omit<DownloadJob, 'id' | 'state' | 'startedMs'> {
  return {
    kind: 'download',
    title: nameOf(link),
    link: kept.link,
    stage: 'finding',
    ...(kept.priority !== undefined && kept.priority !== 'normal' && { priority: kept.priority }),
    ...(link.sizeBytes !== undefined && { sizeHintBytes: link.sizeBytes }),
    bytesDone: 0,
    pieces: '',
    sources: [],
  };
}

function partOf(
  kept: Kept,
  link: FileLink,
): { root: Uint8Array; ownName: string; directory: string; path: string | undefined } {
  return { root: link.root, ownName: nameOf(link), directory: kept.directory, path: kept.path };
}

function nameOf(link: FileLink): string {
  return link.name ?? `file-${toHex(link.root).slice(0, 8)}`;
}

function fileLink(text: string): FileLink {
  const link = parseFileLink(text.trim());
  if (link.ok) return link.value;
  throw new BroadsideError('bad-link', explainFileLinkProblem(link.code, text));
}
