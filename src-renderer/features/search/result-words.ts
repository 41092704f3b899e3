/** What is said about a result, in the few words of a row. */
import type { Result } from '../../../shared/ipc/search-model.ts';
import type { CheckJob, Job, LibraryEntry, Share } from '../../../shared/ipc/model.ts';
import { formatDay, formatSize, series } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';
import { shownName } from './shown-name.ts';

/** Its last two folders: the whole way down is in the details. */
const SHOWN_FOLDERS = 2;

/** Where it stands, or what words its publisher gave it. */
export function aboutLine(result: Result): string {
  if (result.kind === 'anonymous') return series((result.keywords ?? []).map(shownName));
  const folders = (result.folder ?? '').split('/').filter((part) => part !== '');
  if (folders.length === 0) return '';
  const shown = folders.slice(-SHOWN_FOLDERS).map(shownName).join('/');
  return t('result.inFolder', { folder: folders.length > SHOWN_FOLDERS ? `…/${shown}` : shown });
}

export function factsLine(result: Result): string[] {
  return [
    t(`fileKind.${result.fileKind}`),
    formatSize(result.sizeBytes),
    ...(result.isHere ? [t('result.isHere')] : []),
    ...(result.kind === 'direct' && result.freeSources !== undefined && result.freeSources > 0
      ? [t('result.free', { count: result.freeSources })]
      : []),
    ...(result.otherNames.length > 0 ? [t('result.otherNames', { count: result.otherNames.length })] : []),
  ];
}

/** How many have it, or since when it is listed: of publications nobody knows who has them. */
export function availability(result: Result, nowMs: number): string {
  if (result.kind === 'direct') return t('result.sources', { count: result.sources ?? 0 });
  return result.sinceMs === undefined ? '' : t('result.listed', { day: formatDay(result.sinceMs, nowMs) });
}

/** What the rating is worth saying of: the two ends of it. Guess. */
const LIKED = 0.8;
const DISLIKED = 0.2;

export function ratingWords(result: Result): string | undefined {
  if (result.rating === undefined) return undefined;
  if (result.rating <= DISLIKED) return t('result.likeHidden');
  return result.rating >= LIKED ? t('result.likeOpened') : undefined;
}

/** In a row: what it can do, and that its name misleads; the details say how. */
export function shortWarnings(result: Result): string[] {
  return [
    ...(result.isProgram ? [t('result.canHarm')] : []),
    ...(result.warnings !== undefined && result.warnings.length > 0 ? [t('result.misleads')] : []),
  ];
}

export function warningWords(result: Result): string[] {
  return [
    ...(result.isProgram ? [t('result.program')] : []),
    ...(result.warnings ?? []).map((warning) => t(`nameWarning.${warning}`)),
  ];
}

export interface KnownHealth {
  readonly shares: readonly Share[];
  readonly k: number;
  readonly retrievable?: boolean | undefined;
  readonly isChecking: boolean;
}

/** Health of a publication that was checked from here; a hit alone tells nothing of it. */
export function healthOf(
  result: Result,
  jobs: readonly Job[] | undefined,
  library: readonly LibraryEntry[] | undefined,
): KnownHealth | undefined {
  if (result.kind !== 'anonymous') return undefined;
  const check = jobs?.find(
    (job): job is CheckJob => job.kind === 'check' && job.link === result.link && job.state !== 'cancelled',
  );
  if (check !== undefined && check.shares.length > 0)
    return { shares: check.shares, k: check.k, retrievable: check.retrievable, isChecking: check.state === 'running' };
  const entry = library?.find(({ link, health }) => link === result.link && health !== undefined);
  if (entry?.health === undefined) return undefined;
  return { shares: entry.health.shares, k: entry.k, retrievable: entry.health.retrievable, isChecking: false };
}
