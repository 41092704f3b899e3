/**
 * What a search found, by content: hits that fit become one row each, however many have it. Rows stay where they came first; what is
 * learned later changes them in place. Hubs are strangers, so every hit is looked at again, and every table has a bound.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import { publicPrefix } from '../../../shared/base/ipv4.ts';
import { MAX_WANTED } from '../limits.ts';
import type { Hit } from './entry.ts';
import { fieldsOf, matches } from './match.ts';
import type { Entry, Fields } from './match.ts';
import type { Query } from './query.ts';
import { rank } from './rank.ts';

/** Contents of which one source is the only one: more of them are found by browsing it. Guess. */
export const MAX_CONTENTS_OF_SOURCE = 50;
/** Sources of one content that are remembered, about 150 bytes each; the others are counted up to the second. */
export const MAX_SOURCES_OF_CONTENT = 64;
/** Other names of one content. */
export const MAX_OTHER_NAMES = 5;

export interface Source {
  readonly publicKey: Uint8Array;
  readonly host?: string;
  readonly port?: number;
  readonly freeSlots: number;
}

/** One content. `entry` is what was heard first, and stays. */
export interface Content {
  readonly id: string;
  readonly found: Entry;
  readonly fields: Fields;
  /** By public key in hexadecimal; empty for publications. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly otherNames: readonly string[];
  /** Distinct /24 prefixes, or keys where the address says nothing. */
  readonly prefixes: number;
  /** The day of the newest hit. */
  readonly day: number;
  readonly score: number;
}

/** Why a hit is not shown: the person hides it, or it does not belong here (`unfit`, `bounded`). */
export type Judgement = 'shown' | 'hidden';

export interface CollectorOptions {
  readonly query: Query;
  readonly todayDay: number;
  /** What the person hides: asked for each hit that fits. */
  readonly judge: (hit: Hit, fields: Fields) => Judgement;
  readonly maxContents?: number;
  /** Undefined: no bound, for what one source is asked for. */
  readonly maxContentsOfSource?: number | undefined;
}

interface Row {
  readonly id: string;
  readonly found: Entry;
  readonly fields: Fields;
  readonly sources: Map<string, Source>;
  readonly prefixes: Set<string>;
  readonly otherNames: string[];
  day: number;
  score: number;
}

export class Collector {
  readonly #options: CollectorOptions;
  readonly #rows = new Map<string, Row>();
  readonly #alone = new Map<string, number>();
  readonly #hidden = new Set<string>();
  #hits = 0;
  #unfit = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Distinct contents that are shown. */
  get size(): number {
    return this.#rows.size;
  }

  /** Hits that came in all, those that do not fit included. */
  get hits(): number {
    return this.#hits;
  }

  /** Hits that did not fit the query, or came over a bound. */
  get unfit(): number {
    return this.#unfit;
  }

  /** Distinct contents, as far as they are counted, that the person hides. */
  get hidden(): number {
    return this.#hidden.size;
  }

  get(id: string): Content | undefined {
    const row = this.#rows.get(id);
    return row === undefined ? undefined : contentOf(row);
  }

