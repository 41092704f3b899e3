/**
 * Counting one neighbour's messages (Levine, Liberatore, Lynn, Wright 2017, "Statistical Detection of Downloaders in
 * Freenet", and the same 2020, "A Forensically Sound Method of Identifying Downloaders and Uploaders in
 * Freenet"): of T messages an origin with g neighbours gives each of them about T/g; one that only relays for an origin
 * next to it, with h neighbours, gives T/(g h). Whichever explains the count better, by binomials; of all neighbours of
 * colluders the one with the best ratio is taken. Only messages with the highest or the second highest HTL count, as in
 * the papers (18 and 17); of those on a stem, all.
 */
import { NO_GUESS } from '../trace.ts';
import type { Estimator } from './estimator.ts';

export const counting: Estimator = {
  name: 'counting',
  guess(puzzle, adversary) {
    const { neighbours } = adversary.topology;
    const degree = neighbours.reduce((sum, list) => sum + list.length, 0) / neighbours.length;
    let best = NO_GUESS;
    let bestRatio = Number.NEGATIVE_INFINITY;
    for (const { messages, sightings } of puzzle.activities) {
      const seen = new Map<string, { readonly from: number; readonly messages: Set<number> }>();
      for (const { from, colluder, message, htl } of sightings) {
        if (htl !== undefined && htl < adversary.maxHtl - 1) continue;
        const key = `${from}>${colluder}`;
        const entry = seen.get(key) ?? { from, messages: new Set() };
        entry.messages.add(message);
        seen.set(key, entry);
      }
      for (const { from, messages: counted } of seen.values()) {
        const own = 1 / neighbours[from]!.length;
        const ratio = logRatio(counted.size, messages.length, own, own / degree);
        if (ratio <= bestRatio) continue;
        bestRatio = ratio;
        best = { node: from, confidence: 1 / (1 + Math.exp(-ratio)) };
      }
    }
    return best;
  },
};

/** Log of how much better `a` explains `hits` of `tries` than `b` does. */
function logRatio(hits: number, tries: number, a: number, b: number): number {
  return hits * Math.log(a / b) + (tries - hits) * Math.log((1 - a) / (1 - b));
}
