/** The search index's file and what is changed in it, synchronously, on the writer's thread. */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { toHex } from '../../../shared/base/bytes.ts';
import type { IndexStats, ListingOutcome } from '../../core/search/index-port.ts';
import { WordCounts } from '../../core/search/word-table.ts';
import type { IndexLimits } from '../search-choice.ts';
import { openDatabaseFile } from './database-file.ts';
import { FileLayer, SearchStatements, WordWriter } from './search-batch.ts';
import type { Change, Changed, SearchOpened, SearchSetup, SearchWrite, SourceState } from './search-messages.ts';
import { OTHER_TOKENS, wordOfToken } from './search-query.ts';
import { createTables, FIRST_LISTING, LISTING_COLUMNS, SEARCH_SCHEMA, WORD_TABLES } from './search-schema.ts';

/** Files of old lists that one transaction drops: some 200 ms of work, between which changes have their turn. */
const DROP_STEP_FILES = 16_384;
/** Pages of FTS5's index that one step of merging writes, and pages that one step of freeing moves. */
const MERGE_STEP_PAGES = 256;
const VACUUM_STEP_PAGES = 2_048;
/**
 * When a part of all files this great went, or came, FTS5's index is made one piece, and not bit by bit as others come: the room of words
 * that went is free then, and a query looks into one piece of each table, which takes 0.7 of the time that ten take.
 */
const MUCH_REMOVED = 1 / 16;
const MUCH_ADDED = 1 / 4;
/** Pieces of a table with which it is worth that when a file is opened. Guess. */
const MANY_PIECES = 4;

type Source = SourceState & { readonly key: Uint8Array };

/** What a transaction changes beside the file; taken over when it is committed. */
interface Pending {
  readonly layer: FileLayer;
  readonly words: WordWriter;
  /** Undefined: dropped. */
  readonly sources: Map<string, Source | undefined>;
  files: number;
  listings: number;
  added: number;
  removed: number;
}

export class SearchDatabase {
  readonly movedTo: string | undefined;
  readonly #path: string;
  readonly #limits: IndexLimits;
  readonly #database: DatabaseSync;
  readonly #statements: SearchStatements;
  readonly #salt: Uint8Array;
  readonly #counts: WordCounts;
  readonly #sources = new Map<string, Source>();
  #nextSource = 1;
  #nextListing = FIRST_LISTING;
  #files = 0;
  #listings = 0;
  /** Since FTS5's index was last merged as a whole. */
  #removed = 0;
  #added = 0;
  #merging = false;
  #table: Uint8Array | undefined;

  constructor(setup: SearchSetup) {
    const opened = openDatabaseFile(setup.path, {
      ...SEARCH_SCHEMA,
      create: (database) => createTables(database, setup.freshSalt),
    });
    this.#path = setup.path;
    this.#limits = setup.limits;
    this.movedTo = opened.movedTo;
    this.#database = opened.database;
    if (setup.maxPages > 0) this.#database.exec(`PRAGMA max_page_count = ${setup.maxPages}`);
    this.#statements = new SearchStatements(this.#database);
    this.#counts = new WordCounts(new Uint32Array(setup.wordCounters));
    this.#salt = this.#statements.get("SELECT value FROM meta WHERE name = 'salt'")![0] as Uint8Array;
    for (const row of this.#statements.all('SELECT number, key, generation, sequence, files FROM sources')) {
      const [number, key, generation, sequence, files] = row as [number, Uint8Array, number, number, number];
      this.#sources.set(toHex(key), { number, key, generation, sequence, files });
      this.#files += files;
      this.#nextSource = Math.max(this.#nextSource, number + 1);
    }
    const [listings, last] = this.#statements.get('SELECT count(*), max(number) FROM listings') as [number, number];
    this.#listings = listings;
    this.#nextListing = Math.max(FIRST_LISTING, (last ?? 0) + 1);
    const [pieces] = this.#statements.get(`SELECT count(DISTINCT segid) FROM ${WORD_TABLES[0]}_idx`) as [number];
    if (pieces > MANY_PIECES) this.#added = this.#files;
  }

