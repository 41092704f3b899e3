/**
 * The search index's file, and the numbers in it.
 *
 *   sources    whose lists are here: number, key, generation and sequence of the list, files, when it was last linked
 *   files      what they share, by number of the source and place in it
 *   listings   publications, with the record that says so
 *   removals   which listings were taken back by their publishers, and when, oldest first
 *   words_...  FTS5 without the texts (contentless_delete): name or title; folder or keywords; marks (search-query.ts). Eight for files, by
 *              source, and one for listings: of common words FTS5 walks through all lists of a table before it gives a first
 *              number, so that work can be bounded between tables, and not within one
 *
 * A file's number is that of its source times 2^20, and a place that follows from its root: so one source's files lie together,
 * a root is found without an index of roots, and from the number alone shows whether a hit is of a source that is linked, and
 * whether it is of a content that was found often already.
 */
import type { DatabaseSync } from 'node:sqlite';
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileEntry, PublicationEntry } from '../../core/search/entry.ts';
import type { Fields } from '../../core/search/match.ts';
import { wordsOf } from '../../core/search/words.ts';
import type { DatabaseSchema } from './database-file.ts';
import { DamagedFileError } from './errors.ts';

/** The log is written back to the file when it has grown to this; it bounds the disk and the time to open after a crash. */
const LOG_BYTES = 32 * 1024 * 1024;
const PAGE_BYTES = 4_096;
/** Page cache of the writer, for a million files; more changed nothing when an index was built. */
const WRITER_CACHE_KIB = 48 * 1024;

const PLACE_BITS = 20;
const PLACES = 2 ** PLACE_BITS;
/** Roots of one source with the same place take the next; with 65,536 files of a source the chance that eight are taken is 2^-32. */
export const PLACES_OF_ROOT = 8;
/** Numbers of listings begin here; there are fewer sources than 2^29. */
export const FIRST_LISTING = 2 ** 50;
export const SALT_BYTES = 8;

export const SEARCH_SCHEMA: Omit<DatabaseSchema, 'create'> = {
  what: 'the search index',
  applicationId: 0x42_53_73_69, // 'BSsi'
  // 2: when listings were made, and removals of them.
  version: 2,
  upgrade,
  pageBytes: PAGE_BYTES,
  // Leaves send their lists again; it is of use only to find out what happened.
  damagedFiles: 1,
  pragmas:
    `PRAGMA wal_autocheckpoint = ${LOG_BYTES / PAGE_BYTES}; PRAGMA journal_size_limit = ${LOG_BYTES}; ` +
    `PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA cell_size_check = ON`,
  check,
};

const TABLES = `
  CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    files INTEGER NOT NULL,
    seen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE files (
    number INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    folded TEXT,
    size INTEGER NOT NULL,
    day INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE listings (
    number INTEGER PRIMARY KEY,
    document_key BLOB NOT NULL UNIQUE,
    record BLOB NOT NULL,
    link BLOB NOT NULL,
    title TEXT NOT NULL,
    keywords TEXT NOT NULL,
    shape INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    size INTEGER NOT NULL,
    day INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    made INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX listings_by_end ON listings (expires);
`;
const REMOVALS = `
  CREATE TABLE removals (
    number INTEGER PRIMARY KEY,
    document_key BLOB NOT NULL UNIQUE,
    made INTEGER NOT NULL
  ) STRICT;
`;

const FILE_PARTS = 8;
/** The tables of words of files, and that of listings. */
export const FILE_WORDS = Array.from({ length: FILE_PARTS }, (_, part) => `words_${part}`);
export const LISTING_WORDS = 'words_listings';
export const WORD_TABLES = [...FILE_WORDS, LISTING_WORDS];

/** Which table of words has those of a number. */
export function wordsTableOf(number: number): string {
  return number >= FIRST_LISTING ? LISTING_WORDS : FILE_WORDS[sourceOf(number) % FILE_PARTS]!;
}

export function createTables(database: DatabaseSync, salt: Uint8Array): void {
  database.exec(TABLES);
  database.exec(REMOVALS);
  for (const table of WORD_TABLES) {
    database.exec(
      `CREATE VIRTUAL TABLE ${table} USING fts5
        (name, more, marks, content = '', contentless_delete = 1, detail = full, tokenize = 'ascii')`,
    );
  }
  database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('salt', salt);
}

