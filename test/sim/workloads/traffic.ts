/**
 * What people do with a network, mixed: requests by popularity, inserts of new blocks, publications of n slots, new
 * editions of slots. At random times, from nodes that live and are honest.
 */
import type { InsertResult, RequestResult } from '../../../src-main/core/effects.ts';
import { KIND_CONTENT, KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { makeContent, makeSlot, makeSlotAuthor } from './records.ts';
import type { SlotAuthor } from './records.ts';
import { Zipf } from './zipf.ts';

/** Of a hundred operations: the rest are requests. */
const INSERTS_OF_100 = 15;
const UPDATES_OF_100 = 5;
const PUBLICATIONS_OF_100 = 1;
/** Shares of a publication, and how many are enough: the defaults of publishing. */
const PUBLICATION_SHARES = 10;
export const PUBLICATION_ENOUGH = 3;
/** Things that are asked for; the popularity of web pages (Breslau and others 1999). */
const CATALOGUE = 200;
const POPULARITY = 0.8;

interface Thing {
  readonly address: Uint8Array;
  readonly kind: typeof KIND_CONTENT | typeof KIND_SLOT;
}

export class Traffic {
  readonly counts = { requests: 0, found: 0, inserts: 0, stored: 0 };
  /** Addresses of the shares of each publication. */
  readonly publications: Uint8Array[][] = [];
  readonly #network: Network;
  readonly #random: SimRandom;
  readonly #perSecond: number;
  readonly #zipf = new Zipf(CATALOGUE, POPULARITY);
  /** Acknowledged, and not too many: new ones take the place of others. */
  readonly #things: Thing[] = [];
  readonly #authors: { readonly author: SlotAuthor; counter: number }[] = [];
  #isOn = false;

  constructor(network: Network, random: SimRandom, perSecond: number) {
    this.#network = network;
    this.#random = random;
    this.#perSecond = perSecond;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#next();
  }

  stop(): void {
    this.#isOn = false;
  }

  #next(): void {
    this.#network.later(this.#random.exponential(1_000 / this.#perSecond), () => {
      if (!this.#isOn) return;
      this.#operate();
      this.#next();
    });
  }

  #operate(): void {
    const node = this.#someone();
    if (node === undefined) return;
    const draw = this.#random.below(100);
    if (draw < PUBLICATIONS_OF_100) this.#publish(node);
    else if (draw < PUBLICATIONS_OF_100 + UPDATES_OF_100) this.#update(node);
    else if (draw < PUBLICATIONS_OF_100 + UPDATES_OF_100 + INSERTS_OF_100) this.#insertBlock(node);
    else this.#request(node);
  }

  #someone(): SimNode | undefined {
    const { nodes } = this.#network;
    for (let tries = 0; tries < 20; tries += 1) {
      const node = this.#random.pick(nodes);
      if (node.isAlive && !node.isHostile && node.core.readyLinks() > 0) return node;
    }
    return undefined;
  }

  #request(node: SimNode): void {
    const thing = this.#things[this.#zipf.draw(this.#random)];
    if (thing === undefined) return this.#insertBlock(node);
    this.counts.requests += 1;
    this.#network.startRequest(node, thing.address, { kind: thing.kind }, (result) => {
      if (result.ok) this.counts.found += 1;
    });
    return undefined;
  }

  #insertBlock(node: SimNode): void {
    const { address, record } = makeContent(this.#network, this.#random);
    this.#insert(node, { address, kind: KIND_CONTENT }, record);
  }

  #update(node: SimNode): void {
    const isNew = this.#authors.length === 0 || this.#random.below(3) === 0;
    const mine = isNew ? this.#newAuthor() : this.#random.pick(this.#authors);
    mine.counter += 1;
    this.#insertSlot(node, mine);
  }

  #publish(node: SimNode): void {
    const shares = Array.from({ length: PUBLICATION_SHARES }, () => this.#newAuthor());
    for (const mine of shares) {
      mine.counter += 1;
      this.#insertSlot(node, mine);
    }
    this.publications.push(shares.map(({ author }) => author.address));
  }

  #newAuthor(): { readonly author: SlotAuthor; counter: number } {
    const mine = { author: makeSlotAuthor(this.#network, this.#random), counter: 0 };
    this.#authors.push(mine);
    return mine;
  }

  #insertSlot(node: SimNode, { author, counter }: { readonly author: SlotAuthor; readonly counter: number }): void {
    const { address, record } = makeSlot(this.#network, this.#random, author, counter);
    this.#insert(node, { address, kind: KIND_SLOT }, record);
  }

  #insert(node: SimNode, thing: Thing, record: Uint8Array): void {
    this.counts.inserts += 1;
    this.#network.startInsert(node, thing.address, record, (result: RequestResult | InsertResult) => {
      if (!result.ok) return;
      this.counts.stored += 1;
      if (this.#things.length < CATALOGUE) this.#things.push(thing);
      else this.#things[this.#random.below(CATALOGUE)] = thing;
    });
  }
}