  opened(): SearchOpened {
    return { sources: [...this.#sources.values()], movedTo: this.movedTo };
  }

  /** All words are counted: about a second for a million files. `anew`: what was counted before was of another file. */
  countWords(anew: boolean): void {
    // Counters that nothing was written to take no memory.
    if (anew) this.#counts.clear();
    this.#table = undefined;
    for (const table of WORD_TABLES) {
      this.#database.exec(
        `CREATE VIRTUAL TABLE IF NOT EXISTS temp.${table}_list USING fts5vocab (main, ${table}, row)`,
      );
      for (const [index, comparison] of ['<', '>='].entries()) {
        const statement = this.#statements.of(`SELECT term, doc FROM temp.${table}_list WHERE term ${comparison} ?`);
        for (const row of statement.iterate(OTHER_TOKENS[index]!) as unknown as Iterable<[string, number]>) {
          this.#counts.add(wordOfToken(row[0]), row[1]);
        }
      }
    }
    this.#counts.setWhole();
  }

  /** How many come or go. */
  entriesOf(write: SearchWrite): number {
    if (write.type === 'change') return write.change.added.length + write.change.removed.length;
    return write.type === 'drop-source' ? (this.#sources.get(toHex(write.source))?.files ?? 0) : 1;
  }

  /** One transaction; durable when it returns, and when it throws, nothing of it happened. */
  commit(writes: readonly SearchWrite[]): Changed[] {
    return this.#transaction((pending) => writes.map((write) => this.#apply(write, pending)));
  }

  /** Drops at most one step of what was not linked since then; `ended` when there is no more. */
  dropOldStep(
    sinceMs: number,
    nowMs: number,
    present: readonly number[],
  ): { files: number; sources: Uint8Array[]; ended: boolean } {
    return this.#transaction((pending) => {
      const see = this.#statements.of('UPDATE sources SET seen = max(seen, ?) WHERE number = ?');
      for (const number of present) see.run(nowMs, number);
      const sources: Uint8Array[] = [];
      let files = 0;
      for (const [key] of this.#statements.all('SELECT key FROM sources WHERE seen < ?', sinceMs)) {
        if (files >= DROP_STEP_FILES) return { files, sources, ended: false };
        sources.push(key as Uint8Array);
        files += this.#dropSource(key as Uint8Array, pending);
      }
      const minutes = Math.floor(nowMs / 60_000);
      const expired = `SELECT number, ${LISTING_COLUMNS} FROM listings WHERE expires <= ? LIMIT ${DROP_STEP_FILES}`;
      const listings = this.#statements.all(expired, minutes);
      for (const row of listings) this.#dropListing(row, pending);
      return { files, sources, ended: listings.length < DROP_STEP_FILES };
    });
  }

  table(): Uint8Array {
    this.#table ??= this.#counts.table();
    return this.#table;
  }

