/** Every bound of the core, with its reason; docs/LIMITS.md says the same for people, and what happens at each. */

/** Hops that a message may make by greedy routing (protocol, section 3; Freenet's own is 18). */
export const MAX_HTL = 18;
/** The same where the network is small: more would only walk in circles (protocol, section 3). */
export const SMALL_NETWORK_HTL = 10;
/** Neighbours that one hop tries for one message (protocol, section 3). */
export const MAX_TRIES = 3;
/** Copies of a block at its sink and the sink's nearest neighbours, in all (protocol, section 3). */
export const COPIES = 4;

/** Silence after which a hop that did not even accept a message is passed over. Six round trips round the world. */
export const ACCEPT_TIMEOUT_MS = 2_000;
/** Time-out of an accepted message: a + b x HTL, so that the farther hop expires first (protocol, section 3). Guess. */
export const ANSWER_TIMEOUT_BASE_MS = 4_000;
export const ANSWER_TIMEOUT_PER_HOP_MS = 1_000;
/** A sink waits this long for its neighbours to store their copies, then answers with those that did. */
export const REPLICATE_TIMEOUT_MS = 3_000;
/** A neighbour that has not said hello by then is closed. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Messages under way through this node; more are answered `overload`. A message costs about 300 bytes of state. */
export const MAX_PENDING = 2_048;
/** Inserts among them hold their record, 33 KB each: 17 MB at most. */
export const MAX_PENDING_INSERTS = 512;
/** Of one neighbour, so that no link fills the table. Interactive ones have room of their own. */
export const MAX_PENDING_BULK_OF_LINK = 192;
export const MAX_PENDING_INTERACTIVE_OF_LINK = 64;

/** Ids remembered for refusing loops and duplicates: above what a full link brings in the time they are kept. */
export const MAX_RECENT_IDS = 65_536;
export const RECENT_ID_MS = 60_000;

/** Cached slots: in memory only, a fallback, for 5 minutes (protocol, section 3). 256 x 33 KB = 8.4 MB. */
export const MAX_CACHED_SLOTS = 256;
export const CACHED_SLOT_MS = 5 * 60_000;

/** Garbage from one neighbour after which its link is closed. One could be a bit flipped in its memory; three are not. */
export const MAX_GARBAGE_OF_LINK = 3;
/** Links at most, whatever the setting says. */
export const MAX_LINKS = 64;

/** Send window of a link: messages that wait for an answer, by additive increase and multiplicative decrease. */
export const WINDOW_START = 16;
export const WINDOW_MIN = 2;
export const WINDOW_MAX = 256;
/** Interactive messages may use this much beyond a full window: somebody waits for them. */
export const WINDOW_INTERACTIVE_EXTRA = 16;

/** Messages that this node itself has under way; more wait their turn in the services. */
export const MAX_LOCAL_PENDING = 512;
/** An own message that finds all ways busy tries again, first after this, then doubling, up to the deadline. */
export const BUSY_RETRY_MS = 40;
/** A message is given up after this, whatever happens. More than an answer over MAX_HTL hops may take. */
export const WALK_DEADLINE_MS = 30_000;

/** Neighbours told of in one message: the highest target degree (protocol, section 1). */
export const MAX_TOLD_NEIGHBOURS = 40;
/** Contacts in the answer to a seek. */
export const MAX_SOUGHT = 6;
