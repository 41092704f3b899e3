/** Gives what was chosen to the node: a path as it is, files through the staging area. */
import { node } from './connection/node.svelte.ts';
import type { Chosen } from './dropped-files.ts';
import { t } from './messages/translate.ts';
import { uploadAll } from './upload.ts';

export type Source = { kind: 'path'; path: string } | { kind: 'staged'; staging: string };

interface HandOverReport {
  /** Before the first byte; not called for a path, which needs no copy. */
  begin(fileCount: number, totalBytes: number): void;
  progress(sentBytes: number): void;
}

/** Rejects with what the node or the upload says; nothing stays behind then. */
export async function handOver(chosen: Chosen, report: HandOverReport, signal: AbortSignal): Promise<Source> {
  if (chosen.nativePath !== undefined) return { kind: 'path', path: chosen.nativePath };
  if (chosen.files.length === 0) throw new Error(t('publish.nothingInIt'));
  const { staging } = await node.call('publish.stage', null);
  const source: Source = { kind: 'staged', staging };
  report.begin(
    chosen.files.length,
    chosen.files.reduce((sum, { file }) => sum + file.size, 0),
  );
  try {
    await uploadAll(staging, chosen.files, (bytes) => report.progress(bytes), signal);
  } catch (thrown) {
    discard(source);
    throw thrown;
  }
  return source;
}

/** The node need not hold it any longer. */
export function discard(source: Source | undefined): void {
  if (source?.kind === 'staged') void node.call('publish.discard', { staging: source.staging }).catch(() => undefined);
}
