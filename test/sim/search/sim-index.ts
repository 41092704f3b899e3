/**
 * The index of one node of the simulator: which contents of the catalogue each source has. Words are looked up in the catalogue, so that ten
 * thousand indexes share one; what is answered is the same as if each had its own.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import type { SearchEffect } from '../../../src-main/core/search/effects.ts';
import type { Hit } from '../../../src-main/core/search/entry.ts';
import type { ListState } from '../../../src-main/core/search/index-port.ts';
import type { Query } from '../../../src-main/core/search/query.ts';
import { tableOf } from '../../../src-main/core/search/word-table.ts';
import { tableWordsOf } from '../../../src-main/core/search/words.ts';
import type { Catalogue, Content } from './catalogue.ts';

type Change = Extract<SearchEffect, { type: 'indexChange' }>['change'];
type Bounds = Extract<SearchEffect, { type: 'indexQuery' }>['bounds'];
type Where = Extract<SearchEffect, { type: 'indexPresent' }>['where'];

interface Source {
  readonly publicKey: Uint8Array;
  generation: number;
  sequence: number;
  readonly contents: Set<Content>;
  where: Where;
}

export class SimIndex {
  readonly #catalogue: Catalogue;
  readonly #sources = new Map<string, Source>();
  readonly #having = new Map<Content, Set<Source>>();
  #table: Uint8Array | undefined;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  get files(): number {
    let files = 0;
    for (const { contents } of this.#sources.values()) files += contents.size;
    return files;
  }

  state(publicKey: Uint8Array): ListState | undefined {
    const source = this.#sources.get(toHex(publicKey));
    if (source === undefined || source.sequence < 0) return undefined;
    return { generation: source.generation, sequence: source.sequence, files: source.contents.size };
  }

  change(publicKey: Uint8Array, begins: boolean, change: Change): void {
    const source = this.#sourceOf(publicKey);
    if (begins || source.generation !== change.generation)
      for (const content of [...source.contents]) this.#take(source, content);
    source.generation = change.generation;
    source.sequence = change.sequence;
    for (const root of change.removed) this.#take(source, this.#catalogue.ofRoot(root));
    for (const { root } of change.added) {
      const content = this.#catalogue.ofRoot(root);
      source.contents.add(content);
      const having = this.#having.get(content);
      if (having === undefined) this.#having.set(content, new Set([source]));
      else having.add(source);
    }
    this.#table = undefined;
  }

  present(publicKey: Uint8Array, where: Where): void {
    this.#sourceOf(publicKey).where = where;
  }

  query(query: Query, bounds: Bounds): { readonly hits: Hit[]; readonly more: boolean } {
    const words = query.terms.flatMap((term) => term.words);
    const hits: Hit[] = [];
    const bySource = new Map<Source, number>();
    if (query.kind === 'anonymous') return { hits, more: false };
    for (const content of this.#catalogue.find(words)) {
      let ofContent = 0;
      for (const source of this.#having.get(content) ?? []) {
        const ofSource = bySource.get(source) ?? 0;
        if (source.where === undefined || ofSource >= bounds.perSource || ofContent >= bounds.perContent) continue;
        if (hits.length >= bounds.limit) return { hits, more: true };
        bySource.set(source, ofSource + 1);
        ofContent += 1;
        const { host, port, freeSlots } = source.where;
        const where = host === undefined || port === undefined ? {} : { host, port };
        hits.push({ kind: 'direct', entry: content.entry, source: source.publicKey, ...where, freeSlots });
      }
    }
    return { hits, more: false };
  }

  table(): Uint8Array {
    if (this.#table === undefined) {
      const words = new Set<string>();
      for (const [{ words: ofName }] of this.#having) for (const word of ofName) words.add(word);
      this.#table = tableOf(new Set([...words].flatMap(tableWordsOf)));
    }
    return this.#table;
  }

  #sourceOf(publicKey: Uint8Array): Source {
    const key = toHex(publicKey);
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = { publicKey, generation: 0, sequence: -1, contents: new Set(), where: undefined };
      this.#sources.set(key, source);
    }
    return source;
  }

  #take(source: Source, content: Content): void {
    source.contents.delete(content);
    const having = this.#having.get(content);
    having?.delete(source);
    if (having?.size === 0) this.#having.delete(content);
    this.#table = undefined;
  }
}
