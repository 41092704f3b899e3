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
/** A hop that has no answer by then says that it took the message; most messages are answered before. */
export const ACCEPT_DELAY_MS = 1_000;
/** Time-out of an accepted message: a + b x HTL, so that the farther hop expires first (protocol, section 3). Guess. */
export const ANSWER_TIMEOUT_BASE_MS = 4_000;
export const ANSWER_TIMEOUT_PER_HOP_MS = 500;
/** The same on a stem, where nobody knows how far it goes: longer than a greedy hop at the top may take. Guess. */
export const STEM_ANSWER_TIMEOUT_MS = 15_000;
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
/** The age of a cached slot travels in steps of this, so that it does not get younger by being passed on. */
export const AGE_STEP_MS = 2_000;

/** Garbage from one neighbour after which its link is closed. One could be a bit flipped in its memory; three are not. */
export const MAX_GARBAGE_OF_LINK = 3;
/** Links at most, whatever the setting says. */
export const MAX_LINKS = 64;

/** Send window of a link: messages that wait for an answer, by additive increase and multiplicative decrease. */
export const WINDOW_START = 16;
export const WINDOW_MIN = 2;
export const WINDOW_MAX = 256;

/** Messages that this node itself has under way; more wait their turn in the services. */
export const MAX_LOCAL_PENDING = 512;
/** An own message that finds all ways busy tries again, first after this, then doubling, up to the deadline. */
export const BUSY_RETRY_MS = 40;
/** A message is given up after this, whatever happens: two stems may be waited for in vain. */
export const WALK_DEADLINE_MS = 40_000;

/** Neighbours told of in one message: the highest target degree (protocol, section 1). */
export const MAX_TOLD_NEIGHBOURS = 40;
/** Contacts in the answer to a seek. */
export const MAX_SOUGHT = 6;

/** Successors that a node's own messages may use in one epoch: one, and two more in turn when it is silent. With two, and a
 * third of all nodes silent, one node in eleven would be cut off while its links stand. */
export const OWN_SUCCESSORS = 3;
/** Former successors of an epoch that are taken again when they come back. */
export const MAX_REMEMBERED_SUCCESSORS = 16;

/** A neighbour that did not lead to an address is asked after the others for so long. Guess. */
export const FAILURE_MS = 30_000;
/** Addresses that this node itself asked for in vain, 100 bytes each. */
export const MAX_IN_VAIN = 4_096;
/** Ways that the end of a stem goes for one request: a single liar can deny what is there. The second has half of the HTL. */
export const OPINIONS = 2;
/** Addresses in the failure table, about 200 bytes each, and links of one of them. */
export const MAX_FAILURES = 4_096;
export const MAX_FAILURES_OF_ADDRESS = 8;

/** Silences in a row after which a neighbour is asked after the others, and for how long at first; it doubles. Guess. */
export const SUSPECT_AFTER_SILENCES = 2;
export const SUSPECT_MS = 10_000;
/** Silences in a row, without any answer, after which a link is given up. Guess. */
export const MAX_SILENCES_OF_LINK = 8;

/** No peer gets more of a node's traffic than this part (protocol, section 1), once it has so many links and messages. */
export const MAX_SHARE_OF_PEER = 0.3;
export const MIN_LINKS_FOR_SHARES = 8;
export const MIN_SENT_FOR_SHARES = 64;
/** The counts are halved when they reach this, so that they are about the present. */
export const SENT_HALVED_AT = 512;

/** A source or sink offers itself as a neighbour with one answer of so many. Guess. */
export const OFFER_ONE_IN = 2;
/** A hop puts itself in the place of what is offered with one answer of so many, so that an offer does not tell who has the
 * record (protocol, section 3; Freenet's path folding). Guess. */
export const REPLACE_ONE_IN = 8;
/** A node that has links enough takes one useful offer of so many (Sandberg 2006: about 1/14 keeps 1/d). */
export const FOLD_ONE_IN = 14;

