/**
 * One shared folder at work: looked through when it is added, when something in it changes, and from time to time; what is new is
 * handed to who hashes (hashing.ts), what has its root is offered (share-list.ts) and kept on disk.
 */
import * as v from 'valibot';
import { basename } from 'node:path';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { LEFT_OUT_REASONS } from '../../../shared/ipc/search-model.ts';
import type { SharedFolder } from '../../../shared/ipc/search-model.ts';
import type { SharedRow, ShareStore } from '../../core/ports.ts';
import { within } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { Catalogue, pathOf } from './catalogue.ts';
import type { Difference, KnownFile } from './catalogue.ts';
import { Looks } from './looks.ts';
import type { FolderReader, HashedOutcome, WatchFolder } from './ports.ts';
import { SaveQueue } from './save-queue.ts';
import type { ShareList } from './share-list.ts';

/** What a look through all of it is made for again, though changes are told; without that, oftener. Guesses. */
const WATCHED_RECHECK_MS = 60 * 60_000;
const UNWATCHED_RECHECK_MS = 5 * 60_000;
/** A folder that is not there: a disk that was taken out may be put in again. */
const MISSING_RECHECK_MS = 30_000;
/** After the first look, changes between the look at a directory and its being watched are caught up with. */
const SECOND_LOOK_MS = 2_000;
/** A file that changed while it was hashed rests so long, doubling; who downloads or records into it writes for long. */
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
/** Changed so often, it is told to be left out. */
const TRIES_BEFORE_TOLD = 2;
/** What one batch of hashing holds: files that take turns with those of other folders. */
const BATCH_FILES = 64;
const BATCH_BYTES = 4 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** What the disk keeps of a folder. */
export const KeptFolderSchema = v.object({
  path: v.string(),
  withHidden: v.boolean(),
  stopped: v.boolean(),
  /** As it was seen last: an empty folder on another disk is the place of a disk that was taken out. */
  device: v.optional(v.string()),
});
type KeptFolder = v.InferOutput<typeof KeptFolderSchema>;

