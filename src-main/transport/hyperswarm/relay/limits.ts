/** Bounds of relaying; docs/LIMITS.md repeats them. */

/** Streams that a node carries for others: each may hold twice one and a half windows, 12 MiB in all. Guess. */
export const MAX_CARRIED = 16;
/** Of these for one node that asks, and to one that is asked for. Guesses. */
export const MAX_CARRIED_OF_ASKER = 2;
export const MAX_CARRIED_OF_TARGET = 4;
/** What may be under way on a stream to each of the three nodes: 2.5 MB/s at 100 ms, more than is carried for anybody. */
export const RELAY_WINDOW_BYTES = 256 * 1024;
/** What one asker gets of what is carried a second, and a day: a half, a quarter. Guesses. */
export const ASKER_SHARE_OF_RATE = 1 / 2;
export const ASKER_SHARE_OF_DAY = 1 / 4;
/** Askers whose spending is remembered until it has come back; others are told `busy`. 200 bytes each. */
export const MAX_ASKERS = 1_024;
/** Questions and openings of one link: so many a second in the long run, so many at once; beyond, `busy`. Guesses. */
export const ASKS_A_SECOND = 1;
export const ASKS_SAVED_SECONDS = 20;
/** More in one second than any of ours would send close the link. */
export const MAX_ASKS_IN_SECOND = 100;
/** An end that was offered a stream takes it by then: a round trip of the slowest line, with a retransmission. Guess. */
export const OFFER_MS = 5_000;
/** A stream that carried nothing for so long is closed: links ping every 20 s (liveness.ts). */
export const CARRIED_IDLE_MS = 60_000;
/** What was sent before an end closed its stream has so long to get through. */
export const CLOSING_MS = 2_000;

/** Links of a node that neighbours carry; of these, those that others began, and those that one neighbour carries. Guesses: they pass the rule of two of a /24 by. */
export const MAX_RELAYED = 8;
export const MAX_RELAYED_TAKEN = 4;
export const MAX_RELAYED_BY_ONE = 4;
/** Neighbours that are asked for one node, the nearest first: each of them learns whom it is about. Guess. */
export const MAX_ASKED = 6;
/** How long their answers are waited for: as long as an address that was named (hints.ts), and a queue on the way. Guess. */
export const ANSWERS_MS = 1_200;
/** Nodes that neighbours are asked about at once; more wait for the next time that the core asks. */
export const MAX_SEARCHES = 8;
/** A node that nobody could carry a stream to is asked about again after this, doubled each time, up to the second. Guesses. */
export const FIRST_SEARCH_REST_MS = 10_000;
export const MAX_SEARCH_REST_MS = 10 * 60_000;
/** Nodes of which the outcome of the last search is remembered; the oldest is forgotten. 150 bytes each. */
export const MAX_OUTCOMES = 256;
/** A neighbour by which a stream did not last comes after the others for so long. Guess. */
export const POOR_MS = 10 * 60_000;
/** What it carried lasted if it stood so long (as dialler.ts has it of links). */
export const LASTING_MS = 30_000;
/** A dial that has led to nothing yet is helped by a search after this: most that will succeed have by then. Guess. */
export const DIAL_ALONE_MS = 3_000;
/** A node that was reached by a neighbour lately, and not without, is searched for at once. */
export const NEEDS_RELAY_MS = 10 * 60_000;
/** A link that is carried is tried without after this, doubled each time, up to the second. Guesses. */
export const FIRST_DIRECT_TRY_MS = 60_000;
export const MAX_DIRECT_TRY_MS = 15 * 60_000;
/** A link that moves from a neighbour to a way of its own has both for so long at most. */
export const MOVING_MS = 10_000;
/** Who was first linked so long ago is no stranger; so is whom an invite named. A guess: longer than somebody waits for one download. */
export const ACQUAINTED_MS = 24 * 60 * 60_000;
