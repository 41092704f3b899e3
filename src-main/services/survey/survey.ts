/** What would be published from a path, told before anything is sent: files, types, shape, a title, what is left out. */
import { basename, resolve } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { inParallel } from '../flow/in-parallel.ts';
import { openRegular, readError } from './regular-file.ts';
import { titleFromName, titleInText } from './title.ts';
import { SAMPLE_BYTES, sniffType } from './type.ts';
import { walk } from './walk.ts';
import type { Refusal, WalkedFile } from './walk.ts';

/** As much of a document as its title is looked for in, in bytes. */
const TITLE_BYTES = 64 * 1024;
/** Files that are looked into at once: enough to keep a disk busy, far below the limit of open files. */
const PARALLEL_FILES = 16;
/** What a site opens with, the first of these that its top directory has. */
const INDEX_NAMES = ['index.html', 'index.htm', 'index.md'] as const;

export interface SurveyedFile extends WalkedFile {
  readonly type: string;
}

export interface SurveyResult {
  readonly title: string;
  readonly shape: 'file' | 'directory' | 'site';
  /** The file that a site opens with. */
  readonly index: string | undefined;
  /** In order of their paths. */
  readonly files: readonly SurveyedFile[];
  readonly sizeBytes: number;
  readonly refused: readonly Refusal[];
}

export interface SurveyOptions {
  readonly signal?: AbortSignal;
  /** What a title is made of when the content says none; the name of `path` unless given. */
  readonly name?: string;
}

/** Throws `usage`, naming the file, for what cannot be read, is neither file nor directory, or passes a bound. */
export async function survey(path: string, options: SurveyOptions = {}): Promise<SurveyResult> {
  if (path === '' || path.includes('\0')) throw new BroadsideError('usage', 'Name a file or a directory to publish.');
  const root = resolve(path);
  const walked = await walk(root, options.signal);
  const single = walked.root === 'file';
  if (walked.files.length === 0) {
    throw new BroadsideError('usage', `There is no file to publish in ${root}.${leftOut(walked.refused)}`);
  }
  const files = await inParallel(walked.files, PARALLEL_FILES, async (file) => {
    options.signal?.throwIfAborted();
    const sample = await readBeginning(file, SAMPLE_BYTES);
    return { ...file, type: await sniffType(basename(file.path), sample, sample.length === file.sizeBytes) };
  });
  const index = single ? undefined : INDEX_NAMES.find((name) => files.some((file) => file.path === name));
  const shape = single ? 'file' : index === undefined ? 'directory' : 'site';
  const titled = single ? files[0] : files.find((file) => file.path === index);
  const name = options.name ?? basename(root);
  return {
    title: (titled === undefined ? undefined : await titleOf(titled)) ?? titleFromName(name, single),
    shape,
    index,
    files,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    refused: walked.refused,
  };
}

async function titleOf(file: SurveyedFile): Promise<string | undefined> {
  if (!/html|markdown/u.test(file.type)) return undefined;
  const beginning = await readBeginning(file, TITLE_BYTES);
  return titleInText(file.type, new TextDecoder().decode(beginning));
}

/** At most `length` bytes from the start of the file. */
async function readBeginning(file: WalkedFile, length: number): Promise<Uint8Array> {
  const handle = await openRegular(file.absolutePath, file.path);
  try {
    const buffer = new Uint8Array(Math.min(length, file.sizeBytes));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } catch (thrown) {
    throw readError(thrown, file.path);
  } finally {
    await handle.close();
  }
}

function leftOut(refused: readonly Refusal[]): string {
  const first = refused[0];
  if (first === undefined) return '';
  return ` Left out: ${first.path} (${first.reason})${refused.length > 1 ? ` and ${refused.length - 1} more` : ''}.`;
}
