/**
 * Where files wait that a browser sends, until they are published or discarded. On disk because they may be larger than
 * memory; owner-only.
 *
 * DATA/staging/ID/chosen.json    what was chosen, as a digest: who chooses the same again goes on with this area
 * DATA/staging/ID/incoming/NAME  being received, or what came of it before it broke off; NAME by its path; never published
 * DATA/staging/ID/content/PATH   received whole
 *
 * With `keeps`, areas outlive the run that took them, so that an upload goes on after a restart of the node or of the page.
 * Otherwise, where what is on disk is locked with a passphrase, all is emptied at start and end: it lies in clear here.
 */
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MIB } from '../../../shared/base/units.ts';
import type { Random } from '../../core/ports.ts';
import { dataDiskError } from '../flow/data-disk.ts';
import {
  CHOSEN_FILE,
  checkPath,
  chosenIn,
  digestsOf,
  diskError,
  finalOf,
  freeBytesOf,
  incomingOf,
  isFile,
  lastUseMs,
  openAt,
  untilAborted,
  writeAll,
} from './area-files.ts';
import type { AreaPlace, StagedParts } from './area-files.ts';

/** Areas at once: a browser window uses one at a time. More are refused as busy. */
export const MAX_AREAS = 16;
/** Files in one area; as many as a publication may have. */
export const MAX_STAGED_FILES = 100_000;
/** Disk that stays free whatever is uploaded: the node's stores and the system need it. A guess. */
const RESERVE_BYTES = 256 * MIB;
/** How often the room on the disk is asked for while a file comes in. */
const ROOM_CHECK_BYTES = 64 * MIB;
/** After so long nobody comes back to go on with an upload; what lies here lies in clear. Guess. */
export const KEPT_MS = 24 * 3_600_000;
const AREA = /^[0-9a-f]{32}$/;

/** One file on its way. */
interface Receiving {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

interface Area extends AreaPlace {
  /** Digest of what was chosen, by path, size and time; areas without one are not gone on with. */
  readonly chosen: string | undefined;
  /** Top-level names and whether they are directories, in order of arrival. */
  readonly tops: Map<string, 'file' | 'directory'>;
  fileCount: number;
  /** By path. */
  readonly receiving: Map<string, Receiving>;
  publishing: boolean;
  /** Made by an earlier run, and not asked for in this one. */
  isLeft: boolean;
}

export interface StagingOptions {
  /** DATA/staging. */
  readonly directory: string;
  readonly random: Random;
  /** Areas stay over the end of the run, for a day: what time it is, in milliseconds since 1970. */
  readonly keeps?: { readonly now: () => number } | undefined;
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

  /** Empties the staging directory and makes it anew; or, with `keeps`, looks for what an earlier run left to be gone on with. */
  static async open(options: StagingOptions): Promise<Staging> {
    const staging = new Staging(options);
    try {
      if (options.keeps === undefined) await rm(options.directory, { recursive: true, force: true });
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      if (options.keeps !== undefined) await staging.#findLeft(options.keeps.now());
    } catch (thrown) {
      throw dataDiskError(thrown);
    }
    return staging;
  }

  /**
   * The area of what was chosen, if there is one; else a new one. Whoever still sends to it is stopped: a page that was loaded anew is
   * quicker than the end of its connections. Throws `busy` when there are too many.
   */
  async stage(chosen: string): Promise<{ readonly staging: string; readonly resumed: boolean }> {
    for (const [id, area] of this.#areas) {
      if (area.chosen !== chosen || area.publishing) continue;
      area.isLeft = false;
      await stopAll(area);
      return { staging: id, resumed: true };
    }
    return { staging: await this.create(chosen), resumed: false };
  }

  /** A new area; throws `busy` when there are too many. */
  async create(chosen?: string): Promise<string> {
    await this.#makeRoom();
    if (this.#areas.size >= MAX_AREAS) {
      throw new BroadsideError('busy', `${MAX_AREAS} uploads wait to be published. Publish or discard one of them.`);
    }
    const id = toHex(this.#options.random.bytes(16));
    const directory = join(this.#options.directory, id);
    // Taken before the first await, so that the bound holds for calls that come together.
    const area: Area = {
      ...{ directory, chosen, tops: new Map(), fileCount: 0, receiving: new Map() },
      ...{ publishing: false, isLeft: false },
    };
    this.#areas.set(id, area);
    try {
      await mkdir(join(directory, 'incoming'), { recursive: true, mode: 0o700 });
      await mkdir(join(directory, 'content'), { mode: 0o700 });
      if (chosen !== undefined)
        await writeFile(join(directory, CHOSEN_FILE), JSON.stringify({ chosen }), { mode: 0o600 });
    } catch (cause) {
      this.#areas.delete(id);
      throw diskError(cause);
    }
    return id;
  }

  /**
   * Receives one file, under its relative path ('/' between parts); from `from` on, where that much of it is here. Throws `usage` for a
   * path that cannot be or exists already, `no-space`, `not-found`, `cancelled`. What came before it broke off stays, for who goes on.
   * The later of two that send the same file counts.
   */
  async receive(
    id: string,
    path: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly sizeBytes?: number; readonly from?: number; readonly signal?: AbortSignal } = {},
  ): Promise<{ sizeBytes: number }> {
    const area = this.#area(id);
    checkPath(path);
    await this.#takeOver(area, path);
    if (area.publishing) throw new BroadsideError('busy', 'These files are being published. Start another upload.');
    if (area.fileCount + area.receiving.size >= MAX_STAGED_FILES) {
      throw new BroadsideError('no-space', `A publication has at most ${MAX_STAGED_FILES} files. Publish it in parts.`);
    }
    const stop = new AbortController();
    const ended = Promise.withResolvers<void>();
    const own: Receiving = { stop, ended: ended.promise };
    area.receiving.set(path, own);
    const incoming = incomingOf(area, path);
    try {
      const { from = 0 } = options;
      await this.#checkRoom(Math.max(0, (options.sizeBytes ?? 0) - from));
      const sizeBytes = await this.#write(
        incoming,
        bytes,
        from,
        AbortSignal.any([stop.signal, options.signal ?? stop.signal]),
      );
      if (options.sizeBytes !== undefined && options.sizeBytes !== sizeBytes) {
        throw new BroadsideError(
          'usage',
          `The upload of ${JSON.stringify(path.slice(0, 200))} broke off. Send it again.`,
        );
      }
      if (!this.#areas.has(id)) throw new BroadsideError('cancelled', 'The upload was discarded.');
      await this.#settle(area, incoming, path).catch(async (thrown: unknown) => {
        await rm(incoming, { force: true });
        throw thrown;
      });
      return { sizeBytes };
    } catch (thrown) {
      const error = diskError(thrown);
      // It would only keep the room that is wanting.
      if (error instanceof BroadsideError && error.code === 'no-space') await rm(incoming, { force: true });
      throw error;
    } finally {
      if (area.receiving.get(path) === own) area.receiving.delete(path);
      ended.resolve();
    }
  }

