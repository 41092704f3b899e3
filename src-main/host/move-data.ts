/**
 * Moves a data directory that no node runs on: everything is copied and read back, one rename of `moved.json` makes the copy the one that
 * counts, and only then the old files go. Whenever it stops before that rename, the old one counts and is whole; `moving.json` in the
 * target says that what is there is half of a copy, which the next move begins anew.
 */
import { createHash } from 'node:crypto';
import { access, chmod, constants, lstat, mkdir, open, readdir, rm, statfs, utimes } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import { formatSize } from '../../shared/base/size.ts';
import { MIB } from '../../shared/base/units.ts';
import { replaceFile, syncDirectory, toFileError } from '../storage/files/durable-file.ts';
import { readJsonFile } from './data-directory.ts';
import { MOVED, MOVING, removeOld } from './moved.ts';

/** What is of a running node, or can be made anew: not copied. */
const LEFT_BEHIND = new Set(['lock', 'holder.json', 'daemon.json', 'staging', MOVED, MOVING]);
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

interface Entry {
  /** Below the directory. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly isFolder: boolean;
  readonly modifiedMs: number;
}

/** The absolute path of where it is now. Throws `usage`, `no-space`, `damaged` when the copy reads otherwise, `cancelled`. */
export async function moveData(options: MoveOptions): Promise<string> {
  const { from, signal, freeBytes = freeBytesOf } = options;
  const to = resolve(options.to);
  if (isWithin(to, from) || isWithin(from, to))
    throw new BroadsideError('usage', `${to} and ${from} lie in each other. Choose a directory apart from it.`);
  const wasThere = await checkTarget(to, from);
  /** It was moved from there before, and comes back. */
  const wasLedBack = leadsTo(to, from);
  const entries = await entriesOf(from);
  const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  const freeThere = await freeBytes(wasThere ? to : dirname(to));
  if (freeThere < sizeBytes + SPARE_BYTES) {
    throw new BroadsideError(
      'no-space',
      `${formatSize(sizeBytes)} have to go to ${to}, and ${formatSize(freeThere)} are free there. Free some room or choose another disk; nothing was changed.`,
    );
  }
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

function leadsTo(place: string, path: string): boolean {
  return (readJsonFile(join(place, MOVED)) as { to?: unknown } | undefined)?.to === path;
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
    for (const name of (await readdir(join(root, folder))).toSorted()) {
      if (folder === '' && LEFT_BEHIND.has(name)) continue;
      const path = folder === '' ? name : join(folder, name);
      const entry = await lstat(join(root, path));
      if (entry.isSocket()) continue;
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

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
