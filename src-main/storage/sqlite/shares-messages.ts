/** What the list of shared folders and its thread say to each other. */
import type { StoreProtocol } from './store-thread.ts';

export interface SharesSetup {
  readonly path: string;
  /** For a file that is created: sealed, to tell a wrong key at once. */
  readonly keyCheck: Uint8Array;
}

export interface SealedFile {
  readonly id: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface SealedFolder {
  readonly folder: number;
  readonly sealed: Uint8Array;
}

export type SharesRequest = { readonly id: number } & (
  | { readonly type: 'folders' }
  | ({ readonly type: 'put-folder' } & SealedFolder)
  | { readonly type: 'drop-folder'; readonly folder: number }
  | { readonly type: 'files'; readonly folder: number; readonly after: Uint8Array; readonly limit: number }
  | { readonly type: 'hashes'; readonly folder: number; readonly file: Uint8Array }
  | {
      readonly type: 'change';
      readonly folder: number;
      readonly put: readonly (SealedFile & { readonly hashes: Uint8Array })[];
      readonly moved: readonly (SealedFile & { readonly from: Uint8Array })[];
      readonly removed: readonly Uint8Array[];
    }
  | { readonly type: 'close' }
);

/** Of `files`, a page in one piece: for each its length (4, little-endian), id, sealed. `true`: it is done. */
export type SharesValue = readonly SealedFolder[] | Uint8Array | undefined | true;

interface Opened {
  readonly keyCheck: Uint8Array;
  readonly movedTo: string | undefined;
}

export interface SharesProtocol extends StoreProtocol {
  readonly request: SharesRequest;
  readonly value: SharesValue;
  readonly opened: Opened;
  readonly notice: object;
}
