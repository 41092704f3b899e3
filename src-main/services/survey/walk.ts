/** Walks what is to be published: regular files only, nothing followed, everything bounded, all left out named with a reason. */
import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { compareUtf8 } from '../../../shared/base/paths.ts';
import { pathProblem } from './path.ts';
import { readError } from './regular-file.ts';

/** Files of one publication; its manifest stays below some tens of MiB. */
export const MAX_FILES = 100_000;
/** Entries looked at, those left out included: a directory of a million links must not keep the node busy. */
export const MAX_ENTRIES = 250_000;
/** Things left out that are listed by name; the rest is only left out. */
export const MAX_REFUSED_LISTED = 1_000;

/** Written by systems, meant for no reader; .git holds what was taken out, too. */
const SYSTEM_NAMES: Readonly<Record<string, string>> = {
  '.DS_Store': 'written by the system for itself',
  'Thumbs.db': 'written by the system for itself',
  'desktop.ini': 'written by the system for itself',
  '.git': 'history of the work, which may hold what was taken out',
};

export interface WalkedFile {
  /** Inside the publication, '/' between parts; for a single file its name. */
  readonly path: string;
  readonly absolutePath: string;
  readonly sizeBytes: number;
}

export interface Refusal {
  readonly path: string;
  readonly reason: string;
}

export interface Walk {
  readonly root: 'file' | 'directory';
  /** In the order of a manifest. */
  readonly files: readonly WalkedFile[];
  /** At most MAX_REFUSED_LISTED. */
  readonly refused: readonly Refusal[];
}

/** Throws `usage` when the root is neither file nor directory, when something cannot be read, or a bound is passed. */
export async function walk(root: string, signal?: AbortSignal): Promise<Walk> {
  const name = basename(root);
  const stats = await lstatOf(root, root);
  if (stats.isFile()) {
    const problem = pathProblem(name);
    if (problem !== undefined)
      throw new BroadsideError('usage', `${root} cannot be published: its name ${problem}. Rename it.`);
    return { root: 'file', files: [{ path: name, absolutePath: root, sizeBytes: stats.size }], refused: [] };
  }
  if (!stats.isDirectory()) {
    throw new BroadsideError(
      'usage',
      `${root} is ${kindOf(stats)}, not a file or a directory. Name what is to be published itself.`,
    );
  }
  const walker = new Walker(signal);
  await walker.directory(root, '');
  walker.files.sort((a, b) => compareUtf8(a.path, b.path));
  return { root: 'directory', files: walker.files, refused: walker.refused };
}

class Walker {
  readonly files: WalkedFile[] = [];
  readonly refused: Refusal[] = [];
  readonly #signal: AbortSignal | undefined;
  #entries = 0;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** `prefix` is empty or ends in '/'. Depth is bounded by pathProblem, so the recursion is. */
  async directory(absolutePath: string, prefix: string): Promise<void> {
    const shown = prefix === '' ? absolutePath : prefix.slice(0, -1);
    try {
      // Names as bytes: one that is not UTF-8 must be seen as it is, not as something that resembles it.
      const entries = await opendir(absolutePath, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
      for await (const entry of entries as unknown as AsyncIterable<Dirent<Buffer>>) {
        this.#signal?.throwIfAborted();
        this.#entries += 1;
        if (this.#entries > MAX_ENTRIES) {
          throw new BroadsideError(
            'usage',
            `This directory has more than ${MAX_ENTRIES} entries. Publish it in parts.`,
          );
        }
        await this.#entry(absolutePath, prefix, entry.name);
      }
    } catch (thrown) {
      if (this.#signal?.aborted === true) throw thrown;
      throw readError(thrown, shown);
    }
  }

  async #entry(directory: string, prefix: string, raw: Buffer): Promise<void> {
    const name = decodeName(raw);
    if (name === undefined) {
      this.#refuse(prefix + raw.toString('latin1'), 'its name is not valid UTF-8');
      return;
    }
    const path = prefix + name;
    if (Object.hasOwn(SYSTEM_NAMES, name)) {
      this.#refuse(path, SYSTEM_NAMES[name]!);
      return;
    }
    const problem = pathProblem(path);
    if (problem !== undefined) {
      this.#refuse(path, `its name ${problem}`);
      return;
    }
    const absolutePath = join(directory, name);
    const stats = await lstatOf(absolutePath, path);
    if (stats.isDirectory()) {
      await this.directory(absolutePath, `${path}/`);
    } else if (stats.isFile()) {
      if (this.files.length >= MAX_FILES) {
        throw new BroadsideError('usage', `A publication has at most ${MAX_FILES} files. Publish it in parts.`);
      }
      this.files.push({ path, absolutePath, sizeBytes: stats.size });
    } else {
      this.#refuse(path, `${kindOf(stats)}, which is not followed`);
    }
  }

  #refuse(path: string, reason: string): void {
    if (this.refused.length < MAX_REFUSED_LISTED)
      this.refused.push({ path: path.toWellFormed().slice(0, 4096), reason });
  }
}

function decodeName(raw: Buffer): string | undefined {
  const name = raw.toString('utf8');
  return Buffer.from(name, 'utf8').equals(raw) ? name : undefined;
}

async function lstatOf(path: string, shown: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (cause) {
    throw readError(cause, shown);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device';
  return 'something else than a file';
}
