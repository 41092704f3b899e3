/**
 * Where files wait that a browser sends, until they are published or discarded. On disk because they may be larger than
 * memory; owner-only; emptied at start-up, for nobody can ask for what an earlier run held.
 *
 * DATA/staging/ID/incoming/N     being received; never published
 * DATA/staging/ID/content/PATH   received whole
 */
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MIB } from '../../../shared/base/units.ts';
import type { Random } from '../../core/ports.ts';
import { dataDiskError } from '../flow/data-disk.ts';
import { pathProblem } from '../survey/path.ts';

/** Areas at once: a browser window uses one at a time. More are refused as busy. */
export const MAX_AREAS = 16;
/** Files in one area; as many as a publication may have. */
export const MAX_STAGED_FILES = 100_000;
/** Disk that stays free whatever is uploaded: the node's stores and the system need it. A guess. */
const RESERVE_BYTES = 256 * MIB;
/** How often the room on the disk is asked for while a file comes in. */
const ROOM_CHECK_BYTES = 64 * MIB;

interface Area {
  readonly directory: string;
  /** Top-level names and whether they are directories, in order of arrival. */
  readonly tops: Map<string, 'file' | 'directory'>;
  fileCount: number;
  receiving: number;
  nextIncoming: number;
  publishing: boolean;
}

export interface StagingOptions {
  /** DATA/staging. */
  readonly directory: string;
  readonly random: Random;
  /** Bytes free on the disk of a directory; undefined where the system does not say. */
  readonly freeBytes?: (directory: string) => Promise<number | undefined>;
}

/** What an area holds, for the survey. */
export interface StagedRoot {
  /** A file when one file was sent, else a directory. */
  readonly path: string;
  /** What a title is made of when the content has none. */
  readonly name: string;
}

export class Staging {
  readonly #options: StagingOptions;
  readonly #areas = new Map<string, Area>();

  private constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** Empties the staging directory and makes it anew. */
  static async open(options: StagingOptions): Promise<Staging> {
    try {
      await rm(options.directory, { recursive: true, force: true });
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw dataDiskError(thrown);
    }
    return new Staging(options);
  }

