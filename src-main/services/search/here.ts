/** Whether what a search found is on this machine already: shared from here, loaded, published or opened. */
import { existsSync } from 'node:fs';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import type { Job } from '../../../shared/ipc/model.ts';
import type { ResultDeps } from './results.ts';

interface HereDeps {
  readonly shares: { find(root: Uint8Array): readonly unknown[] };
  readonly jobs: { list(): readonly Job[] };
  readonly library: { get(origin: 'opened' | 'published', link: string): unknown };
  readonly isThere?: (path: string) => boolean;
}

export function hereBy({ shares, jobs, library, isThere = existsSync }: HereDeps): ResultDeps['isHere'] {
  /** Done and on the list; where its file has gone since, it is not here. */
  const isLoaded = (root: Uint8Array): boolean => {
    // Its hints come behind it, and say what somebody calls it.
    const link = formatFileLink({ root });
    return jobs.list().some((job) => {
      const isDone = job.kind === 'download' && job.state === 'done' && job.path !== undefined;
      return isDone && job.link.startsWith(link) && isThere(job.path!);
    });
  };
  return (link, { found }) =>
    found.kind === 'direct'
      ? shares.find(found.entry.root).length > 0 || isLoaded(found.entry.root)
      : library.get('opened', link) !== undefined || library.get('published', link) !== undefined;
}
