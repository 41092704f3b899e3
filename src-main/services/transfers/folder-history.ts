/**
 * Folders that are done, remembered until the person takes them off the list; over restarts of the node, sealed like the library. A row
 * for each folder, and rows that list its files, each with what it was when it was finished.
 */
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import type { FolderFile, FolderJob } from '../../../shared/ipc/model.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import { MAX_FINISHED_JOBS } from '../jobs/job-registry.ts';
import type { PlannedFile } from './folder-state.ts';
import { plannedFile } from './folder-state.ts';
import type { Past } from './history.ts';
import type { RestingFile } from './resting-folder.ts';

/** Of the lists of all folders together: some 100,000 files with names as they are usual. */
export const MAX_LISTED_BYTES = 16_777_216;
/** Of one row; the store takes 1 MiB, in which every quotation mark is two letters. */
const PAGE_BYTES = 262_144;

const DoneFolderSchema = v.object({
  /** Of the run that loaded it. */
  key: v.string(),
  /** By which it is gone on with while it is not done (folders.ts). */
  folderKey: v.string(),
  title: v.string(),
  user: v.string(),
  userName: v.string(),
  folder: v.string(),
  path: v.string(),
  files: v.number(),
  filesInAll: v.number(),
  sizeBytes: v.number(),
  startedMs: v.number(),
  finishedMs: v.number(),
  seconds: v.optional(v.number()),
});
type DoneFolder = v.InferOutput<typeof DoneFolderSchema>;

const PageSchema = v.object({
  /** Of its folder. */
  key: v.string(),
  page: v.number(),
  /** A line for each file: read when somebody asks. */
  lines: v.string(),
});
type Page = v.InferOutput<typeof PageSchema>;

/** Number, stamp or '', root, size, folder and name as its user calls them, path below the target where it is another. */
const LineSchema = v.tuple([v.number(), v.string(), v.string(), v.number(), v.string(), v.string(), v.string()]);

export interface FinishedFile {
  readonly index: number;
  readonly planned: PlannedFile;
  /** Of one that can be played. */
  readonly stamp: string | undefined;
}

interface FolderHistoryDeps {
  readonly clock: Clock;
  readonly jobs: JobRegistry;
  readonly libraryStore: LibraryStore;
  readonly onDefect: (thrown: unknown) => void;
}

export class FolderHistory {
  readonly #deps: FolderHistoryDeps;
  readonly #folders: Rows<DoneFolder>;
  readonly #pages: Rows<Page>;
  /** By job: the key under which it is remembered. */
  readonly #keys = new Map<string, string>();
  /** One after the other, so that all of it is on disk when it is closed. */
  #working: Promise<void> = Promise.resolve();

  constructor(deps: FolderHistoryDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#folders = new Rows(deps.libraryStore, rows, 'loaded-folder', DoneFolderSchema, MAX_FINISHED_JOBS);
    const most = MAX_LISTED_BYTES / PAGE_BYTES + MAX_FINISHED_JOBS;
    this.#pages = new Rows(deps.libraryStore, rows, 'loaded-files', PageSchema, most);
  }

