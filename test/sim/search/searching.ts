/** Search in a simulated network: the indexes behind the nodes, their shares, and searches with what they found and cost. */
import type { SearchEffect, SearchEnd, SearchOptions } from '../../../src-main/core/search/effects.ts';
import type { NodeEvent } from '../../../src-main/core/effects.ts';
import { READ_MS, WRITE_MS } from '../engine/conditions.ts';
import type { Network, SearchSide } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { Asked, Catalogue } from './catalogue.ts';
import { SimIndex } from './sim-index.ts';

/** What one search came to. */
export interface Found {
  readonly asked: Asked;
  /** Numbers of distinct contents. */
  readonly contents: Set<number>;
  readonly startedMs: number;
  firstMs: number | undefined;
  /** Messages that it cost: as the core counts them, or as whoever watches the network does (search-traffic.ts). */
  messages: number;
  hubsAsked: number;
  end: SearchEnd | undefined;
  endedMs: number;
}

export class Searching implements SearchSide {
  readonly #catalogue: Catalogue;
  readonly #optionsOf: (node: SimNode) => SearchOptions;
  readonly #indexes = new Map<SimNode, SimIndex>();
  readonly #running = new Map<number, { readonly found: Found; readonly onEnd: (found: Found) => void }>();
  readonly #hubs = new Set<SimNode>();
  readonly #shared = new Map<SimNode, Set<number>>();
  #lastOperation = 0;

  constructor(catalogue: Catalogue, optionsOf: (node: SimNode) => SearchOptions) {
    this.#catalogue = catalogue;
    this.#optionsOf = optionsOf;
  }

  optionsOf(node: SimNode): SearchOptions {
    return this.#optionsOf(node);
  }

  /** It is to be a hub; the others are to be none. */
  makeHub(node: SimNode): void {
    this.#hubs.add(node);
  }

  isHub(node: SimNode): boolean {
    return this.#hubs.has(node);
  }

  indexOf(node: SimNode): SimIndex {
    let index = this.#indexes.get(node);
    if (index === undefined) this.#indexes.set(node, (index = new SimIndex(this.#catalogue)));
    return index;
  }

  /** Whether a node shares the content of this number. */
  shares(node: SimNode, number: number): boolean {
    return this.#shared.get(node)?.has(number) === true;
  }

  share(network: Network, node: SimNode): void {
    const contents = this.#catalogue.drawShares();
    this.#shared.set(node, new Set(contents.map((content) => content.number)));
    const added = contents.map(({ entry }) => entry);
    network.handle(node, { type: 'shareList', generation: 1, sequence: 1, added, removed: [] });
  }

  start(
    network: Network,
    node: SimNode,
    asked: Asked,
    want: number,
    timeoutMs: number,
    onEnd: (found: Found) => void = () => {},
  ): Found {
    const found: Found = {
      asked,
      contents: new Set(),
      startedMs: network.nowMs,
      firstMs: undefined,
      messages: 0,
      hubsAsked: 0,
      end: undefined,
      endedMs: 0,
    };
    const operation = (this.#lastOperation += 1);
    this.#running.set(operation, { found, onEnd });
    const { query } = asked;
    network.handle(node, { type: 'search', operation, query, want, timeoutMs, anonymousOnly: false });
    return found;
  }

  perform(network: Network, node: SimNode, effect: SearchEffect): void {
    const index = this.indexOf(node);
    const later = (delayMs: number, event: NodeEvent): void => {
      const { incarnation } = node;
      network.later(delayMs, () => {
        if (node.incarnation === incarnation) network.handle(node, event);
      });
    };
    switch (effect.type) {
      case 'searchHits': {
        const found = this.#running.get(effect.operation)?.found;
        if (found === undefined) return;
        found.firstMs ??= network.nowMs;
        for (const { entry } of effect.hits)
          if ('root' in entry) found.contents.add(this.#catalogue.ofRoot(entry.root).number);
        return;
      }
      case 'searchDone': {
        const running = this.#running.get(effect.operation);
        this.#running.delete(effect.operation);
        if (running === undefined) return;
        const { found, onEnd } = running;
        found.end = effect.end;
        found.endedMs = network.nowMs;
        found.messages = effect.counts.messages;
        found.hubsAsked = effect.counts.hubsAsked;
        onEnd(found);
        return;
      }
      case 'indexState':
        return later(READ_MS, { type: 'indexStateDone', effect: effect.effect, state: index.state(effect.source) });
      case 'indexChange':
        index.change(effect.source, effect.begins, effect.change);
        return later(WRITE_MS, { type: 'indexChangeDone', effect: effect.effect, outcome: 'done' });
      case 'indexPresent':
        return index.present(effect.source, effect.where);
      case 'indexQuery': {
        const { hits, more } = index.query(effect.query, effect.bounds);
        return later(READ_MS, { type: 'indexQueryDone', effect: effect.effect, hits, more });
      }
      case 'indexTable':
        return later(READ_MS, { type: 'indexTableDone', effect: effect.effect, table: index.table() });
      case 'indexListings':
        return later(READ_MS, { type: 'indexListingsDone', effect: effect.effect, listings: [] });
      default:
        return undefined;
    }
  }
}
