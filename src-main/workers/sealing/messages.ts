/** What the pool and its threads say to each other. Records are transferred, not copied. */

export interface SealFile {
  /** Where the file is; a symbolic link is not followed. */
  readonly absolutePath: string;
  /** As it was surveyed; a file of another size is refused. */
  readonly sizeBytes: number;
  /** Path inside the publication, for messages. */
  readonly path: string;
  /** The key of this file (core/publish/piece.ts), 32 bytes, under which it was never sealed before. */
  readonly key: Uint8Array;
  /** Check blocks of a segment at least (core/publish/segments.ts). */
  readonly least: number;
}

/** A file that is only hashed: nothing is sealed, and its batches have no records. */
export type HashFile = Pick<SealFile, 'absolutePath' | 'sizeBytes' | 'path'>;

export type ToThread =
  | ({ readonly type: 'open'; readonly task: number } & SealFile)
  | ({ readonly type: 'hash'; readonly task: number } & HashFile)
  /** Asks for one more batch. */
  | { readonly type: 'next'; readonly task: number }
  | { readonly type: 'drop'; readonly task: number };

export interface SealedBatch {
  /** Encoded content records, ready to be inserted. */
  readonly records: readonly Uint8Array<ArrayBuffer>[];
  /** Their addresses, in the same order. */
  readonly addresses: readonly Uint8Array[];
  /** Bytes of the file that they hold; 0 for check blocks. */
  readonly plaintextBytes: number;
}

/** changed: the file is not what was surveyed; unreadable: it cannot be read; defect: anything else. */
export type SealFault = 'changed' | 'unreadable' | 'defect';

export type FromThread =
  | ({ readonly type: 'batch'; readonly task: number } & SealedBatch)
  /** After the last batch, for the `next` that found nothing more. */
  | { readonly type: 'end'; readonly task: number; readonly digest: Uint8Array }
  | { readonly type: 'fault'; readonly task: number; readonly fault: SealFault; readonly message: string };
