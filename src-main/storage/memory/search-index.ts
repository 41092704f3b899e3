/** The search index of tests and of the simulator: the same port, nothing on disk. Deterministic, and small, for there are thousands. */
import { compareBytes, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { FileEntry, Hit } from '../../core/search/entry.ts';
import type {
  IndexStats,
  ListedPublication,
  ListingOutcome,
  ListState,
  SearchIndex,
} from '../../core/search/index-port.ts';
import { fieldsOf } from '../../core/search/match.ts';
import type { Entry } from '../../core/search/match.ts';
import type { Query, Term } from '../../core/search/query.ts';
import { tableOf } from '../../core/search/word-table.ts';
import { tableWordsOf } from '../../core/search/words.ts';
import { candidatesOfSource, choose, contentOf, isFound, placeOf } from '../search-choice.ts';
import type { Bounds, Candidate, IndexLimits } from '../search-choice.ts';

export interface MemorySearchIndexOptions {
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly limits: IndexLimits;
}

type Where = Exclude<Parameters<SearchIndex['present']>[1], undefined>;

/** One thing that can be found. */
interface Held {
  readonly hit: Entry;
  /** Undefined: a listing. */
  readonly source: Source | undefined;
}

interface Source {
  readonly key: Uint8Array;
  readonly hex: string;
  generation: number;
  sequence: number;
  seenMs: number;
  /** By root, in hexadecimal. */
  readonly files: Map<string, Held>;
}

interface Listing {
  readonly listing: ListedPublication;
  readonly held: Held;
}

export function createMemorySearchIndex(options: MemorySearchIndexOptions): SearchIndex {
  return new MapSearchIndex(options);
}

class MapSearchIndex implements SearchIndex {
  readonly #wallMs: () => number;
  readonly #limits: IndexLimits;
  readonly #sources = new Map<string, Source>();
  readonly #present = new Map<string, Where>();
  readonly #listings = new Map<string, Listing>();
  /** When listings were taken back, in minutes, oldest first. */
  readonly #removals = new Map<string, number>();
  /** Where each word stands, without order. Arrays, for most words stand in a few texts. */
  readonly #words = new Map<string, Held[]>();
  #files = 0;
  #table: Uint8Array | undefined;
  #closed = false;

  constructor({ wallMs, limits }: MemorySearchIndexOptions) {
    this.#wallMs = wallMs;
    this.#limits = limits;
  }

  async listState(source: Uint8Array): Promise<ListState | undefined> {
    this.#assertOpen();
    const known = this.#sources.get(toHex(source));
    if (known === undefined) return undefined;
    return { generation: known.generation, sequence: known.sequence, files: known.files.size };
  }

  async change(source: Uint8Array, change: Parameters<SearchIndex['change']>[1]): Promise<'done' | 'full'> {
    this.#assertOpen();
    const hex = toHex(source);
    const known = this.#sources.get(hex);
    if (!this.#fits(known, change)) return 'full';
    const { generation, sequence, added, removed } = change;
    const now = this.#wallMs();
    const list = known ?? { key: source.slice(), hex, generation, sequence, seenMs: now, files: new Map() };
    if (known === undefined) this.#sources.set(hex, list);
    if (list.generation !== generation) this.#removeFiles(list);
    list.generation = generation;
    list.sequence = sequence;
    list.seenMs = Math.max(list.seenMs, now);
    for (const root of removed) this.#removeFile(list, toHex(root));
    for (const entry of added) this.#addFile(list, entry);
    return 'done';
  }

  present(source: Uint8Array, where: Where | undefined): void {
    if (where === undefined) this.#present.delete(toHex(source));
    else this.#present.set(toHex(source), where);
  }

  async dropSource(source: Uint8Array): Promise<void> {
    this.#assertOpen();
    const known = this.#sources.get(toHex(source));
    if (known === undefined) return;
    this.#removeFiles(known);
    this.#sources.delete(known.hex);
  }

  async dropOld(sinceMs: number): Promise<number> {
    this.#assertOpen();
    const now = this.#wallMs();
    let files = 0;
    for (const source of this.#sources.values()) {
      if (this.#present.has(source.hex)) source.seenMs = now;
      if (source.seenMs >= sinceMs) continue;
      files += source.files.size;
      this.#removeFiles(source);
      this.#sources.delete(source.hex);
    }
    for (const { listing } of [...this.#listings.values()]) {
      if (listing.expiresMinutes <= this.#nowMinutes()) this.#removeListing(toHex(listing.entry.documentKey));
    }
    return files;
  }

  async putListing(listing: ListedPublication): Promise<ListingOutcome> {
    this.#assertOpen();
    const hex = toHex(listing.entry.documentKey);
    const before = this.#listings.get(hex);
    if ((this.#removals.get(hex) ?? -1) >= listing.madeMinutes) return 'removed';
    if (before !== undefined && isAsNew(before.listing, listing)) return 'known';
    if (before === undefined && this.#listings.size >= this.#limits.listings) return 'full';
    if (before !== undefined) this.#removeWords(before.held);
    const held: Held = { hit: { kind: 'anonymous', entry: listing.entry }, source: undefined };
    this.#listings.set(hex, { listing, held });
    this.#addWords(held);
    return 'done';
  }

  async dropListing(documentKey: Uint8Array, madeMinutes: number): Promise<void> {
    this.#assertOpen();
    const hex = toHex(documentKey);
    if ((this.#listings.get(hex)?.listing.madeMinutes ?? -1) <= madeMinutes) this.#removeListing(hex);
    this.#removals.set(hex, Math.max(madeMinutes, this.#removals.get(hex) ?? 0));
    if (this.#removals.size > this.#limits.removals) this.#removals.delete(this.#removals.keys().next().value!);
  }

  async listings(after: Uint8Array | undefined, limit: number): Promise<readonly ListedPublication[]> {
    this.#assertOpen();
    return [...this.#listings.values()]
      .map(({ listing }) => listing)
      .filter(({ entry, expiresMinutes }) => {
        const isAfter = after === undefined || compareBytes(entry.documentKey, after) > 0;
        return isAfter && expiresMinutes > this.#nowMinutes();
      })
      .sort((a, b) => compareBytes(a.entry.documentKey, b.entry.documentKey))
      .slice(0, limit);
  }

  async query(query: Query, bounds: Bounds): Promise<{ hits: readonly Hit[]; more: boolean }> {
    this.#assertOpen();
    const places = new Map<string, Set<string>>();
    const counts = new Map<string, number>();
    const candidates: Candidate[] = [];
    let leftOut = false;
    for (const held of query.root === undefined ? this.#rarest(query.terms) : this.#withRoot(query.root)) {
      const { hit, source } = held;
      if (!this.#isThere(held)) continue;
      const candidate = { hit, fields: fieldsOf(hit), source: source?.hex, prefixes: undefined };
      if (!isFound(query, candidate, bounds.todayDay)) continue;
      const content = toHex(contentOf(hit));
      if (source !== undefined) addTo(places, content, placeOf(source.hex, this.#present.get(source.hex)!.host));
      const isOver = (key: string, most: number): boolean => (counts.get(key) ?? 0) >= most;
      const ofSource = candidatesOfSource(bounds);
      if (isOver(content, bounds.perContent) || (source !== undefined && isOver(source.hex, ofSource))) {
        leftOut = true;
        continue;
      }
      for (const key of [content, ...(source === undefined ? [] : [source.hex])]) {
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      candidates.push(candidate);
    }
    const ranked = candidates.map((candidate) => ({
      ...candidate,
      prefixes: places.get(toHex(contentOf(candidate.hit)))?.size,
    }));
    const { chosen, more } = choose(query, ranked, bounds);
    return { hits: chosen.map((candidate) => this.#toHit(candidate)), more: more || leftOut };
  }

  async wordTable(): Promise<Uint8Array> {
    this.#assertOpen();
    this.#table ??= tableOf(new Set([...this.#words.keys()].flatMap(tableWordsOf)));
    return this.#table.slice();
  }

  async stats(): Promise<IndexStats> {
    this.#assertOpen();
    return { files: this.#files, sources: this.#sources.size, listings: this.#listings.size, usedBytes: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const map of [this.#sources, this.#present, this.#listings, this.#removals, this.#words]) map.clear();
  }

  #fits(known: Source | undefined, change: Parameters<SearchIndex['change']>[1]): boolean {
    if (known === undefined && this.#sources.size >= this.#limits.sources) return false;
    const roots = new Set(known?.generation === change.generation ? known.files.keys() : []);
    for (const root of change.removed) roots.delete(toHex(root));
    for (const { root } of change.added) roots.add(toHex(root));
    const before = known?.files.size ?? 0;
    const all = this.#files + roots.size - before;
    return roots.size <= this.#limits.filesOfSource && (all <= this.#limits.files || roots.size <= before);
  }

  #addFile(source: Source, entry: FileEntry): void {
    const root = toHex(entry.root);
    this.#removeFile(source, root);
    const held: Held = { hit: { kind: 'direct', entry }, source };
    source.files.set(root, held);
    this.#files += 1;
    this.#addWords(held);
  }

  #removeFile(source: Source, root: string): void {
    const held = source.files.get(root);
    if (held === undefined) return;
    source.files.delete(root);
    this.#files -= 1;
    this.#removeWords(held);
  }

  #removeFiles(source: Source): void {
    for (const root of [...source.files.keys()]) this.#removeFile(source, root);
  }

  #removeListing(hex: string): void {
    const known = this.#listings.get(hex);
    if (known === undefined) return;
    this.#removeWords(known.held);
    this.#listings.delete(hex);
  }

  #addWords(held: Held): void {
    this.#table = undefined;
    for (const word of new Set(fieldsOf(held.hit).flat())) {
      const list = this.#words.get(word);
      if (list === undefined) this.#words.set(word, [held]);
      else list.push(held);
    }
  }

  #removeWords(held: Held): void {
    this.#table = undefined;
    for (const word of new Set(fieldsOf(held.hit).flat())) {
      const list = this.#words.get(word)!;
      const last = list.pop()!;
      if (last !== held) list[list.indexOf(held)] = last;
      if (list.length === 0) this.#words.delete(word);
    }
  }

  /** All that may fit: what has the rarest of the words that must be there. */
  #rarest(terms: readonly Term[]): Iterable<Held> {
    let rarest: readonly Held[] | undefined;
    for (const { kind, words, excluded } of terms) {
      if (excluded) continue;
      for (const word of words) {
        const held = kind === 'prefix' ? this.#withPrefix(word) : (this.#words.get(word) ?? []);
        if (rarest === undefined || held.length < rarest.length) rarest = held;
      }
    }
    return rarest ?? [];
  }

  #withRoot(root: Uint8Array): readonly Held[] {
    const hex = toHex(root);
    return [...this.#sources.values()].flatMap(({ files }) => files.get(hex) ?? []);
  }

  #withPrefix(prefix: string): readonly Held[] {
    const all = new Set<Held>();
    for (const [word, list] of this.#words) {
      if (word.startsWith(prefix)) for (const held of list) all.add(held);
    }
    return [...all];
  }

  #isThere({ hit, source }: Held): boolean {
    if (source !== undefined) return this.#present.has(source.hex);
    const { listing } = this.#listings.get(toHex(contentOf(hit)))!;
    return listing.expiresMinutes > this.#nowMinutes();
  }

  #toHit({ hit, source }: Candidate): Hit {
    if (hit.kind === 'anonymous') return hit;
    return { ...hit, source: this.#sources.get(source!)!.key, ...this.#present.get(source!)! };
  }

  #nowMinutes(): number {
    return Math.floor(this.#wallMs() / 60_000);
  }

  #assertOpen(): void {
    if (this.#closed) throw new BroadsideError('unexpected', 'the search index is closed');
  }
}

function isAsNew(held: ListedPublication, other: ListedPublication): boolean {
  if (held.madeMinutes !== other.madeMinutes) return held.madeMinutes > other.madeMinutes;
  return held.expiresMinutes >= other.expiresMinutes;
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
