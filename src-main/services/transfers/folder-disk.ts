/** The target of a folder that is loaded: what is in it already, and what of it goes again. Never through a symbolic link. */
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { FileTreeBuilder } from '../../core/transfer/tree.ts';
import { diskError, fileKindOf, linkKindOf } from '../read/output-disk.ts';
import type { PlannedFile } from './folder-state.ts';

/** Directories of files on their way (file-part.ts); no name of others is one (folder-names.ts). */
const PART = /^\..*\.part$/i;

/** Makes the target, which must not be there unless `mayBeThere`; whether it was made. Throws `usage`, and what the disk says. */
export async function makeTarget(path: string, mayBeThere: boolean): Promise<boolean> {
  const kind = await linkKindOf(path);
  if (kind === 'directory' && mayBeThere) return false;
  if (kind !== undefined)
    throw new BroadsideError('usage', `${path} is there already. Give another name with -o, or move it away.`);
  try {
    await mkdir(path);
    return true;
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

/** Whether the disk takes names for the same that differ in case alone. `path`: of a directory whose name has letters. */
export async function isCaseBlind(path: string): Promise<boolean> {
  const name = basename(path);
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  if (other === name) return false;
  try {
    const [a, b] = await Promise.all([lstat(path), lstat(join(dirname(path), other))]);
    return a.ino === b.ino && a.dev === b.dev;
  } catch {
    return false;
  }
}

/** Makes the directories down to a file, one by one: each is a real directory. Throws `usage`. */
export async function makeWay(target: string, path: string): Promise<void> {
  let directory = target;
  for (const name of path.split('/').slice(0, -1)) {
    directory = join(directory, name);
    const kind = await linkKindOf(directory);
    if (kind === 'directory') continue;
    if (kind !== undefined) throw taken(directory);
    try {
      await mkdir(directory);
    } catch (thrown) {
      // Another file of the same directory made it meanwhile.
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(thrown, directory);
    }
  }
}

/** True when exactly this file is there already, as after a crash between its name and the note of it; throws `usage` for anything else. */
export async function isThere(crypto: Crypto, target: string, file: PlannedFile): Promise<boolean> {
  const path = join(target, ...file.path.split('/'));
  const kind = await fileKindOf(path);
  if (kind === undefined) return false;
  if (kind === 'other' || (await lstat(path)).size !== file.sizeBytes) throw taken(path);
  const builder = new FileTreeBuilder(crypto, file.sizeBytes);
  try {
    for await (const bytes of createReadStream(path)) builder.add(bytes as Uint8Array);
  } catch (thrown) {
    throw diskError(thrown, path);
  }
  if (!bytesEqual(builder.finish().root, file.root)) throw taken(path);
  return true;
}

/** Takes off what is unfinished, and with `files` those that are whole; then the directories that are left empty. Nothing else. */
export async function clearTarget(target: string, files: readonly PlannedFile[]): Promise<void> {
  try {
    for (const { path } of files) await unlink(join(target, ...path.split('/'))).catch(ignoreMissing);
    if ((await linkKindOf(target)) === 'directory') await prune(target);
  } catch (thrown) {
    throw diskError(thrown, target);
  }
}

async function prune(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) continue;
    if (PART.test(entry.name)) await rm(path, { recursive: true, force: true });
    else await prune(path);
  }
  await rmdir(directory).catch((thrown: unknown) => {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw thrown;
  });
}

function ignoreMissing(thrown: unknown): void {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw thrown;
}

function taken(path: string): BroadsideError {
  return new BroadsideError('usage', `${path} is there already, and is something else. Move it away, then go on.`);
}
