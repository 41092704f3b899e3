/**
 * Search between the core and the services: hands events to the node, and carries out what it wants of the index and of listings.
 * NodeService owns it and gives it the effects.
 */
import type { EffectId, NodeEvent } from '../../core/effects.ts';
import type { SearchCounts, SearchEffect, SearchEnd, SearchEvent } from '../../core/search/effects.ts';
import type { Hit, PublicationEntry } from '../../core/search/entry.ts';
import type { SearchIndex } from '../../core/search/index-port.ts';
import type { Query } from '../../core/search/query.ts';
import type { SearchView } from '../../core/search/search.ts';
import type { Clock } from '../jobs/clock.ts';

/** Reads the manifest that the entry's link leads to, and compares. */
export type ListingVerifier = (entry: PublicationEntry) => Promise<'true' | 'false' | 'unknown'>;

export interface SearchHandlers {
  onHits(hits: readonly Hit[]): void;
  onProgress(counts: SearchCounts): void;
  onDone(end: SearchEnd, counts: SearchCounts): void;
}

export interface SearchHandle {
  /** Contents that are left after the person's own filters: they count towards what was wanted. */
  counted(contents: number): void;
  stop(): void;
}

export type ListOutcome = Extract<SearchEffect, { type: 'listDone' }>['outcome'];

interface SearchNetworkOptions {
  readonly index: SearchIndex;
  readonly clock: Clock;
  readonly handle: (event: NodeEvent) => void;
  readonly view: () => SearchView | undefined;
  readonly onDefect: (defect: unknown) => void;
}

/** Lists of sources that stay away, and listings that expired, are looked for so often. Guess. */
const DROP_OLD_MS = 3_600_000;
/** A source that was away for so long sends its list anew (index-port.ts). */
const OLD_MS = 86_400_000;

const NO_VIEW: SearchView = { role: 'leaf', hubs: 0, leaves: 0, hubsKnown: 0 };

export class SearchNetwork {
  readonly #options: SearchNetworkOptions;
  readonly #running = new Map<number, SearchHandlers>();
  readonly #listing = new Map<number, (outcome: ListOutcome) => void>();
  readonly #listeners = new Set<() => void>();
  #verify: ListingVerifier | undefined;
  #lastOperation = 0;
  #cancelDropping: (() => void) | undefined;
  #stopped = false;

