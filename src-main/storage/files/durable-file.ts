/** Small files that are there as a whole or not at all, whatever happens while they are written. */
import { open, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';

export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

/**
 * Writes beside the target, syncs, renames over it and syncs the folder; durable when it resolves. Owner-only. Two
 * writers of one path must not run at once. Errors: 'no-space', 'unexpected'.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    await rm(temporary, { force: true });
    await writeSynced(temporary, bytes);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toFileError(thrown, path);
  }
}

/** The file must not exist. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new name in the folder durable. Windows cannot open folders and does it by itself. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function fileErrorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

export function toFileError(thrown: unknown, path: string): BroadsideError {
  if (thrown instanceof BroadsideError) return thrown;
  const code = fileErrorCode(thrown);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BroadsideError('no-space', `the disk is full; free some room to write ${path}`, { cause: thrown });
  }
  return new BroadsideError('unexpected', `${path} cannot be used: ${detail}`, { cause: thrown });
}
