/**
 * What messages of the channel `search` are made of: entries of lists, listings, hits and queries. uint is the codec's LEB128,
 * a text its UTF-8 behind its length.
 *
 *   file         root (32), name (text, 1 ... 255), folder (text, at most 512), size (uint), day (uint)
 *   publication  link body (67), title (text, 1 ... 255), keywords (count at most 16, then texts of 1 ... 64), shape (1: 0 file,
 *                1 directory, 2 site), file kind (1), size (uint), day (uint)
 *   hit          kind (1); 0 direct: file, contact of the source (contact.ts), free slots (1); 1 anonymous: publication
 *   query        terms (count, 0 ... 8; each: kind (1: 0 word, 1 phrase, 2 prefix), excluded (1), words (count, then texts of
 *                1 ... 160)), kind (1: 0 both, 1 direct, 2 anonymous), file kinds (1: a bit for each that is wanted, from the lowest, in the
 *                order of FILE_KINDS; 0 any), least size, greatest size, greatest age in days (each: flag (1), with 1 a uint),
 *                root (flag (1), with 1 a root (32): there are no terms then, and the kind is direct)
 */
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileKind } from '../../../shared/base/file-kinds.ts';
import { decodeLinkBody, LINK_BODY_BYTES } from '../../../shared/base/links.ts';
import { isPathSegment } from '../../../shared/base/paths.ts';
import {
  MAX_FILE_NAME_BYTES,
  MAX_FOLDER_BYTES,
  MAX_KEYWORD_BYTES,
  MAX_KEYWORDS,
  MAX_PHRASE_WORDS,
  MAX_QUERY_TERMS,
  MAX_SHARED_FILE_BYTES,
  MAX_WORD_BYTES,
} from '../limits.ts';
import type { FileEntry, Hit, PublicationEntry } from '../search/entry.ts';
import type { Query, Term } from '../search/query.ts';
import { isWord } from '../search/words.ts';
import type { Reader, Writer } from './codec.ts';
import { readContact, writeContact } from './contact.ts';
import { ADDRESS_BYTES } from './record.ts';

/** Days since 1970 that a clock can show: until the year 2149. */
export const MAX_DAY = 65_535;
const SHAPES = ['file', 'directory', 'site'] as const;
const TERM_KINDS = ['word', 'phrase', 'prefix'] as const;
const QUERY_KINDS = [undefined, 'direct', 'anonymous'] as const;
const DIRECT = 0;
const ANONYMOUS = 1;

export function writeFile(writer: Writer, entry: FileEntry): void {
  writer.fixed(entry.root, ADDRESS_BYTES).text(entry.name).text(entry.folder).uint(entry.sizeBytes).uint(entry.day);
}

export function readFile(reader: Reader): FileEntry {
  const root = reader.fixed(ADDRESS_BYTES).slice();
  const name = reader.text(MAX_FILE_NAME_BYTES);
  if (!isPathSegment(name)) reader.fail('unknown-value');
  const folder = reader.text(MAX_FOLDER_BYTES);
  if (folder !== '' && !folder.split('/').every(isPathSegment)) reader.fail('unknown-value');
  return { root, name, folder, sizeBytes: reader.uint(MAX_SHARED_FILE_BYTES), day: reader.uint(MAX_DAY) };
}

/** The document key is that of the link. */
export function writePublication(writer: Writer, entry: PublicationEntry): void {
  writer.fixed(entry.link, LINK_BODY_BYTES).text(entry.title);
  writer.list(entry.keywords, (list, keyword) => list.text(keyword));
  writer.u8(SHAPES.indexOf(entry.shape)).u8(FILE_KINDS.indexOf(entry.fileKind)).uint(entry.sizeBytes).uint(entry.day);
}

export function readPublication(reader: Reader): PublicationEntry {
  const link = reader.fixed(LINK_BODY_BYTES).slice();
  const parsed = decodeLinkBody(link);
  if (!parsed.ok) return reader.fail('unknown-value');
  const title = readLine(reader, MAX_FILE_NAME_BYTES);
  const keywords = reader.list(MAX_KEYWORDS, (list) => readLine(list, MAX_KEYWORD_BYTES));
  const shape = SHAPES[reader.u8()] ?? reader.fail('unknown-value');
  const fileKind = FILE_KINDS[reader.u8()] ?? reader.fail('unknown-value');
  const { documentKey } = parsed.value;
  return { documentKey, link, title, keywords, shape, fileKind, sizeBytes: reader.uint(), day: reader.uint(MAX_DAY) };
}

