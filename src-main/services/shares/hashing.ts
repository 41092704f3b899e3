/** Hashes what shared folders have to be hashed, a few files at a time, folder by folder in turn, within the limit. */
import type { Clock } from '../jobs/clock.ts';
import type { FolderWork } from './folder.ts';
import { pathOf } from './catalogue.ts';
import type { KnownFile } from './catalogue.ts';
import { Pace } from './pace.ts';
import type { FolderReader } from './ports.ts';

export interface HashingDeps {
  readonly clock: Clock;
  readonly reader: FolderReader;
  /** Batches at once. */
  readonly lanes: number;
  readonly bytesPerSecond: () => number;
  readonly folders: () => readonly FolderWork[];
  readonly onDefect: (thrown: unknown) => void;
}

export class Hashing {
  readonly #deps: HashingDeps;
  readonly #pace: Pace;
  readonly #lanes = new Set<Promise<void>>();
  #turn = 0;
  #closed = false;

  constructor(deps: HashingDeps) {
    this.#deps = deps;
    this.#pace = new Pace(deps.clock, deps.bytesPerSecond);
  }

  /** There may be something to hash. */
  go(): void {
    while (!this.#closed && this.#lanes.size < this.#deps.lanes) {
      const next = this.#next();
      if (next === undefined) return;
      const lane = this.#run(next).finally(() => {
        this.#lanes.delete(lane);
        // Something may have come between its last question and now.
        this.go();
      });
      this.#lanes.add(lane);
    }
  }

  /** Resolves when nothing is under way any more; folders are stopped by whoever closes them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes);
  }

  #next(): { folder: FolderWork; files: KnownFile[] } | undefined {
    const folders = this.#deps.folders();
    for (let tried = 0; tried < folders.length; tried += 1) {
      this.#turn = (this.#turn + 1) % folders.length;
      const folder = folders[this.#turn]!;
      const files = folder.signal.aborted ? [] : folder.take();
      if (files.length > 0) return { folder, files };
    }
    return undefined;
  }

  async #run(first: { folder: FolderWork; files: KnownFile[] }): Promise<void> {
    for (let next: typeof first | undefined = first; next !== undefined && !this.#closed; next = this.#next()) {
      try {
        await this.#hash(next.folder, next.files);
      } catch (thrown) {
        this.#deps.onDefect(thrown);
      }
    }
  }

  async #hash(folder: FolderWork, files: readonly KnownFile[]): Promise<void> {
    const { signal } = folder;
    const byPath = new Map(files.map((file) => [pathOf(file), file]));
    try {
      await this.#deps.reader.hash(
        { root: folder.path, paths: [...byPath.keys()] },
        async ({ sizeBytes, files: outcomes }) => {
          if (!signal.aborted) folder.noteRead(sizeBytes);
          for (const outcome of outcomes) {
            const file = byPath.get(outcome.path);
            byPath.delete(outcome.path);
            if (file !== undefined && !signal.aborted) await folder.hashed(file, outcome);
          }
          await this.#pace.take(sizeBytes, signal);
        },
        signal,
      );
    } catch (thrown) {
      if (signal.aborted) return;
      // Its thread died: what it was at is told to be unreadable, and tried again with the next look.
      for (const file of byPath.values()) await folder.hashed(file, { path: pathOf(file), outcome: 'unreadable' });
      throw thrown;
    }
  }
}
