/**
 * What the nodes of an experiment share, and what is asked for: contents with names of words, words and contents by Zipf's law, as
 * measured in Gnutella and Napster (Saroiu, Gummadi, Gribble 2002; Chu, Labonte, Levine 2002).
 */
import type { FileEntry } from '../../../src-main/core/search/entry.ts';
import type { Query } from '../../../src-main/core/search/query.ts';
import type { SimRandom } from '../engine/random.ts';
import { Zipf } from '../workloads/zipf.ts';

/** Exponent of the popularity of contents and of words; guess within what is measured, 0.6 ... 1.2. */
const POPULARITY = 0.9;
/** Words of the language that names are made of, and words of a name. */
const VOCABULARY = 8_000;
const WORDS_OF_NAME = 4;
/** Contents for each node, of forty files that sharers have: half of the contents have one copy or none in the end. */
const CONTENTS_OF_NODE = 8;
/** So many times the mean at most. */
const MOST_FILES = 10;
/** A quarter of the nodes share nothing, as measured in Gnutella (Saroiu and others); the others this many files in the mean. */
const FREE_RIDERS = 0.25;
export const FILES_OF_SHARER = 40;

export interface Content {
  readonly number: number;
  readonly words: readonly string[];
  readonly entry: FileEntry;
  /** Nodes that share it. */
  copies: number;
}

export interface Asked {
  readonly query: Query;
  /** Numbers of the contents that match and that somebody shares. */
  readonly matching: ReadonlySet<number>;
}

/** All contents, and whose they are. Everybody's index looks words up in it, and knows itself only who has what. */
export class Catalogue {
  readonly contents: Content[] = [];
  /** Contents by word. */
  readonly byWord = new Map<string, Content[]>();
  readonly #byRoot = new Map<string, Content>();
  readonly #random: SimRandom;
  readonly #words: Zipf;
  readonly #popularity: Zipf;
  readonly #filesOfSharer: number;

  constructor(random: SimRandom, nodes: number, filesOfSharer = FILES_OF_SHARER) {
    this.#random = random;
    this.#filesOfSharer = filesOfSharer;
    this.#words = new Zipf(VOCABULARY, POPULARITY);
    const count = Math.ceil((CONTENTS_OF_NODE * nodes * filesOfSharer) / FILES_OF_SHARER);
    this.#popularity = new Zipf(count, POPULARITY);
    for (let number = 0; number < count; number += 1) this.#addContent(number);
  }

  #addContent(number: number): void {
    const words = new Set<string>();
    while (words.size < WORDS_OF_NAME) words.add(wordOf(this.#words.draw(this.#random)));
    const root = this.#random.bytes(32);
    const name = [...words].join(' ');
    const entry = { root, name, folder: '', sizeBytes: 1_000_000 + number, day: 21_000 };
    const content = { number, words: [...words], entry, copies: 0 };
    this.contents.push(content);
    this.#byRoot.set(keyOfRoot(root), content);
    for (const word of words) {
      const known = this.byWord.get(word);
      if (known === undefined) this.byWord.set(word, [content]);
      else known.push(content);
    }
  }

  ofRoot(root: Uint8Array): Content {
    return this.#byRoot.get(keyOfRoot(root))!;
  }

  /** What one node shares: distinct contents, the popular ones more often. */
  drawShares(): Content[] {
    const random = this.#random;
    if (random.fraction() < FREE_RIDERS) return [];
    const count = Math.min(MOST_FILES * this.#filesOfSharer, Math.ceil(random.exponential(this.#filesOfSharer)));
    const drawn = new Set<Content>();
    for (let tries = 0; drawn.size < count && tries < 3 * count; tries += 1)
      drawn.add(this.contents[this.#popularity.draw(random)]!);
    for (const content of drawn) content.copies += 1;
    return [...drawn];
  }

  /** A query for what somebody shares: some words of its name. */
  queryFor(content: Content): Asked {
    const count = 1 + this.#random.below(3);
    const words = this.#random.shuffle([...content.words]).slice(0, count);
    return this.#asked(words);
  }

  /** A query of words that names have, though none all of them; half of the time one of them is in no name at all. */
  queryForNothing(): Asked {
    const random = this.#random;
    for (;;) {
      const words = new Set<string>();
      while (words.size < 2 + random.below(2)) words.add(wordOf(this.#words.draw(random)));
      if (random.below(2) === 0) words.add(`mistyped${random.below(1_000_000)}`);
      const asked = this.#asked([...words]);
      if (asked.matching.size === 0) return asked;
    }
  }

  queryForPopular(): Asked {
    for (;;) {
      const content = this.contents[this.#popularity.draw(this.#random)]!;
      if (content.copies > 0) return this.queryFor(content);
    }
  }

  /** All of its name: what is looked for exists once. */
  queryForRare(): Asked {
    for (;;) {
      const content = this.#random.pick(this.contents);
      if (content.copies !== 1) continue;
      const asked = this.#asked(content.words);
      if (asked.matching.size === 1) return asked;
    }
  }

  find(words: readonly string[]): Content[] {
    const lists = words.map((word) => this.byWord.get(word) ?? []).sort((a, b) => a.length - b.length);
    const [shortest = []] = lists;
    return shortest.filter((content) => words.every((word) => content.words.includes(word)));
  }

  #asked(words: readonly string[]): Asked {
    const matching = new Set(
      this.find(words)
        .filter(({ copies }) => copies > 0)
        .map(({ number }) => number),
    );
    const terms = words.map((word) => ({ kind: 'word', words: [word], excluded: false }) as const);
    return { query: { terms, kind: 'direct' }, matching };
  }
}

function wordOf(rank: number): string {
  return `word${rank}`;
}

function keyOfRoot(root: Uint8Array): string {
  return String.fromCharCode(...root.subarray(0, 12));
}
