/** What a list of shared files, and a listing of a publication, say of one content. */
import type { FileKind } from '../../../shared/base/file-kinds.ts';

/** A shared file, as its node lists it. */
export interface FileEntry {
  /** Content id (docs/spec/search.md), 32 bytes. */
  readonly root: Uint8Array;
  /** Its own name, 1 ... 255 bytes of UTF-8, no '/' and no control characters. */
  readonly name: string;
  /** Folders from the share down to it, '/' between; '' for none; at most 512 bytes of UTF-8. */
  readonly folder: string;
  readonly sizeBytes: number;
  /** Days since 1970 at which it was first shared from there. */
  readonly day: number;
}

/** A publication, as its listing says it. */
export interface PublicationEntry {
  /** Public key of the document, 32 bytes: its content id. */
  readonly documentKey: Uint8Array;
  /** Body of its link without the checksum, LINK_BODY_BYTES. */
  readonly link: Uint8Array;
  /** 1 ... 255 bytes of UTF-8. */
  readonly title: string;
  /** At most 16, as typed, 64 bytes of UTF-8 each. */
  readonly keywords: readonly string[];
  readonly shape: 'file' | 'directory' | 'site';
  /** Kind of the file, or of its first page. */
  readonly fileKind: FileKind;
  readonly sizeBytes: number;
  /** Days since 1970 at which it was listed. */
  readonly day: number;
}

/** One content that a query found at one source. */
export type Hit =
  | {
      readonly kind: 'direct';
      readonly entry: FileEntry;
      /** Public key of the node that shares it, 32 bytes. */
      readonly source: Uint8Array;
      /** Where the hub sees the source, for the two-per-/24 rule and for dialling; a hint. */
      readonly host?: string;
      readonly port?: number;
      /** Free upload slots that the source reported, 0 ... 255. */
      readonly freeSlots: number;
    }
  | { readonly kind: 'anonymous'; readonly entry: PublicationEntry };
