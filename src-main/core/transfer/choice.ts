/** Which chunk a source is asked for next, and how much it may have in flight. */
import { MAX_FETCHES_OF_CHUNK, MAX_WINDOW_BYTES } from '../limits.ts';
import type { Random } from '../ports.ts';
import type { PieceMap } from './piece-map.ts';
import type { Source } from './source.ts';

export type Sources = ReadonlyMap<string, Source>;

export interface Choice {
  readonly map: PieceMap;
  readonly sources: Sources;
  /** Of a chunk that is not the last. */
  readonly chunkBytes: number;
  readonly nowMs: number;
  readonly random: Random;
}

/** Undefined: nothing that this source has is wanted of it now. */
export function nextChunk(choice: Choice, source: Source): number | undefined {
  const { map, sources, random } = choice;
  const others = [...sources.values()].filter((each) => each.isGiving && !each.isWhole);
  const rarity = {
    copiesOf: (chunk: number) => others.reduce((sum, other) => sum + (other.has(chunk) ? 1 : 0), 0),
    below: (bound: number) => random.below(bound),
  };
  const chunk = map.next((each) => source.has(each), others.length === 0 ? undefined : rarity);
  return chunk ?? overtaken(choice, source);
}

/** `chunkBytes`: of a chunk that is not the last. */
export function windowBytes(source: Source, chunkBytes: number, nowMs: number): number {
  return Math.max(2 * chunkBytes, Math.min(MAX_WINDOW_BYTES, source.delivery.windowBytes(nowMs)));
}

/** Sources that a chunk is asked of now. */
export function askersOf(sources: Sources, chunk: number): number {
  let askers = 0;
  for (const source of sources.values()) {
    for (const fetch of source.fetches.values()) if (fetch.chunk === chunk) askers += 1;
  }
  return askers;
}

/** The end game: a chunk that another source will be longer with than this one would be. */
function overtaken({ sources, chunkBytes, nowMs }: Choice, source: Source): number | undefined {
  let slowest: number | undefined;
  let longestMs = expectedMs(source, chunkBytes, nowMs) * 2;
  for (const other of sources.values()) {
    if (other === source || other.fetches.size === 0) continue;
    const leftMs = expectedMs(other, 0, nowMs);
    if (leftMs <= longestMs) continue;
    for (const { chunk } of other.fetches.values()) {
      if (!source.has(chunk) || askersOf(sources, chunk) >= MAX_FETCHES_OF_CHUNK) continue;
      [slowest, longestMs] = [chunk, leftMs];
      break;
    }
  }
  return slowest;
}

/** Until a source has sent all that is asked of it, and `moreBytes`. Who was never measured is hoped to be quick, until it owes something. */
function expectedMs(source: Source, moreBytes: number, nowMs: number): number {
  const rate = source.delivery.bytesPerSecond(nowMs);
  if (rate === undefined || rate === 0) return moreBytes > 0 ? 0 : Number.POSITIVE_INFINITY;
  const silentMs = source.fetches.size > 0 ? nowMs - source.delivery.deliveredAtMs : 0;
  return ((source.inFlightBytes + moreBytes) / rate) * 1_000 + silentMs;
}
