/**
 * Changes of the search index that are committed together. Lists are taken one after the other, as they came, and what they come to is
 * written in the order of numbers: FTS5 begins a piece of its index anew for each number that is lower than the one before.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { fileKindOf } from '../../../shared/base/file-kinds.ts';
import { fieldsOf } from '../../core/search/match.ts';
import type { Fields } from '../../core/search/match.ts';
import type { FileEntry, PublicationEntry } from '../../core/search/entry.ts';
import { indexedWords } from '../search-choice.ts';
import {
  fieldsOfRow,
  firstNumber,
  LISTING_COLUMNS,
  listingValues,
  numbersOf,
  placeOfRoot,
  PLACES_OF_ROOT,
  toFileRow,
  toPublicationEntry,
  wordsTableOf,
} from './search-schema.ts';
import type { FileRow } from './search-schema.ts';
import { kindToken, rootToken, tokenOf } from './search-query.ts';

export interface NewListing {
  readonly entry: PublicationEntry;
  readonly record: Uint8Array;
  readonly madeMinutes: number;
  readonly expiresMinutes: number;
}

/** What is to be under a number, and what is there now; undefined: nothing. */
interface Slot<Row> {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

export class SearchStatements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Prepared once. Rows come as arrays. */
  of(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  all(sql: string, ...values: (number | bigint | string | Uint8Array)[]): unknown[][] {
    return this.of(sql).all(...values) as unknown as unknown[][];
  }

  get(sql: string, ...values: (number | bigint | string | Uint8Array)[]): unknown[] | undefined {
    return this.of(sql).get(...values) as unknown as unknown[] | undefined;
  }
}

const FILE_COLUMNS = 'root, name, folder, folded, size, day';

export function readFileRow(row: readonly unknown[], from: number): FileRow {
  const [root, name, folder, folded, size, day] = row.slice(from) as [
    ...[Uint8Array, string, string, string | null],
    ...[number, number],
  ];
  return { root, name, folder, folded, size, day };
}

/** Files by number, over what is in the table; a layer is one change, so that one that does not fit is left away. */
export class FileLayer {
  readonly #statements: SearchStatements;
  readonly #salt: Uint8Array;
  readonly #below: FileLayer | undefined;
  readonly #slots = new Map<number, Slot<FileRow>>();
  /** Sources that have nothing in the table, which need not be looked into. */
  readonly #fresh: Set<number>;

  constructor(statements: SearchStatements, salt: Uint8Array, below?: FileLayer) {
    this.#statements = statements;
    this.#salt = salt;
    this.#below = below;
    this.#fresh = below === undefined ? new Set() : below.#fresh;
  }

  get slots(): ReadonlyMap<number, Slot<FileRow>> {
    return this.#slots;
  }

  setFresh(source: number): void {
    this.#fresh.add(source);
  }

