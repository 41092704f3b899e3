/** What is said of a shared folder in one line each. */
import type { SharedFolder } from '../../../shared/ipc/search-model.ts';
import { formatAgo, formatDuration, formatList, formatRate, formatSize, series } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';

export function sizeWords({ files, sizeBytes }: Pick<SharedFolder, 'files' | 'sizeBytes'>): string {
  return t('folders.filesAndSize', { files: t('folders.files', { count: files }), size: formatSize(sizeBytes) });
}

/** How it stands; the second part is for the eye that wants more. */
export function stateWords(folder: SharedFolder, nowMs: number): string {
  switch (folder.state) {
    case 'looking':
      return t('folders.looking', { count: folder.files });
    case 'hashing': {
      const { bytesPerSecond, secondsLeft } = folder;
      const files = t('folders.files', { count: folder.files });
      return series([
        t('folders.hashing', { done: folder.offeredFiles, files }),
        ...(bytesPerSecond === undefined ? [] : [formatRate(bytesPerSecond)]),
        ...(secondsLeft === undefined
          ? []
          : [t('folders.left', { time: formatDuration(secondsLeft * 1_000, 'short') })]),
      ]);
    }
    case 'shared':
      return series([
        sizeWords(folder),
        ...(folder.withHidden ? [t('folders.withHiddenToo')] : []),
        ...(folder.lookedMs === undefined ? [] : [t('folders.looked', { ago: formatAgo(folder.lookedMs, nowMs) })]),
      ]);
    case 'missing':
      return t('folders.missing');
    case 'stopped':
      return `${sizeWords(folder)}. ${t('folders.stopped')}`;
  }
}

/** Undefined when nothing was left out. */
export function leftOutWords({ leftOut }: SharedFolder): string | undefined {
  if (leftOut.length === 0) return undefined;
  return t('folders.leftOut', {
    list: formatList(leftOut.map(({ reason, count }) => t(`folders.leftOut.${reason}`, { count }))),
  });
}
