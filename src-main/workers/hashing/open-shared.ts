/** Opens files of shared folders for those who load them: as they were hashed, and within their folder, or not at all. */
import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Stamp } from '../../core/ports.ts';
import { isOpenWithin } from './inside.ts';
import { modifiedMsOf } from './walk.ts';

/** Undefined on Windows, which has no such flag; `isOpenWithin` looks in any case. */
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;

export interface OpenedShared {
  /** `length` bytes from `offset` on; undefined when the file is not as it was hashed any more. */
  read(offset: number, length: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

export interface StampedFile {
  readonly sizeBytes: number;
  /** Another when the file is another, or was changed. */
  readonly stamp: string;
  /** Undefined when it is not as it was any more. */
  open(): Promise<OpenedShared | undefined>;
}

/** `root`: absolute, without symbolic links; `path`: below it, '/' between. Undefined when it is gone, changed or outside. */
export async function openShared(root: string, path: string, stamp: Stamp): Promise<OpenedShared | undefined> {
  const whole = join(root, ...path.split('/'));
  let file: FileHandle;
  try {
    file = await open(whole, constants.O_RDONLY | NO_FOLLOW);
  } catch {
    return undefined;
  }
  try {
    if (isOpenWithin(root, whole, file.fd) && (await isAs(file, stamp))) return opened(file, stamp);
  } catch {
    // It went in between.
  }
  await file.close();
  return undefined;
}

function opened(file: FileHandle, stamp: Stamp): OpenedShared {
  return {
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      // Looked at after it was read: what was written meanwhile would be taken for a lie.
      return bytesRead === length && (await isAs(file, stamp)) ? bytes : undefined;
    },
    close: () => file.close(),
  };
}

async function isAs(file: FileHandle, { sizeBytes, modifiedMs, inode }: Stamp): Promise<boolean> {
  const stats = await file.stat({ bigint: true });
  return Number(stats.size) === sizeBytes && modifiedMsOf(stats) === modifiedMs && stats.ino === inode;
}

/** A file as it is now, to be opened later only while it still is. Undefined when it cannot be looked at. */
export async function stampedFile(path: string): Promise<StampedFile | undefined> {
  try {
    const root = await realpath(dirname(path));
    const stats = await lstat(join(root, basename(path)), { bigint: true });
    if (!stats.isFile()) return undefined;
    const stamp: Stamp = { sizeBytes: Number(stats.size), modifiedMs: modifiedMsOf(stats), inode: stats.ino };
    return {
      sizeBytes: stamp.sizeBytes,
      stamp: `${stamp.sizeBytes} ${stamp.modifiedMs} ${stamp.inode}`,
      open: () => openShared(root, basename(path), stamp),
    };
  } catch {
    return undefined;
  }
}
