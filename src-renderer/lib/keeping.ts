/** What is said about publications that are kept alive from here. */
import type { Job, Keep, KeepJob, LibraryEntry } from '../../shared/ipc/model.ts';
import type { SettingValue } from '../../shared/ipc/settings.ts';
import { formatAgo, formatCount, formatList } from './format.ts';
import { t } from './messages/translate.ts';

type KeptEntry = Pick<LibraryEntry, 'link' | 'origin' | 'deletedMs' | 'keep'>;

/** The look after it that runs, or the last that is on the list. */
export function keepJobOf(entry: KeptEntry, jobs: readonly Job[] | undefined): KeepJob | undefined {
  return jobs?.find((job): job is KeepJob => job.kind === 'keep' && job.link === entry.link);
}

/** As the person said; else as the setting says for what was published here. The first look tells that it was asked for. */
export function isKept(
  entry: KeptEntry,
  settings: Readonly<Record<string, SettingValue>> | undefined,
  job: KeepJob | undefined,
): boolean {
  if (entry.deletedMs !== undefined) return false;
  if (job?.state === 'running') return true;
  return entry.keep?.on ?? (entry.origin === 'published' && settings?.['keep-published'] === true);
}

/** "put back 1 share and 2 blocks" */
export function putBackWords(shares: number, blocks: number): string {
  const parts = [
    ...(shares > 0 ? [t('keep.shares', { count: shares })] : []),
    ...(blocks > 0 ? [t('keep.blocks', { count: blocks })] : []),
  ];
  return parts.length === 0 ? t('keep.nothingBack') : t('keep.back', { list: formatList(parts) });
}

/** "Kept alive from here: 10 of 10 shares and 192 of 192 blocks held; looked after 3 hours ago, put back 2 blocks." */
export function lastLookSentence(last: NonNullable<Keep['last']>, n: number, nowMs: number): string {
  const held = t('keep.held', {
    shares: formatCount(last.sharesHeld),
    n: formatCount(n),
    blocks: formatCount(last.blocksHeld),
    total: formatCount(last.blocksTotal),
  });
  return t('keep.line', {
    held,
    ago: formatAgo(last.atMs, nowMs),
    back: putBackWords(last.sharesPutBack, last.blocksPutBack),
  });
}
