/**
 * Answers queries, on a thread of its own (a second comes when one is busy) with a connection of its own, so that nobody who searches
 * waits for a disk that syncs.
 *
 * The work for one query is bounded whatever it asks: FTS5 gives numbers of files, beginning with another part of the sources each
 * time; so many of them are looked at, so many of their rows are read, and only these are ranked. Where every word is common,
 * as many parts are looked at as have not more texts than one may walk through. What was left out is said (`more`).
 */
import { DatabaseSync } from 'node:sqlite';
import type { ListedPublication } from '../../core/search/index-port.ts';
import { fieldsOf } from '../../core/search/match.ts';
import type { Query } from '../../core/search/query.ts';
import { WordCounts } from '../../core/search/word-table.ts';
import { ADDRESS_BYTES } from '../../core/wire/record.ts';
import { candidatesOfSource, choose, isFound } from '../search-choice.ts';
import type { Bounds, Candidate } from '../search-choice.ts';
import { readFileRow, SearchStatements } from './search-batch.ts';
import type { Found, PresentSource, SearchSetup } from './search-messages.ts';
import { planQuery, planRoot } from './search-query.ts';
import type { Plan } from './search-query.ts';
import {
  fieldsOfRow,
  FILE_WORDS,
  FIRST_LISTING,
  LISTING_COLUMNS,
  LISTING_WORDS,
  numbersOf,
  placeIn,
  placeOfRoot,
  sourceOf,
  toFileEntry,
  toPublicationEntry,
} from './search-schema.ts';

/** Of each of two readers; what is not in it is mostly in that of the system. */
const CACHE_KIB = 32 * 1024;
const BUSY_TIMEOUT_MS = 2_000;
/** Texts that FTS5 walks through for one query, about 40 ns each (measured with 1.26 million). */
const MAX_STEPS = 250_000;
/** Where there are more finds than these, perhaps, sources are begun with in turn; else all are looked through. */
const MANY_FINDS = 5_000;
/** Numbers that are looked at, 0.4 us each; of them rows that are read, 4 us each; and of these that are ranked, 4 us each. */
const MAX_NUMBERS = 10_000;
const MAX_ROWS = 1_500;
const MAX_CANDIDATES = 800;
/** So many more are ranked than may be answered, and so many at least. */
const CANDIDATES_OF_HIT = 1.2;
const LEAST_CANDIDATES = 300;
/** How many files there are is looked up again after so many queries: it is for planning. */
const COUNT_EVERY = 1_000;
/** Numbers that are asked for at once, for one by one each would cost twice as much: so many a candidate that is wanted, and at least. */
const NUMBERS_OF_CANDIDATE = 1.3;
const LEAST_AT_ONCE = 256;
/** Numbers of a source of which nothing more is wanted, before FTS5 is asked anew from the next source on; and how often that. */
const SKIP_AFTER = 256;
const MAX_SKIPS = 32;
/** Parts of the network that are told apart for one content: as many as count for its rank. */
const MAX_PLACES = 64;
/** Sources begun with in turn: the step is near the golden ratio of any number of them, so that all come. */
const TURN = 0.618_033_988_75;

interface Gathered extends Candidate {
  readonly number: number;
}

interface Opened {
  readonly database: DatabaseSync;
  readonly statements: SearchStatements;
  readonly salt: Uint8Array;
}

export class SearchReader {
  readonly #setup: SearchSetup;
  readonly #counts: WordCounts;
  #opened: Opened | undefined;
  readonly #present = new Map<number, PresentSource>();
  #highest = 0;
  #texts = 0;
  #queries = 0;
  #turn = 0;

  constructor(setup: SearchSetup) {
    this.#setup = setup;
    this.#counts = new WordCounts(new Uint32Array(setup.wordCounters));
  }

  /** What is read next is read from the file that is there then. */
  reopen(): void {
    this.close();
    this.#present.clear();
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  setPresent(sources: readonly PresentSource[]): void {
    for (const source of sources) {
      if (source.place === undefined) this.#present.delete(source.number);
      else this.#present.set(source.number, source);
      this.#highest = Math.max(this.#highest, source.number);
    }
  }

  /** All of its statements in one transaction: to begin and end one for each costs as much as the reading of a row. */
  query(query: Query, bounds: Bounds, nowMinutes: number): Found {
    const { database, statements } = this.#open;
    statements.of('BEGIN').run();
    try {
      return this.#query(query, bounds, nowMinutes);
    } finally {
      // SQLite has ended it by itself after some errors.
      if (database.isTransaction) statements.of('COMMIT').run();
    }
  }

  #query(query: Query, bounds: Bounds, nowMinutes: number): Found {
    const plan = this.#plan(query);
    this.#turn = (this.#turn + TURN) % 1;
    const found: Gathered[] = [];
    let more = false;
    if (query.kind !== 'anonymous') more = this.#gatherFiles(query, plan, bounds, found);
    if (query.kind !== 'direct') more = this.#gatherListings(query, plan, bounds, nowMinutes, found) || more;
    const chosen = choose(query, found, bounds);
    return toFound(chosen.chosen, more || chosen.more);
  }

