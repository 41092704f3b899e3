/**
 * Whether what an interrupted job left on disk is too old to be kept, by two looks a week apart: a wall clock that is a year ahead at one
 * start takes nothing, for what seems too old is only marked then, and the mark goes with the next look by a clock that is right.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';

/** Between the look that marks and the one that says so. Guess: nobody works for longer with a clock that is wrong. */
export const GRACE_MS = 7 * 24 * 3_600_000;

export interface Age {
  /** By the wall, as is `nowMs`. */
  readonly modifiedMs: number;
  readonly nowMs: number;
  readonly mostMs: number;
}

export function seemsOutdated({ modifiedMs, nowMs, mostMs }: Age): boolean {
  return nowMs - modifiedMs > mostMs;
}

/** `mark`: path of a small file that says since when. Where it cannot be written, nothing is too old. */
export async function isOutdated(mark: string, age: Age): Promise<boolean> {
  const { modifiedMs, nowMs, mostMs } = age;
  if (!seemsOutdated(age)) {
    await rm(mark, { force: true }).catch(() => undefined);
    return false;
  }
  const text = await readFile(mark, 'utf8').catch(() => '');
  const sinceMs = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  // One of before it was too old was cut off; one of later was made by a clock that was further ahead.
  if (sinceMs > modifiedMs + mostMs && sinceMs <= nowMs) return nowMs - sinceMs >= GRACE_MS;
  await writeFile(mark, String(nowMs), { mode: 0o600 }).catch(() => undefined);
  return false;
}