  /** In the order in which they came. */
  contents(): Content[] {
    return [...this.#rows.values()].map(contentOf);
  }

  /** The ids of contents that are new or changed, each once. */
  add(hits: readonly Hit[]): string[] {
    const changed = new Set<string>();
    for (const hit of hits) {
      this.#hits += 1;
      const id = this.#addOne(hit);
      if (id === undefined) this.#unfit += 1;
      else if (id !== '') changed.add(id);
    }
    return [...changed];
  }

  /** Judges all again, after the person hid something: the ids of rows that left. Sources that are hidden leave their rows. */
  judgeAgain(): { readonly gone: string[]; readonly changed: string[] } {
    const [gone, changed]: [string[], string[]] = [[], []];
    for (const row of [...this.#rows.values()]) {
      const before = row.sources.size;
      for (const hit of hitsOf(row)) {
        if (this.#options.judge(hit, row.fields) === 'shown') continue;
        if (hit.kind === 'direct') row.sources.delete(toHex(hit.source));
        else this.#drop(row, gone);
      }
      if (row.found.kind === 'direct' && row.sources.size === 0) this.#drop(row, gone);
      else if (row.sources.size !== before) {
        this.#count(row);
        changed.push(row.id);
      }
    }
    return { gone, changed };
  }

  /** The id of what it changed; '' for nothing that is to be seen; undefined for a hit that does not belong here. */
  #addOne(hit: Hit): string | undefined {
    const { query, todayDay, judge } = this.#options;
    const id = contentId(hit);
    const fields = fieldsOf(hit);
    if (!matches(query, hit, todayDay, fields)) return undefined;
    if (judge(hit, fields) === 'hidden') {
      if (this.#hidden.size < MAX_WANTED && !this.#rows.has(id)) this.#hidden.add(id);
      return '';
    }
    const known = this.#rows.get(id);
    if (known === undefined) return this.#addRow(id, hit, fields);
    return this.#addTo(known, hit) ? id : '';
  }

  #addRow(id: string, hit: Hit, fields: Fields): string | undefined {
    const { maxContents = MAX_WANTED, maxContentsOfSource } = this.#options;
    if (this.#rows.size >= maxContents) return undefined;
    if (hit.kind === 'direct') {
      const source = toHex(hit.source);
      const alone = this.#alone.get(source) ?? 0;
      if (maxContentsOfSource !== undefined && alone >= maxContentsOfSource) return undefined;
      this.#alone.set(source, alone + 1);
    }
    const row: Row = {
      ...{ id, found: entryOf(hit), fields, sources: new Map(), prefixes: new Set(), otherNames: [] },
      ...{ day: hit.entry.day, score: 0 },
    };
    this.#rows.set(id, row);
    this.#hidden.delete(id);
    this.#addTo(row, hit);
    this.#count(row);
    return id;
  }

  /** True when something is to be seen of it. */
  #addTo(row: Row, hit: Hit): boolean {
    let changed = false;
    if (hit.entry.day > row.day) {
      row.day = hit.entry.day;
      changed = true;
    }
    if (hit.kind === 'direct') {
      changed = addName(row, hit.entry.name) || changed;
      changed = this.#addSource(row, hit) || changed;
    }
    if (changed) this.#count(row);
    return changed;
  }

  #addSource(row: Row, hit: Extract<Hit, { kind: 'direct' }>): boolean {
    const key = toHex(hit.source);
    const known = row.sources.get(key);
    if (known === undefined && row.sources.size >= MAX_SOURCES_OF_CONTENT) return false;
    if (known !== undefined && known.freeSlots === hit.freeSlots && (known.host ?? hit.host) === known.host)
      return false;
    // A second source: the first is no longer the only one.
    if (known === undefined && row.sources.size === 1) this.#notAlone(row);
    const { source: publicKey, host = known?.host, port = known?.port, freeSlots } = hit;
    row.sources.set(key, {
      ...{ publicKey, freeSlots },
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
    });
    return true;
  }

  #notAlone(row: Row): void {
    const first = row.sources.keys().next().value;
    if (first === undefined) return;
    const alone = (this.#alone.get(first) ?? 1) - 1;
    if (alone === 0) this.#alone.delete(first);
    else this.#alone.set(first, alone);
  }

  #drop(row: Row, gone: string[]): void {
    if (!this.#rows.delete(row.id)) return;
    if (this.#hidden.size < MAX_WANTED) this.#hidden.add(row.id);
    gone.push(row.id);
  }

  #count(row: Row): void {
    row.prefixes.clear();
    for (const [key, { host }] of row.sources) row.prefixes.add(publicPrefix(host) ?? key);
    const { query, todayDay } = this.#options;
    const prefixes = row.found.kind === 'direct' ? row.prefixes.size : undefined;
    row.score = rank(query, { fields: row.fields, prefixes, ageDays: Math.max(0, todayDay - row.day) });
  }
}

/** `direct:` or `anonymous:` and the content's own id: two contents are never one. */
export function contentId(hit: Entry): string {
  return `${hit.kind}:${toHex(hit.kind === 'direct' ? hit.entry.root : hit.entry.documentKey)}`;
}

/** Without who has it. */
function entryOf(hit: Hit): Entry {
  return hit.kind === 'direct' ? { kind: hit.kind, entry: hit.entry } : hit;
}

function addName(row: Row, name: string): boolean {
  if (row.found.kind !== 'direct' || row.found.entry.name === name) return false;
  if (row.otherNames.length >= MAX_OTHER_NAMES || row.otherNames.includes(name)) return false;
  row.otherNames.push(name);
  return true;
}

/** The row as hits again, one for each source. */
function hitsOf({ found, sources }: Row): Hit[] {
  if (found.kind === 'anonymous') return [found];
  return [...sources.values()].map(({ publicKey: source, ...rest }) => ({ ...found, source, ...rest }));
}

function contentOf(row: Row): Content {
  const { id, found, fields, sources, otherNames, prefixes, day, score } = row;
  return { id, found, fields, sources, otherNames: [...otherNames], prefixes: prefixes.size, day, score };
}
