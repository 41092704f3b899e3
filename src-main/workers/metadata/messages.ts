/** What goes to the thread that looks for metadata, and what comes back. */
import type { MetadataFindings, MetadataReason } from '../../../shared/base/metadata.ts';

export interface MetadataFile {
  /** Where the file is; a symbolic link is not followed. */
  readonly absolutePath: string;
  /** Media type, as the survey told it. */
  readonly type: string;
}

export interface StrippedFile {
  readonly sizeBytes: number;
}

export type ToThread =
  | ({ readonly task: number; readonly kind: 'look' } & MetadataFile)
  /** Writes the stripped file to `to`, which must not exist. */
  | ({ readonly task: number; readonly kind: 'strip'; readonly to: string } & MetadataFile);

export type FromThread =
  | { readonly task: number; readonly ok: true; readonly findings?: MetadataFindings; readonly stripped?: StrippedFile }
  | { readonly task: number; readonly ok: false; readonly reason?: MetadataReason; readonly message: string };
