/** The disk as output is written to it: what is there, what is opened, and what it says when something cannot be. */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { isSystemError } from '../flow/data-disk.ts';

/** Undefined on Windows, where O_EXCL does the same for new files. */
export const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;

const UNREADABLE: ReadonlySet<string> = new Set([
  'EIO',
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EBUSY',
  'ESTALE',
]);

/** For writing and reading; never one that is there, never through a symbolic link. */
export function openNew(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o666);
}

/** Whether a regular file is at a path itself. */
export async function fileKindOf(path: string): Promise<'file' | 'other' | undefined> {
  try {
    return (await lstat(path)).isFile() ? 'file' : 'other';
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Kind of what is at a path itself, a symbolic link not followed. */
export async function linkKindOf(path: string): Promise<'directory' | 'other' | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? 'directory' : 'other';
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw diskError(thrown, path);
  }
}

/** Makes a rename in it durable. Windows cannot open directories, and needs it less. */
export async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle | undefined;
  try {
    directory = await open(path, constants.O_RDONLY);
    await directory.sync();
  } catch {
    // Not offered by this file system.
  } finally {
    await directory?.close();
  }
}

export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

/**
 * Something is there, and could not be read just now: a failing disk, no right to it, too many open files. What is there must not be
 * taken for broken, nor be replaced.
 */
export function isUnreadable(thrown: unknown): boolean {
  const code = codeOf(thrown) ?? '';
  if (UNREADABLE.has(code)) return true;
  return thrown instanceof Error && thrown.cause !== undefined && UNREADABLE.has(codeOf(thrown.cause) ?? '');
}

/** What the disk said, as people meet it. */
export function diskError(thrown: unknown, path: string): unknown {
  if (thrown instanceof BroadsideError) return thrown;
  switch (codeOf(thrown)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new BroadsideError(
        'no-space',
        `There is no room on the disk for ${path}. Free some, or write to another disk with -o.`,
        { cause: thrown },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BroadsideError('usage', `This user may not write to ${path}. Choose another place with -o.`, {
        cause: thrown,
      });
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new BroadsideError('usage', `${path} is there already. Give another name with -o, or move it away.`, {
        cause: thrown,
      });
    case 'ENAMETOOLONG':
      return new BroadsideError(
        'usage',
        `The name of ${path} is too long for this file system. Give another with -o.`,
        { cause: thrown },
      );
    default:
      if (!isSystemError(thrown)) return thrown;
      return new BroadsideError(
        'unexpected',
        `The disk failed at ${path}: ${thrown.message}. Look after it, or write to another with -o.`,
        { cause: thrown },
      );
  }
}

/** A write may take less than it was given: on a disk that is nearly full, say. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
