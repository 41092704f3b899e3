/** What is said about shares: their order in lists, their count, and the sentence for screen readers. */
import type { Share, ShareState } from '../../shared/ipc/model.ts';
import { formatDuration, formatList, series } from './format.ts';
import { t } from './messages/translate.ts';

const ORDER: readonly ShareState[] = ['found', 'moving', 'bad', 'missing', 'unasked'];

export function sortShares(shares: readonly Share[]): Share[] {
  return shares.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.index - b.index);
}

export function countShares(shares: readonly Share[], state: ShareState): number {
  return shares.reduce((sum, share) => sum + (share.state === state ? 1 : 0), 0);
}

/** "7 of 10 shares found, 1 on its way, 2 missing. 3 are enough." */
export function sharesSentence(shares: readonly Share[], k: number): string {
  const parts = [t('shares.found', { found: countShares(shares, 'found'), n: shares.length })];
  const moving = countShares(shares, 'moving');
  const bad = countShares(shares, 'bad');
  const missing = countShares(shares, 'missing');
  const unasked = countShares(shares, 'unasked');
  if (moving > 0) parts.push(t('shares.moving', { count: moving }));
  if (bad > 0) parts.push(t('shares.bad', { count: bad }));
  if (missing > 0) parts.push(t('shares.missing', { count: missing }));
  if (unasked > 0) parts.push(t('shares.unasked', { count: unasked }));
  return `${series(parts)}. ${t('shares.enough', { count: k })}`;
}

/** "Shares 4, 8 and 9 are being waited for, the longest for 3.1 seconds." Undefined when none is. */
export function waitingSentence(shares: readonly Share[]): string | undefined {
  const moving = shares.filter((share) => share.state === 'moving');
  if (moving.length === 0) return undefined;
  const longestMs = Math.max(...moving.map((share) => share.afterMs ?? 0));
  const list = formatList(moving.map((share) => share.index));
  if (longestMs < 1000) return t('shares.waitedFor', { count: moving.length, list });
  return t('shares.waitedForSince', { count: moving.length, list, time: formatDuration(longestMs) });
}

/** The numbers of the shares in a state, in words; undefined when there is none. */
export function listOf(shares: readonly Share[], state: ShareState): { count: number; list: string } | undefined {
  const of = shares.filter((share) => share.state === state);
  return of.length === 0 ? undefined : { count: of.length, list: formatList(of.map((share) => share.index)) };
}

export type Condition = 'good' | 'degraded' | 'bad';

/** How a publication stands by what its last check found; bad: it cannot be read, or some host answers garbage. */
export function conditionOf(shares: readonly Share[], k: number, retrievable = true): Condition {
  const found = countShares(shares, 'found');
  if (!retrievable || found < k || countShares(shares, 'bad') > 0) return 'bad';
  // Half of what may be lost is lost: time to put shares back. Guess.
  return found - k < (shares.length - k) / 2 ? 'degraded' : 'good';
}

/** The few words under the dots in lists. */
export function healthWords(shares: readonly Share[], k: number, retrievable = true): string {
  const found = countShares(shares, 'found');
  const bad = countShares(shares, 'bad');
  const n = shares.length;
  if (found < k) return t('health.tooFew', { found, n });
  if (!retrievable) return t('health.blocksMissing', { found, n });
  if (bad > 0) return t('health.someBad', { found, n, count: bad });
  return t('health.answered', { found, n });
}
