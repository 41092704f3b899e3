/**
 * What a set of messages tells about the stems that they came by. A stem that met a colluder tells who handed it over; of
 * the others the colluders see greedy hops, and since routes can be computed by anybody, where the greedy part began.
 */
import { htlChance } from './routes.ts';
import type { RouteBook } from './routes.ts';
import type { Adversary } from './topology.ts';
import { earliestByMessage } from './trace.ts';
import type { Activity, Sighting } from './trace.ts';

/** A colluder got stems of this set from this neighbour. */
export interface StemClue {
  readonly kind: 'stem';
  readonly from: number;
  readonly colluder: number;
  readonly atMs: number;
}

/** Log-likelihood of each node as the one that greedy routing began at, by the messages of one stretch of time. */
export interface EndClue {
  readonly kind: 'end';
  readonly atMs: number;
  readonly logLikelihood: Float64Array;
}

export type Clue = StemClue | EndClue;

/** Share of messages that went another way than the computed one: busy neighbours, lost messages. Guess. */
const DETOURS = 0.1;
/** Share of messages that ended before the colluder on their way: a request that met a copy or a cache. Guess. */
const ENDED_EARLY = 0.2;
/** Messages of a stretch that are looked at; more do not change the answer. */
const MOST_MESSAGES = 64;
/** An epoch is cut into so many stretches, so that a change of epoch spoils one only. */
const STRETCHES = 4;

/** The clues of one activity, each counted once however many messages gave it. */
export function cluesOf(activity: Activity, adversary: Adversary, routes: RouteBook): Clue[] {
  const earliest = earliestByMessage(activity);
  const clues: Clue[] = [];
  const stems = new Set<string>();
  const rest: { readonly place: number; readonly sighting: Sighting | undefined }[] = [];
  for (const [index, sighting] of earliest.entries()) {
    if (sighting?.stem === true) {
      const key = `${sighting.from}>${sighting.colluder}`;
      const { from, colluder, atMs } = sighting;
      if (!stems.has(key)) clues.push({ kind: 'stem', from, colluder, atMs });
      stems.add(key);
    } else {
      rest.push({ place: activity.messages[index]!, sighting });
    }
  }
  // Where every message came by the stem, nothing is left; a few that went astray tell less than those that did not.
  if (rest.length === 0 || (stems.size > 0 && rest.length < earliest.length / 10)) return clues;
  for (const stretch of stretches(rest, adversary)) clues.push(endClue(stretch, adversary, routes));
  return mergeEnds(clues);
}

type Seen = { readonly place: number; readonly sighting: Sighting | undefined };

/** By time, each a part of an epoch; what was never sighted counts to the stretch of its neighbour in the list. */
function stretches(seen: readonly Seen[], adversary: Adversary): Seen[][] {
  const stretchMs = (adversary.stem?.epochMs ?? Number.POSITIVE_INFINITY) / STRETCHES;
  const lists: Seen[][] = [];
  let beganMs = Number.NEGATIVE_INFINITY;
  for (const one of seen) {
    const atMs = one.sighting?.atMs ?? beganMs;
    if (lists.length === 0 || atMs >= beganMs + stretchMs) {
      lists.push([]);
      beganMs = one.sighting?.atMs ?? beganMs;
    }
    lists.at(-1)!.push(one);
  }
  return lists;
}

function endClue(seen: readonly Seen[], adversary: Adversary, routes: RouteBook): EndClue {
  const size = adversary.colluding.length;
  const logLikelihood = new Float64Array(size);
  const stride = Math.max(1, Math.floor(seen.length / MOST_MESSAGES));
  for (let index = 0; index < seen.length; index += stride) {
    addMessage(logLikelihood, seen[index]!, adversary, routes);
  }
  for (let node = 0; node < size; node += 1) {
    // A stem that ended at a colluder would have been seen on the stem.
    if (adversary.stem !== undefined && adversary.colluding[node] === 1) logLikelihood[node] = Number.NEGATIVE_INFINITY;
  }
  const atMs = seen.find((one) => one.sighting !== undefined)?.sighting?.atMs ?? 0;
  return { kind: 'end', atMs, logLikelihood };
}

function addMessage(sums: Float64Array, seen: Seen, adversary: Adversary, routes: RouteBook): void {
  const { colluder, from, hops } = routes.table(seen.place);
  const { sighting } = seen;
  // A detour ends anywhere: any of the colluders' links is as likely.
  const anywhere = DETOURS / colluder.length;
  for (let node = 0; node < sums.length; node += 1) {
    let chance: number;
    if (sighting === undefined) {
      chance = colluder[node] === -1 ? 1 - DETOURS : DETOURS + ENDED_EARLY;
    } else {
      const fits = colluder[node] === sighting.colluder && from[node] === sighting.from;
      const lost = adversary.maxHtl - (sighting.htl ?? adversary.maxHtl);
      chance = anywhere + (fits ? (1 - DETOURS) * htlChance(hops[node]! - 1, lost) : 0);
    }
    sums[node]! += Math.log(chance);
  }
}

/** Stretches after each other with the same likeliest end are one clue: the epoch had not changed. */
function mergeEnds(clues: readonly Clue[]): Clue[] {
  const merged: Clue[] = [];
  for (const clue of clues) {
    const last = merged.at(-1);
    if (clue.kind === 'end' && last?.kind === 'end' && likeliest(clue) === likeliest(last)) {
      merged[merged.length - 1] = sumOfEnds(last, clue);
    } else {
      merged.push(clue);
    }
  }
  return merged;
}

export function sumOfEnds(a: EndClue, b: EndClue): EndClue {
  return {
    kind: 'end',
    atMs: a.atMs,
    logLikelihood: a.logLikelihood.map((value, node) => value + b.logLikelihood[node]!),
  };
}

export function likeliest(clue: EndClue): number {
  let best = 0;
  for (let node = 1; node < clue.logLikelihood.length; node += 1) {
    if (clue.logLikelihood[node]! > clue.logLikelihood[best]!) best = node;
  }
  return best;
}
