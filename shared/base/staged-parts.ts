/**
 * Files that a browser hands to its node are compared part by part when an upload goes on: a page can hash a piece of a file, and no
 * whole one as it is read. Short enough to be read at once on both sides, and long enough that few are asked for.
 */
export const STAGED_PART_BYTES = 8 * 1024 * 1024;
