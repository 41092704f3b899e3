/** An opened publication: its manifest and its files, readable at any place. */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { encodeBase32 } from '../../../shared/base/base32.ts';
import { groupInFours } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { LibraryEntry, Publication, PublicationClass } from '../../../shared/ipc/model.ts';
import { keyOfFile, plaintextDigest } from '../../core/publish/manifest.ts';
import type { Manifest, ManifestFile } from '../../core/publish/manifest.ts';
import { CLASS_DELETE_ONLY, CLASS_UPDATABLE } from '../../core/wire/record.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import { BlockReader } from './block-reader.ts';
import type { ReadOptions, WholeOptions } from './block-reader.ts';
import { canonicalLink } from './gather.ts';
import type { Gathered } from './gather.ts';
import { notAsPublished } from './list-reader.ts';
import type { BlockedContent } from './segment-reader.ts';

/** Files that are listed in what is shown (shared/ipc/model.ts); the reader itself has them all. */
const LISTED_FILES = 1_000;
const SIGNER_LETTERS = 8;

/** Media type of what has no one file to take it from; the name that freedesktop.org's MIME database gives. */
export const DIRECTORY_TYPE = 'inode/directory';

/** Editions before the one that is shown that are listed (shared/ipc/model.ts). */
const LISTED_EDITIONS = 100;

/** What reading takes of what was gathered. */
export type ReadableEdition = Pick<Gathered, 'link' | 'contentKey' | 'manifest'> &
  Partial<Pick<Gathered, 'linkEdition'>>;

export class PublicationReader {
  readonly manifest: Manifest;
  /** Of the edition that is read, after redirects. */
  readonly link: PublicationLink;
  /** The edition that the link was made for which led here; undefined where that is this one. */
  readonly linkEdition: number | undefined;
  readonly sizeBytes: number;
  readonly #deps: ReadDeps;
  readonly #contentKey: Uint8Array;
  readonly #blocks: BlockReader;
  readonly #files: ReadonlyMap<string, ManifestFile>;

  constructor(deps: ReadDeps, gathered: ReadableEdition, fetcher: BlockFetcher = new BlockFetcher(deps)) {
    this.#deps = deps;
    this.manifest = gathered.manifest;
    this.link = gathered.link;
    this.linkEdition = gathered.linkEdition;
    this.#contentKey = gathered.contentKey;
    this.#blocks = new BlockReader(deps, fetcher);
    this.#files = new Map(gathered.manifest.files.map((file) => [file.path, file]));
    this.sizeBytes = gathered.manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  /** By its whole path. */
  file(path: string): ManifestFile | undefined {
    return this.#files.get(path);
  }

  /** Files below a directory of the publication; '' for all. */
  filesBelow(directory: string): readonly ManifestFile[] {
    if (directory === '') return this.manifest.files;
    return this.manifest.files.filter((file) => file.path.startsWith(`${directory}/`));
  }

  /** Bytes `start` ... `end` - 1 of a file; the whole unless given. See BlockReader.range. */
  async *range(
    file: ManifestFile,
    start = 0,
    end = file.sizeBytes,
    options: ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    const content = this.#content(file);
    if (content !== undefined) {
      yield* this.#blocks.range(content, start, end, options);
      return;
    }
    const bytes = this.#inline(file);
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > bytes.length) {
      throw new RangeError(`no range ${start} to ${end} in ${bytes.length} bytes`);
    }
    if (start < end) yield bytes.subarray(start, end);
  }

  /** All of a file, its digest checked before the last chunk is given out. See BlockReader.whole. */
  async *whole(file: ManifestFile, options: WholeOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    const content = this.#content(file);
    if (content !== undefined) {
      yield* this.#blocks.whole(content, file.digest, options);
      return;
    }
    const bytes = this.#inline(file);
    if (bytes.length > 0) yield bytes;
  }

  /** The file's blocks and their lists; undefined for inline content. */
  blocksOf(file: ManifestFile): { readonly content: BlockedContent; readonly reader: BlockReader } | undefined {
    const content = this.#content(file);
    return content === undefined ? undefined : { content, reader: this.#blocks };
  }

  #content(file: ManifestFile): BlockedContent | undefined {
    const key = keyOfFile(this.#deps.crypto, this.#contentKey, file);
    if (key === undefined || file.content.kind === 'inline') return undefined;
    return { name: quoted(file.path), key, list: file.content.list };
  }

  /** Inline bytes are part of the signed manifest; that they also match their digest is its publisher's word. */
  #inline(file: ManifestFile): Uint8Array {
    const bytes = file.content.kind === 'inline' ? file.content.bytes : new Uint8Array();
    if (!bytesEqual(plaintextDigest(this.#deps.crypto, bytes), file.digest)) throw notAsPublished(quoted(file.path));
    return bytes;
  }
}

function quoted(path: string): string {
  return `“${path}”`;
}

export function className(link: PublicationLink): PublicationClass {
  if (link.class === CLASS_UPDATABLE) return 'updatable';
  return link.class === CLASS_DELETE_ONLY ? 'delete-only' : 'fixed';
}

/** For showing. `asked`: the link that the person has, which may lead on to a newer edition. */
export function describe(reader: PublicationReader, asked: PublicationLink): Publication {
  const { manifest, link, linkEdition } = reader;
  const earlier = manifest.history?.earlier ?? [];
  return {
    link: canonicalLink(asked),
    title: manifest.title,
    ...(manifest.description === '' ? {} : { description: manifest.description }),
    ...(manifest.language === '' ? {} : { language: manifest.language }),
    shape: manifest.shape,
    ...(manifest.index === undefined ? {} : { index: manifest.index }),
    ...(manifest.dateMs === undefined ? {} : { dateMs: manifest.dateMs }),
    class: className(link),
    edition: manifest.edition,
    ...(linkEdition === undefined ? {} : { linkEdition, newestLink: canonicalLink(link) }),
    earlier: earlier.slice(0, LISTED_EDITIONS).map(({ title, dateMs, sizeBytes }, position) => ({
      number: manifest.edition - 1 - position,
      title,
      ...(dateMs === undefined ? {} : { dateMs }),
      sizeBytes,
    })),
    k: link.k,
    n: link.n,
    fileCount: manifest.files.length,
    files: manifest.files.slice(0, LISTED_FILES).map(({ path, type, sizeBytes }) => ({ path, type, sizeBytes })),
    sizeBytes: reader.sizeBytes,
    signer: groupInFours(encodeBase32(link.documentKey).slice(0, SIGNER_LETTERS)),
  };
}

/** Type of a publication as a whole: of its one file, of a site's first page, or that of a directory. */
export function typeOf(manifest: {
  readonly shape: Manifest['shape'];
  readonly index: string | undefined;
  readonly files: readonly { readonly path: string; readonly type: string }[];
}): string {
  if (manifest.shape === 'directory') return DIRECTORY_TYPE;
  const shown = manifest.files.find((file) => manifest.shape === 'file' || file.path === manifest.index);
  return shown?.type ?? DIRECTORY_TYPE;
}

/** As the library lists what was opened. */
export function openedEntry(reader: PublicationReader, asked: PublicationLink, atMs: number): LibraryEntry {
  const { manifest, link } = reader;
  return {
    link: canonicalLink(asked),
    origin: 'opened',
    title: manifest.title,
    shape: manifest.shape,
    type: typeOf(manifest),
    sizeBytes: reader.sizeBytes,
    edition: manifest.edition,
    class: className(link),
    k: link.k,
    n: link.n,
    atMs,
  };
}
