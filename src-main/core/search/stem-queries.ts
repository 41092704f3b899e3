import { toHex } from '../../../shared/base/bytes.ts';
import { MAX_STEM_QUERIES, MAX_STEM_QUERIES_OF_LINK, MAX_WANTED, OWN_SUCCESSORS, STEM_QUERY_MS } from '../limits.ts';
import type { LinkId } from '../ports.ts';
import type { Timer } from '../routing/timers.ts';
import { MESSAGE_ID_BYTES } from '../wire/messages.ts';
import { encode } from '../wire/codec.ts';
import { writeQuery } from '../wire/search-entries.ts';
import type { HitsEnd, HitsMessage, StemQueryMessage } from '../wire/search-messages.ts';
import type { Ask, AskEnd, Asks } from './asks.ts';
import type { Hit } from './entry.ts';
import { sendHits } from './hit-parts.ts';
import { matches } from './match.ts';
import { todayDay } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Query } from './query.ts';
import { searchKey } from './relays.ts';

export interface StemListener {
  onHits(hits: readonly Hit[]): void;
  onEnd(end: AskEnd, hubs: number, messages: number): void;
}

/** A query that goes by the stem through this node, begins here, or ends its stem here. */
export interface StemQuery {
  readonly query: Query;
  readonly want: number;
  /** Whence it came, and its id there; undefined: this node's own. */
  readonly from: SearchPeer | undefined;
  readonly fromId: Uint8Array;
  readonly listener: StemListener | undefined;
  /** Same for the same query: by this one that comes by again ends. */
  readonly digest: string;
  to: SearchPeer | undefined;
  id: Uint8Array;
  key: string;
  ask: Ask | undefined;
  attempt: number;
  readonly tried: Set<LinkId>;
  heard: boolean;
  timer: Timer | undefined;
  closed: boolean;
}

/**
 * Queries that no hub shall tie to who asks: they go by the stem like any message of this node (routing/stem.ts), whoever is at its
 * end asks its hubs, and the hits come back by the same links. On every link a query has an id of its own.
 */
export class StemQueries {
  readonly #parts: SearchParts;
  readonly #asks: Asks;
  readonly #onGarbage: (peer: SearchPeer) => void;
  readonly #byKey = new Map<string, StemQuery>();
  readonly #all = new Set<StemQuery>();

  constructor(parts: SearchParts, asks: Asks, onGarbage: (peer: SearchPeer) => void) {
    this.#parts = parts;
    this.#asks = asks;
    this.#onGarbage = onGarbage;
  }

  get size(): number {
    return this.#all.size;
  }

  startOwn(query: Query, want: number, timeoutMs: number, listener: StemListener): StemQuery {
    const stem = this.#open(query, want, undefined, NO_ID, listener, timeoutMs);
    this.#sendOwn(stem);
    return stem;
  }

  onMessage(from: SearchPeer, message: StemQueryMessage): void {
    const { peers, neighbours, stem: stems, context } = this.#parts;
    const { id, query, want } = message;
    const neighbour = neighbours.get(from.link);
    const isFull = this.#all.size >= MAX_STEM_QUERIES || from.stemQueries >= MAX_STEM_QUERIES_OF_LINK;
    // Only routing's neighbours are on stems.
    if (neighbour === undefined || isFull || !from.takesQuery(context.now())) {
      peers.send(from, { type: 'hits', id, hits: [], end: { outcome: 'refused', hubs: 0, reach: 0, messages: 0 } });
      return;
    }
    from.stemQueries += 1;
    const stem = this.#open(query, want, from, id, undefined, STEM_QUERY_MS);
    const isAgain = [...this.#all].some(
      (other) => other !== stem && other.from !== undefined && other.digest === stem.digest,
    );
    const successor = isAgain || stems.endsOf(neighbour) ? undefined : stems.successorOf(neighbour);
    const next = successor === undefined ? undefined : peers.get(successor.link);
    if (next === undefined) this.#endHere(stem);
    else this.#sendOn(stem, next);
  }

  stop(stem: StemQuery): void {
    if (stem.closed) return;
    if (stem.to !== undefined) this.#parts.peers.send(stem.to, { type: 'stop', id: stem.id });
    this.#close(stem);
  }