  /** A new area; throws `busy` when there are too many. */
  async create(): Promise<string> {
    if (this.#areas.size >= MAX_AREAS) {
      throw new BroadsideError('busy', `${MAX_AREAS} uploads wait to be published. Publish or discard one of them.`);
    }
    const id = toHex(this.#options.random.bytes(16));
    const directory = join(this.#options.directory, id);
    // Taken before the first await, so that the bound holds for calls that come together.
    const area: Area = { directory, tops: new Map(), fileCount: 0, receiving: 0, nextIncoming: 0, publishing: false };
    this.#areas.set(id, area);
    try {
      await mkdir(join(directory, 'incoming'), { recursive: true, mode: 0o700 });
      await mkdir(join(directory, 'content'), { mode: 0o700 });
    } catch (cause) {
      this.#areas.delete(id);
      throw diskError(cause);
    }
    return id;
  }

  /**
   * Receives one file whole, under its relative path ('/' between parts). Throws `usage` for a path that cannot be or
   * exists already, `no-space`, `not-found`, `cancelled`; nothing of a file that failed is kept.
   */
  async receive(
    id: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly sizeBytes?: number; readonly signal?: AbortSignal } = {},
  ): Promise<{ sizeBytes: number }> {
    const area = this.#area(id);
    if (area.publishing) throw new BroadsideError('busy', 'These files are being published. Start another upload.');
    const problem = pathProblem(path) ?? platformPathProblem(path);
    if (problem !== undefined)
      throw new BroadsideError(
        'usage',
        `The file ${JSON.stringify(path.slice(0, 200))} was not taken: its name ${problem}.`,
      );
    if (area.fileCount + area.receiving >= MAX_STAGED_FILES) {
      throw new BroadsideError('no-space', `A publication has at most ${MAX_STAGED_FILES} files. Publish it in parts.`);
    }
    const incoming = join(area.directory, 'incoming', String(area.nextIncoming));
    area.nextIncoming += 1;
    area.receiving += 1;
    try {
      await this.#checkRoom(options.sizeBytes ?? 0);
      const sizeBytes = await this.#write(incoming, bytes, options.signal);
      if (options.sizeBytes !== undefined && options.sizeBytes !== sizeBytes) {
        throw new BroadsideError(
          'usage',
          `The upload of ${JSON.stringify(path.slice(0, 200))} broke off. Send it again.`,
        );
      }
      if (!this.#areas.has(id)) throw new BroadsideError('cancelled', 'The upload was discarded.');
      await this.#settle(area, incoming, path);
      return { sizeBytes };
    } catch (thrown) {
      await rm(incoming, { force: true });
      throw diskError(thrown);
    } finally {
      area.receiving -= 1;
    }
  }

  /** What would be published. Throws `not-found` for an unknown area and `usage` for one that is empty or still fills. */
  root(id: string): StagedRoot {
    const area = this.#area(id);
    if (area.receiving > 0)
      throw new BroadsideError('busy', 'Files are still being received. Try again when all have arrived.');
    if (area.fileCount === 0)
      throw new BroadsideError('usage', 'No file has been received yet. Choose a file to publish.');
    const content = join(area.directory, 'content');
    const first = area.tops.keys().next().value!;
    if (area.tops.size === 1) return { path: join(content, first), name: first };
    return { path: content, name: `${first} and ${area.tops.size - 1} more` };
  }

  /** Takes an area for publishing: nothing more is received, and discarding waits for `remove`. */
  hold(id: string): StagedRoot {
    const root = this.root(id);
    const area = this.#area(id);
    if (area.publishing) throw new BroadsideError('busy', 'These files are being published already.');
    area.publishing = true;
    return root;
  }

  /** For publishing that failed: the files stay, so that it can be tried again. */
  release(id: string): void {
    const area = this.#areas.get(id);
    if (area !== undefined) area.publishing = false;
  }

  /** Takes an area away with its files. One that is being published is refused as busy; an unknown one is no error. */
  async discard(id: string): Promise<void> {
    if (this.#areas.get(id)?.publishing === true) {
      throw new BroadsideError('busy', 'These files are being published. Cancel that first.');
    }
    await this.remove(id);
  }

  /** As discard, after publishing. */
  async remove(id: string): Promise<void> {
    const area = this.#areas.get(id);
    if (area === undefined) return;
    this.#areas.delete(id);
    await rm(area.directory, { recursive: true, force: true });
  }

  /** A new empty directory for copies that a job makes of what it publishes. */
  async scratch(): Promise<string> {
    await this.#checkRoom(0);
    const directory = join(this.#options.directory, `scratch-${toHex(this.#options.random.bytes(16))}`);
    try {
      await mkdir(directory, { mode: 0o700 });
    } catch (thrown) {
      throw diskError(thrown);
    }
    return directory;
  }

  /** Takes such a directory away with what is in it. */
  async removeScratch(directory: string): Promise<void> {
    if (dirname(directory) !== this.#options.directory) throw new Error(`${directory} is not in the staging area`);
    await rm(directory, { recursive: true, force: true });
  }

  /** Empties everything; for when the program ends. */
  async close(): Promise<void> {
    this.#areas.clear();
    for (const name of await readdir(this.#options.directory)) {
      await rm(join(this.#options.directory, name), { recursive: true, force: true });
    }
  }

  #area(id: string): Area {
    const area = this.#areas.get(id);
    if (area === undefined) {
      throw new BroadsideError(
        'not-found',
        'This upload is not known. The node was restarted or it was discarded: start again.',
      );
    }
    return area;
  }

  async #write(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<number> {
    const file = await open(path, 'wx', 0o600);
    let sizeBytes = 0;
    let sinceCheckBytes = 0;
    try {
      for await (const chunk of bytes) {
        if (signal?.aborted === true) throw new BroadsideError('cancelled', 'The upload was cancelled.');
        sizeBytes += chunk.length;
        sinceCheckBytes += chunk.length;
        if (sinceCheckBytes >= ROOM_CHECK_BYTES) {
          await this.#checkRoom(0);
          sinceCheckBytes = 0;
        }
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    return sizeBytes;
  }

  async #settle(area: Area, incoming: string, path: string): Promise<void> {
    const final = join(area.directory, 'content', ...path.split('/'));
    await mkdir(dirname(final), { recursive: true, mode: 0o700 });
    // A file is never replaced: two files of a folder that a file system without case cannot tell apart would become one.
    const reserved = await open(final, 'wx', 0o600);
    await reserved.close();
    try {
      await rename(incoming, final);
    } catch (thrown) {
      await rm(final, { force: true });
      throw thrown;
    }
    const [top, rest] = [path.split('/')[0]!, path.includes('/')];
    area.tops.set(top, rest ? 'directory' : 'file');
    area.fileCount += 1;
  }

  async #checkRoom(neededBytes: number): Promise<void> {
    const free = await (this.#options.freeBytes ?? freeBytesOf)(this.#options.directory);
    if (free !== undefined && free - neededBytes < RESERVE_BYTES) {
      throw new BroadsideError(
        'no-space',
        'The disk of the data directory is full. Free some space, or publish from the command line, which needs no copy.',
      );
    }
  }
}

async function freeBytesOf(directory: string): Promise<number | undefined> {
  try {
    const stats = await statfs(directory);
    return stats.bavail * stats.bsize;
  } catch {
    return undefined;
  }
}

/** What Windows reads as a separator, a drive or a stream of another file. */
function platformPathProblem(path: string): string | undefined {
  if (process.platform !== 'win32') return undefined;
  return /[\\:*?"<>|]/u.test(path) ? 'has a character that Windows does not allow' : undefined;
}

function diskError(thrown: unknown): unknown {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case 'EEXIST':
      return new BroadsideError('usage', 'A file of this name was sent already.', { cause: thrown });
    case 'ENOTDIR':
    case 'EISDIR':
      return new BroadsideError('usage', 'A file and a folder have the same name.', { cause: thrown });
    case 'ENAMETOOLONG':
      return new BroadsideError('usage', 'The name of a file is too long for this disk.', { cause: thrown });
    default:
      return dataDiskError(thrown);
  }
}
