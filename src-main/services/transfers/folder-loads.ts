/** A file of a folder that is loaded, told as a download of its own. */
import { join } from 'node:path';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import type { DownloadJob, FolderFile } from '../../../shared/ipc/model.ts';
import type { PlannedFile } from './folder-state.ts';

const STATES = {
  waiting: 'running',
  loading: 'running',
  done: 'done',
  left: 'cancelled',
  failed: 'failed',
} as const satisfies Record<FolderFile['state'], DownloadJob['state']>;

/** One that has not begun. */
export function newLoad({ root, name, sizeBytes }: PlannedFile, id: string, startedMs: number): DownloadJob {
  return {
    ...{ kind: 'download', id, title: name, state: 'running', startedMs },
    ...{ link: formatFileLink({ root, sizeBytes }), sizeHintBytes: sizeBytes, stage: 'queued', bytesDone: 0 },
    ...{ pieces: '', sources: [] },
  };
}

/** `load`: what its loading told last; `target`: the directory that its folder becomes. */
export function shownLoad(load: DownloadJob, file: FolderFile, planned: PlannedFile, target: string): DownloadJob {
  const { sizeBytes, path } = planned;
  return {
    ...load,
    state: STATES[file.state],
    ...(file.state === 'done' && { stage: 'done' as const, sizeBytes, bytesDone: sizeBytes, path: join(target, path) }),
    ...(file.error !== undefined && { error: file.error }),
  };
}
