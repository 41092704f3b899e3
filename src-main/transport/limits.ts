/** Bounds that every transport keeps; docs/LIMITS.md repeats them. */

/**
 * Largest message, in bytes: a block record (33 KB) with its routing header, and room. A larger one closes the link.
 */
export const MAX_TRANSPORT_MESSAGE_BYTES = 40_000;

/**
 * What a message costs beyond its own bytes when limits and credit are counted: frame, seal, and packet headers come to
 * about this. It also makes empty messages cost something.
 */
export const MESSAGE_OVERHEAD_BYTES = 64;

/** Bytes waiting on a link above which `send` answers false: four blocks, a few round trips of a slow line. */
export const SOFT_PENDING_BYTES = 128 * 1024;

/** `writable` is reported when what waits has fallen to this. */
export const WRITABLE_PENDING_BYTES = SOFT_PENDING_BYTES / 2;

/** Bytes waiting on a link above which it is closed as too slow: 250 blocks. 64 such links would hold 512 MiB. Guess. */
export const HARD_PENDING_BYTES = 8 * 1024 * 1024;