export function writeHit(writer: Writer, hit: Hit): void {
  if (hit.kind === 'anonymous') return writePublication(writer.u8(ANONYMOUS), hit.entry);
  writeFile(writer.u8(DIRECT), hit.entry);
  const { source: publicKey, host, port } = hit;
  writeContact(writer, host === undefined || port === undefined ? { publicKey } : { publicKey, host, port });
  writer.u8(hit.freeSlots);
  return undefined;
}

export function readHit(reader: Reader): Hit {
  if (reader.oneOf([DIRECT, ANONYMOUS]) === ANONYMOUS) return { kind: 'anonymous', entry: readPublication(reader) };
  const entry = readFile(reader);
  const { publicKey: source, ...where } = readContact(reader);
  return { kind: 'direct', entry, source, ...where, freeSlots: reader.u8() };
}

export function writeQuery(writer: Writer, query: Query): void {
  writer.list(query.terms, (list, term) => {
    list.u8(TERM_KINDS.indexOf(term.kind)).bool(term.excluded);
    list.list(term.words, (words, word) => words.text(word));
  });
  writer.u8(QUERY_KINDS.indexOf(query.kind)).u8(kindBits(query.fileKinds ?? []));
  writeOptional(writer, query.minSizeBytes);
  writeOptional(writer, query.maxSizeBytes);
  writeOptional(writer, query.maxAgeDays);
  writer.bool(query.root !== undefined);
  if (query.root !== undefined) writer.fixed(query.root, ADDRESS_BYTES);
}

export function readQuery(reader: Reader): Query {
  const terms = reader.list(MAX_QUERY_TERMS, readTerm);
  const kindNumber = reader.oneOf([0, 1, 2]);
  const fileKinds = readKinds(reader);
  const minSizeBytes = readOptional(reader);
  const maxSizeBytes = readOptional(reader);
  const maxAgeDays = readOptional(reader);
  const kind = QUERY_KINDS[kindNumber];
  const root = reader.bool() ? reader.fixed(ADDRESS_BYTES).slice() : undefined;
  const isAnswerable =
    root === undefined ? terms.some(({ excluded }) => !excluded) : terms.length === 0 && kind === 'direct';
  if (!isAnswerable) reader.fail('unknown-value');
  return {
    terms,
    ...(root === undefined ? {} : { root }),
    ...(kind === undefined ? {} : { kind }),
    ...(fileKinds.length === 0 ? {} : { fileKinds }),
    ...(minSizeBytes === undefined ? {} : { minSizeBytes }),
    ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }),
    ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
  };
}

function readTerm(reader: Reader): Term {
  const kind = TERM_KINDS[reader.u8()] ?? reader.fail('unknown-value');
  const excluded = reader.bool();
  const words = reader.list(kind === 'phrase' ? MAX_PHRASE_WORDS : 1, readWord);
  if (words.length < (kind === 'phrase' ? 2 : 1)) reader.fail('unknown-value');
  return { kind, words, excluded };
}

/** Folded, for a query has one encoding (core/search/words.ts). */
function readWord(reader: Reader): string {
  const word = reader.text(MAX_WORD_BYTES);
  return isWord(word) ? word : reader.fail('not-canonical');
}

/** Text of one line that says something: no control characters. */
function readLine(reader: Reader, maxBytes: number): string {
  const text = reader.text(maxBytes);
  return text === '' || /\p{Cc}/u.test(text) ? reader.fail('unknown-value') : text;
}

function kindBits(kinds: readonly FileKind[]): number {
  return kinds.reduce((bits, kind) => bits | (1 << FILE_KINDS.indexOf(kind)), 0);
}

function readKinds(reader: Reader): FileKind[] {
  const bits = reader.u8();
  if (bits >> FILE_KINDS.length !== 0) reader.fail('unknown-value');
  return FILE_KINDS.filter((_, index) => ((bits >> index) & 1) === 1);
}

function writeOptional(writer: Writer, value: number | undefined): void {
  writer.bool(value !== undefined);
  if (value !== undefined) writer.uint(value);
}

function readOptional(reader: Reader): number | undefined {
  return reader.bool() ? reader.uint() : undefined;
}
