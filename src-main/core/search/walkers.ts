import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import {
  HITS_OF_CONTENT,
  HITS_OF_SOURCE,
  MAX_FLOOD_HOPS,
  MAX_HITS_OF_ANSWER,
  MAX_INDEX_QUERIES,
  MAX_WALK_HOPS,
  MAX_WALKS,
  WALK_MS,
  WALKERS,
} from '../limits.ts';
import type { HitsMessage, WalkMessage } from '../wire/search-messages.ts';
import type { Hit } from './entry.ts';
import { sendHits } from './hit-parts.ts';
import { matches } from './match.ts';
import { todayDay } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Query } from './query.ts';
import { searchKey } from './relays.ts';

interface Listener {
  onHits(hits: readonly Hit[]): void;
  isEnough(): boolean;
  onMessages(messages: number): void;
  /** `asked`: neighbours that it began with. */
  onEnd(asked: number): void;
}

interface Walked {
  /** Undefined: this node's own. */
  readonly from: SearchPeer | undefined;
  readonly query: Query;
  readonly listener: Listener | undefined;
  readonly untilMs: number;
  closed: boolean;
}

/** How long a round of so many hops may take until its hits are back. Guess: two long links a hop. */
const MS_OF_HOP = 300;
const MS_OF_ROUND = 700;

/**
 * Queries where there is no hub: each node that they come by answers from its own files, and hits go back the way that they
 * came. A flood goes to everybody within some hops (Gnutella 0.4), an expanding ring is a flood that goes farther while too
 * little was found, walkers go from neighbour to neighbour (Lv, Cao, Cohen, Li, Shenker 2002). A node takes part in one query once.
 */
export class Walkers {
  readonly #parts: SearchParts;
  readonly #onGarbage: (peer: SearchPeer) => void;
  /** By the id of the query, oldest first. */
  readonly #walked = new Map<string, Walked>();
  readonly #underway = new Map<EffectId, { readonly key: string; readonly id: Uint8Array }>();

  constructor(parts: SearchParts, onGarbage: (peer: SearchPeer) => void) {
    this.#parts = parts;
    this.#onGarbage = onGarbage;
  }

  get size(): number {
    return this.#walked.size;
  }

  /** This node's own query, by the way that costs least in the simulator unless the options say another. */
  start(id: Uint8Array, query: Query, want: number, listener: Listener): void {
    const { context, options } = this.#parts;
    const key = toHex(id);
    const walked = { from: undefined, query, listener, untilMs: context.now() + WALK_MS, closed: false };
    this.#note(key, walked);
    this.#askOwn(key, id, query, want);
    const message = { type: 'walk', id, want, query } as const;
    const strategy = options.withoutHubs ?? { way: 'walker', hops: MAX_WALK_HOPS };
    if (strategy.way === 'walker') return this.#walkAway(key, { ...message, way: 'walker', hops: strategy.hops });
    if (strategy.way === 'flood')
      return this.#flood(key, { ...message, way: 'flood', hops: strategy.hops }, strategy.hops);
    return this.#flood(key, { ...message, way: 'flood', hops: 1 }, strategy.hops);
  }

  stop(id: Uint8Array): void {
    const walked = this.#walked.get(toHex(id));
    if (walked !== undefined) walked.closed = true;
  }

