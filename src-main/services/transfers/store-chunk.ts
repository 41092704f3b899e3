/** How a chunk is checked and written away from the node's thread: workers/hashing/pool.ts fits. */
export type StoreChunk = (chunk: {
  /** In shared memory: it is not to be touched before the answer. */
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Descriptor of the open file, and the place in it. */
  readonly file: number;
  readonly position: number;
}) => Promise<'stored' | 'bad'>;

/** From here on a chunk goes to a thread: below, telling the thread costs about as much as doing it (guess). */
export const AWAY_BYTES = 262_144;
