/** Publications that are open in the viewer, by the label of the origin that each is shown under. */
import { encodeBase32 } from '../../../shared/base/base32.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Publication } from '../../../shared/ipc/model.ts';
import type { Crypto } from '../../core/ports.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { canonicalLink } from './gather.ts';
import type { PublicationReader } from './publication-reader.ts';

/** More tabs than anybody keeps; each holds its manifest (64 MiB at the very most) and 2 MiB of lists. The least recently used leaves. */
export const MAX_OPEN = 64;
/** base32 of 32 bytes without padding; a host label may have 63. */
export const LABEL_LETTERS = 52;

export interface OpenPublication {
  readonly label: string;
  readonly publication: Publication;
  /** By its path in the publication; undefined where there is none. */
  file(path: string): ManifestFile | undefined;
  /** All files, in order of their paths. */
  readonly files: readonly ManifestFile[];
  /**
   * Bytes `start` ... `end` - 1 of a file, verified piece by piece; the whole file, digest included, when no range is
   * given. Ends with an error, and never with other bytes, when something cannot be had.
   */
  read(
    file: ManifestFile,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}

export class OpenRegistry {
  readonly #crypto: Crypto;
  readonly #installationSecret: Uint8Array;
  /** The least recently used first. */
  readonly #open = new Map<string, OpenPublication>();

  /** `installationSecret`: 32 bytes that never leave this machine, so that nobody can tell a link from a label. */
  constructor(crypto: Crypto, installationSecret: Uint8Array) {
    this.#crypto = crypto;
    this.#installationSecret = installationSecret;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Host label of the origin that shows an edition: each has its own, so that none can mix with another. */
  labelOf(link: PublicationLink): string {
    const text = new TextEncoder().encode(canonicalLink(link));
    return encodeBase32(this.#crypto.hash('origin', this.#installationSecret, text)).slice(0, LABEL_LETTERS);
  }

  /** Opens it for the content origin, instead of what was open under its label. */
  add(reader: PublicationReader, publication: Publication): OpenPublication {
    const label = this.labelOf(reader.link);
    const opened: OpenPublication = {
      label,
      publication,
      files: reader.manifest.files,
      file: (path) => reader.file(path),
      read: (file, range, signal) =>
        range === undefined ? reader.whole(file, { signal }) : reader.range(file, range.start, range.end, { signal }),
    };
    this.#open.delete(label);
    this.#open.set(label, opened);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#open.delete(oldest);
    }
    return opened;
  }

  /** Counts as a use. Undefined: never opened, or left since; open it again. */
  resolve(label: string): OpenPublication | undefined {
    const opened = this.#open.get(label);
    if (opened !== undefined) {
      this.#open.delete(label);
      this.#open.set(label, opened);
    }
    return opened;
  }

  /** Forgets all that is open; what is being read goes on. */
  clear(): void {
    this.#open.clear();
  }
}
