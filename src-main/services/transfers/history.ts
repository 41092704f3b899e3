/** Downloads that are done, remembered until the person takes them off the list; over restarts of the node, sealed like the library. */
import * as v from 'valibot';
import type { DownloadJob, Job } from '../../../shared/ipc/model.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import { MAX_FINISHED_JOBS } from '../jobs/job-registry.ts';
import type { FinishedMedia } from './playing-media.ts';
import { stampedMedia } from './whole-media.ts';

const DoneSchema = v.object({
  /** Of the run that loaded it. */
  key: v.string(),
  title: v.string(),
  link: v.string(),
  path: v.string(),
  sizeBytes: v.number(),
  startedMs: v.number(),
  finishedMs: v.number(),
  seconds: v.optional(v.number()),
  sourcesUsed: v.optional(v.number()),
  /** Of the file, when it was noted: one that has another is not played. */
  stamp: v.optional(v.string()),
});
type Done = v.InferOutput<typeof DoneSchema>;

/** What an earlier run of the node loaded. */
export interface Past {
  readonly finishedMs: number;
  readonly list: () => void;
  readonly forget: () => void;
}

interface HistoryDeps {
  readonly jobs: JobRegistry;
  readonly libraryStore: LibraryStore;
  readonly finished: (path: string) => Promise<FinishedMedia | undefined>;
  readonly onDefect: (thrown: unknown) => void;
}

export class TransferHistory {
  readonly #deps: HistoryDeps;
  readonly #rows: Rows<Done>;
  /** By job: the key under which it is remembered. */
  readonly #noted = new Map<string, string>();
  /** What is told of now is remembered already. */
  #isListing = false;
  /** One after the other, so that all of it is on disk when it is closed. */
  #working: Promise<void> = Promise.resolve();

  /** `rows`: what earlier runs left among others; `begin` lists it. */
  constructor(deps: HistoryDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'loaded', DoneSchema, MAX_FINISHED_JOBS + 1);
  }

  /** Lists what was loaded before, and `others`, as long as a list is. */
  begin(others: readonly Past[] = []): void {
    const own = this.#rows.list().map((done) => ({
      ...{ finishedMs: done.finishedMs, list: () => this.#list(done), forget: () => this.#forget(done.key) },
    }));
    const oldestFirst = [...own, ...others].toSorted((a, b) => a.finishedMs - b.finishedMs);
    this.#isListing = true;
    for (const { forget } of oldestFirst.slice(0, -MAX_FINISHED_JOBS)) forget();
    for (const { list } of oldestFirst.slice(-MAX_FINISHED_JOBS)) list();
    this.#isListing = false;
  }

  #list(done: Done): void {
    const { key, stamp: _, ...shown } = done;
    const job = this.#deps.jobs.past<DownloadJob>(
      { kind: 'download', stage: 'done', bytesDone: done.sizeBytes, pieces: '', sources: [], ...shown },
      () => this.#forget(key),
    );
    this.#noted.set(job, key);
  }

  /** A job changed: one that is done is remembered. */
  note(job: Job): void {
    if (
      this.#isListing ||
      job.kind !== 'download' ||
      job.state !== 'done' ||
      job.path === undefined ||
      this.#noted.has(job.id)
    )
      return;
    this.#noted.set(job.id, job.id);
    this.#deps.jobs.onDismiss(job.id, () => this.#forget(job.id));
    const { path } = job;
    this.#work(() => this.#keep(job, path));
  }

  /** The job left the list; what is remembered of it stays unless it was dismissed. */
  gone(job: string): void {
    this.#noted.delete(job);
  }

  /** What is where it was, and as it was, can be played; undefined for a job that is not remembered. Throws as stampedMedia. */
  async media(job: string): Promise<FinishedMedia | undefined> {
    // It may be just being noted.
    await this.#working;
    const key = this.#noted.get(job);
    const done = key === undefined ? undefined : this.#rows.get(key);
    return done === undefined ? undefined : stampedMedia(this.#deps, done.path, done.stamp);
  }

  async close(): Promise<void> {
    await this.#working;
  }

  async #keep(job: DownloadJob, path: string): Promise<void> {
    const { id: key, title, link, startedMs, finishedMs = startedMs, seconds, sourcesUsed } = job;
    const file = await this.#deps.finished(path);
    // Taken off the list meanwhile.
    if (!this.#noted.has(key)) return;
    await this.#rows.put(key, {
      ...{ key, title, link, path, startedMs, finishedMs, sizeBytes: job.sizeBytes ?? job.bytesDone },
      ...(seconds !== undefined && { seconds }),
      ...(sourcesUsed !== undefined && { sourcesUsed }),
      ...(file !== undefined && { stamp: file.stamp }),
    });
    const all = this.#rows.list().toSorted((a, b) => a.finishedMs - b.finishedMs);
    for (const old of all.slice(0, Math.max(0, all.length - MAX_FINISHED_JOBS))) await this.#rows.remove(old.key);
  }

  #forget(key: string): void {
    this.#work(() => this.#rows.remove(key));
  }

  #work(step: () => Promise<void>): void {
    this.#working = this.#working.then(step).catch((thrown: unknown) => this.#deps.onDefect(thrown));
  }
}
