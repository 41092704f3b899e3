/**
 * The manifest M: what was published. uint is the codec's LEB128, text is UTF-8 behind its length as uint.
 *
 *   format         1         1, or 2 where it tells of earlier editions
 *   shape          1         0 file, 1 directory, 2 site
 *   edition        uint      1 ... 2^32 - 1
 *   title          text      at most 2,048 bytes, no control characters
 *   description    text      at most 8,192 bytes, no control characters but line feeds
 *   language       text      BCP 47, at most 35 bytes; empty: not said
 *   date           1         0: not said; 1: then uint, milliseconds since 1970, at most 8.64 x 10^15
 *   index          text      only for a site: path of the file that it opens with, one of the files
 *   files          uint      1 ... 100,000 (1 where the shape is file, in no directory), then each:
 *     path         text      at most 1,024 bytes (shared/base/paths.ts); ascending by bytes; none is a directory of another
 *     type         text      media type, 1 ... 255 printable ASCII characters
 *     size         uint      bytes
 *     digest       32        H("plaintext", content)
 *     content      1         0 inline: the bytes, at most 32,752, and always for an empty file
 *                            1 blocks: block list; the key follows from K and the path (piece.ts)
 *                            2 blocks with a key of their own: key (32), block list. Kept from an earlier edition
 *   history                  only in format 2: see history.ts
 *
 * The sealed manifest C is a nonce (24) and XChaCha20-Poly1305 of M under H("manifest key", K), no associated data. The
 * nonce is the first 24 bytes of H("manifest nonce", K, M): should ever two manifests be sealed under one K, against the
 * rule, they would still have different nonces.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { compareUtf8, isPath, MAX_PATH_BYTES, utf8Length } from '../../../shared/base/paths.ts';
import { fail } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto } from '../ports.ts';
import { decode, encode } from '../wire/codec.ts';
import type { Reader, WireErrorCode, Writer } from '../wire/codec.ts';
import { MAX_EDITION } from './author.ts';
import { MAX_FILE_BYTES, readBlockList, writeBlockList } from './block-list.ts';
import type { BlockList } from './block-list.ts';
import { historyFault, readHistory, writeHistory } from './history.ts';
import type { History } from './history.ts';
import { FILE_KEY_BYTES, fileKey, PIECE_BYTES } from './piece.ts';
import { inlineCapacityBytes, MAX_SEALED_MANIFEST_BYTES } from './slot-payload.ts';

const FORMAT = 1;
const FORMAT_WITH_HISTORY = 2;
const SHAPES = ['file', 'directory', 'site'] as const;
const CONTENT_INLINE = 0;
const CONTENT_BLOCKS = 1;
const CONTENT_KEYED = 2;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
export const DIGEST_BYTES = 32;
/** 512 UTF-16 units, which the interface takes, are 1,536 bytes at most. */
export const MAX_TITLE_BYTES = 2_048;
/** 2,048 units likewise. */
export const MAX_DESCRIPTION_BYTES = 8_192;
/** The longest tag that RFC 5646 names (section 4.4.1). */
export const MAX_LANGUAGE_BYTES = 35;
/** RFC 6838: 127 characters each side of the '/'. */
export const MAX_TYPE_BYTES = 255;
/** A large site; their manifest is fetched whole before the first page is shown. */
export const MAX_FILES = 100_000;
/** One piece: what is larger has blocks. */
export const MAX_INLINE_BYTES = PIECE_BYTES;
/** Latest time of ECMAScript. */
const MAX_DATE_MS = 8.64e15;
/** Bytes by which C is longer than M. */
export const MANIFEST_SEAL_BYTES = NONCE_BYTES + TAG_BYTES;
/** M at most, in bytes. */
export const MAX_MANIFEST_BYTES = MAX_SEALED_MANIFEST_BYTES - MANIFEST_SEAL_BYTES;

/** Bytes of M that fit in the slots of a publication of n shares: 32,612 - 16 n. More goes into blocks. */
export function inlineManifestBytes(n: number): number {
  return inlineCapacityBytes(n) - MANIFEST_SEAL_BYTES;
}

export type Shape = (typeof SHAPES)[number];

export type FileContent =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'blocks';
      readonly list: BlockList;
      /** Undefined: fileKey(K, path). */
      readonly key: Uint8Array | undefined;
    };

export interface ManifestFile {
  readonly path: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** plaintextDigest's. */
  readonly digest: Uint8Array;
  readonly content: FileContent;
}

