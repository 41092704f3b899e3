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
/** The same of a neighbour whose words take longer, for its line is slow or ours: by its own times, up to this. Guess. */
export const MAX_ACCEPT_TIMEOUT_MS = 10_000;
/** Longer than this, a word of a neighbour came through queues: less is sent to it. A second is ACCEPT_DELAY_MS. Guess. */
export const SLOW_WORD_MS = 2_500;
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
/** Ids of one own message by which its stems began and were silent, and may still be answered: three successors, twice. */
export const MAX_FORMER_KEYS = 6;
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
/** Silence after which a copy that was handed over counts as lost: 8 of them take 2 s on a line of 1 Mbit/s. Guess. */
export const HANDOVER_TIMEOUT_MS = 10_000;
/** Records that one message asks about, a kilobyte. */
export const MAX_CHECKED = 32;
/** Such questions that are out at once, how long each is waited for, and those of others that are being answered. Guess. */
export const MAX_CHECKS_OUT = 4;
export const CHECK_TIMEOUT_MS = 10_000;
export const MAX_CHECKS_ANSWERED = 32;
/** Neighbours are asked so often whether they have what they said: about so many fresh copies, and so many of all others,
 * which is each of 16,384 once in a day. Guess. */
export const CHECK_ROUND_MS = 60_000;
export const CHECKED_FRESH = 64;
export const CHECKED_AGAIN = 16;
/** Who had not what it said is not believed for so long, doubling to the second. Guess. */
export const DISTRUST_MS = 10 * 60_000;
export const MAX_DISTRUST_MS = 24 * 60 * 60_000;
/** Keys remembered for that, some 200 bytes each. */
export const MAX_DISTRUSTED = 256;
/** Addresses that the store tells of in one event at the start. */
export const MAX_RESTORED_AT_ONCE = 512;

/** Leading zero bits of a stamp that are asked for, or done, at most: a million hashes. */
export const MAX_STAMP_BITS = 20;
/** Of these at most so many are asked for because a node fills: at a thousand times the rate that fills it in a day. */
export const MAX_ADDED_STAMP_BITS = 10;
/** Keys whose inserted bytes are remembered, some 200 bytes each: many times the links of a node. */
export const MAX_BUDGETS = 1_024;
/** Inserts that a neighbour may bring a day, in bytes, however small the store: 2.7 GB of content with its check blocks. */
export const LEAST_BUDGET_BYTES = 4_294_967_296;

/** Bytes of a chunk in one message: what a block has (docs/spec/transfers.md). */
export const MAX_PART_BYTES = 32_768;
/** Bitmap in an offer: 32,768 chunks; a half-loaded file with more tells the rest by `have`. */
export const MAX_OFFER_BITMAP_BYTES = 4_096;
export const MAX_HAVE_CHUNKS = 64;
/** Source records of one message: an answer is no list of targets (protocol, section 6). */
export const MAX_TOLD_SOURCES = 10;

/** A shared file: 262,144 chunks at most, whose hashes are 8 MiB, which who hashes or loads it holds in memory. Guess. */
export const MAX_SHARED_FILE_BYTES = 1_099_511_627_776;

/** Sources of one download, and requests for its hashes that are out. */
export const MAX_SOURCES = 64;
export const MAX_PENDING_PAGES = 4;
/** In flight from one source: 50 ms at 2.5 Gbit/s; and by all downloads of a node. */
export const MAX_WINDOW_BYTES = 16_777_216;
export const MAX_IN_FLIGHT_BYTES = 67_108_864;
/** Sources asked for one chunk in the end game. */
export const MAX_FETCHES_OF_CHUNK = 2;
/** A source that owes something and is silent for so many round trips, within these bounds, is stalled (targets: 8 s). */
export const STALL_ROUND_TRIPS = 8;
export const LEAST_STALL_MS = 2_000;
export const MAX_STALL_MS = 8_000;
/** A source that does not answer, and one that cannot be reached. */
export const ASK_TIMEOUT_MS = 8_000;
export const DIAL_SOURCE_TIMEOUT_MS = 15_000;
/** A source that went is tried again after this, doubling to the second. */
export const RETRY_MS = 2_000;
export const MAX_RETRY_MS = 600_000;
/** Sources that lied, remembered for a day. */
export const MAX_BANNED = 1_024;
export const BAN_MS = 86_400_000;
/** Downloads under way at once. */
export const MAX_DOWNLOADS = 256;
/** Waiting for an upload slot, in all and of one user; a place is kept so long while its link is gone. */
export const MAX_WAITING_UPLOADS = 1_024;
export const MAX_UPLOADS_OF_USER = 64;
export const KEEP_PLACE_MS = 300_000;
/** A slot whose user asks for nothing is given to the next after this. */
export const IDLE_SLOT_MS = 30_000;
/** Chunks that one user may have asked for and not got: as many as fit its largest window, of the smallest chunks. */
export const MAX_FETCHES_OF_USER = 256;
/** Chunks of one user read ahead of the line. */
export const MAX_READS_OF_USER = 2;
/** Parts of a chunk that are handed to the link at once: its soft bound (transport/limits.ts). */
export const PARTS_AT_ONCE = 4;
/** Places in the queue, and new chunks, are told so often at most. */
export const TELL_PLACES_MS = 1_000;

