/** What of a new edition is as it was in the one before: its files are hashed first, so that only what changed is sent. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { Crypto } from '../../core/ports.ts';
import { blockCount } from '../../core/publish/block-list.ts';
import { keyOfFile } from '../../core/publish/manifest.ts';
import type { Manifest, ManifestFile } from '../../core/publish/manifest.ts';
import { inParallel } from '../flow/in-parallel.ts';
import type { SurveyedFile, SurveyResult } from '../survey/survey.ts';

/** Files that are hashed at once: each thread has some to do while another's answer is on its way. Guess. */
const FILES_AT_ONCE = 4;

/** Hashes files off this thread (workers/sealing). */
export interface FileHasher {
  /** The digest as the manifest has it. Throws `usage`, naming the path, for a file that changed or cannot be read. */
  hash(
    file: { readonly absolutePath: string; readonly sizeBytes: number; readonly path: string },
    onBytes: (sizeBytes: number) => void,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
}

export interface Comparison {
  /** Files whose blocks are there already, by their path now, with the key of their blocks. */
  readonly kept: ReadonlyMap<string, ManifestFile>;
  /** Files that are what a file of the edition before was, inline ones included. */
  readonly filesKept: number;
  /** Blocks that need not be sent. */
  readonly blocksKept: number;
  /** All files are there as they were, no more and no fewer, and the first page is the same. */
  readonly isSame: boolean;
}

export interface Before {
  readonly contentKey: Uint8Array;
  readonly manifest: Manifest;
}

/** A file that was moved or renamed is found again, by size and digest. `onBytes` is told how much was hashed. */
export async function compareFiles(
  deps: { readonly crypto: Crypto; readonly hasher: FileHasher },
  surveyed: SurveyResult,
  before: Before,
  signal: AbortSignal,
  onBytes: (sizeBytes: number) => void,
): Promise<Comparison> {
  const { manifest } = before;
  const sizes = new Set(manifest.files.map((file) => file.sizeBytes));
  const byPath = new Map(manifest.files.map((file) => [file.path, file]));
  const byContent = new Map<string, ManifestFile>();
  for (const file of manifest.files) byContent.set(contentName(file.sizeBytes, file.digest), file);
  const kept = new Map<string, ManifestFile>();
  let filesKept = 0;
  let blocksKept = 0;
  let inPlace = 0;
  const compare = async (file: SurveyedFile): Promise<void> => {
    // No file of the edition before has this size: none can be the same.
    if (!sizes.has(file.sizeBytes)) return;
    const digest = await deps.hasher.hash(file, onBytes, signal);
    const name = contentName(file.sizeBytes, digest);
    const same = byPath.get(file.path);
    const isInPlace = same !== undefined && contentName(same.sizeBytes, same.digest) === name;
    const found = isInPlace ? same : byContent.get(name);
    if (found === undefined) return;
    filesKept += 1;
    if (isInPlace && same.type === file.type) inPlace += 1;
    if (found.content.kind === 'inline') return;
    blocksKept += blockCount(found.sizeBytes, found.content.list.least);
    kept.set(
      file.path,
      withOwnKey(deps.crypto, before.contentKey, { ...found, path: file.path, type: file.type }, found),
    );
  };
  await inParallel(surveyed.files, FILES_AT_ONCE, compare);
  const isSame =
    inPlace === surveyed.files.length &&
    inPlace === manifest.files.length &&
    surveyed.shape === manifest.shape &&
    surveyed.index === manifest.index;
  return { kept, filesKept, blocksKept, isSame };
}

/** All files of an edition as the next one lists them, where nothing of the content changes. */
export function keepAll(crypto: Crypto, { contentKey, manifest }: Before): ManifestFile[] {
  return manifest.files.map((file) => withOwnKey(crypto, contentKey, file, file));
}

/** Blocks of a publication's files. */
export function blocksOfFiles(files: readonly ManifestFile[]): number {
  return files.reduce(
    (sum, { sizeBytes, content }) => sum + (content.kind === 'inline' ? 0 : blockCount(sizeBytes, content.list.least)),
    0,
  );
}

/** The key of its blocks followed from the old K and the old path: it is written down. */
function withOwnKey(crypto: Crypto, contentKey: Uint8Array, file: ManifestFile, before: ManifestFile): ManifestFile {
  if (file.content.kind === 'inline') return file;
  return { ...file, content: { ...file.content, key: keyOfFile(crypto, contentKey, before) } };
}

function contentName(sizeBytes: number, digest: Uint8Array): string {
  return `${sizeBytes} ${toHex(digest)}`;
}
