/** What a node is told about transfers and what it wants done for them: part of the events and effects of the node (../effects.ts). */
import type { KnownNode } from '../ports.ts';
import type { PageAt } from './pages.ts';
import type { BrowseOutcome, ShelfPage, ShelfQuestion, ShelfRefusal } from './shelves.ts';

type EffectId = number;

/** Limits of transfers, in bytes a second; 0: none. */
export interface TransferRates {
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** Of what one user is sent. */
  readonly userUpBytesPerSecond: number;
}

/** What is here of a file already: what a download goes on with. */
export interface HeldPart {
  readonly sizeBytes: number;
  /** Chunks that were verified and written, from the highest bit of the first byte. */
  readonly bitmap: Uint8Array;
  /** Those above come first. */
  readonly pages: readonly { readonly at: PageAt; readonly hashes: Uint8Array }[];
}

/** A file that this node can serve: all of it, or the chunks of a bitmap. */
export interface ServedFile {
  readonly sizeBytes: number;
  readonly held: Uint8Array | undefined;
}

export type TransferEvent =
  /** This node wants a file; `downloadDone` ends it. One operation a root. */
  | {
      readonly type: 'download';
      readonly operation: number;
      readonly root: Uint8Array;
      readonly sources: readonly KnownNode[];
      readonly held: HeldPart | undefined;
    }
  /** More sources for it, at most MAX_SOURCES in all; those that are known already are asked again at once. */
  | { readonly type: 'downloadSources'; readonly operation: number; readonly sources: readonly KnownNode[] }
  /** Chunks from this one on come first, as while it plays; undefined: from the start. */
  | { readonly type: 'downloadFrom'; readonly operation: number; readonly chunk: number | undefined }
  /** Stops it; what is held stays with the services. No `downloadDone` follows. */
  | { readonly type: 'downloadStop'; readonly operation: number }
  /** `bad`: not what its hash says, and not written. `failed`: it could not be written; the download ends with `disk`. */
  | { readonly type: 'chunkStored'; readonly effect: EffectId; readonly outcome: 'stored' | 'bad' | 'failed' }
  /** Upload slots in all and of one user. */
  | { readonly type: 'uploadSlots'; readonly slots: number; readonly ofUser: number }
  /** Limits from now on. */
  | ({ readonly type: 'transferRates' } & TransferRates)
  /** This node looks through what a user shares, MAX_BROWSES at once; `browsed` follows, unless `browseStop` does. */
  | {
      readonly type: 'browse';
      readonly operation: number;
      readonly node: KnownNode;
      readonly question: ShelfQuestion;
    }
  | { readonly type: 'browseStop'; readonly operation: number }
  | { readonly type: 'shelfRead'; readonly effect: EffectId; readonly shelf: ShelfPage | ShelfRefusal }
  | { readonly type: 'servedFound'; readonly effect: EffectId; readonly file: ServedFile | undefined }
  /** `undefined`: it is not there any more, or cannot be read. */
  | { readonly type: 'pageRead'; readonly effect: EffectId; readonly hashes: Uint8Array | undefined }
  | { readonly type: 'chunkRead'; readonly effect: EffectId; readonly bytes: Uint8Array | undefined };

export type TransferEffect =
  /** Size and root belong together: room may be made for it now, not before. */
  | { readonly type: 'downloadProved'; readonly operation: number; readonly sizeBytes: number }
  /** A page that was proved, to be kept for going on later and for serving. */
  | {
      readonly type: 'downloadPage';
      readonly operation: number;
      readonly at: PageAt;
      readonly hashes: Uint8Array;
    }
  /** Check the chunk against its hash and, if it is right, write it at its place; `chunkStored` follows, and then the bytes are used again. */
  | {
      readonly type: 'storeChunk';
      readonly effect: EffectId;
      readonly operation: number;
      readonly chunk: number;
      readonly bytes: Uint8Array;
      readonly hash: Uint8Array;
    }
  /** Every chunk is written (`whole`), or writing failed (`disk`): the operation is over. */
  | {
      readonly type: 'downloadDone';
      readonly operation: number;
      readonly outcome: 'whole' | 'disk';
      /** Nodes of which chunks came that proved right. */
      readonly sources: number;
    }
  /** A source lied; not to be asked again for a day, by any transfer. */
  | { readonly type: 'sourceBanned'; readonly operation: number; readonly publicKey: Uint8Array }
  /** Somebody asks for a file: is it served here? `servedFound` follows. */
  | { readonly type: 'findServed'; readonly effect: EffectId; readonly root: Uint8Array }
  | { readonly type: 'readPage'; readonly effect: EffectId; readonly root: Uint8Array; readonly at: PageAt }
  | { readonly type: 'readChunk'; readonly effect: EffectId; readonly root: Uint8Array; readonly chunk: number }
  | { readonly type: 'browsed'; readonly operation: number; readonly outcome: BrowseOutcome }
  /** A user looks through what is shared here: may it, and what is there? `shelfRead` follows. */
  | {
      readonly type: 'readShelf';
      readonly effect: EffectId;
      readonly publicKey: Uint8Array;
      readonly question: ShelfQuestion;
    }
  /** Tell `writable` for this link as soon as its buffer has room: at once when it has now. */
  | { readonly type: 'roomAsked'; readonly link: number };

const EVENTS: Readonly<Record<TransferEvent['type'], true>> = {
  download: true,
  downloadSources: true,
  downloadFrom: true,
  downloadStop: true,
  chunkStored: true,
  uploadSlots: true,
  transferRates: true,
  browse: true,
  browseStop: true,
  shelfRead: true,
  servedFound: true,
  pageRead: true,
  chunkRead: true,
};
const EFFECTS: Readonly<Record<TransferEffect['type'], true>> = {
  downloadProved: true,
  downloadPage: true,
  storeChunk: true,
  downloadDone: true,
  sourceBanned: true,
  findServed: true,
  readPage: true,
  readChunk: true,
  browsed: true,
  readShelf: true,
  roomAsked: true,
};

export function isTransferEvent(event: { readonly type: string }): event is TransferEvent {
  return Object.hasOwn(EVENTS, event.type);
}

export function isTransferEffect(effect: { readonly type: string }): effect is TransferEffect {
  return Object.hasOwn(EFFECTS, effect.type);
}