export interface Manifest {
  readonly shape: Shape;
  readonly edition: number;
  readonly title: string;
  readonly description: string;
  /** BCP 47, or '' when not said. */
  readonly language: string;
  readonly dateMs: number | undefined;
  /** For sites, and only for them. */
  readonly index: string | undefined;
  readonly files: readonly ManifestFile[];
  /** Of the editions before it, where it tells of any. */
  readonly history?: History | undefined;
}

const HISTORY_BOUNDS = { titleBytes: MAX_TITLE_BYTES, dateMs: MAX_DATE_MS, isTitle };

/** H("plaintext", bytes); by crypto.hashStream('plaintext', size) for what arrives in pieces. */
export function plaintextDigest(crypto: Crypto, bytes: Uint8Array): Uint8Array {
  return crypto.hash('plaintext', bytes);
}

/** Key of a file's blocks, whether it follows from K or stands in the manifest. Undefined for inline content. */
export function keyOfFile(crypto: Crypto, contentKey: Uint8Array, file: ManifestFile): Uint8Array | undefined {
  if (file.content.kind === 'inline') return undefined;
  return file.content.key ?? fileKey(crypto, contentKey, file.path);
}

/** M. The files may come in any order. Throws 'usage', with what is wrong, for a manifest that breaks a rule above. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const files = manifest.files.toSorted((a, b) => compareUtf8(a.path, b.path));
  const fault = manifestFault({ ...manifest, files });
  if (fault !== undefined) throw new BroadsideError('usage', `This cannot be published: ${fault}.`);
  const bytes = encode((writer) => {
    writer.u8(manifest.history === undefined ? FORMAT : FORMAT_WITH_HISTORY);
    writer.u8(SHAPES.indexOf(manifest.shape)).uint(manifest.edition);
    writer.text(manifest.title).text(manifest.description).text(manifest.language);
    writer.bool(manifest.dateMs !== undefined);
    if (manifest.dateMs !== undefined) writer.uint(manifest.dateMs);
    if (manifest.index !== undefined) writer.text(manifest.index);
    writer.list(files, writeFile);
    if (manifest.history !== undefined) writeHistory(writer, manifest.history);
  });
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new BroadsideError(
      'usage',
      'This cannot be published: the list of its files is longer than 64 MiB. Publish it in parts.',
    );
  }
  return bytes;
}

/** Byte fields of the result are copies where they are short, views where they are content. */
export function decodeManifest(bytes: Uint8Array): Result<Manifest, WireErrorCode> {
  if (bytes.length > MAX_MANIFEST_BYTES) return fail('too-long');
  return decode(bytes, (reader) => {
    const format = reader.oneOf([FORMAT, FORMAT_WITH_HISTORY]);
    const shape = SHAPES[reader.oneOf([0, 1, 2])];
    const edition = reader.uint(MAX_EDITION);
    const title = reader.text(MAX_TITLE_BYTES);
    const description = reader.text(MAX_DESCRIPTION_BYTES);
    const language = reader.text(MAX_LANGUAGE_BYTES);
    const dateMs = reader.bool() ? reader.uint(MAX_DATE_MS) : undefined;
    const index = shape === 'site' ? reader.text(MAX_PATH_BYTES) : undefined;
    const files = reader.list(MAX_FILES, readFile);
    const manifest: Manifest = {
      ...{ shape: shape!, edition, title, description, language, dateMs, index, files },
      ...(format === FORMAT_WITH_HISTORY && { history: readHistory(reader, HISTORY_BOUNDS) }),
    };
    if (manifestFault(manifest) !== undefined) reader.fail('not-canonical');
    return manifest;
  });
}

/** C, MANIFEST_SEAL_BYTES longer than `manifest` (M). */
export function sealManifest(crypto: Crypto, contentKey: Uint8Array, manifest: Uint8Array): Uint8Array {
  const nonce = crypto.hash('manifest nonce', contentKey, manifest).subarray(0, NONCE_BYTES);
  const sealed = crypto.seal(manifest, nonce, manifestKey(crypto, contentKey), new Uint8Array());
  const whole = new Uint8Array(NONCE_BYTES + sealed.length);
  whole.set(nonce);
  whole.set(sealed, NONCE_BYTES);
  return whole;
}

/** M, or undefined when it does not open under this K. */
export function openManifest(crypto: Crypto, contentKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < MANIFEST_SEAL_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  return crypto.open(sealed.subarray(NONCE_BYTES), nonce, manifestKey(crypto, contentKey), new Uint8Array());
}

function manifestKey(crypto: Crypto, contentKey: Uint8Array): Uint8Array {
  return crypto.hash('manifest key', contentKey);
}

