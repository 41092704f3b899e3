/** Retrieves a publication, or one file of it, verifies it and writes it to disk. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink, shortLink } from '../../../shared/base/links.ts';
import type { GetJob, Publication, Share } from '../../../shared/ipc/model.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { canonicalLink, gather, linkFromText } from './gather.ts';
import type { Gathered } from './gather.ts';
import { chooseTarget, outputName, OutputTree } from './output-tree.ts';
import type { OutputTarget } from './output-tree.ts';
import { KEPT_SEGMENT_BYTES, Partial, sweepPartials } from './partial.ts';
import type { LockDirectory } from './partial.ts';
import { describe, DIRECTORY_TYPE, PublicationReader } from './publication-reader.ts';
import { saveFiles } from './save.ts';

export interface GetRequest {
  readonly link: string;
  /** Where to write, relative to `directory`; absent: into `directory`, under its own name. */
  readonly path?: string | undefined;
  readonly directory: string;
  /** Throw away what an interrupted run left there. */
  readonly restart?: boolean | undefined;
}

export interface GetDeps extends ReadDeps {
  /** Keeps two from writing to one place; without it that is the caller's care. */
  readonly lockDirectory?: LockDirectory;
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
  /** Of `bytesDone`, what an earlier run had left there. */
  readonly bytesKept?: number;
  /** It ends, and leaves so much for another run. */
  readonly bytesLeft?: number;
}

export interface GetOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: GetProgress) => void;
  /** As process.platform. */
  readonly platform?: string;
  /** False: slow blocks are waited for (see hedging.ts). */
  readonly hedge?: boolean;
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
 * cancelled, busy. Whatever it throws, nothing is left on disk but what another run can go on with (partial.ts).
 */
export async function getPublication(deps: GetDeps, request: GetRequest, options: GetOptions = {}): Promise<GetResult> {
  const startedMs = deps.clock.monotonicMs();
  const link = linkFromText(request.link);
  // What can be wrong with the target is said before anything is asked of the network.
  const target = await chooseTarget(request.directory, request.path);
  // What is saved is on disk already: a second, sealed copy of it would only push out what was opened.
  const fetcher = new BlockFetcher(deps, { keep: false, hedge: options.hedge });
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
  const path = await write(deps, reader, selection, target, request, options);
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
  deps: GetDeps,
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
      : (rate.note(progress.bytesDone - (progress.bytesKept ?? job.job.bytesKept ?? 0)),
        rate.estimate(progress.bytesTotal - progress.bytesDone));
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
  deps: GetDeps,
  reader: PublicationReader,
  selection: Selection,
  target: OutputTarget,
  request: GetRequest,
  options: GetOptions,
): Promise<string> {
  const { platform = process.platform, signal } = options;
  const bytesTotal = selection.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  await sweepPartials(target.directory, deps.clock.now(), deps.lockDirectory);
  const partial =
    bytesTotal < KEPT_SEGMENT_BYTES ? undefined : await openPartial(deps, reader, selection, target, request, platform);
  const { shape, name } = selection;
  let [bytesDone, bytesKept] = [0, 0];
  let isLeft = false;
  try {
    const tree = await OutputTree.create(target, name, shape, deps.random, platform, partial?.dataPath);
    try {
      await saveFiles({
        crypto: deps.crypto,
        reader,
        tree,
        files: selection.files,
        pathOf: (file) => file.path.slice(selection.strip),
        partial,
        signal,
        onBytes(sizeBytes, wasThere) {
          bytesDone += sizeBytes;
          if (wasThere) bytesKept += sizeBytes;
          options.onProgress?.({ stage: 'blocks', bytesDone, bytesTotal, ...(wasThere && { bytesKept }) });
        },
      });
      return await tree.finish();
    } finally {
      if (partial === undefined) await tree.discard();
    }
  } catch (thrown) {
    const isDamaged = thrown instanceof BroadsideError && thrown.code === 'damaged';
    isLeft = !isDamaged && partial !== undefined && partial.keptBytes >= KEPT_SEGMENT_BYTES;
    if (isLeft) options.onProgress?.({ stage: 'blocks', bytesLeft: partial!.keptBytes });
    throw thrown;
  } finally {
    await (isLeft ? partial?.leave() : partial?.remove());
  }
}

async function openPartial(
  deps: GetDeps,
  reader: PublicationReader,
  selection: Selection,
  target: OutputTarget,
  request: GetRequest,
  platform: string,
): Promise<Partial> {
  const { link } = reader;
  const lock = deps.lockDirectory;
  return Partial.open(deps.crypto, {
    directory: target.directory,
    name: outputName(target, selection.name, platform),
    platform,
    request: formatLink(linkFromText(request.link)),
    edition: formatLink({ ...link, path: linkFromText(request.link).path }),
    sizes: selection.files.map(({ sizeBytes }) => sizeBytes),
    restart: request.restart === true,
    lock,
  });
}