  /** 1 when there is one more, 0 when it took the place of the same root, or has none. */
  put(source: number, entry: FileEntry): 0 | 1 {
    let free: number | undefined;
    const first = firstNumber(source, entry.root, this.#salt);
    for (let number = first; number < first + PLACES_OF_ROOT; number += 1) {
      const row = this.#rowOf(source, number);
      if (row === undefined) free ??= number;
      else if (bytesEqual(row.root, entry.root)) {
        this.#set(number, row, entry);
        return 0;
      }
    }
    if (free === undefined) return 0;
    this.#set(free, undefined, entry);
    return 1;
  }

  /** 1 when it was there. */
  remove(source: number, root: Uint8Array): 0 | 1 {
    const first = firstNumber(source, root, this.#salt);
    for (let number = first; number < first + PLACES_OF_ROOT; number += 1) {
      const row = this.#rowOf(source, number);
      if (row === undefined || !bytesEqual(row.root, root)) continue;
      this.#clear(number, row);
      return 1;
    }
    return 0;
  }

  removeAll(source: number): number {
    const [from, to] = numbersOf(source);
    const numbers = new Map<number, FileRow>();
    if (!this.#fresh.has(source)) {
      const sql = `SELECT number, ${FILE_COLUMNS} FROM files WHERE number >= ? AND number < ?`;
      for (const row of this.#statements.all(sql, from, to)) numbers.set(row[0] as number, readFileRow(row, 1));
    }
    for (const layer of [this.#below, this]) {
      for (const [number, { after }] of layer?.slots ?? []) {
        if (number < from || number >= to) continue;
        if (after === undefined) numbers.delete(number);
        else numbers.set(number, after);
      }
    }
    for (const [number, row] of numbers) this.#clear(number, row);
    return numbers.size;
  }

  /** What is in this layer is in the one below. */
  merge(): void {
    const below = this.#below!;
    for (const [number, { before, after }] of this.#slots) {
      const known = below.#slots.get(number);
      below.#slots.set(number, { before: known === undefined ? before : known.before, after });
    }
  }

  #set(number: number, before: FileRow | undefined, entry: FileEntry): void {
    const after = toFileRow(entry, fieldsOf({ kind: 'direct', entry }));
    const known = this.#slots.get(number);
    this.#slots.set(number, { before: known === undefined ? before : known.before, after });
  }

  #clear(number: number, before: FileRow): void {
    const known = this.#slots.get(number);
    this.#slots.set(number, { before: known === undefined ? before : known.before, after: undefined });
  }

  #rowOf(source: number, number: number): FileRow | undefined {
    const known = this.#slots.get(number) ?? this.#below?.slots.get(number);
    if (known !== undefined) return known.after;
    if (this.#fresh.has(source)) return undefined;
    const row = this.#statements.get(`SELECT ${FILE_COLUMNS} FROM files WHERE number = ?`, number);
    return row === undefined ? undefined : readFileRow(row, 0);
  }
}

/** Writes words and rows, and says which words came and went. */
export class WordWriter {
  readonly #statements: SearchStatements;
  /** Word to how many texts more have it. */
  readonly counted = new Map<string, number>();
  readonly #salt: Uint8Array;

  constructor(statements: SearchStatements, salt: Uint8Array) {
    this.#statements = statements;
    this.#salt = salt;
  }

  writeFiles(slots: ReadonlyMap<number, Slot<FileRow>>): void {
    const numbers = [...slots.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      const { before, after } = slots.get(number)!;
      if (before !== undefined) {
        this.#removeWords(number, fieldsOfRow(before));
        this.#statements.of('DELETE FROM files WHERE number = ?').run(number);
      }
      if (after === undefined) continue;
      const { root, name, folder, folded, size, day } = after;
      this.#statements
        .of(`INSERT INTO files (number, ${FILE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
        .run(number, root, name, folder, folded, size, day);
      this.#addWords(number, fieldsOfRow(after), [
        kindToken(fileKindOf(name)),
        rootToken(placeOfRoot(root, this.#salt)),
      ]);
    }
  }

  insertListing(number: number, { entry, record, madeMinutes, expiresMinutes }: NewListing): void {
    this.#statements
      .of(
        `INSERT INTO listings (number, record, made, expires, ${LISTING_COLUMNS})
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(number, record, madeMinutes, expiresMinutes, ...listingValues(entry));
    this.#addWords(number, fieldsOf({ kind: 'anonymous', entry }), [kindToken(entry.fileKind)]);
  }

  /** `row`: number, then LISTING_COLUMNS. */
  deleteListing(row: readonly unknown[]): void {
    const number = row[0] as number;
    this.#removeWords(number, fieldsOf({ kind: 'anonymous', entry: toPublicationEntry(row, 1) }));
    this.#statements.of('DELETE FROM listings WHERE number = ?').run(number);
  }

  /** `tokens`: beside the words. */
  #addWords(number: number, fields: Fields, tokens: readonly string[]): void {
    const words = indexedWords(fields);
    const marks = [...tokens];
    for (const word of words) {
      if (word.endsWith('*')) marks.push(tokenOf(word));
      this.#count(word, 1);
    }
    const [name = [], ...more] = fields;
    this.#statements
      .of(`INSERT INTO ${wordsTableOf(number)} (rowid, name, more, marks) VALUES (?, ?, ?, ?)`)
      .run(number, name.join(' '), more.flat().join(' '), marks.join(' '));
  }

  #removeWords(number: number, fields: Fields): void {
    for (const word of indexedWords(fields)) this.#count(word, -1);
    this.#statements.of(`DELETE FROM ${wordsTableOf(number)} WHERE rowid = ?`).run(number);
  }

  #count(word: string, times: number): void {
    this.counted.set(word, (this.counted.get(word) ?? 0) + times);
  }
}
