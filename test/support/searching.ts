/**
 * A practice network whose nodes share generated files under real words, and what of it a search should find: for the benchmark and the
 * soak of search. A file's content is its number, so that the same number is the same content wherever it lies.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { SearchNews } from '../../shared/ipc/search-model.ts';
import { SimRandom } from '../sim/engine/random.ts';
import { Zipf } from '../sim/workloads/zipf.ts';
import type { ProcessNode } from './process-network.ts';

/** Popularity of words and of contents, as in the simulator's catalogue: within what was measured in Gnutella and Napster. */
const POPULARITY = 0.9;
const WORDS_OF_NAME = 4;
/** Contents for each hundred files: half of them lie at one node or at none. */
const CONTENTS_OF_100_FILES = 40;
const FILES_OF_FOLDER = 250;
const ENDINGS = ['pdf', 'mp3', 'jpg', 'zip', 'txt'];
/** What a person looks through; a search that has found so much ends. */
export const WANTED = 250;
const TIMEOUT_MS = 20_000;
/** Of a hundred queries, as in the simulator's experiment: those for what is nowhere, and for what lies at one node. */
const NOTHING_OF_100 = 40;
const RARE_OF_100 = 20;

/** Searches for rare contents that must succeed one after the other. */
export const LISTED_IN_A_ROW = 20;

interface Asked {
  readonly text: string;
  /** Numbers of the contents that fit, and that a node shares which runs now. */
  readonly matching: ReadonlySet<number>;
}

export interface Measured {
  readonly recall: number | undefined;
  readonly firstMs: number | undefined;
  /** When 95 % of what came in the end was there. */
  readonly mostMs: number | undefined;
  readonly endMs: number;
  readonly messages: number;
  readonly hubsAsked: number;
}

export class SharedWords {
  readonly #random: SimRandom;
  readonly #words: readonly (readonly string[])[];
  readonly #byWord = new Map<string, number[]>();
  readonly #popularity: Zipf;
  /** By content: the nodes that have it. */
  readonly #holders = new Map<number, ProcessNode[]>();
  #files = 0;