export interface FolderDeps {
  readonly clock: Clock;
  readonly store: ShareStore;
  readonly reader: FolderReader;
  readonly watch: WatchFolder;
  readonly list: ShareList;
  /** How many more files may be shared. */
  readonly room: () => number;
  /** Never entered. */
  readonly excluded: readonly string[];
  /** Figures or state changed. */
  readonly changed: () => void;
  /** There is something to hash. */
  readonly wanted: () => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class FolderWork {
  readonly number: number;
  readonly #deps: FolderDeps;
  readonly #catalogue: Catalogue;
  readonly #rate: RateEstimator;
  readonly #looks: Looks;
  readonly #saves: SaveQueue;
  readonly #retries = new Set<() => void>();
  #kept: KeptFolder;
  #abort = new AbortController();
  #waiting: KnownFile[] = [];
  #isMissing = false;
  #wasLooked = false;
  #lookedMs: number | undefined;
  #readBytes = 0;
  /** Read of files that have no root yet. */
  #inFlightBytes = 0;
  #error: string | undefined;
  #loaded: Promise<void> | undefined;

  constructor(deps: FolderDeps, number: number, kept: KeptFolder) {
    this.number = number;
    this.#deps = deps;
    this.#kept = kept;
    this.#catalogue = new Catalogue(deps.room);
    this.#rate = new RateEstimator(deps.clock);
    this.#saves = new SaveQueue(deps.store, number, (thrown) => this.#fail(thrown));
    this.#looks = new Looks({
      ...deps,
      folder: () => ({ root: this.path, withHidden: this.#kept.withHidden, excluded: deps.excluded }),
      catalogue: this.#catalogue,
      missing: (device, isEmpty) => this.#missing(device, isEmpty),
      confirmed: (files) => {
        for (const file of files) this.#offer(file);
        if (files.length > 0) this.#deps.changed();
      },
      looked: (difference, whole, cut) => this.#looked(difference, whole, cut),
      failed: (thrown) => this.#fail(thrown),
    });
  }

  get path(): string {
    return this.#kept.path;
  }

  get files(): number {
    return this.#catalogue.files;
  }

  /** Aborted when nothing of it is to be read any more. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  info(): SharedFolder {
    const { files, sizeBytes, hashedFiles, hashedBytes } = this.#catalogue;
    const state = this.#state();
    const isOffering = state !== 'stopped' && state !== 'missing';
    const counts = this.#catalogue.leftOutCounts();
    const { bytesPerSecond, secondsLeft } = this.#rate.estimate(sizeBytes - hashedBytes - this.#inFlightBytes);
    return {
      id: String(this.number),
      path: this.path,
      name: basename(this.path) || this.path,
      state,
      ...{ files, sizeBytes },
      offeredFiles: isOffering ? hashedFiles : 0,
      offeredBytes: isOffering ? hashedBytes : 0,
      ...(state === 'hashing' && bytesPerSecond !== undefined && { bytesPerSecond }),
      ...(state === 'hashing' && secondsLeft !== undefined && { secondsLeft }),
      leftOut: LEFT_OUT_REASONS.map((reason) => ({ reason, count: counts.get(reason) ?? 0 })).filter(
        ({ count }) => count > 0,
      ),
      withHidden: this.#kept.withHidden,
      watched: this.#looks.isWatched,
      ...(this.#lookedMs !== undefined && { lookedMs: this.#lookedMs }),
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }

  #state(): SharedFolder['state'] {
    if (this.#kept.stopped) return 'stopped';
    if (this.#isMissing) return 'missing';
    if (!this.#wasLooked) return 'looking';
    return this.#catalogue.hashedFiles < this.#catalogue.files ? 'hashing' : 'shared';
  }

  /** In the order of their paths. */
  sorted(): readonly KnownFile[] {
    return this.#catalogue.sorted();
  }

  leftOut(): ReturnType<Catalogue['leftOut']> {
    return this.#catalogue.leftOut();
  }

  /** Durable when it resolves. */
  keep(): Promise<void> {
    return this.#deps.store.putFolder(this.number, JSON.stringify(this.#kept));
  }

  /** What an earlier run knew; then it is looked through, unless it is stopped. Resolves when it was, or cannot be now. */
  async begin(): Promise<void> {
    this.#loaded ??= this.#deps.store.files(this.number, (rows) => this.#catalogue.load(rows));
    try {
      await this.#loaded;
    } catch (thrown) {
      // What was known is hashed again.
      this.#fail(thrown);
    }
    await this.look();
  }

  /** Looks through all of it; resolves when it has, or when it was stopped. */
  async look(): Promise<void> {
    if (this.#kept.stopped) return;
    await within(this.#looks.all(), this.signal).catch(() => undefined);
  }

  /** Nothing of it is offered, from now on. */
  async stop(): Promise<void> {
    if (this.#kept.stopped) return;
    this.#kept = { ...this.#kept, stopped: true };
    this.#halt();
    this.#catalogue.unsee();
    this.#deps.changed();
    await this.keep();
  }

  async start(): Promise<void> {
    if (!this.#kept.stopped) return;
    this.#kept = { ...this.#kept, stopped: false };
    this.#abort = new AbortController();
    this.#wasLooked = false;
    this.#deps.changed();
    await this.keep();
    this.begin().catch(this.#deps.onDefect);
  }

  /** Nothing of it is offered or known any more, here or on the disk. */
  async remove(): Promise<void> {
    this.#kept = { ...this.#kept, stopped: true };
    this.#halt();
    await this.#saves.drop();
    await this.#deps.store.dropFolder(this.number);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#looks.close();
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
    await this.#saves.flush();
  }

  #halt(): void {
    this.#abort.abort();
    this.#looks.stop();
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
    this.#waiting = [];
    this.#inFlightBytes = 0;
    this.#withdrawAll();
  }

  #withdrawAll(): void {
    for (const file of this.#catalogue.all()) if (file.root !== undefined && file.isSeen) this.#withdraw(file);
    this.#deps.list.flush();
  }

  #offer(file: KnownFile): void {
    this.#deps.list.add({ folderPath: this.path, folder: this.number, file });
  }

  #withdraw(file: KnownFile): void {
    this.#deps.list.remove(this.number, file, file.root!);
  }

  /** True when the folder is not there: nothing of the walk is to be believed. */
  #missing(device: bigint | undefined, isEmpty: boolean): boolean {
    const other = this.#kept.device !== undefined && String(device) !== this.#kept.device;
    const isMissing = device === undefined || (isEmpty && other && this.#catalogue.files > 0);
    if (isMissing && !this.#isMissing) {
      this.#withdrawAll();
      this.#catalogue.unsee();
      this.#waiting = [];
    }
    if (isMissing) this.#looks.allAfter(MISSING_RECHECK_MS);
    else if (String(device) !== this.#kept.device) {
      this.#kept = { ...this.#kept, device: String(device) };
      this.keep().catch((thrown: unknown) => this.#fail(thrown));
    }
    if (isMissing !== this.#isMissing) {
      this.#isMissing = isMissing;
      this.#deps.changed();
    }
    return isMissing;
  }

  #looked({ moved, removed, waiting }: Difference, whole: boolean, cut: boolean): void {
    for (const file of removed) this.#withdraw(file);
    for (const { from } of moved) this.#withdraw(from);
    for (const { to } of moved) this.#offer(to);
    this.#saves.add({
      put: [],
      moved: moved.map(({ from, to }) => ({ from: pathOf(from), row: rowOf(to) })),
      removed: removed.map(pathOf),
    });
    for (const file of waiting) this.#queue(file);
    if (whole) {
      const isFirst = !this.#wasLooked;
      this.#wasLooked = true;
      this.#lookedMs = this.#deps.clock.now();
      this.#error = cut ? 'There is more in it than is looked at. Share folders in it instead.' : undefined;
      const recheckMs = this.#looks.isWatched ? WATCHED_RECHECK_MS : UNWATCHED_RECHECK_MS;
      this.#looks.allAfter(isFirst && this.#looks.isWatched ? SECOND_LOOK_MS : recheckMs);
    }
    this.#deps.changed();
    if (this.#waiting.length > 0) this.#deps.wanted();
  }

  #queue(file: KnownFile): void {
    if (file.tries === 0) {
      this.#waiting.push(file);
      return;
    }
    const delayMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (file.tries - 1));
    const cancel = this.#deps.clock.after(delayMs, () => {
      this.#retries.delete(cancel);
      if (this.#catalogue.get(pathOf(file)) !== file || file.root !== undefined) return;
      this.#waiting.push(file);
      this.#deps.wanted();
    });
    this.#retries.add(cancel);
  }

  /** Files to hash next, a few; none when there are no more now. */
  take(): KnownFile[] {
    const batch: KnownFile[] = [];
    let sizeBytes = 0;
    while (batch.length < BATCH_FILES && sizeBytes < BATCH_BYTES) {
      const file = this.#waiting.pop();
      if (file === undefined) break;
      if (file.root !== undefined || this.#catalogue.get(pathOf(file)) !== file) continue;
      batch.push(file);
      sizeBytes += file.sizeBytes;
    }
    return batch;
  }

  /** So many bytes were read for it. */
  noteRead(sizeBytes: number): void {
    this.#readBytes += sizeBytes;
    this.#inFlightBytes += sizeBytes;
    this.#rate.note(this.#readBytes);
    this.#deps.changed();
  }

  /** Resolves when it can take more. */
  hashed(file: KnownFile, outcome: HashedOutcome): Promise<void> {
    this.#inFlightBytes = Math.max(0, this.#inFlightBytes - file.sizeBytes);
    switch (outcome.outcome) {
      case 'hashed': {
        const day = file.day ?? Math.floor(this.#deps.clock.now() / DAY_MS);
        // A copy: what came from a thread has a buffer of its own, three times as large.
        const known = this.#catalogue.setHashed(file, outcome.stamp, outcome.root.slice(), day);
        if (known === undefined) break;
        this.#offer(known);
        this.#saves.add({ put: [{ ...rowOf(known), hashes: outcome.hashes }], moved: [], removed: [] });
        break;
      }
      case 'changed':
        file.tries += 1;
        if (file.tries >= TRIES_BEFORE_TOLD) this.#catalogue.setProblem(file, 'changing');
        this.#queue(file);
        break;
      case 'gone':
        this.#catalogue.setProblem(file, 'unreadable');
        this.#looks.touched(file.directory);
        break;
      case 'unreadable':
        this.#catalogue.setProblem(file, 'unreadable');
        break;
      case 'too-large':
        this.#catalogue.setProblem(file, 'too-much');
    }
    return this.#saves.room();
  }

  #fail(thrown: unknown): void {
    const error = toBroadsideError(thrown);
    if (error.code === 'unexpected') this.#deps.onDefect(thrown);
    this.#error = error.message;
    this.#deps.changed();
  }
}

function rowOf(file: KnownFile): SharedRow {
  const { sizeBytes, modifiedMs, inode, root, day } = file;
  return { path: pathOf(file), sizeBytes, modifiedMs, inode, root: root!, day: day! };
}