  /** What is here of a file, part by part from part `from` on. Whoever still sends it is stopped. Throws `not-found`, `usage`. */
  async parts(id: string, path: string, from: number): Promise<StagedParts> {
    const area = this.#area(id);
    checkPath(path);
    await this.#takeOver(area, path);
    const final = finalOf(area, path);
    try {
      const isWhole = await isFile(final);
      const file = isWhole ? final : incomingOf(area, path);
      if (!isWhole && !(await isFile(file))) return { sizeBytes: 0, isWhole, digests: [] };
      return await digestsOf(file, isWhole, from);
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  /** What would be published. Throws `not-found` for an unknown area and `usage` for one that is empty or still fills. */
  root(id: string): StagedRoot {
    const area = this.#area(id);
    if (area.receiving.size > 0)
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
    await stopAll(area);
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

  /** Empties everything but what may be gone on with; for when the program ends. */
  async close(): Promise<void> {
    const areas = new Map(this.#areas);
    this.#areas.clear();
    for (const area of areas.values()) await stopAll(area);
    const { keeps } = this.#options;
    for (const name of await readdir(this.#options.directory)) {
      if (keeps !== undefined && areas.get(name)?.chosen !== undefined) continue;
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

  /** Areas that an earlier run left and can be gone on with; all else of it goes. */
  async #findLeft(nowMs: number): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const chosen = AREA.test(name) ? await chosenIn(path) : undefined;
      const isOld = chosen !== undefined && nowMs - (await lastUseMs({ directory: path })) > KEPT_MS;
      if (chosen === undefined || isOld || this.#areas.size >= MAX_AREAS) {
        await rm(path, { recursive: true, force: true });
        continue;
      }
      const content = join(path, 'content');
      const tops = await readdir(content, { withFileTypes: true });
      const all = await readdir(content, { withFileTypes: true, recursive: true });
      this.#areas.set(name, {
        ...{ directory: path, chosen, receiving: new Map(), publishing: false, isLeft: true },
        tops: new Map(tops.map((entry) => [entry.name, entry.isDirectory() ? 'directory' : 'file'])),
        fileCount: all.filter((entry) => entry.isFile()).length,
      });
    }
  }

  /** What nobody came back to leaves, and what an earlier run left gives way to what is wanted now. */
  async #makeRoom(): Promise<void> {
    const nowMs = this.#options.keeps?.now();
    for (const [id, area] of nowMs === undefined ? [] : [...this.#areas]) {
      const isIdle = area.chosen !== undefined && !area.publishing && area.receiving.size === 0;
      if (isIdle && nowMs! - (await lastUseMs(area)) > KEPT_MS) await this.remove(id);
    }
    if (this.#areas.size < MAX_AREAS) return;
    const left = [...this.#areas].find(([, area]) => area.isLeft && !area.publishing && area.receiving.size === 0);
    if (left !== undefined) await this.remove(left[0]);
  }

  async #takeOver(area: Area, path: string): Promise<void> {
    for (let before = area.receiving.get(path); before !== undefined; before = area.receiving.get(path)) {
      before.stop.abort();
      await before.ended;
    }
  }

  async #write(path: string, bytes: AsyncIterable<Uint8Array>, from: number, signal: AbortSignal): Promise<number> {
    const file = await openAt(path, from);
    let sizeBytes = from;
    let sinceCheckBytes = 0;
    try {
      for await (const chunk of untilAborted(bytes, signal)) {
        await writeAll(file, chunk, sizeBytes);
        sizeBytes += chunk.length;
        sinceCheckBytes += chunk.length;
        if (sinceCheckBytes >= ROOM_CHECK_BYTES) {
          await this.#checkRoom(0);
          sinceCheckBytes = 0;
        }
      }
    } finally {
      await file.close();
    }
    return sizeBytes;
  }

  async #settle(area: Area, incoming: string, path: string): Promise<void> {
    const final = finalOf(area, path);
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

async function stopAll(area: Area): Promise<void> {
  for (const { stop } of area.receiving.values()) stop.abort();
  await Promise.all([...area.receiving.values()].map(({ ended }) => ended));
}