  stats(): IndexStats {
    const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return {
      files: this.#files,
      sources: this.#sources.size,
      listings: this.#listings,
      usedBytes: bytesOf(this.#path) + bytesOf(`${this.#path}-wal`),
    };
  }

  /** Puts pieces of FTS5's index together, and gives free pages back to the disk; true when there is more to do. */
  tidyStep(): boolean {
    if (this.#mergeStep()) return true;
    const free = (): number => this.#statements.get('PRAGMA freelist_count')![0] as number;
    const before = free();
    if (before > 0) this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_STEP_PAGES})`);
    const after = free();
    if (after > 0 && after < before) return true;
    // A reader that is just at work makes this a no-op; the next time will do.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return false;
  }

  close(): void {
    this.#database.close();
  }

  #mergeStep(): boolean {
    if (this.#removed > (this.#files + this.#removed) * MUCH_REMOVED || this.#added > this.#files * MUCH_ADDED) {
      this.#merging = true;
      [this.#removed, this.#added] = [0, 0];
    }
    const changes = (): number => this.#statements.get('SELECT total_changes()')![0] as number;
    const pages = BigInt(this.#merging ? -MERGE_STEP_PAGES : MERGE_STEP_PAGES);
    for (const table of WORD_TABLES) {
      const before = changes();
      this.#statements.of(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ?)`).run(pages);
      // FTS5's documentation: fewer than two changes say that nothing was left to do.
      if (changes() - before >= 2) return true;
    }
    this.#merging = false;
    return false;
  }

  #apply(write: SearchWrite, pending: Pending): Changed {
    switch (write.type) {
      case 'change':
        return this.#change(write.source, write.change, write.nowMs, pending);
      case 'drop-source':
        this.#dropSource(write.source, pending);
        return { outcome: 'done', state: undefined };
      case 'put-listing':
        return { outcome: this.#putListing(write.listing, pending), state: undefined };
      case 'drop-listing':
        this.#takeBack(write.documentKey, write.madeMinutes, pending);
        return { outcome: 'done', state: undefined };
    }
  }

  #sourceOf(key: string, pending: Pending): Source | undefined {
    return pending.sources.has(key) ? pending.sources.get(key) : this.#sources.get(key);
  }

  #change(key: Uint8Array, change: Change, nowMs: number, pending: Pending): Changed {
    const { generation, sequence, added, removed } = change;
    const name = toHex(key);
    const known = this.#sourceOf(name, pending);
    if (known === undefined && this.#countSources(pending) >= this.#limits.sources) return FULL;
    const number = known?.number ?? this.#nextSource;
    const layer = new FileLayer(this.#statements, this.#salt, pending.layer);
    if (known === undefined || known.files === 0) layer.setFresh(number);
    const before = known?.files ?? 0;
    let files = before;
    let gone = 0;
    if (known !== undefined && known.generation !== generation) files -= layer.removeAll(number);
    gone = before - files;
    for (const root of removed) {
      const one = layer.remove(number, root);
      files -= one;
      gone += one;
    }
    for (const entry of added) files += layer.put(number, entry);
    const all = this.#files + pending.files + files - before;
    if (files > this.#limits.filesOfSource || (all > this.#limits.files && files > before)) return FULL;
    layer.merge();
    pending.files += files - before;
    pending.added += added.length;
    pending.removed += gone;
    const state = { number, key: new Uint8Array(key), generation, sequence, files };
    pending.sources.set(name, state);
    if (known === undefined) this.#nextSource += 1;
    this.#statements
      .of(
        `INSERT INTO sources (number, key, generation, sequence, files, seen) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (number) DO UPDATE SET generation = excluded.generation, sequence = excluded.sequence,
         files = excluded.files, seen = max(seen, excluded.seen)`,
      )
      .run(number, key, generation, sequence, files, nowMs);
    return { outcome: 'done', state };
  }

  #countSources(pending: Pending): number {
    let count = this.#sources.size;
    for (const [key, source] of pending.sources) {
      if (source === undefined) count -= this.#sources.has(key) ? 1 : 0;
      else count += this.#sources.has(key) ? 0 : 1;
    }
    return count;
  }

  /** Answers how many files went. */
  #dropSource(key: Uint8Array, pending: Pending): number {
    const known = this.#sourceOf(toHex(key), pending);
    if (known === undefined) return 0;
    const files = known.files === 0 ? 0 : pending.layer.removeAll(known.number);
    this.#statements.of('DELETE FROM sources WHERE number = ?').run(known.number);
    pending.sources.set(toHex(key), undefined);
    pending.files -= files;
    pending.removed += files;
    return files;
  }

  #listingRows(documentKey: Uint8Array): unknown[][] {
    return this.#statements.all(`SELECT number, ${LISTING_COLUMNS} FROM listings WHERE document_key = ?`, documentKey);
  }

  #putListing(listing: Extract<SearchWrite, { type: 'put-listing' }>['listing'], pending: Pending): ListingOutcome {
    const { entry, madeMinutes, expiresMinutes } = listing;
    const removed = this.#statements.get('SELECT made FROM removals WHERE document_key = ?', entry.documentKey);
    if (removed !== undefined && (removed[0] as number) >= madeMinutes) return 'removed';
    const held = this.#statements.get('SELECT made, expires FROM listings WHERE document_key = ?', entry.documentKey);
    if (held !== undefined && isAsNew(held as [number, number], [madeMinutes, expiresMinutes])) return 'known';
    if (held === undefined && this.#listings + pending.listings >= this.#limits.listings) return 'full';
    for (const row of this.#listingRows(entry.documentKey)) this.#dropListing(row, pending);
    pending.words.insertListing(this.#nextListing, listing);
    this.#nextListing += 1;
    pending.listings += 1;
    return 'done';
  }

  #takeBack(documentKey: Uint8Array, madeMinutes: number, pending: Pending): void {
    const [made] = this.#statements.get('SELECT made FROM listings WHERE document_key = ?', documentKey) ?? [];
    if (made !== undefined && (made as number) <= madeMinutes)
      for (const row of this.#listingRows(documentKey)) this.#dropListing(row, pending);
    this.#statements
      .of(
        `INSERT INTO removals (document_key, made) VALUES (?, ?)
         ON CONFLICT (document_key) DO UPDATE SET made = max(made, excluded.made)`,
      )
      .run(documentKey, madeMinutes);
    this.#statements
      .of('DELETE FROM removals WHERE number <= (SELECT max(number) FROM removals) - ?')
      .run(this.#limits.removals);
  }

  #dropListing(row: readonly unknown[], pending: Pending): void {
    pending.words.deleteListing(row);
    pending.listings -= 1;
    pending.removed += 1;
  }

  #transaction<Value>(work: (pending: Pending) => Value): Value {
    const pending: Pending = {
      layer: new FileLayer(this.#statements, this.#salt),
      words: new WordWriter(this.#statements, this.#salt),
      sources: new Map(),
      ...{ files: 0, listings: 0, added: 0, removed: 0 },
    };
    const [nextSource, nextListing] = [this.#nextSource, this.#nextListing];
    let value: Value;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      value = work(pending);
      pending.words.writeFiles(pending.layer.slots);
      this.#database.exec('COMMIT');
    } catch (thrown) {
      [this.#nextSource, this.#nextListing] = [nextSource, nextListing];
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
    this.#take(pending);
    return value;
  }

  #take(pending: Pending): void {
    for (const [key, source] of pending.sources) {
      if (source === undefined) this.#sources.delete(key);
      else this.#sources.set(key, source);
    }
    this.#files += pending.files;
    this.#listings += pending.listings;
    this.#added += pending.added;
    this.#removed += pending.removed;
    let changed = false;
    for (const [word, times] of pending.words.counted) {
      if (times === 0) continue;
      this.#counts.add(word, times);
      changed = true;
    }
    if (changed) this.#table = undefined;
  }
}

/** Made and expires, of what is there and of what comes. */
function isAsNew([heldMade, heldExpires]: readonly [number, number], [made, expires]: readonly [number, number]) {
  return heldMade > made || (heldMade === made && heldExpires >= expires);
}

const FULL: Changed = { outcome: 'full', state: undefined };
