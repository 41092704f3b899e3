/** How a chunk is checked and written away from the node's thread: workers/hashing/pool.ts fits. */
export type StoreChunk = (chunk: {
  /** In shared memory: it is not to be touched before the answer. */
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Descriptor of the open file, and the place in it. */
  readonly file: number;
  readonly position: number;
}) => Promise<'stored' | 'bad'>;

/**
 * From here on a chunk goes to a thread, that is all but the last of a file and files below 64 KiB: telling the thread costs less than doing it,
 * and the loop goes on meanwhile (`npm run bench -- event-loop`).
 */
export const AWAY_BYTES = 65_536;