/** A shared file's name and its folders, a listing's title: as most file systems have them (255 bytes), as UTF-8. */
export const MAX_FILE_NAME_BYTES = 255;
export const MAX_FOLDER_BYTES = 512;
/** Keywords of a listing, and bytes of one. Guess. */
export const MAX_KEYWORDS = 16;
export const MAX_KEYWORD_BYTES = 64;
/** Of a query: terms, words of one phrase, and bytes of one word (40 letters of four bytes). */
export const MAX_QUERY_TERMS = 8;
export const MAX_PHRASE_WORDS = 64;
export const MAX_WORD_BYTES = 160;
/** Longest message of the channel `search`: a transport takes 40,000. */
export const MAX_SEARCH_MESSAGE_BYTES = 34_816;
/** Of these, hits, entries of a list, or pieces of a word table: 32 KiB. */
export const SEARCH_PART_BYTES = 32_768;
/** Files in the list of one node. */
export const MAX_SHARED_FILES = 65_536;
/** Files in the index of a hub, 250 bytes of disk each, and lists: of the leaves of a day, 300 bytes of memory each. */
export const MAX_INDEXED_FILES = 2_000_000;
export const MAX_INDEXED_SOURCES = 65_536;

/** Hubs that a leaf keeps (protocol, section 5). */
export const HUBS_OF_LEAF = 3;
/** Hubs in the mesh of a hub (protocol, section 5), and how many more it takes that ask. */
export const MESH_HUBS = 32;
export const MAX_MESH_HUBS = 40;
/** What a hub may say that it has room for: 8,192 leaves. */
export const MAX_HUB_ROOM = 8_192;
/** Hub records in one message (docs/spec/search.md), and in the table: 250 bytes each. */
export const MAX_HUB_RECORDS_OF_MESSAGE = 10;
export const MAX_HUB_RECORDS = 512;
/** Records of one public /24 in the table, so that one block of addresses is not most of it. Guess. */
export const MAX_HUB_RECORDS_OF_PREFIX = 4;
/** A hub record is believed for so long, and made anew after a third of it. */
export const HUB_RECORD_SECONDS = 3_600;
/** Signatures of hub records that one peer may have checked in a minute: 100 us each. Guess. */
export const MAX_HUB_CHECKS_A_MINUTE = 60;
/** A hub that does not answer a wish to attach, or refused it, is left alone for so long. */
export const ATTACH_TIMEOUT_MS = 8_000;
export const ATTACH_REST_MS = 60_000;
/** A leaf changes one of its hubs so often, +-50 % (docs/spec/search.md). */
export const CHANGE_HUB_MS = 3_600_000;

/** Links that routing does not use, whatever the setting says: those of the leaves that a hub has room for, and of its mesh. */
export const MAX_PEER_LINKS = 8_192;
/** A link that routing does not use and that is of no use to either end is closed after this. Guess. */
export const PEER_LINK_IDLE_MS = 30_000;
/** Times that the other end may say of one link that it is for routing too, or no more. Guess. */
export const MAX_PURPOSE_CHANGES = 16;

/** Things that no honest node sends on the channel `search`, hits that do not fit their query among them, after which a link is closed. */
export const MAX_SEARCH_GARBAGE = 16;

/** Parts of a list under way to one hub. More would wait in its index. Guess. */
export const MAX_LIST_PARTS = 2;
/** Parts of one leaf that a hub has not answered: twice what an honest one has. */
export const MAX_LIST_PARTS_OF_LEAF = 4;

/** Bits of a word table, as powers of two: 128 bytes ... 512 KiB; and how often it is told. */
export const MIN_TABLE_BITS = 10;
export const MAX_TABLE_BITS = 22;
export const TABLE_EVERY_MS = 60_000;