  listings(after: Uint8Array | undefined, limit: number, nowMinutes: number): ListedPublication[] {
    const sql = `SELECT record, made, expires, ${LISTING_COLUMNS} FROM listings WHERE document_key > ? AND expires > ?
      ORDER BY document_key LIMIT ?`;
    return this.#open.statements.all(sql, after ?? new Uint8Array(0), nowMinutes, limit).map((row) => ({
      entry: toPublicationEntry(row, 3),
      record: row[0] as Uint8Array,
      madeMinutes: row[1] as number,
      expiresMinutes: row[2] as number,
    }));
  }

  get #open(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    const database = new DatabaseSync(this.#setup.path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`);
      const statements = new SearchStatements(database);
      const salt = statements.get("SELECT value FROM meta WHERE name = 'salt'")![0] as Uint8Array;
      return (this.#opened = { database, statements, salt });
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  }

  #plan(query: Query): Plan {
    if (query.root !== undefined) return planRoot(placeOfRoot(query.root, this.#open.salt));
    if (this.#queries % COUNT_EVERY === 0) {
      this.#texts = this.#open.statements.get('SELECT coalesce(sum(files), 0) FROM sources')![0] as number;
    }
    this.#queries += 1;
    return planQuery(query, (word) => this.#counts.textsWith(word), this.#texts);
  }

  /** True when there may be more than what was gathered. */
  #gatherFiles(query: Query, plan: Plan, bounds: Bounds, found: Gathered[]): boolean {
    // What no text has, none has together with others.
    if (this.#present.size === 0 || (plan.least === 0 && this.#counts.isWhole)) return false;
    const gathering = new Gathering(query, bounds, this.#present, this.#open.statements);
    const begin = plan.least > MANY_FINDS ? Math.floor(this.#turn * this.#highest) : 0;
    const first = Math.floor(this.#turn * FILE_WORDS.length);
    const steps = plan.steps / FILE_WORDS.length;
    let isEnough = false;
    for (let part = 0; part < FILE_WORDS.length && !isEnough; part += 1) {
      const table = FILE_WORDS[(first + part) % FILE_WORDS.length]!;
      isEnough = (part + 1) * steps > MAX_STEPS && part > 0;
      isEnough ||= !gathering.walk(table, plan.match, numbersOf(begin)[0], FIRST_LISTING - 1);
      isEnough ||= begin > 0 && !gathering.walk(table, plan.match, 0, numbersOf(begin)[0] - 1);
    }
    found.push(...gathering.candidates());
    return isEnough || gathering.leftOut;
  }

  #gatherListings(query: Query, plan: Plan, bounds: Bounds, nowMinutes: number, found: Gathered[]): boolean {
    const [last] = this.#open.statements.get('SELECT max(number) FROM listings') as [number | null];
    if (last === null) return false;
    const begin = FIRST_LISTING + Math.floor(this.#turn * (last + 1 - FIRST_LISTING));
    const sql = `SELECT ${LISTING_COLUMNS} FROM listings WHERE number = ? AND expires > ?`;
    let [count, rows] = [0, 0];
    for (const [from, to] of [
      [begin, last],
      [FIRST_LISTING, begin - 1],
    ] as const) {
      for (const number of numbersFrom(this.#open.statements, LISTING_WORDS, plan.match, from, to, MAX_ROWS + 1)) {
        if (rows >= MAX_ROWS || count >= Math.min(MAX_CANDIDATES, wantedOf(bounds))) return true;
        rows += 1;
        const row = this.#open.statements.get(sql, number, nowMinutes);
        if (row === undefined) continue;
        const hit = { kind: 'anonymous', entry: toPublicationEntry(row, 0) } as const;
        const candidate = { hit, fields: fieldsOf(hit), source: undefined, prefixes: undefined, number };
        if (!isFound(query, candidate, bounds.todayDay)) continue;
        count += 1;
        found.push(candidate);
      }
    }
    return false;
  }
}

function wantedOf({ limit }: Bounds): number {
  return Math.max(LEAST_CANDIDATES, Math.ceil(limit * CANDIDATES_OF_HIT));
}

/** At most `limit`, ascending. Bounds go as integers: of others FTS5 makes no use, and would walk from the beginning. */
function numbersFrom(
  statements: SearchStatements,
  table: string,
  match: string,
  from: number,
  to: number,
  limit: number,
): number[] {
  const sql = `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?`;
  return statements.all(sql, match, BigInt(from), BigInt(to), limit).map((row) => row[0] as number);
}

/** Files for one query, as they come. */
class Gathering {
  /** More were there than were looked at. */
  leftOut = false;
  readonly #query: Query;
  readonly #bounds: Bounds;
  readonly #present: ReadonlyMap<number, PresentSource>;
  readonly #statements: SearchStatements;
  readonly #found: Gathered[] = [];
  /** By the place of a content's root: where in the network it is, and how many of it are among the candidates. */
  readonly #contents = new Map<number, { readonly places: Set<string>; candidates: number }>();
  #numbers = 0;
  #rows = 0;
  /** Candidates that are not more of one source than may be answered. */
  #answerable = 0;
  #skips = 0;
  /** The source whose files come now, how many of them are candidates, and how many came in vain since. */
  #source = 0;
  #ofSource = 0;
  #inVain = 0;

  constructor(query: Query, bounds: Bounds, present: ReadonlyMap<number, PresentSource>, statements: SearchStatements) {
    this.#query = query;
    this.#bounds = bounds;
    this.#present = present;
    this.#statements = statements;
  }

  candidates(): Gathered[] {
    return this.#found.map((candidate) => ({
      ...candidate,
      prefixes: this.#contents.get(placeIn(candidate.number))!.places.size,
    }));
  }

  /** False when enough was looked at. */
  walk(table: string, match: string, from: number, to: number): boolean {
    const wanted = wantedOf(this.#bounds);
    let next = from;
    while (next <= to) {
      const atOnce = Math.max(LEAST_AT_ONCE, Math.ceil((wanted - this.#answerable) * NUMBERS_OF_CANDIDATE));
      const numbers = numbersFrom(this.#statements, table, match, next, to, atOnce);
      const skipTo = this.#takeAll(numbers, wanted);
      if (skipTo === 'enough') return false;
      if (skipTo === 'all' && numbers.length < atOnce) return true;
      if (skipTo !== 'all' && this.#skips >= MAX_SKIPS) return false;
      if (skipTo !== 'all') this.#skips += 1;
      next = skipTo === 'all' ? numbers.at(-1)! + 1 : skipTo;
    }
    return true;
  }

  #takeAll(numbers: readonly number[], wanted: number): 'all' | 'enough' | number {
    for (const number of numbers) {
      if (this.#numbers >= MAX_NUMBERS || this.#rows >= MAX_ROWS) return 'enough';
      if (this.#answerable >= wanted || this.#found.length >= MAX_CANDIDATES) return 'enough';
      this.#numbers += 1;
      const source = sourceOf(number);
      if (source !== this.#source) [this.#source, this.#ofSource, this.#inVain] = [source, 0, 0];
      if (this.#take(number, source)) continue;
      this.#inVain += 1;
      if (this.#inVain > SKIP_AFTER) return numbersOf(source)[1];
    }
    return 'all';
  }

  #take(number: number, source: number): boolean {
    const where = this.#present.get(source);
    if (where === undefined) return false;
    let content = this.#contents.get(placeIn(number));
    if (content === undefined) {
      content = { places: new Set(), candidates: 0 };
      this.#contents.set(placeIn(number), content);
    }
    const isThere = (): void => {
      if (content.places.size < MAX_PLACES) content.places.add(where.place!);
    };
    const { perSource, perContent } = this.#bounds;
    if (this.#ofSource >= candidatesOfSource(this.#bounds) || content.candidates >= perContent) {
      this.leftOut = true;
      // Not read, but most likely of the same content.
      isThere();
      return false;
    }
    this.#rows += 1;
    const row = this.#statements.get(
      'SELECT root, name, folder, folded, size, day FROM files WHERE number = ?',
      number,
    );
    if (row === undefined) return false;
    const file = readFileRow(row, 0);
    const hit = { kind: 'direct', entry: toFileEntry(file) } as const;
    const candidate = { hit, fields: fieldsOfRow(file), source: where.key, prefixes: undefined, number };
    if (!isFound(this.#query, candidate, this.#bounds.todayDay)) return false;
    isThere();
    this.#found.push(candidate);
    if (this.#ofSource < perSource) this.#answerable += 1;
    this.#ofSource += 1;
    content.candidates += 1;
    return true;
  }
}

function toFound(chosen: readonly Gathered[], more: boolean): Found {
  const files = chosen.flatMap(({ hit, number }) => (hit.kind === 'direct' ? [{ entry: hit.entry, number }] : []));
  const roots = new Uint8Array(files.length * ADDRESS_BYTES);
  files.forEach(({ entry }, index) => roots.set(entry.root, index * ADDRESS_BYTES));
  return {
    files: {
      sources: Uint32Array.from(files, ({ number }) => sourceOf(number)),
      roots,
      names: files.map(({ entry }) => entry.name),
      folders: files.map(({ entry }) => entry.folder),
      sizes: Float64Array.from(files, ({ entry }) => entry.sizeBytes),
      days: Uint16Array.from(files, ({ entry }) => entry.day),
    },
    listings: chosen.flatMap(({ hit }) => (hit.kind === 'anonymous' ? [hit.entry] : [])),
    order: Uint8Array.from(chosen, ({ hit }) => (hit.kind === 'direct' ? 0 : 1)),
    more,
  };
}