  /** What was loaded before, to be listed. `isUnfinished`: it is gone on with, as its end was cut off. */
  past(isUnfinished: (folderKey: string) => boolean): Past[] {
    const done = this.#folders.list();
    const known = new Set(done.map(({ key }) => key));
    const listed = new Set(this.#pages.list().map(({ key }) => key));
    // Its end was cut off between the two.
    for (const key of listed) if (!known.has(key)) this.#forget(key);
    for (const { key, folderKey } of done) if (isUnfinished(folderKey)) this.#forget(key);
    return done
      .filter(({ folderKey }) => !isUnfinished(folderKey))
      .map((folder) => ({
        finishedMs: folder.finishedMs,
        list: () => this.#list(folder),
        forget: () => this.#forget(folder.key),
      }));
  }

  /** It is whole. Durable when this resolves; what cannot be remembered keeps nobody from having the files. */
  keep(folderKey: string, job: FolderJob, path: string, files: readonly FinishedFile[]): Promise<void> {
    this.#keys.set(job.id, job.id);
    this.#deps.jobs.onDismiss(job.id, () => this.#forget(job.id));
    return this.#work(async () => {
      const pages = pagesOf(job.id, files);
      await this.#makeRoom(pages);
      for (const page of pages) await this.#pages.put(rowOf(page), page);
      const { id: key, title, user, userName, folder, filesInAll, sizeBytes, startedMs, seconds } = job;
      await this.#folders.put(key, {
        ...{ key, folderKey, title, user, userName, folder, path, files: job.files, filesInAll, sizeBytes, startedMs },
        finishedMs: this.#deps.clock.now(),
        ...(seconds !== undefined && { seconds }),
      });
    });
  }

  /** Where it is, and what is in it; undefined for a job that is none of these. */
  find(
    job: string,
  ): { readonly target: string; readonly startedMs: number; readonly files: RestingFile[] } | undefined {
    const key = this.#keys.get(job);
    const folder = key === undefined ? undefined : this.#folders.get(key);
    if (folder === undefined) return undefined;
    const pages = this.#pages.list().filter((page) => page.key === key);
    pages.sort((a, b) => a.page - b.page);
    const files = pages.flatMap(({ lines }) => lines.split('\n')).flatMap((line) => parseLine(line) ?? []);
    return { target: folder.path, startedMs: folder.startedMs, files };
  }

  /** The job left the list; what is remembered of it stays unless it was dismissed. */
  gone(job: string): void {
    this.#keys.delete(job);
  }

  async close(): Promise<void> {
    await this.#working;
  }

  #list(done: DoneFolder): void {
    const { key, folderKey: _, files, ...shown } = done;
    const job = this.#deps.jobs.past<FolderJob>(
      {
        ...{ kind: 'folder', stage: 'done', active: [], files, filesDone: files, filesFailed: 0 },
        ...{ bytesDone: done.sizeBytes, ...shown },
      },
      () => this.#forget(key),
    );
    this.#keys.set(job, key);
  }

  /** The oldest folders go, and before them their lists. */
  async #makeRoom(coming: readonly Page[]): Promise<void> {
    const oldestFirst = this.#folders.list().toSorted((a, b) => a.finishedMs - b.finishedMs);
    for (const { key } of oldestFirst.slice(0, Math.max(0, oldestFirst.length + 1 - MAX_FINISHED_JOBS)))
      await this.#remove(key);
    for (const { key } of oldestFirst) {
      const pages = [...this.#pages.list(), ...coming];
      if (bytesOf(pages) <= MAX_LISTED_BYTES && pages.length <= this.#pages.most) return;
      await this.#removePages(key);
    }
  }

  async #remove(key: string): Promise<void> {
    await this.#folders.remove(key);
    await this.#removePages(key);
  }

  async #removePages(key: string): Promise<void> {
    for (const page of this.#pages.list()) if (page.key === key) await this.#pages.remove(rowOf(page));
  }

  #forget(key: string): void {
    void this.#work(() => this.#remove(key));
  }

  #work(step: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(step).catch((thrown: unknown) => this.#deps.onDefect(thrown));
    return this.#working;
  }
}

function bytesOf(pages: readonly Page[]): number {
  return pages.reduce((sum, { lines }) => sum + Buffer.byteLength(lines), 0);
}

function rowOf({ key, page }: Page): string {
  return `${key} ${page}`;
}

/** As many as there is room for. */
function pagesOf(key: string, files: readonly FinishedFile[]): Page[] {
  const pages: Page[] = [];
  let [lines, bytes, inAll]: [string[], number, number] = [[], 0, 0];
  const end = (): void => {
    if (lines.length > 0) pages.push({ key, page: pages.length, lines: lines.join('\n') });
    [lines, bytes] = [[], 0];
  };
  for (const { index, planned, stamp = '' } of files) {
    const { root, sizeBytes, folder, name, path } = planned;
    const own = path === calledOf(folder, name) ? '' : path;
    const line = JSON.stringify([index, stamp, toHex(root), sizeBytes, folder, name, own]);
    const lineBytes = Buffer.byteLength(line) + 1;
    inAll += lineBytes;
    if (inAll > MAX_LISTED_BYTES) break;
    if (bytes + lineBytes > PAGE_BYTES) end();
    lines.push(line);
    bytes += lineBytes;
  }
  end();
  return pages;
}

function parseLine(text: string): RestingFile | undefined {
  const line = v.safeParse(v.pipe(v.string(), v.parseJson(), LineSchema), text);
  if (!line.success) return undefined;
  const [index, stamp, root, sizeBytes, folder, name, own] = line.output;
  const called = calledOf(folder, name);
  const planned = plannedFile(root, sizeBytes, folder, name, own === '' ? called : own);
  if (planned === undefined || !Number.isSafeInteger(index) || index < 0) return undefined;
  const file: FolderFile = {
    ...{ index, folder, name, sizeBytes, state: 'done' },
    ...(planned.path !== called && { path: planned.path }),
  };
  return { file, planned, ...(stamp !== '' && { stamp }) };
}

function calledOf(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