  onStop(from: SearchPeer, id: Uint8Array): void {
    for (const stem of this.#all) if (stem.from === from && toHex(stem.fromId) === toHex(id)) return this.stop(stem);
    return undefined;
  }

  knows(id: Uint8Array): boolean {
    return this.#byKey.has(toHex(id));
  }

  /** False when they come from a node that it did not go to. */
  onHits(from: SearchPeer, message: HitsMessage): boolean {
    const { context } = this.#parts;
    const stem = this.#byKey.get(toHex(message.id))!;
    if (stem.to !== from) return false;
    stem.heard = true;
    const fitting = message.hits.filter((hit) => {
      if (matches(stem.query, hit, todayDay(context))) return true;
      this.#onGarbage(from);
      return false;
    });
    const { end } = message;
    // Its origin may go by another successor where this one would not take it.
    if (end?.outcome === 'refused' && stem.from === undefined && this.#sendAgain(stem)) return true;
    this.#answer(stem, fitting, end);
    return true;
  }

  onDown(peer: SearchPeer): void {
    for (const stem of [...this.#all]) {
      if (stem.from === peer) this.stop(stem);
      else if (stem.to === peer) this.#onLost(stem);
    }
  }

  #onLost(stem: StemQuery): void {
    stem.to = undefined;
    if (stem.from === undefined && this.#sendAgain(stem)) return;
    this.#answer(stem, [], { outcome: 'refused', hubs: 0, reach: 0, messages: 0 });
  }

  #sendAgain(stem: StemQuery): boolean {
    if (stem.attempt + 1 >= OWN_SUCCESSORS) return false;
    stem.attempt += 1;
    this.#sendOwn(stem);
    return true;
  }

  #sendOwn(stem: StemQuery): void {
    const { stem: stems, peers } = this.#parts;
    const successor = stems.ownSuccessor(stem.attempt, stem.tried);
    const next = successor === undefined ? undefined : peers.get(successor.link);
    if (next === undefined) return this.#answer(stem, [], { outcome: 'refused', hubs: 0, reach: 0, messages: 0 });
    return this.#sendOn(stem, next);
  }

  #sendOn(stem: StemQuery, to: SearchPeer): void {
    const { context, peers, recentIds } = this.#parts;
    this.#byKey.delete(stem.key);
    stem.to = to;
    stem.tried.add(to.link);
    stem.id = context.random.bytes(MESSAGE_ID_BYTES);
    stem.key = toHex(stem.id);
    this.#byKey.set(stem.key, stem);
    recentIds.add(searchKey(stem.key), context.now());
    const { id, query, want } = stem;
    peers.send(to, { type: 'stemQuery', id, want, query });
  }

  #endHere(stem: StemQuery): void {
    const ask: Ask = this.#asks.start({
      query: stem.query,
      want: stem.want,
      timeoutMs: ASK_MS,
      onHits: (hits) => this.#answer(stem, hits, undefined),
      onProgress: () => {},
      onEnd: (end) => {
        stem.ask = undefined;
        const outcome = end === 'no-hubs' ? 'refused' : end === 'exhausted' ? 'all' : 'more';
        this.#answer(stem, [], { outcome, hubs: ask.hubs, reach: ask.hubs, messages: ask.messages });
      },
    });
    stem.ask = ask.closed ? undefined : ask;
  }

  #answer(stem: StemQuery, hits: readonly Hit[], end: HitsEnd | undefined): void {
    if (stem.closed) return;
    if (end !== undefined) this.#close(stem);
    const { peers } = this.#parts;
    if (stem.from !== undefined) {
      const passed = end === undefined ? undefined : { ...end, messages: end.messages + 2 };
      if (peers.get(stem.from.link) === stem.from) sendHits(peers, stem.from, stem.fromId, hits, passed);
      return;
    }
    if (hits.length > 0) stem.listener!.onHits(hits);
    if (end === undefined) return;
    const ends = { all: 'exhausted', more: 'enough', refused: 'no-hubs' } as const;
    stem.listener!.onEnd(ends[end.outcome], end.hubs, end.messages + 2);
  }

  #open(
    query: Query,
    want: number,
    from: SearchPeer | undefined,
    fromId: Uint8Array,
    listener: StemListener | undefined,
    timeoutMs: number,
  ): StemQuery {
    const { context, timers } = this.#parts;
    const bytes = encode((writer) => writeQuery(writer, query));
    const stem: StemQuery = {
      query,
      want: Math.min(want, MAX_WANTED),
      from,
      fromId,
      listener,
      digest: toHex(context.crypto.hash('stem query', bytes)),
      to: undefined,
      id: NO_ID,
      key: '',
      ask: undefined,
      attempt: 0,
      tried: new Set(),
      heard: false,
      timer: undefined,
      closed: false,
    };
    this.#all.add(stem);
    stem.timer = timers.set(context.now() + timeoutMs, () => this.#expire(stem));
    return stem;
  }

  #expire(stem: StemQuery): void {
    if (stem.to !== undefined) {
      // Who took it and never said a word is not gone by first the next time.
      if (stem.from === undefined && !stem.heard) this.#parts.stem.onOwnSilent(stem.to.link);
      this.#parts.peers.send(stem.to, { type: 'stop', id: stem.id });
    }
    this.#answer(stem, [], { outcome: 'more', hubs: 0, reach: 0, messages: 0 });
  }

  #close(stem: StemQuery): void {
    stem.closed = true;
    this.#all.delete(stem);
    this.#byKey.delete(stem.key);
    this.#parts.timers.cancel(stem.timer);
    if (stem.from !== undefined) stem.from.stemQueries -= 1;
    if (stem.ask !== undefined) this.#asks.stop(stem.ask);
  }
}

const NO_ID = new Uint8Array(0);
/** What the end of a stem asks is over before those on the way give it up. */
const ASK_MS = STEM_QUERY_MS * (2 / 3);
