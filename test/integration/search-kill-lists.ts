/** Lists that follow from their numbers, so that two processes agree on them: after each change a source has its last few files. */
import type { SearchIndex } from '../../src-main/core/search/index-port.ts';
import { seededRandom } from '../support/seeded-random.ts';

export const KILLED_SOURCES = 12;
/** Files of a source at any time, but while its list is short. */
export const KEPT_FILES = 6;

export function killedSource(source: number): Uint8Array {
  return seededRandom(source + 1).bytes(32);
}

function rootOf(source: number, sequence: number): Uint8Array {
  return seededRandom(1_000 + source + sequence * KILLED_SOURCES).bytes(32);
}

/** Its own word is in no other name. */
export function wordOf(source: number, sequence: number): string {
  return `s${source}n${sequence}`;
}

export function killedChange(source: number, sequence: number): Parameters<SearchIndex['change']>[1] {
  const name = `tide tables ${wordOf(source, sequence)}.pdf`;
  return {
    generation: 1,
    sequence,
    added: [{ root: rootOf(source, sequence), name, folder: `harbour ${source}`, sizeBytes: sequence, day: 20_000 }],
    removed: sequence > KEPT_FILES ? [rootOf(source, sequence - KEPT_FILES)] : [],
  };
}
