/**
 * Moves a data directory that no node runs on: everything is copied and read back, one rename of `moved.json` makes the copy the one that
 * counts, and only then the old files go. Whenever it stops before that rename, the old one counts and is whole; `moving.json` in the
 * target says that what is there is half of a copy, which the next move begins anew.
 */
import { createHash } from 'node:crypto';
import { access, chmod, constants, lstat, mkdir, open, readdir, realpath, rm, utimes } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import { formatSize } from '../../shared/base/size.ts';
import { MIB } from '../../shared/base/units.ts';
import { lockDataDirectory } from '../storage/files/data-lock.ts';
import { fileErrorCode, replaceFile, syncDirectory, toFileError } from '../storage/files/durable-file.ts';
import { readJsonFile } from './data-directory.ts';
import { freeBytesOf } from './free-bytes.ts';
import { followMoved, MOVED, MOVING, removeOld } from './moved.ts';

/** What is of a running node, of the browser in the desktop app's window, or can be made anew: not copied. */
const LEFT_BEHIND = new Set([
  ...['lock', 'lock-holder', 'holder.json', 'daemon.json'],
  ...['staging', 'practice', 'window', MOVED, MOVING],
]);
/** Room that has to be left on the disk beside the copy. Guess: databases grow at their next start. */
const SPARE_BYTES = 64 * MIB;
const READ_BYTES = MIB;

export interface MoveOptions {
  /** Its lock is held by the caller. */
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal;
  /** Copying, then reading back: twice the size in all. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Free bytes of the disk that a path is on; for tests of a full one. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

/** What is known before anything is copied. */
export interface MoveCheck {
  /** Absolute. */
  readonly to: string;
  readonly sizeBytes: number;
  /** On the disk that it would go to. */
  readonly freeBytes: number;
}

interface Entry {
  /** Below the directory. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly isFolder: boolean;
  readonly modifiedMs: number;
}

/** The absolute path of where it is now. Throws `usage`, `no-space`, `damaged` when the copy reads otherwise, `cancelled`. */
export async function moveData(options: MoveOptions): Promise<string> {
  const { from, signal } = options;
  const { to, wasThere, entries, sizeBytes } = await lookAt(from, options.to, options.freeBytes);
  /** It was moved from there before, and comes back. */
  const wasLedBack = leadsTo(to, from);
  try {
    await mkdir(to, { recursive: true, mode: 0o700 });
    await chmod(to, 0o700);
    await emptyHalf(to);
    await replaceFile(join(to, MOVING), new TextEncoder().encode(JSON.stringify({ from })));
    const progress = counted(options, sizeBytes * 2);
    const digests = await copyAll(entries, from, to, signal, progress);
    for (const [path, digest] of digests) {
      const read = await digestOf(join(to, path), signal, progress);
      if (read === digest) continue;
      throw new BroadsideError(
        'damaged',
        `What was copied to ${join(to, path)} reads otherwise than it was written. Choose another disk; nothing was changed.`,
      );
    }
    await tryLock(to);
    await rm(join(to, MOVING));
    await syncDirectory(to);
    signal.throwIfAborted();
    // Both are whole here, whichever of them is led to.
    await rm(join(to, MOVED), { force: true });
    await replaceFile(join(from, MOVED), new TextEncoder().encode(JSON.stringify({ to })));
  } catch (thrown) {
    await emptyHalf(to, true).catch(() => undefined);
    if (wasLedBack) await replaceFile(join(to, MOVED), new TextEncoder().encode(JSON.stringify({ to: from })));
    if (!wasThere) await rm(to, { recursive: true, force: true }).catch(() => undefined);
    throw toFileError(thrown, to);
  }
  removeOld(from);
  return to;
}

/** As much as can be said while a node still runs on it. Throws as moveData. */
export async function checkMove(from: string, to: string, freeBytes = freeBytesOf): Promise<MoveCheck> {
  const { entries: _, wasThere: __, ...check } = await lookAt(from, to, freeBytes);
  return check;
}

/** What would be copied. */
export async function sizeOfData(path: string): Promise<number> {
  return totalOf(await entriesOf(path));
}

async function lookAt(
  from: string,
  target: string,
  freeBytes = freeBytesOf,
): Promise<MoveCheck & { readonly entries: readonly Entry[]; readonly wasThere: boolean }> {
  const to = resolve(target);
  // By what they lead to: a link into the directory would be removed with it.
  const [here, there] = await Promise.all([realPathOf(from), realPathOf(to)]);
  if (isWithin(there, here) || isWithin(here, there))
    throw new BroadsideError('usage', `${to} and ${from} lie in each other. Choose a directory apart from it.`);
  const wasThere = await checkTarget(to, from);
  const entries = await entriesOf(from);
  const sizeBytes = totalOf(entries);
  const freeThere = await freeBytes(wasThere ? to : dirname(to));
  if (freeThere < sizeBytes + SPARE_BYTES) {
    throw new BroadsideError(
      'no-space',
      `${formatSize(sizeBytes)} have to go to ${to}, and ${formatSize(freeThere)} are free there. Free some room or choose another disk; nothing was changed.`,
    );
  }
  return { to, sizeBytes, freeBytes: freeThere, entries, wasThere };
}

/** Of what is there; of the rest the name as it is given. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await realPathOf(folder), basename(path));
  }
}

/** Some disks of networks and of other systems have no locks, and a node could not start there. Leaves nothing behind. */
async function tryLock(to: string): Promise<void> {
  try {
    lockDataDirectory(to).release();
  } catch (cause) {
    throw new BroadsideError(
      'usage',
      `No lock can be held in ${to}, so two nodes could spoil it. Choose a directory on another disk; nothing was changed.`,
      { cause },
    );
  }
  await rm(join(to, 'lock'), { force: true });
}

/** Whether it is there. Throws `usage` for what holds anything but half of this very move, or cannot be written. */
async function checkTarget(to: string, from: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(to);
    await access(to, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') throw new BroadsideError('usage', `${to} is a file. Choose a directory.`);
    if (code !== 'ENOENT') throw notWritable(to);
    await access(dirname(to), constants.W_OK | constants.X_OK).catch(() => {
      throw notWritable(dirname(to));
    });
    return false;
  }
  const half = readJsonFile(join(to, MOVING)) as { from?: unknown } | undefined;
  const isOld = leadsTo(to, from) && names.every((name) => name === MOVED || name === 'lock');
  if (names.length > 0 && half?.from !== from && !isOld)
    throw new BroadsideError(
      'usage',
      `${to} is not empty. Choose a directory that is empty, or a new one; nothing was changed.`,
    );
  return true;
}

/** By whatever steps: it was moved from there, and perhaps on. */
function leadsTo(place: string, path: string): boolean {
  try {
    return place !== path && followMoved(place) === path;
  } catch {
    return false;
  }
}

function notWritable(path: string): BroadsideError {
  return new BroadsideError(
    'usage',
    `There is no right to write to ${path}, or it is not there. Choose another directory; nothing was changed.`,
  );
}

/** Folders before what is in them. Throws `usage` for what is no file and no folder: it was not put there by this program. */
async function entriesOf(root: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const name of await namesIn(root, folder)) {
      if (folder === '' && LEFT_BEHIND.has(name)) continue;
      const path = folder === '' ? name : join(folder, name);
      const entry = await lstat(join(root, path)).catch((thrown: unknown) => {
        // A node that runs takes away what it needs no more.
        if (fileErrorCode(thrown) === 'ENOENT') return undefined;
        throw toFileError(thrown, join(root, path));
      });
      if (entry === undefined || entry.isSocket()) continue;
      if (!entry.isFile() && !entry.isDirectory())
        throw new BroadsideError(
          'usage',
          `${join(root, path)} is neither a file nor a folder. Take it away, then try again.`,
        );
      const isFolder = entry.isDirectory();
      entries.push({ path, sizeBytes: isFolder ? 0 : entry.size, isFolder, modifiedMs: entry.mtimeMs });
      if (isFolder) await walk(path);
    }
  };
  await walk('');
  return entries;
}

