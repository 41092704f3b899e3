/** Retrieves a publication, or one file of it, verifies it and writes it to disk. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { shortLink } from '../../../shared/base/links.ts';
import type { GetJob, Publication, Share } from '../../../shared/ipc/model.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { canonicalLink, gather, linkFromText } from './gather.ts';
import type { Gathered } from './gather.ts';
import { diskError, OutputTree, chooseTarget } from './output-tree.ts';
import type { OutputTarget } from './output-tree.ts';
import { describe, DIRECTORY_TYPE, PublicationReader } from './publication-reader.ts';
import { cancelled } from '../flow/waiting.ts';
import { Window } from '../flow/window.ts';

/** Files of a directory that are written at once, so that many small ones do not cost a round trip each. Guess. */
export const FILES_AT_ONCE = 16;

export interface GetRequest {
  readonly link: string;
  /** Where to write, relative to `directory`; absent: into `directory`, under its own name. */
  readonly path?: string | undefined;
  readonly directory: string;
}

export interface GetResult {
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
  /** Edition of the publication. */
  readonly version: number;
  readonly shares: { readonly asked: number; readonly valid: number; readonly bad: readonly number[] };
  readonly seconds: number;
}

export interface GetProgress {
  readonly stage: 'asking' | 'verifying' | 'blocks' | 'done';
  readonly k?: number;
  readonly n?: number;
  readonly shares?: Share[];
  readonly badShares?: number[];
  readonly publication?: Publication;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
}

export interface GetOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: GetProgress) => void;
  /** As process.platform. */
  readonly platform?: string;
}

/** What of a publication is to be written, and as what. */
interface Selection {
  readonly shape: 'file' | 'directory';
  readonly name: string;
  readonly type: string;
  /** Written with the first `strip` characters of their paths left out. */
  readonly files: readonly ManifestFile[];
  readonly strip: number;
}

/**
 * Throws BroadsideError: bad-link, what `gather` throws, usage (where the target cannot be), no-space, damaged,
 * cancelled. Whatever it throws, nothing is left on disk.
 */
export async function getPublication(
  deps: ReadDeps,
  request: GetRequest,
  options: GetOptions = {},
): Promise<GetResult> {
  const startedMs = deps.clock.monotonicMs();
  const link = linkFromText(request.link);
  // What can be wrong with the target is said before anything is asked of the network.
  const target = await chooseTarget(request.directory, request.path);
  // What is saved is on disk already: a second, sealed copy of it would only push out what was opened.
  const fetcher = new BlockFetcher(deps, { keep: false });
  const gathered = await gather(deps, link, {
    fetcher,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (progress) => options.onProgress?.(progress),
  });
  const reader = new PublicationReader(deps, gathered, fetcher);
  const selection = select(reader);
  const bytesTotal = selection.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  options.onProgress?.({
    stage: 'blocks',
    shares: gathered.shares,
    badShares: [...gathered.badShares],
    publication: describe(reader, link),
    bytesDone: 0,
    bytesTotal,
  });
  const path = await write(deps, reader, selection, target, options);
  options.onProgress?.({ stage: 'done', bytesDone: bytesTotal, bytesTotal });
  return {
    path,
    sizeBytes: bytesTotal,
    type: selection.type,
    version: gathered.manifest.edition,
    shares: tally(gathered),
    seconds: (deps.clock.monotonicMs() - startedMs) / 1_000,
  };
}

/** Starts it as a job; returns its id. Throws `bad-link` and `busy` at once. */
export function startGet(
  deps: ReadDeps,
  jobs: JobRegistry,
  request: GetRequest,
  onResult?: (id: string, result: GetResult) => void,
): string {
  const link = linkFromText(request.link);
  const initial = {
    kind: 'get' as const,
    title: shortLink(link),
    link: request.link.trim(),
    stage: 'asking' as const,
    k: link.k,
    n: link.n,
    shares: [],
    badShares: [],
    bytesDone: 0,
  };
  return jobs.start<GetJob>(initial, async (job) => {
    const rate = new RateEstimator(deps.clock);
    const result = await getPublication(deps, request, {
      signal: job.signal,
      onProgress: (progress) => tell(job, rate, progress),
    });
    job.update({ path: result.path, type: result.type, seconds: result.seconds });
    onResult?.(job.id, result);
  });
}

