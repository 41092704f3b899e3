/** Gives what was chosen to the node: a path as it is, files through the staging area. */
import { toBroadsideError } from '../../shared/base/errors.ts';
import { node } from './connection/node.svelte.ts';
import type { Chosen } from './dropped-files.ts';
import { t } from './messages/translate.ts';
import { choiceOf, OtherContent, uploadAll } from './upload.ts';
import type { UploadReport } from './upload.ts';

export type Source = { kind: 'path'; path: string } | { kind: 'staged'; staging: string };

interface HandOverReport extends UploadReport {
  /** Before the first byte; not called for a path, which needs no copy. */
  begin(fileCount: number, totalBytes: number): void;
}

/** Places that are begun for one choice: the first, and others where what it had is gone or is not what was sent. Guess. */
const MAX_PLACES = 3;
/** What came of it is of use then: the same choice goes on with it, in another window (`cancelled`, though not from here) even now. */
const PASSES = ['offline', 'busy', 'unexpected', 'cancelled'];

/** Rejects with what the node or the upload says. What was sent stays where it may be gone on with, and goes with a cancel. */
export async function handOver(chosen: Chosen, report: HandOverReport, signal: AbortSignal): Promise<Source> {
  if (chosen.nativePath !== undefined) return { kind: 'path', path: chosen.nativePath };
  if (chosen.files.length === 0) throw new Error(t('publish.nothingInIt'));
  const choice = await choiceOf(chosen.files);
  report.begin(
    chosen.files.length,
    chosen.files.reduce((sum, { file }) => sum + file.size, 0),
  );
  for (let place = 1; ; place += 1) {
    const { staging, resumed = false } = await node.call('publish.stage', { chosen: choice });
    const source: Source = { kind: 'staged', staging };
    try {
      await uploadAll(staging, chosen.files, resumed, report, signal);
      return source;
    } catch (thrown) {
      const { code } = toBroadsideError(thrown);
      const isOther = thrown instanceof OtherContent;
      if (signal.aborted || isOther || !PASSES.includes(code)) await discarded(source);
      if (signal.aborted || place === MAX_PLACES || !(isOther || code === 'not-found')) throw thrown;
    }
  }
}

/** The node need not hold it any longer. */
export function discard(source: Source | undefined): void {
  if (source?.kind === 'staged') void discarded(source);
}

async function discarded({ staging }: Extract<Source, { kind: 'staged' }>): Promise<void> {
  await node.call('publish.discard', { staging }).catch(() => undefined);
}