/** Links are looked after so often, and sooner while some are missing. */
export const MAINTAIN_MS = 15_000;
export const MAINTAIN_SOON_MS = 1_000;
/** Links on either side that are kept because they are the nearest: greedy routing ends by them. */
export const NEAR_LINKS_OF_SIDE = 2;
/** A link younger than this is not given up for its length. */
export const NEWCOMER_MS = 30_000;
/** Newcomers may be this part of the links beyond the target degree. */
export const NEWCOMER_SHARE = 0.25;
/** A link that is given up is closed after this even if something is still under way. */
export const LEAVING_MS = 3_000;
/** A node asks who lives near its own place so often, and thirty times as often while it has few links. Guess. */
export const SEEK_OWN_PLACE_MS = 5 * 60_000;
/** Dials of the core that may be out at once, and when one that came to nothing may be made again. */
export const MAX_DIALS_OUT = 6;
export const DIAL_REST_MS = 60_000;
/** Dials remembered. */
export const MAX_DIALS_REMEMBERED = 256;
/** Seeks that this node has out, and those of others that it passes on. */
export const MAX_OWN_SEEKS = 3;
export const MAX_SEEKS = 512;
/** Seeks that one neighbour may have under way through here. */
export const MAX_SEEKS_OF_LINK = 16;
export const SEEK_TIMEOUT_MS = 10_000;

/** Validity of a link's proof, how long before its end it is renewed, and how far a proof may lie in the future by the
 * neighbour's clock. Minutes. */
export const PROOF_MINUTES = 60;
export const PROOF_RENEWED_MINUTES = 20;
export const CLOCK_SKEW_MINUTES = 15;
/** Neighbours are told of the others so long after a change, and at most so often. */
export const TELL_AFTER_MS = 2_000;
export const TELL_EVERY_MS = 20_000;
/** Places of neighbours' neighbours are computed one at a time and at most so often: 60 ms of a core each. */
export const LOCATE_PACE_MS = 250;
/** Places waiting to be computed, and nodes remembered with their places, some 300 bytes each. */
export const MAX_LOCATING = 1_024;
export const MAX_ACQUAINTANCES = 4_096;
/** Tellings that a neighbour may make at once before they count as garbage; one more comes twice as often as one is due. */
export const MAX_TELLINGS = 4;

/** Addresses remembered of what this node keeps for its place, for handing over: 200 bytes each. */
export const MAX_KEPT = 16_384;
/** Copies are looked after so long after a neighbour came or went, for it may be back, or a copy came that belongs nearer. */
export const HANDOVER_DELAY_MS = 20_000;
/** A neighbour that did not take a copy is asked again after this, doubling to the second while it takes none. Guess. */
export const HANDOVER_RETRY_MS = 60_000;
export const MAX_HANDOVER_RETRY_MS = 60 * 60_000;
/** Nodes remembered to have a copy of one record, those that left included. */
export const MAX_HOLDERS = 2 * COPIES;
/** Kept records looked at in one go, and the pause after it: some milliseconds of a core. */
export const SWEPT_AT_ONCE = 512;
export const SWEEP_PAUSE_MS = 50;
/** Copies handed over at once. */
export const MAX_HANDOVERS = 8;

/** Leading zero bits of a stamp that are asked for, or done, at most: a million hashes. */
export const MAX_STAMP_BITS = 20;
/** Of these at most so many are asked for because a node fills: at a thousand times the rate that fills it in a day. */
export const MAX_ADDED_STAMP_BITS = 10;
/** Keys whose inserted bytes are remembered, some 200 bytes each: many times the links of a node. */
export const MAX_BUDGETS = 1_024;
/** Inserts that a neighbour may bring a day, in bytes, however small the store: 2.7 GB of content with its check blocks. */
export const LEAST_BUDGET_BYTES = 4_294_967_296;
