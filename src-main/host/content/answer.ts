/** A question and an answer about content, as both hosts (an HTTP server, a scheme in Electron) can put and give them. */

import type { Blocked } from '../../../shared/base/blocked.ts';
import type { PlayKind } from '../../../shared/base/playable.ts';

export interface ContentRequest {
  readonly method: string;
  /** The path and query as they came, still percent-encoded: '/a/b.html?save'. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

export interface ContentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for HEAD and for answers that have none. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** What the interface may be told of it, beside the frame that shows it. */
  readonly told?: ToldOfPage | ToldOfLink;
}

/** A page of a publication was answered with. */
export interface ToldOfPage {
  readonly kind: 'page';
  readonly path: string;
  readonly blocked: readonly Blocked[];
  /** How often the words that were asked for stand on it; absent when none were. */
  readonly found?: number;
}

/** A link that leads away was followed: whoever shows the content asks. */
export interface ToldOfLink {
  readonly kind: 'away';
  readonly address: string;
}

/** One file of a publication that is open. */
export interface ServedFile {
  /** Relative, '/' between parts. */
  readonly path: string;
  /** From the manifest: sniffed by the publisher, so not to be trusted. */
  readonly type: string;
  readonly sizeBytes: number;
  /** H of the plaintext, for the entity tag. */
  readonly contentHash?: Uint8Array;
}

/** A publication that is open, as the content origin reads it. Everything it returns was verified. */
export interface ServedPublication {
  readonly title: string;
  readonly shape: 'file' | 'directory' | 'site';
  /** The file that a site opens with. */
  readonly index?: string;
  readonly files: readonly ServedFile[];
  file(path: string): ServedFile | undefined;
  /** Bytes start ... end-1 of a file. Throws BroadsideError when they cannot be had. */
  read(path: string, start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A file that is played, or looked at, while it arrives. Everything it returns was verified. */
export interface ServedPlay {
  readonly name: string;
  readonly kind: PlayKind | 'other';
  /** Media type that its name stands for. */
  readonly type: string;
  /** Names the content, for the entity tag. */
  readonly root: Uint8Array;
  /** Waits until it is known. */
  sizeBytes(signal?: AbortSignal): Promise<number>;
  /** Bytes start ... end-1, waited for. Throws BroadsideError when they cannot be had. */
  read(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Type and subtype without parameters, in lower case; octet-stream for what is not one. */
export function essenceOf(type: string): string {
  const essence = type.split(';', 1)[0]!.trim().toLowerCase();
  return /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(essence)
    ? essence
    : 'application/octet-stream';
}
