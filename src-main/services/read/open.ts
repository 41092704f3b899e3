/** Opens a publication in the viewer: done when it is verified and what is shown first has its first piece. */
import { formatLink, shortLink } from '../../../shared/base/links.ts';
import type { LibraryEntry, OpenJob, Publication } from '../../../shared/ipc/model.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { PIECE_BYTES } from '../../core/publish/piece.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { canonicalLink, gather, linkFromText, noteDeleted } from './gather.ts';
import { noSuchFile } from './get.ts';
import type { OpenPublication, OpenRegistry } from './open-registry.ts';
import { describe, openedEntry, PublicationReader } from './publication-reader.ts';

export interface OpenDeps extends ReadDeps {
  readonly registry: OpenRegistry;
  /** Origin that serves the content of a label, ending in '/'. */
  readonly contentUrl: (label: string) => string;
  /** Origin of our viewer for PDF, likewise, where there is one. */
  readonly viewerUrl?: (label: string) => string;
  /** Told of every opening; decides by the setting whether the library keeps it. Its failure fails no opening. */
  readonly recordOpened: (entry: LibraryEntry) => Promise<void> | void;
  /** Told when what was asked for turns out to be deleted, under the link as the person has it. */
  readonly recordDeleted?: (link: string) => Promise<void> | void;
}

type OpenUpdate = Parameters<JobHandle<OpenJob>['update']>[0];

export interface Opened {
  readonly open: OpenPublication;
  readonly publication: Publication;
  /** What is shown first; undefined where that is a list of files. */
  readonly first: ManifestFile | undefined;
}

/** Throws BroadsideError: bad-link, what `gather` throws, not-found for a path that it has not, damaged, cancelled. */
export async function openPublication(
  deps: OpenDeps,
  text: string,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (update: OpenUpdate) => void } = {},
): Promise<Opened> {
  const link = linkFromText(text);
  const tell = options.onProgress ?? (() => undefined);
  const fetcher = new BlockFetcher(deps);
  const gathering = gather(deps, link, {
    fetcher,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: tell,
  });
  const gathered = await noteDeleted(gathering, () => deps.recordDeleted?.(canonicalLink(link)));
  const reader = new PublicationReader(deps, gathered, fetcher);
  const publication = describe(reader, link);
  const first = firstShown(reader);
  tell({
    stage: 'blocks',
    title: publication.title,
    shares: gathered.shares,
    badShares: [...gathered.badShares],
    publication,
    bytesDone: 0,
    ...(first === undefined ? {} : { bytesTotal: first.sizeBytes }),
  });
  if (first !== undefined) {
    // The first piece is enough to begin with; where that is all of it, its digest is checked too.
    const single = first.sizeBytes <= PIECE_BYTES;
    const { signal } = options;
    const chunks = single ? reader.whole(first, { signal }) : reader.range(first, 0, PIECE_BYTES, { signal });
    for await (const chunk of chunks) tell({ bytesDone: chunk.length });
  }
  const open = deps.registry.add(reader, publication);
  tell({
    stage: 'done',
    contentUrl: deps.contentUrl(open.label),
    ...(deps.viewerUrl === undefined ? {} : { viewerUrl: deps.viewerUrl(open.label) }),
  });
  try {
    await deps.recordOpened(openedEntry(reader, link, deps.clock.now()));
  } catch {
    // What can be read is not withheld because the library has no room.
  }
  return { open, publication, first };
}

/** Starts it as a job; returns its id. Throws `bad-link` and `busy` at once. */
export function startOpen(deps: OpenDeps, jobs: JobRegistry, text: string): string {
  const link = linkFromText(text);
  const initial = {
    kind: 'open' as const,
    title: shortLink(link),
    // In its one spelling, so that a window knows it again however it was typed.
    link: formatLink(link),
    stage: 'asking' as const,
    k: link.k,
    n: link.n,
    shares: [],
    badShares: [],
    bytesDone: 0,
  };
  return jobs.start<OpenJob>(initial, async (job) => {
    await openPublication(deps, text, { signal: job.signal, onProgress: (update) => job.update(update) });
  });
}

function firstShown(reader: PublicationReader): ManifestFile | undefined {
  const { manifest, link } = reader;
  if (link.path !== '') {
    const file = reader.file(link.path);
    if (file === undefined && reader.filesBelow(link.path).length === 0) throw noSuchFile(link.path);
    return file;
  }
  if (manifest.index !== undefined) return reader.file(manifest.index);
  return manifest.shape === 'file' ? manifest.files[0] : undefined;
}