  constructor(options: SearchNetworkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#dropOldLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelDropping?.();
    const counts = { hubsAsked: 0, hubsKnown: 0, messages: 0 };
    for (const handlers of this.#running.values()) handlers.onDone('stopped', counts);
    this.#running.clear();
    for (const done of this.#listing.values()) done('no-hubs');
    this.#listing.clear();
  }

  view(): SearchView {
    return this.#options.view() ?? NO_VIEW;
  }

  /** Calls `listener` when the role of this node, its hubs or its leaves changed; the function returned ends that. */
  onRole(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  search(
    query: Query,
    options: { readonly want: number; readonly timeoutMs: number; readonly anonymousOnly: boolean },
    handlers: SearchHandlers,
  ): SearchHandle {
    const { handle } = this.#options;
    this.#lastOperation += 1;
    const operation = this.#lastOperation;
    this.#running.set(operation, handlers);
    handle({ type: 'search', operation, query, ...options });
    return {
      counted: (contents) => handle({ type: 'searchCounted', operation, contents }),
      stop: () => handle({ type: 'searchCancel', operation }),
    };
  }

  shareList(change: Omit<Extract<SearchEvent, { type: 'shareList' }>, 'type'>): void {
    this.#options.handle({ type: 'shareList', ...change });
  }

  shareSlots(freeSlots: number): void {
    this.#options.handle({ type: 'shareSlots', freeSlots: Math.max(0, Math.min(255, freeSlots)) });
  }

  /** Brings a signed listing, or its removal, to hubs by the stem. */
  list(record: Uint8Array): Promise<ListOutcome> {
    if (this.#stopped) return Promise.resolve('no-hubs');
    this.#lastOperation += 1;
    const operation = this.#lastOperation;
    return new Promise((resolve) => {
      this.#listing.set(operation, resolve);
      this.#options.handle({ type: 'list', operation, record });
    });
  }

  /** Who checks listings against their manifests; until then no listing is believed. */
  verifyWith(verify: ListingVerifier): void {
    this.#verify = verify;
  }

  perform(effect: SearchEffect): void {
    const { index, handle } = this.#options;
    switch (effect.type) {
      case 'searchHits':
        this.#running.get(effect.operation)?.onHits(effect.hits);
        return;
      case 'searchProgress':
        this.#running.get(effect.operation)?.onProgress(effect.counts);
        return;
      case 'searchDone': {
        const handlers = this.#running.get(effect.operation);
        this.#running.delete(effect.operation);
        handlers?.onDone(effect.end, effect.counts);
        return;
      }
      case 'listDone': {
        const done = this.#listing.get(effect.operation);
        this.#listing.delete(effect.operation);
        done?.(effect.outcome);
        return;
      }
      case 'searchRoleChanged':
        for (const listener of this.#listeners) listener();
        return;
      case 'indexPresent':
        index.present(effect.source, effect.where);
        return;
      case 'indexState':
        this.#then(index.listState(effect.source), undefined, (state) =>
          handle({ type: 'indexStateDone', effect: effect.effect, state }),
        );
        return;
      case 'indexChange':
        void this.#change(effect);
        return;
      case 'indexQuery':
        this.#then(index.query(effect.query, effect.bounds), { hits: [], more: false }, ({ hits, more }) =>
          handle({ type: 'indexQueryDone', effect: effect.effect, hits, more }),
        );
        return;
      case 'indexTable':
        this.#then(index.wordTable(), undefined, (table) => {
          if (table !== undefined) handle({ type: 'indexTableDone', effect: effect.effect, table });
        });
        return;
      case 'indexListing':
        this.#then(index.putListing(effect.listing), 'full' as const, (outcome) =>
          handle({ type: 'indexListingDone', effect: effect.effect, outcome }),
        );
        return;
      case 'indexUnlist':
        this.#then(index.dropListing(effect.documentKey, effect.madeMinutes), undefined, () => {});
        return;
      case 'indexListings':
        this.#then(index.listings(effect.after, effect.limit), [], (listings) =>
          handle({ type: 'indexListingsDone', effect: effect.effect, listings }),
        );
        return;
      case 'verifyListing':
        this.#checkListing(effect.effect, effect.entry);
    }
  }

  async #change(effect: Extract<SearchEffect, { type: 'indexChange' }>): Promise<void> {
    const { index, handle } = this.#options;
    let outcome: 'done' | 'full' = 'full';
    try {
      // Both are asked for at once: the index keeps their order, and no other change of the source comes between.
      const dropped = effect.begins ? index.dropSource(effect.source) : undefined;
      const changed = index.change(effect.source, effect.change);
      await dropped;
      outcome = await changed;
    } catch (defect) {
      this.#onDefect(defect);
    }
    handle({ type: 'indexChangeDone', effect: effect.effect, outcome });
  }

  #checkListing(effect: EffectId, entry: PublicationEntry): void {
    const { handle } = this.#options;
    const checked = this.#verify?.(entry) ?? Promise.resolve('unknown' as const);
    this.#then(checked, 'unknown' as const, (verdict) => handle({ type: 'listingVerified', effect, verdict }));
  }

  /** What fails counts as `otherwise`: a query that the index cannot answer has no hits, and a node goes on without it. */
  #then<Value, Otherwise>(work: Promise<Value>, otherwise: Otherwise, done: (value: Value | Otherwise) => void): void {
    void this.#settle(work, otherwise, done);
  }

  async #settle<Value, Otherwise>(
    work: Promise<Value>,
    otherwise: Otherwise,
    done: (value: Value | Otherwise) => void,
  ): Promise<void> {
    let value: Value | Otherwise = otherwise;
    try {
      value = await work;
    } catch (defect) {
      this.#onDefect(defect);
    }
    done(value);
  }

  #onDefect(defect: unknown): void {
    // What was under way when the node stopped is not missed.
    if (!this.#stopped) this.#options.onDefect(defect);
  }

  #dropOldLater(): void {
    const { clock, index } = this.#options;
    this.#cancelDropping = clock.after(DROP_OLD_MS, () => {
      this.#then(index.dropOld(clock.now() - OLD_MS), 0, () => {});
      this.#dropOldLater();
    });
  }
}