/** None of a folder that a node that runs took away. */
async function namesIn(root: string, folder: string): Promise<string[]> {
  try {
    return (await readdir(join(root, folder))).toSorted();
  } catch (thrown) {
    if (folder !== '' && fileErrorCode(thrown) === 'ENOENT') return [];
    throw toFileError(thrown, join(root, folder));
  }
}

function totalOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** SHA-256 of each file as it was read. */
async function copyAll(
  entries: readonly Entry[],
  from: string,
  to: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const { path, isFolder, modifiedMs } of entries) {
    if (isFolder) {
      await mkdir(join(to, path), { mode: 0o700 });
      continue;
    }
    const target = await open(join(to, path), 'wx', 0o600);
    try {
      digests.set(path, await readAll(join(from, path), signal, progress, (bytes) => target.writeFile(bytes)));
      await target.sync();
    } finally {
      await target.close();
    }
    // Journals count their age from when they were last written.
    await utimes(join(to, path), new Date(modifiedMs), new Date(modifiedMs));
  }
  for (const { path, isFolder } of entries) if (isFolder) await syncDirectory(join(to, path));
  return digests;
}

const digestOf = (path: string, signal: AbortSignal, progress: (bytes: number) => void): Promise<string> =>
  readAll(path, signal, progress, async () => undefined);

async function readAll(
  path: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
  use: (bytes: Uint8Array) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return digest.digest('hex');
      const bytes = buffer.subarray(0, bytesRead);
      digest.update(bytes);
      await use(bytes);
      progress(bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Removes half of a copy. `afterwards`: its mark, too. */
async function emptyHalf(to: string, afterwards = false): Promise<void> {
  for (const name of await readdir(to)) {
    if (name === 'lock' || name === MOVED || (name === MOVING && !afterwards)) continue;
    await rm(join(to, name), { recursive: true, force: true });
  }
}

function counted({ onProgress }: MoveOptions, totalBytes: number): (bytes: number) => void {
  let done = 0;
  return (bytes) => onProgress((done += bytes), totalBytes);
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}