function writeFile(writer: Writer, file: ManifestFile): void {
  writer.text(file.path).text(file.type).uint(file.sizeBytes).fixed(file.digest, DIGEST_BYTES);
  const { content } = file;
  if (content.kind === 'inline') {
    writer.u8(CONTENT_INLINE).fixed(content.bytes, file.sizeBytes);
    return;
  }
  if (content.key === undefined) writer.u8(CONTENT_BLOCKS);
  else writer.u8(CONTENT_KEYED).fixed(content.key, FILE_KEY_BYTES);
  writeBlockList(writer, content.list);
}

function readFile(reader: Reader): ManifestFile {
  const path = reader.text(MAX_PATH_BYTES);
  const type = reader.text(MAX_TYPE_BYTES);
  const sizeBytes = reader.uint(MAX_FILE_BYTES);
  const digest = reader.fixed(DIGEST_BYTES).slice();
  const kind = reader.oneOf([CONTENT_INLINE, CONTENT_BLOCKS, CONTENT_KEYED]);
  if (kind === CONTENT_INLINE) {
    if (sizeBytes > MAX_INLINE_BYTES) reader.fail('too-long');
    return { path, type, sizeBytes, digest, content: { kind: 'inline', bytes: reader.fixed(sizeBytes) } };
  }
  const key = kind === CONTENT_KEYED ? reader.fixed(FILE_KEY_BYTES).slice() : undefined;
  return { path, type, sizeBytes, digest, content: { kind: 'blocks', key, list: readBlockList(reader, sizeBytes) } };
}

/** What is wrong with a manifest whose files are in order, in words for the person who publishes; undefined if nothing. */
function manifestFault(manifest: Manifest): string | undefined {
  const { shape, edition, title, description, language, dateMs, index, files } = manifest;
  if (!Number.isInteger(edition) || edition < 1 || edition > MAX_EDITION) return 'its edition is out of bounds';
  if (!isTitle(title)) return 'its title is too long or has control characters';
  if (!isText(description, MAX_DESCRIPTION_BYTES) || /[^\P{Cc}\n]/u.test(description)) {
    return 'its description is too long or has control characters';
  }
  if (!isLanguage(language)) return 'its language is not a language tag such as “en” or “pt-BR”';
  if (dateMs !== undefined && (!Number.isInteger(dateMs) || dateMs < 0 || dateMs > MAX_DATE_MS))
    return 'its date is out of bounds';
  if (files.length < 1) return 'it has no files';
  if (files.length > MAX_FILES) return `it has more than ${MAX_FILES} files`;
  if (shape === 'file' && (files.length !== 1 || files[0]!.path.includes('/')))
    return 'a single file stands in no directory';
  if ((index === undefined) === (shape === 'site')) return 'a site, and only a site, has a first page';
  const history = manifest.history === undefined ? undefined : historyFault(manifest.history, edition, HISTORY_BOUNDS);
  return history ?? filesFault(files, index);
}

function filesFault(files: readonly ManifestFile[], index: string | undefined): string | undefined {
  const paths = new Set<string>();
  let total = 0;
  for (const file of files) {
    const fault = fileFault(file);
    if (fault !== undefined) return `${fault}: ${file.path}`;
    paths.add(file.path);
    total += file.sizeBytes;
  }
  if (!Number.isSafeInteger(total)) return 'it is too large';
  for (const [position, { path }] of files.entries()) {
    if (position > 0 && compareUtf8(files[position - 1]!.path, path) >= 0) return `two files have one path: ${path}`;
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (paths.has(path.slice(0, slash))) return `a file has the path of a directory: ${path.slice(0, slash)}`;
    }
  }
  return index === undefined || paths.has(index) ? undefined : `its first page is not among the files: ${index}`;
}

function fileFault(file: ManifestFile): string | undefined {
  const { path, type, sizeBytes, content } = file;
  if (!isPath(path)) return 'a path is longer than 1,024 bytes or has a part that cannot be a name';
  if (!/^[\x20-\x7e]{1,255}$/.test(type)) return 'the type of a file is not a media type';
  if (content.kind === 'inline') {
    return content.bytes.length === sizeBytes && sizeBytes <= MAX_INLINE_BYTES
      ? undefined
      : 'a file is too large to be inline';
  }
  return content.list.sizeBytes === sizeBytes && sizeBytes >= 1
    ? undefined
    : 'a file and its blocks have different sizes';
}

function isTitle(text: string): boolean {
  return isText(text, MAX_TITLE_BYTES) && !/\p{Cc}/u.test(text);
}

function isText(text: string, maxBytes: number): boolean {
  return text.isWellFormed() && utf8Length(text) <= maxBytes;
}

function isLanguage(tag: string): boolean {
  return tag.length <= MAX_LANGUAGE_BYTES && /^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?$/.test(tag);
}