/** Listings of the first version count as made long ago, so that whatever comes next takes their place. */
function upgrade(database: DatabaseSync): void {
  database.exec('ALTER TABLE listings ADD COLUMN made INTEGER NOT NULL DEFAULT 0');
  database.exec(REMOVALS);
}

/** Quick, as everything here can be sent again: what else is damaged shows when it is read. */
function check(database: DatabaseSync): void {
  for (const part of ['sqlite_schema', 'sources']) {
    const verdict = database.prepare(`PRAGMA quick_check(${part})`).get()?.['quick_check'];
    if (verdict !== 'ok') throw new DamagedFileError(String(verdict));
  }
  const salt = database.prepare("SELECT value FROM meta WHERE name = 'salt'").get()?.['value'];
  if (!(salt instanceof Uint8Array) || salt.length !== SALT_BYTES) throw new DamagedFileError('no salt');
  database.prepare('SELECT * FROM files ORDER BY number DESC LIMIT 1').get();
  database.prepare('SELECT * FROM listings ORDER BY number DESC LIMIT 1').get();
  for (const table of WORD_TABLES) {
    database.prepare(`SELECT rowid FROM ${table} WHERE ${table} MATCH '"a"' LIMIT 1`).get();
  }
}

/** Of all files of a source: from the first number to before the second. */
export function numbersOf(source: number): readonly [number, number] {
  return [source * PLACES, (source + 1) * PLACES];
}

export function sourceOf(number: number): number {
  return Math.floor(number / PLACES);
}

/** Says whether two hits are likely of the same content; of unlike ones it says so once in a million. */
export function placeIn(number: number): number {
  return number % PLACES;
}

/** Where a root's number is looked for first. */
export function firstNumber(source: number, root: Uint8Array, salt: Uint8Array): number {
  return source * PLACES + placeOfRoot(root, salt);
}

/** The salt is secret, so that nobody can choose roots that fall where another is. */
export function placeOfRoot(root: Uint8Array, salt: Uint8Array): number {
  let hash = 0;
  for (let index = 0; index < 8; index += 4) {
    hash = Math.imul(hash ^ u32(root, index) ^ u32(salt, index), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
    hash ^= hash >>> 13;
  }
  return Math.min((hash >>> 0) & (PLACES - 1), PLACES - PLACES_OF_ROOT);
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export interface FileRow {
  readonly root: Uint8Array;
  readonly name: string;
  readonly folder: string;
  /** Words of name and folder, a line each, where folding them takes long; else null. */
  readonly folded: string | null;
  readonly size: number;
  readonly day: number;
}

export function toFileRow(entry: FileEntry, fields: Fields): FileRow {
  const { root, name, folder, sizeBytes: size, day } = entry;
  // Folded text of ASCII is made faster than it is read from a disk.
  const isPlain = /^[\0-\x7f]*$/.test(name + folder);
  return { root, name, folder, folded: isPlain ? null : fields.map((words) => words.join(' ')).join('\n'), size, day };
}

export function toFileEntry({ root, name, folder, size, day }: FileRow): FileEntry {
  return { root, name, folder, sizeBytes: size, day };
}

export function fieldsOfRow({ name, folder, folded }: FileRow): Fields {
  if (folded === null) return [wordsOf(name), wordsOf(folder)];
  return folded.split('\n').map((words) => (words === '' ? [] : words.split(' ')));
}

const SHAPES = ['file', 'directory', 'site'] as const;

export const LISTING_COLUMNS = 'document_key, link, title, keywords, shape, kind, size, day';

export function listingValues(entry: PublicationEntry): (Uint8Array | string | number)[] {
  const { documentKey, link, title, keywords, shape, fileKind, sizeBytes, day } = entry;
  const numbers = [SHAPES.indexOf(shape), FILE_KINDS.indexOf(fileKind), sizeBytes, day];
  return [documentKey, link, title, keywords.join('\n'), ...numbers];
}

/** From a row as an array, from its column `from` on. */
export function toPublicationEntry(row: readonly unknown[], from: number): PublicationEntry {
  const [documentKey, link, title, keywords, shape, kind, size, day] = row.slice(from) as [
    ...[Uint8Array, Uint8Array, string, string],
    ...[number, number, number, number],
  ];
  return {
    ...{ documentKey, link, title, keywords: keywords === '' ? [] : keywords.split('\n') },
    ...{ shape: SHAPES[shape]!, fileKind: FILE_KINDS[kind]!, sizeBytes: size, day },
  };
}
