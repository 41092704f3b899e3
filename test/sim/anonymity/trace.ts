/** What colluders see of an origin's messages, and what they are asked about it. */

/** A message of the set came to a colluder. */
export interface Sighting {
  readonly atMs: number;
  readonly colluder: number;
  /** The neighbour that it came from. */
  readonly from: number;
  /** Which address of the set: an index into the activity's places. */
  readonly message: number;
  /** Equal ids are one message; along a stem each link has its own. */
  readonly id: string;
  readonly stem: boolean;
  /** Undefined on the stem, where messages carry none. */
  readonly htl: number | undefined;
}

/** The answer to a message of the set went back through a colluder. */
export interface AnswerSighting {
  readonly atMs: number;
  readonly colluder: number;
  /** The neighbour that it was given to, the one that the message had come from. */
  readonly to: number;
  readonly message: number;
}

/**
 * One burst of messages that the colluders can tell to belong together, because they have the link and so all addresses:
 * one request, a publication, a reading of it. `messages` are places in the route book (routes.ts).
 */
export interface Activity {
  readonly messages: Int32Array;
  /** By time. */
  readonly sightings: readonly Sighting[];
  /** By time. */
  readonly answers: readonly AnswerSighting[];
}

/** Activities of one origin, hours or days apart, that the colluders can link; most puzzles have one. */
export interface Puzzle {
  readonly activities: readonly Activity[];
}

export interface Guess {
  /** Undefined: nothing was seen that tells; the scorer draws an honest node. */
  readonly node: number | undefined;
  /** The estimator's own probability that it is right, 0 ... 1. */
  readonly confidence: number;
}

export const NO_GUESS: Guess = { node: undefined, confidence: 0 };

/** For each message of the activity, the earliest sighting of it, or undefined. */
export function earliestByMessage(activity: Activity): (Sighting | undefined)[] {
  const earliest: (Sighting | undefined)[] = Array.from({ length: activity.messages.length }, () => undefined);
  for (const sighting of activity.sightings) earliest[sighting.message] ??= sighting;
  return earliest;
}

/** The key that was counted most often, the first of equals; undefined of an empty map. */
export function mostCounted(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  for (const [key, count] of counts) if (best === undefined || count > counts.get(best)!) best = key;
  return best;
}

export function count(counts: Map<number, number>, key: number, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
