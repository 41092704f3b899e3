/**
 * What outlives a retrieval that was interrupted, beside its target, so that the next one to the same place goes on:
 *
 *   .NAME.ID.part/        ID from link and path; for its owner only; locked while somebody writes
 *     journal             what is on disk and verified (partial-journal.ts)
 *     data                the file or the directory itself, which takes its name by a rename
 *     old                 since when it seems too old to be gone on with, if it does
 *
 * What the journal tells of is not believed but read and checked against its digests, once, when it is gone on with.
 */
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { PIECE_BYTES } from '../../core/publish/piece.ts';
import { SEGMENT_BLOCKS } from '../../core/publish/reed-solomon.ts';
import { isOutdated } from '../flow/outdated.ts';
import { diskError } from './output-disk.ts';
import { JournalWriter, readJournal } from './partial-journal.ts';
import type { JournalEntry } from './partial-journal.ts';
import { platformName } from './platform-names.ts';

/** What is noted and checked at once: the bytes of a segment, 4 MiB. Less is fetched faster than it is explained. */
export const KEPT_SEGMENT_BYTES = SEGMENT_BLOCKS * PIECE_BYTES;
/** After that nobody goes on with it; it leaves a week later (flow/outdated.ts). Guess. */
export const MAX_PARTIAL_AGE_MS = 30 * 24 * 3_600_000;
/** That wait in one directory to be gone on with; the oldest leave. Guess. */
export const MAX_PARTIALS = 16;
/** Hexadecimal digits of the ID: enough that two links in one directory are never taken for each other. */
const ID_DIGITS = 16;
/** As in output-tree.ts. */
const MAX_NAME_BYTES = 200;
const PATTERN = /^\..+\.[0-9a-f]{16}\.part$/;
/** What is less than a segment, and not gone on with (output-tree.ts): left by a process that was killed. */
const SMALL_PATTERN = /^\..+\.[0-9]+-[0-9a-f]{8}\.part$/;
/** Nobody writes less than a segment for so long. Guess. */
const MAX_SMALL_AGE_MS = 3_600_000;

/** Takes a lock that ends with the process. Throws `data-in-use` while another has it. */
export type LockDirectory = (path: string) => { release(): void };

/** What was verified of one file by an earlier run. */
export interface KeptFile {
  readonly index: number;
  /** In the tree, on disk. */
  readonly name: string;
  /** Digests of its first segments, in hexadecimal. */
  readonly segments: readonly string[];
}

export interface PartialOptions {
  /** Directory of the target, and the name that it will have. */
  readonly directory: string;
  readonly name: string;
  readonly platform: string;
  /** What is written, as the person asked for it: link and path. */
  readonly request: string;
  /** What is written, as it was found: the link of the very edition, and the path in it. */
  readonly edition: string;
  /** Of all its files. */
  readonly sizes: readonly number[];
  /** Throw away what is there. */
  readonly restart: boolean;
  readonly lock: LockDirectory | undefined;
}

export class Partial {
  /** Where the file or directory is written. */
  readonly dataPath: string;
  /** By their index. */
  readonly kept: ReadonlyMap<number, KeptFile>;
  readonly #path: string;
  readonly #journal: JournalWriter;
  readonly #lock: { release(): void } | undefined;
  readonly #sizes: readonly number[];
  /** Segments that are noted, by the index of their file. */
  readonly #segments = new Map<number, number>();
  /** What is on its way to the disk: entries that wait for their file to be flushed. */
  #pending: { readonly file: FileHandle | undefined; readonly entry: JournalEntry }[] = [];
  #flushing: Promise<void> | undefined;
  #failure: unknown;

  private constructor(
    path: string,
    journal: JournalWriter,
    lock: { release(): void } | undefined,
    kept: ReadonlyMap<number, KeptFile>,
    sizes: readonly number[],
  ) {
    this.#path = path;
    this.dataPath = join(path, 'data');
    this.#journal = journal;
    this.#lock = lock;
    this.kept = kept;
    this.#sizes = sizes;
    for (const { index, segments } of kept.values()) this.#segments.set(index, segments.length);
  }