/** Distinct contents that a search may want, and that it wants by default. */
export const MAX_WANTED = 1_000;
/** Hops of a query among hubs (protocol, section 5). */
export const MAX_QUERY_TTL = 3;
/** Hubs that one query may be passed on to by all that lead it: half of the 300 messages of the target, and the answers. */
export const MAX_HUBS_OF_QUERY = 140;
/** Messages that a leaf spends on one query, as far as its hubs tell: 300 (targets) with stops and answers in several parts. */
export const MAX_MESSAGES_OF_QUERY = 280;
/** What an answer may say that it cost. */
export const MAX_QUERY_MESSAGES = 1_024;
/** Hubs that are asked at once for one query: at first, and after the first answers. Guess. */
export const HUBS_ASKED_AT_FIRST = 4;
export const HUBS_ASKED_AT_ONCE = 12;
/** Queries under way through a hub, those of one link, and the part that is kept for those of leaves. About 2 KB each. */
export const MAX_QUERIES = 1_024;
export const MAX_QUERIES_OF_LINK = 64;
export const QUERIES_FOR_LEAVES = 256;
/** Queries a second that one leaf may ask in the long run, and at once. A person types one in ten seconds. */
export const LEAF_QUERIES_A_SECOND = 4;
export const LEAF_QUERY_BURST = 64;
/** The same of a hub, that brings those of a thousand leaves. */
export const HUB_QUERIES_A_SECOND = 100;
export const HUB_QUERY_BURST = 500;
/** Queries that the index answers at once; the others wait, those of leaves first, and for so long at most. */
export const MAX_INDEX_QUERIES = 32;
export const MAX_INDEX_WAIT_MS = 3_000;
/** Hits of one answer: of one source, of one content (docs/spec/search.md), and in all. */
export const HITS_OF_SOURCE = 20;
export const HITS_OF_CONTENT = 4;
export const MAX_HITS_OF_ANSWER = 1_000;
/** Hits that a query may bring back through a hub, all answers together. */
export const MAX_HITS_OF_QUERY = 2_000;
/** A hub has this long for its answer, and as much again for each hop that it passes the query on. */
export const HUB_ANSWER_MS = 2_000;
/** A leaf asks its next hub too when one has said nothing for so long: it may be dead. */
export const HUB_SILENT_MS = 2_500;

/** Searches of this node, and those that it runs for others at the end of their stems. */
export const MAX_OWN_SEARCHES = 32;
export const MAX_STEM_QUERIES = 256;
export const MAX_STEM_QUERIES_OF_LINK = 16;
/** A query by the stem ends after this: stem, hubs and back. */
export const STEM_QUERY_MS = 15_000;
/** Hops of a query without hubs: of a flood, and of a walker. */
export const MAX_FLOOD_HOPS = 2;
export const MAX_WALK_HOPS = 32;
/** Walkers of one query, and what they may walk together: the 300 messages of the target, hits included. Guess. */
export const WALKERS = 8;
/** Walks of others remembered, and for how long, to pass hits back. */
export const MAX_WALKS = 4_096;
export const WALK_MS = 10_000;

/** Minutes that a listing stands: 14 days (protocol, section 5). */
export const LISTING_MINUTES = 20_160;
/** So many messages of one link within a second, shorter than so many bytes on average, are told as a flood. Guesses: a relay at work brings hundreds. */
export const FLOOD_MESSAGES = 2_000;
export const FLOOD_MEAN_BYTES = 1_024;
/** Listings of one message, of a hub, and removals that it remembers: 100 bytes each. */
export const MAX_LISTINGS_OF_MESSAGE = 20;
export const MAX_LISTINGS = 65_536;
export const MAX_LISTING_REMOVALS = 8_192;
/** Listings checked against their manifests at once, and waiting for it; each costs some requests. Guess. */
export const MAX_LISTING_CHECKS = 4;
export const MAX_LISTINGS_WAITING = 256;
/** A node's word that it has a file lasts so long, in minutes; it is given again while it has it. */
export const SOURCE_MINUTES = 60;
/** Files of which such words are remembered, and words of one file: 1,024 x 64 x 150 bytes are 10 MB. */
export const MAX_SOURCE_FILES = 1_024;
export const MAX_RECORDS_OF_FILE = 64;
/** Of these, signatures that are checked in a minute, 100 us each. */
export const MAX_RECORD_CHECKS = 1_200;
/** Sources are asked whom else they know so often. */
export const ASK_SOURCES_MS = 120_000;

/** What is told of shared folders at once (docs/spec/transfers.md): entries of a page, and their bytes, so that one fits a message. */
export const MAX_SHELF_ENTRIES = 512;
export const MAX_SHELF_BYTES = 30_720;
/** Pages that one link, and all links together, may ask for a second in the long run, and how many seconds of it at once. Guesses. */
export const SHELVES_A_SECOND = 8;
export const SHELVES_A_SECOND_OF_ALL = 64;
export const SHELVES_SAVED_SECONDS = 4;
/** Pages of one link that are looked up at once: an honest node asks for one after the other. */
export const MAX_SHELVES_OF_LINK = 2;
/** Pages that this node asks for at once, and how long it waits for one, the making of a link included. Guesses. */
export const MAX_BROWSES = 16;
export const BROWSE_TIMEOUT_MS = 15_000;
