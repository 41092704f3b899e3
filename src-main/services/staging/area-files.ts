/** The files of a staging area on disk: where each lies, what is here of it, and how it is written and gone on with. */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { STAGED_PART_BYTES } from '../../../shared/base/staged-parts.ts';
import { dataDiskError } from '../flow/data-disk.ts';
import { pathProblem } from '../survey/path.ts';

/** Parts of a file whose digests are told at once: half a gibibyte, which is read in a second or two. */
const MAX_PARTS_TOLD = 64;
export const CHOSEN_FILE = 'chosen.json';

export interface AreaPlace {
  readonly directory: string;
}

/** What is here of one file, for who would go on sending it. */
export interface StagedParts {
  readonly sizeBytes: number;
  /** It was received to its end. */
  readonly isWhole: boolean;
  /** SHA-256 of each part, from the one that was asked for: of all, or of whole parts alone while it is not whole. */
  readonly digests: readonly string[];
}

/** Throws `usage` for a path that cannot be. */
export function checkPath(path: string): void {
  const problem = pathProblem(path) ?? platformPathProblem(path);
  if (problem === undefined) return;
  throw new BroadsideError(
    'usage',
    `The file ${JSON.stringify(path.slice(0, 200))} was not taken: its name ${problem}.`,
  );
}

export const finalOf = (area: AreaPlace, path: string): string => join(area.directory, 'content', ...path.split('/'));

/** The same for the same path, over restarts; of names that every disk takes. */
export const incomingOf = (area: AreaPlace, path: string): string =>
  join(area.directory, 'incoming', createHash('sha256').update(path).digest('hex').slice(0, 32));

export async function chosenIn(directory: string): Promise<string | undefined> {
  try {
    const { chosen } = JSON.parse(await readFile(join(directory, CHOSEN_FILE), 'utf8')) as { chosen?: unknown };
    return typeof chosen === 'string' && chosen !== '' ? chosen : undefined;
  } catch {
    return undefined;
  }
}

/** When something was last written there, in milliseconds since 1970. */
export async function lastUseMs({ directory }: AreaPlace): Promise<number> {
  const incoming = join(directory, 'incoming');
  const names = await readdir(incoming).catch(() => []);
  const paths = [directory, incoming, join(directory, 'content'), ...names.map((name) => join(incoming, name))];
  let latestMs = 0;
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    latestMs = Math.max(latestMs, found?.mtimeMs ?? 0);
  }
  return latestMs;
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw thrown;
  }
}

/** As they are on the disk: what a power cut left of them is found out here, and sent again. */
export async function digestsOf(path: string, isWhole: boolean, from: number): Promise<StagedParts> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const parts = isWhole ? Math.ceil(size / STAGED_PART_BYTES) : Math.floor(size / STAGED_PART_BYTES);
    const digests: string[] = [];
    const buffer = Buffer.allocUnsafe(Math.min(STAGED_PART_BYTES, size));
    for (let part = from; part < Math.min(parts, from + MAX_PARTS_TOLD); part += 1) {
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(
          buffer,
          filled,
          buffer.length - filled,
          part * STAGED_PART_BYTES + filled,
        );
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      digests.push(createHash('sha256').update(buffer.subarray(0, filled)).digest('hex'));
    }
    return { sizeBytes: size, isWhole, digests };
  } finally {
    await file.close();
  }
}

/** Empty, or cut to `from`. Throws `usage` where less than that is here. */
export async function openAt(path: string, from: number): Promise<FileHandle> {
  if (from === 0) return open(path, 'w', 0o600);
  const missing = (): BroadsideError =>
    new BroadsideError('usage', 'What was sent of this file before is not here. Send it from its beginning.');
  const file = await open(path, 'r+').catch((thrown: NodeJS.ErrnoException) => {
    throw thrown.code === 'ENOENT' ? missing() : thrown;
  });
  try {
    if ((await file.stat()).size < from) throw missing();
    await file.truncate(from);
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

export async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
  }
}

/** Ends at once when the signal says so, whatever the sender does. */
export async function* untilAborted(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const abort = (): void => aborted.reject(new BroadsideError('cancelled', 'The upload was cancelled.'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // What stands still does not answer: nobody waits for it.
    iterator.return?.()?.catch(() => undefined);
  }
}

/** Undefined where the system does not say. */
export async function freeBytesOf(directory: string): Promise<number | undefined> {
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

/** In words for who sends. */
export function diskError(thrown: unknown): unknown {
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