  /** Throws `busy` while another retrieval writes there, and what the disk says. */
  static async open(crypto: Crypto, options: PartialOptions): Promise<Partial> {
    const { directory, name, platform, sizes } = options;
    const sizeBytes = sizes.reduce((sum, each) => sum + each, 0);
    const hex = (tag: string, text: string): string => toHex(crypto.hash(tag, new TextEncoder().encode(text)));
    const short = platformName(name, platform, MAX_NAME_BYTES);
    const path = join(directory, `.${short}.${hex('partial', options.request).slice(0, ID_DIGITS)}.part`);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      if (!(await lstat(path)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'EEXIST' });
    } catch (thrown) {
      throw diskError(thrown, path);
    }
    const lock = locked(path, options.lock);
    try {
      const header = { edition: hex('partial edition', options.edition), sizeBytes };
      const journalPath = join(path, 'journal');
      const read = options.restart ? undefined : await readJournal(journalPath);
      const isSame =
        read !== undefined && read.header.edition === header.edition && read.header.sizeBytes === sizeBytes;
      const kept = isSame ? keptFiles(read.entries) : undefined;
      if (kept !== undefined) return new Partial(path, await JournalWriter.append(journalPath), lock, kept, sizes);
      await rm(join(path, 'data'), { recursive: true, force: true });
      return new Partial(path, await JournalWriter.create(journalPath, header), lock, new Map(), sizes);
    } catch (thrown) {
      lock?.release();
      throw diskError(thrown, path);
    }
  }

  /** Bytes that another run would find. */
  get keptBytes(): number {
    let sum = 0;
    for (const [index, segments] of this.#segments)
      sum += Math.min(this.#sizes[index] ?? 0, segments * KEPT_SEGMENT_BYTES);
    return sum;
  }

  /** Notes that a file was begun, or begun anew. */
  begin(index: number, name: string): void {
    this.#segments.set(index, 0);
    this.#add(undefined, ['file', index, name]);
  }

  /** Notes a segment that was written, by its digest in hexadecimal, once it is on disk. The file is to stay open until `settled`. */
  written(file: FileHandle, index: number, segment: number, digest: string): void {
    this.#segments.set(index, segment + 1);
    this.#add(file, ['segment', index, segment, digest]);
  }

  /** Resolves when all that was noted so far is on disk; throws what the disk said. */
  async settled(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    if (this.#failure !== undefined) throw diskError(this.#failure, this.#path);
  }

  /** Leaves it for another run. */
  async leave(): Promise<void> {
    await this.#close();
  }

  /** Removes it: all was written, or nothing of it is of use. */
  async remove(): Promise<void> {
    await this.#close();
    await rm(this.#path, { recursive: true, force: true });
  }

  async #close(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    await this.#journal.close();
    this.#lock?.release();
  }

  #add(file: FileHandle | undefined, entry: JournalEntry): void {
    if (this.#failure !== undefined) throw diskError(this.#failure, this.#path);
    this.#pending.push({ file, entry });
    this.#flushing ??= this.#flush()
      .catch((thrown: unknown) => {
        this.#failure = thrown;
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  /** Entries that come while the disk is at work go together with the next turn. */
  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      for (const file of new Set(batch.map((each) => each.file))) await file?.datasync();
      await this.#journal.write(batch.map(({ entry }) => entry));
    }
  }
}

/** Undefined for a journal that contradicts itself. */
function keptFiles(entries: readonly JournalEntry[]): Map<number, KeptFile> | undefined {
  const files = new Map<number, { index: number; name: string; segments: string[] }>();
  for (const entry of entries) {
    if (entry[0] === 'file') {
      // Begun anew: what was noted of it before is gone.
      files.set(entry[1], { index: entry[1], name: entry[2], segments: [] });
      continue;
    }
    const file = files.get(entry[1]);
    if (file === undefined || entry[2] !== file.segments.length) return undefined;
    file.segments.push(entry[3]);
  }
  return files;
}

function locked(path: string, lock: LockDirectory | undefined): { release(): void } | undefined {
  try {
    return lock?.(path);
  } catch (thrown) {
    if (!(thrown instanceof BroadsideError) || thrown.code !== 'data-in-use') {
      // Not offered by this file system. Two that write the same bytes to the same places do no harm.
      return undefined;
    }
    throw new BroadsideError(
      'busy',
      'The same is being written to the same place already. Wait until that has ended, or give another name with -o.',
      { cause: thrown },
    );
  }
}

async function removeOldSmall(path: string, nowMs: number): Promise<void> {
  try {
    if (nowMs - (await stat(path)).mtimeMs > MAX_SMALL_AGE_MS) await rm(path, { recursive: true, force: true });
  } catch {
    // Gone meanwhile, or not ours to remove.
  }
}

/** Removes what was left in a directory and is too old, or too much, to be gone on with; nothing that is in use. */
export async function sweepPartials(directory: string, nowMs: number, lock: LockDirectory | undefined): Promise<void> {
  const found: { readonly path: string; readonly modifiedMs: number }[] = [];
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (SMALL_PATTERN.test(entry.name)) await removeOldSmall(path, nowMs);
      if (!entry.isDirectory() || !PATTERN.test(entry.name)) continue;
      try {
        found.push({ path, modifiedMs: (await stat(join(path, 'journal'))).mtimeMs });
      } catch {
        // None of ours.
      }
    }
  } catch {
    // Whoever may write there and not look has to tidy up alone.
  }
  found.sort((a, b) => b.modifiedMs - a.modifiedMs);
  for (const [position, { path, modifiedMs }] of found.entries()) {
    const isOld = await isOutdated(join(path, 'old'), { modifiedMs, nowMs, mostMs: MAX_PARTIAL_AGE_MS });
    if (position < MAX_PARTIALS && !isOld) continue;
    try {
      const held = lock?.(path);
      held?.release();
      await rm(path, { recursive: true, force: true });
    } catch {
      // In use, or not ours to remove.
    }
  }
}