  onMessage(from: SearchPeer, message: WalkMessage): void {
    const { context, recentIds, options } = this.#parts;
    const { id, query, want } = message;
    const key = toHex(id);
    const isKnown = this.#walked.has(key) || recentIds.has(searchKey(key), context.now());
    if (message.way === 'flood' && isKnown) return;
    if (!isKnown) {
      if (!from.takesQuery(context.now()) || this.#underway.size >= MAX_INDEX_QUERIES) return;
      const walked = { from, query, listener: undefined, untilMs: context.now() + WALK_MS, closed: false };
      this.#note(key, walked);
      this.#askOwn(key, id, query, want);
    }
    // What others may spend here is bounded by this node, not by what they say.
    const most = message.way === 'flood' ? Math.max(MAX_FLOOD_HOPS, options.withoutHubs?.hops ?? 0) : MAX_WALK_HOPS;
    const hops = Math.min(message.hops, most) - 1;
    if (hops <= 0) return;
    const on = { ...message, hops };
    if (message.way === 'flood') this.#toAll(on, from);
    else this.#toOne(on, from);
  }

  knows(id: Uint8Array): boolean {
    return this.#walked.has(toHex(id));
  }

  /** Anybody behind the neighbours may have something: who sends what does not fit is counted against. */
  onHits(from: SearchPeer, message: HitsMessage): true {
    const walked = this.#walked.get(toHex(message.id))!;
    const fitting = message.hits.filter((hit) => {
      if (matches(walked.query, hit, todayDay(this.#parts.context))) return true;
      this.#onGarbage(from);
      return false;
    });
    this.#pass(walked, message.id, fitting);
    return true;
  }

  /** False when the effect is not of this. */
  onIndexDone(effect: EffectId, hits: readonly Hit[]): boolean {
    const underway = this.#underway.get(effect);
    if (underway === undefined) return false;
    this.#underway.delete(effect);
    const walked = this.#walked.get(underway.key);
    if (walked !== undefined) this.#pass(walked, underway.id, hits);
    return true;
  }

  #pass(walked: Walked, id: Uint8Array, hits: readonly Hit[]): void {
    if (hits.length === 0 || walked.closed) return;
    if (walked.listener !== undefined) {
      walked.listener.onMessages(1);
      return walked.listener.onHits(hits);
    }
    const { peers } = this.#parts;
    if (walked.from !== undefined && peers.get(walked.from.link) === walked.from)
      sendHits(peers, walked.from, id, hits, undefined);
    return undefined;
  }

  #askOwn(key: string, id: Uint8Array, query: Query, want: number): void {
    const { context } = this.#parts;
    const effect = context.nextEffect();
    this.#underway.set(effect, { key, id });
    const limit = Math.min(2 * want, MAX_HITS_OF_ANSWER);
    const bounds = { limit, perSource: HITS_OF_SOURCE, perContent: HITS_OF_CONTENT, todayDay: todayDay(context) };
    context.emit({ type: 'indexQuery', effect, query, bounds });
  }

  /** To everybody, `hops` far; again one farther, under an id that only the origin knows to be the same, while too little came. */
  #flood(key: string, message: WalkMessage, mostHops: number): void {
    const { context, timers, recentIds } = this.#parts;
    const walked = this.#walked.get(key)!;
    const asked = this.#toAll(message, undefined);
    walked.listener!.onMessages(asked);
    timers.set(context.now() + MS_OF_ROUND + MS_OF_HOP * message.hops, () => {
      if (walked.closed) return;
      if (walked.listener!.isEnough() || message.hops >= mostHops || asked === 0) return this.#end(walked, asked);
      const id = context.random.bytes(message.id.length);
      const nextKey = toHex(id);
      recentIds.add(searchKey(nextKey), context.now());
      this.#note(nextKey, walked);
      return this.#flood(nextKey, { ...message, id, hops: message.hops + 1 }, mostHops);
    });
  }

  #walkAway(key: string, message: WalkMessage): void {
    const { context, timers } = this.#parts;
    const walked = this.#walked.get(key)!;
    const neighbours = this.#shuffled();
    const first = Array.from(
      { length: neighbours.length === 0 ? 0 : WALKERS },
      (_, index) => neighbours[index % neighbours.length]!,
    );
    for (const peer of first) this.#parts.peers.send(peer, message);
    walked.listener!.onMessages(first.length);
    const look = (roundsLeft: number): void => {
      timers.set(context.now() + MS_OF_ROUND, () => {
        if (walked.closed) return;
        if (roundsLeft === 0 || walked.listener!.isEnough()) this.#end(walked, first.length);
        else look(roundsLeft - 1);
      });
    };
    look(first.length === 0 ? 0 : Math.ceil((message.hops * MS_OF_HOP) / MS_OF_ROUND));
  }

  #end(walked: Walked, asked: number): void {
    walked.closed = true;
    walked.listener!.onEnd(asked);
  }

  #toAll(message: WalkMessage, except: SearchPeer | undefined): number {
    const to = this.#parts.peers.neighbours().filter((peer) => peer !== except && !peer.congested);
    for (const peer of to) this.#parts.peers.send(peer, message);
    return to.length;
  }

  #toOne(message: WalkMessage, except: SearchPeer): void {
    const next = this.#shuffled().find((peer) => peer !== except && !peer.congested);
    if (next !== undefined) this.#parts.peers.send(next, message);
  }

  #shuffled(): SearchPeer[] {
    const { random } = this.#parts.context;
    const all = this.#parts.peers.neighbours().map((peer) => ({ peer, lot: random.below(2 ** 30) }));
    return all.sort((a, b) => a.lot - b.lot).map(({ peer }) => peer);
  }

  #note(key: string, walked: Walked): void {
    const nowMs = this.#parts.context.now();
    for (const [oldest, { untilMs }] of this.#walked) {
      if (this.#walked.size < MAX_WALKS && untilMs > nowMs) break;
      this.#walked.delete(oldest);
    }
    this.#walked.set(key, walked);
    this.#parts.recentIds.add(searchKey(key), nowMs);
  }
}