  constructor(seed: number, files: number) {
    this.#random = new SimRandom(seed);
    const words = new Zipf(wordlist.length, POPULARITY);
    const contents = Math.ceil((files * CONTENTS_OF_100_FILES) / 100);
    this.#popularity = new Zipf(contents, POPULARITY);
    this.#words = Array.from({ length: contents }, (_, number) => {
      const name = new Set<string>();
      while (name.size < WORDS_OF_NAME) name.add(wordlist[words.draw(this.#random)]!);
      for (const word of name) {
        const known = this.#byWord.get(word);
        if (known === undefined) this.#byWord.set(word, [number]);
        else known.push(number);
      }
      return [...name];
    });
  }

  get files(): number {
    return this.#files;
  }

  /** Writes a folder of so many distinct contents, the popular ones likelier, and has the node share it. Resolves when all is listed. */
  async share(node: ProcessNode, folder: string, count: number): Promise<void> {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.#popularity.draw(this.#random));
    for (const [index, number] of [...drawn].entries()) {
      const directory = join(folder, String(Math.floor(index / FILES_OF_FOLDER)));
      if (index % FILES_OF_FOLDER === 0) mkdirSync(directory, { recursive: true });
      const name = `${this.#words[number]!.join(' ')} ${number}.${ENDINGS[number % ENDINGS.length]}`;
      writeFileSync(join(directory, name), String(number));
      const holders = this.#holders.get(number);
      if (holders === undefined) this.#holders.set(number, [node]);
      else holders.push(node);
    }
    this.#files += count;
    const { client } = node;
    const offered = new Promise<void>((resolve) => {
      const stop = client.on('shares', ([shared]) => {
        if (shared?.offeredFiles !== count) return;
        stop();
        resolve();
      });
    });
    await client.call('shares.add', { path: folder });
    await offered;
  }

  /** What the next person asks for. */
  draw(): Asked {
    const lot = this.#random.below(100);
    if (lot < NOTHING_OF_100) return this.#nothing();
    return lot < NOTHING_OF_100 + RARE_OF_100 ? this.rare() : this.#popular();
  }

  /** The words and the number of a content: what is looked for lies at one node. */
  rare(): Asked {
    for (;;) {
      const number = this.#random.below(this.#words.length);
      if (this.#runningHolders(number) !== 1) continue;
      return this.#asked([...this.#words[number]!, String(number)]);
    }
  }

  #nothing(): Asked {
    for (;;) {
      const words = Array.from({ length: WORDS_OF_NAME }, () => wordlist[this.#random.below(wordlist.length)]!);
      const asked = this.#asked(words);
      if (asked.matching.size === 0) return asked;
    }
  }

  #popular(): Asked {
    for (;;) {
      const number = this.#popularity.draw(this.#random);
      if (this.#runningHolders(number) === 0) continue;
      const words = this.#random.shuffle([...this.#words[number]!]);
      return this.#asked(words.slice(0, 1 + this.#random.below(3)));
    }
  }

  #asked(words: readonly string[]): Asked {
    const lists = words.filter((word) => !/^\d+$/.test(word)).map((word) => this.#byWord.get(word) ?? []);
    const [shortest = []] = lists.toSorted((a, b) => a.length - b.length);
    const given = words.find((word) => /^\d+$/.test(word));
    const matching = shortest.filter(
      (number) =>
        (given === undefined || number === Number(given)) &&
        words.every((word) => word === given || this.#words[number]!.includes(word)) &&
        this.#runningHolders(number) > 0,
    );
    return { text: words.join(' '), matching: new Set(matching) };
  }

  #runningHolders(number: number): number {
    return (this.#holders.get(number) ?? []).filter(({ isRunning }) => isRunning).length;
  }
}

/** The content's number, as its name ends; undefined for what was not shared here. */
function numberOf(name: string): number | undefined {
  const number = / (\d+)\.[a-z0-9]+$/.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Of what fits, or of as many as were wanted, the part that was found; undefined where nothing fits. */
export function recallOf(asked: Asked, names: readonly string[]): number | undefined {
  if (asked.matching.size === 0) return undefined;
  const found = new Set(names.map(numberOf).filter((number) => number !== undefined && asked.matching.has(number)));
  return Math.min(1, found.size / Math.min(WANTED, asked.matching.size));
}

/** One search as the interface makes it, by the contract; times from the call on. */
export async function measureSearch({ client }: Pick<ProcessNode, 'client'>, asked: Asked): Promise<Measured> {
  const startedMs = performance.now();
  const cameMs: number[] = [];
  const names = new Map<string, string>();
  const early: SearchNews[] = [];
  const started: { id?: string } = {};
  const { promise: end, resolve } = Promise.withResolvers<SearchNews['state']>();
  const see = ({ state, results }: SearchNews): void => {
    for (const result of results) {
      if (!names.has(result.id)) cameMs.push(performance.now() - startedMs);
      names.set(result.id, result.name);
    }
    if (state.state !== 'searching') resolve(state);
  };
  const stop = client.on('search', (news) => {
    if (started.id === undefined) early.push(news);
    else if (news.state.id === started.id) see(news);
  });
  const { id } = await client.call('search.start', { query: asked.text, wanted: WANTED, timeoutMs: TIMEOUT_MS });
  started.id = id;
  for (const news of early) if (news.state.id === id) see(news);
  const { messages, hubsAsked } = await end;
  stop();
  const endMs = performance.now() - startedMs;
  await client.call('search.dismiss', { search: id });
  return {
    recall: recallOf(asked, [...names.values()]),
    firstMs: cameMs[0],
    mostMs: cameMs.length === 0 ? undefined : cameMs[Math.ceil(0.95 * cameMs.length) - 1],
    ...{ endMs, messages, hubsAsked },
  };
}

/** Asks for what lies at one node, by several nodes, until nearly all of it is found; seconds from now. Throws after `timeoutMs`. */
export async function untilListed(
  words: SharedWords,
  askers: readonly ProcessNode[],
  timeoutMs: number,
  /** So many searches in a row found what they looked for, of LISTED_IN_A_ROW. */
  onLook: (inARow: number) => void = () => {},
): Promise<number> {
  const startedMs = performance.now();
  let inARow = 0;
  while (inARow < LISTED_IN_A_ROW) {
    const asker = askers[inARow % askers.length]!;
    const { recall } = await measureSearch(asker, words.rare());
    inARow = recall === 1 ? inARow + 1 : 0;
    onLook(inARow);
    if (performance.now() - startedMs > timeoutMs) throw new Error(`lists are not at hubs after ${timeoutMs} ms`);
  }
  return (performance.now() - startedMs) / 1_000;
}
