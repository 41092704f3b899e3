/** Positions of a slider for rates and sizes: 1, 2, 5 of each power of ten, as people choose them. */
import { GB, MB } from '../../../shared/base/units.ts';
import { MIN_RATE_BYTES } from '../../../shared/ipc/settings.ts';

const KB = 1000;

/** Limits of rate; the last position, and 0, is no limit. The least is what lets one block pass a second. */
export const RATES: readonly number[] = [
  MIN_RATE_BYTES,
  50 * KB,
  100 * KB,
  200 * KB,
  500 * KB,
  MB,
  2 * MB,
  5 * MB,
  10 * MB,
  20 * MB,
  50 * MB,
  100 * MB,
  0,
];

export const ROOMS: readonly number[] = [
  10 * MB,
  100 * MB,
  500 * MB,
  GB,
  2 * GB,
  4 * GB,
  6 * GB,
  8 * GB,
  10 * GB,
  15 * GB,
  20 * GB,
  50 * GB,
  100 * GB,
  200 * GB,
  500 * GB,
  1000 * GB,
];

/** What is carried for others in a day; the last position, and 0, is no limit. */
export const DAYS: readonly number[] = [100 * MB, 500 * MB, GB, 2 * GB, 5 * GB, 10 * GB, 20 * GB, 50 * GB, 100 * GB, 0];

/** Shared files that are sent at once; with 0 none is. */
export const SLOTS: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 255];

/** Shared files that are loaded at once. */
export const DOWNLOADS: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];

/** How often what is kept alive is looked after, from each hour to each thirty days. */
export const HOURS: readonly number[] = [1, 2, 4, 6, 12, 24, 48, 72, 168, 336, 720];

/** The position whose value is nearest by ratio; no limit is the last. */
export function positionOf(scale: readonly number[], value: number): number {
  if (value === 0) return scale.includes(0) ? scale.indexOf(0) : 0;
  let best = 0;
  for (const [position, candidate] of scale.entries()) {
    if (candidate === 0) continue;
    const distance = Math.abs(Math.log(candidate / value));
    if (distance < Math.abs(Math.log(scale[best]! / value))) best = position;
  }
  return best;
}