function tell(job: JobHandle<GetJob>, rate: RateEstimator, progress: GetProgress): void {
  const estimate =
    progress.bytesDone === undefined || progress.bytesTotal === undefined
      ? {}
      : (rate.note(progress.bytesDone), rate.estimate(progress.bytesTotal - progress.bytesDone));
  job.update({
    ...progress,
    ...estimate,
    ...(progress.publication === undefined ? {} : { title: progress.publication.title }),
  });
}

export function tally(gathered: Gathered): GetResult['shares'] {
  return {
    asked: gathered.shares.filter((share) => share.state !== 'unasked').length,
    valid: gathered.shares.filter((share) => share.state === 'found').length,
    bad: gathered.badShares,
  };
}

/** Throws `not-found` when the link names a path that the publication has not. */
function select(reader: PublicationReader): Selection {
  const { manifest, link } = reader;
  const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  if (link.path === '') {
    const only = manifest.shape === 'file' ? manifest.files[0] : undefined;
    if (only !== undefined) return { shape: 'file', name: only.path, type: only.type, files: [only], strip: 0 };
    const name = manifest.title.replaceAll('/', '-').trim() || `publication-${canonicalLink(link).slice(10, 18)}`;
    return { shape: 'directory', name, type: DIRECTORY_TYPE, files: manifest.files, strip: 0 };
  }
  const file = reader.file(link.path);
  if (file !== undefined) return { shape: 'file', name: baseName(file.path), type: file.type, files: [file], strip: 0 };
  const below = reader.filesBelow(link.path);
  if (below.length === 0) throw noSuchFile(link.path);
  return {
    shape: 'directory',
    name: baseName(link.path),
    type: DIRECTORY_TYPE,
    files: below,
    strip: link.path.length + 1,
  };
}

export function noSuchFile(path: string): BroadsideError {
  return new BroadsideError(
    'not-found',
    `The publication was found, but it has no file “${path}”. Leave out the part of the link after its letters to see what it has.`,
  );
}

async function write(
  deps: ReadDeps,
  reader: PublicationReader,
  selection: Selection,
  target: OutputTarget,
  options: GetOptions,
): Promise<string> {
  const tree = await OutputTree.create(target, selection.name, selection.shape, deps.random, options.platform);
  const bytesTotal = selection.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const abort = new AbortController();
  const stop = (): void => abort.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  const window = new Window();
  let bytesDone = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < selection.files.length) {
      const file = selection.files[next]!;
      next += 1;
      await writeFile(
        tree,
        file,
        file.path.slice(selection.strip),
        reader.whole(file, { signal: abort.signal, window, interactivePieces: 0 }),
        (chunk) => {
          bytesDone += chunk;
          options.onProgress?.({ stage: 'blocks', bytesDone, bytesTotal });
        },
      );
    }
  };
  try {
    const lanes = Array.from({ length: Math.min(FILES_AT_ONCE, selection.files.length) }, () =>
      lane().catch((thrown: unknown) => {
        // The first failure ends the others; all have closed their files before anything is removed.
        abort.abort(thrown);
        throw thrown;
      }),
    );
    const settled = await Promise.allSettled(lanes);
    if (options.signal?.aborted) throw cancelled(options.signal);
    if (abort.signal.aborted) throw abort.signal.reason;
    for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
    return await tree.finish();
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await tree.discard();
  }
}

async function writeFile(
  tree: OutputTree,
  file: ManifestFile,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  written: (bytes: number) => void,
): Promise<void> {
  const handle = await tree.createFile(path);
  let closed = false;
  try {
    let position = 0;
    for await (const chunk of chunks) {
      position += await writeWhole(handle, chunk, position, tree.path);
      written(chunk.length);
    }
    if (position !== file.sizeBytes)
      throw new BroadsideError('damaged', `“${file.path}” is shorter than its publisher says.`);
    closed = true;
    await tree.closeFile(handle);
  } finally {
    if (!closed) await handle.close();
  }
}

async function writeWhole(
  handle: Awaited<ReturnType<OutputTree['createFile']>>,
  bytes: Uint8Array,
  position: number,
  path: string,
): Promise<number> {
  let done = 0;
  try {
    while (done < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
  return done;
}
