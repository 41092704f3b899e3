import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import {
  HITS_OF_CONTENT,
  HITS_OF_SOURCE,
  HUB_ANSWER_MS,
  HUBS_ASKED_AT_FIRST,
  HUBS_ASKED_AT_ONCE,
  MAX_HITS_OF_ANSWER,
  MAX_HITS_OF_QUERY,
  MAX_INDEX_QUERIES,
  MAX_INDEX_WAIT_MS,
  MAX_QUERIES,
  MAX_QUERIES_OF_LINK,
  MAX_QUERY_MESSAGES,
  QUERIES_FOR_LEAVES,
} from '../limits.ts';
import type { Timer } from '../routing/timers.ts';
import type { HitsEnd, HitsMessage, QueryMessage } from '../wire/search-messages.ts';
import { contentKey } from './contents.ts';
import type { Hit } from './entry.ts';
import { sendHits } from './hit-parts.ts';
import { matches } from './match.ts';
import type { Mesh } from './mesh.ts';
import { todayDay } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Query } from './query.ts';

/** Gets what is found, in parts; `end` with the last one. */
export type Answer = (hits: readonly Hit[], end: HitsEnd | undefined) => void;

interface RelayStart {
  readonly id: Uint8Array;
  readonly query: Query;
  readonly ttl: number;
  readonly budget: number;
  readonly want: number;
  /** Undefined: this node's own, or one that it runs for a stem. */
  readonly from: SearchPeer | undefined;
  readonly answer: Answer;
}

/** A query that this hub leads, or answers for one that does. */
export interface Relay extends RelayStart {
  readonly key: string;
  /** Hubs that are asked now, and when each has to have answered. */
  readonly waiting: Map<SearchPeer, number>;
  readonly asked: Set<SearchPeer>;
  /** Those of them that were asked for their own index alone. */
  readonly nearAsked: Set<SearchPeer>;
  /** Hubs that have not been asked yet: those that may have something first, then those whose mesh may. */
  candidates: { readonly peer: SearchPeer; readonly ttl: number }[] | undefined;
  /** It was led here before, so that those of the mesh were asked. */
  readonly wasLed: boolean;
  readonly contents: Set<string>;
  /** Hits that go on with the next answer. */
  ready: Hit[];
  budgetLeft: number;
  index: EffectId | undefined;
  hits: number;
  hubs: number;
  reach: number;
  messages: number;
  more: boolean;
  timer: Timer | undefined;
  closed: boolean;
}

/**
 * Queries at a hub (dynamic querying, Fisk 2003): its own index answers first, then a few hubs of its mesh whose word table has
 * all the words, then more, until as many distinct contents came as were wanted, or nobody is left that could have any. Every
 * hit is looked at whether it fits the query before it counts, or goes on.
 */
export class Relays {
  readonly #parts: SearchParts;
  readonly #mesh: Mesh;
  readonly #byKey = new Map<string, Relay>();
  readonly #underway = new Map<EffectId, Relay>();
  /** For the index: those of leaves and of this node before those of hubs. */
  readonly #queues: readonly [Waiting[], Waiting[]] = [[], []];
  readonly #garbage: (peer: SearchPeer) => void;

  constructor(parts: SearchParts, mesh: Mesh, onGarbage: (peer: SearchPeer) => void) {
    this.#parts = parts;
    this.#mesh = mesh;
    this.#garbage = onGarbage;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** A query of a leaf or of a hub. Who asks too much, or again, is told that nothing comes of it. */
  onQuery(from: SearchPeer, message: QueryMessage): void {
    const { context, recentIds, peers } = this.#parts;
    const { id, query, want } = message;
    const key = toHex(id);
    // An id is answered once, and led once with each TTL: who was asked for its own index alone may be asked to ask on later.
    const nowMs = context.now();
    const isAnswered = recentIds.has(searchKey(key), nowMs);
    const isDone = message.ttl === 0 ? isAnswered : recentIds.has(leadKey(key, message.ttl), nowMs);
    if (isDone || this.#byKey.has(key) || !this.#admits(from)) {
      peers.send(from, { type: 'hits', id, hits: [], end: { outcome: 'refused', hubs: 0, reach: 0, messages: 0 } });
      return;
    }
    from.queries += 1;
    // A leaf is nobody's lead: who asks for more than the protocol has gets what it has.
    const answer: Answer = (hits, end) => sendHits(this.#parts.peers, from, id, hits, end);
    this.start({ id, query, ttl: message.ttl, budget: message.budget, want, from, answer }, isAnswered);
  }

  /** `isAnswered`: its own index has answered before. */
  start(start: RelayStart, isAnswered = false): Relay {
    const { context, recentIds } = this.#parts;
    const key = toHex(start.id);
    recentIds.add(searchKey(key), context.now());
    const wasLed = recentIds.has(leadKey(key, 1), context.now());
    if (start.ttl > 0) recentIds.add(leadKey(key, start.ttl), context.now());
    const relay: Relay = {
      ...start,
      key,
      waiting: new Map(),
      asked: new Set(),
      nearAsked: new Set(),
      candidates: undefined,
      wasLed,
      contents: new Set(),
      ready: [],
      budgetLeft: start.budget,
      index: undefined,
      hits: 0,
      hubs: 1,
      reach: 1,
      messages: 0,
      more: false,
      timer: undefined,
      closed: false,
    };
    this.#byKey.set(key, relay);
    if (isAnswered) this.#goOn(relay);
    else this.#askIndex(relay);
    return relay;
  }

  /** Ends it without an answer: it costs nothing from now on. */
  stop(relay: Relay): void {
    if (relay.closed) return;
    for (const peer of relay.waiting.keys()) this.#parts.peers.send(peer, { type: 'stop', id: relay.id });
    this.#close(relay);
  }

  onStop(from: SearchPeer, id: Uint8Array): void {
    const relay = this.#byKey.get(toHex(id));
    if (relay?.from === from) this.stop(relay);
  }

  /** A link is gone: who asked is told nothing, who was asked has nothing more. */
  onDown(peer: SearchPeer): void {
    for (const relay of [...this.#byKey.values()]) {
      if (relay.from === peer) this.stop(relay);
      else if (relay.waiting.delete(peer)) this.#goOn(relay);
    }
  }

  knows(id: Uint8Array): boolean {
    return this.#byKey.has(toHex(id));
  }

  /** False when they come from a hub that was not asked. */
  onHits(from: SearchPeer, message: HitsMessage): boolean {
    const relay = this.#byKey.get(toHex(message.id))!;
    if (!relay.waiting.has(from)) return relay.asked.has(from);
    this.#take(relay, message.hits, from);
    relay.messages += 1;
    if (message.end === undefined) {
      this.#pass(relay);
      return true;
    }
    relay.waiting.delete(from);
    relay.hubs += message.end.hubs;
    // Itself is counted among those of the mesh.
    relay.reach += Math.max(0, message.end.reach - 1);
    relay.messages += message.end.messages;
    relay.more ||= message.end.outcome === 'more';
    this.#goOn(relay);
    return true;
  }

  /** False when the effect is not of this. */
  onIndexDone(effect: EffectId, hits: readonly Hit[], more: boolean): boolean {
    const relay = this.#underway.get(effect);
    if (relay === undefined) return false;
    this.#underway.delete(effect);
    if (!relay.closed) {
      relay.index = undefined;
      relay.more ||= more;
      this.#take(relay, hits, undefined);
      this.#goOn(relay);
    }
    this.#nextIndexQuery();
    return true;
  }

  #admits(from: SearchPeer): boolean {
    const most = from.inMesh === 'yes' ? MAX_QUERIES - QUERIES_FOR_LEAVES : MAX_QUERIES;
    if (this.#byKey.size >= most || from.queries >= MAX_QUERIES_OF_LINK || from.congested) return false;
    return from.takesQuery(this.#parts.context.now());
  }

  #askIndex(relay: Relay): void {
    const isOfHub = relay.from?.inMesh === 'yes';
    this.#queues[isOfHub ? 1 : 0].push({ relay, sinceMs: this.#parts.context.now() });
    this.#nextIndexQuery();
  }

  #nextIndexQuery(): void {
    const { context } = this.#parts;
    while (this.#underway.size < MAX_INDEX_QUERIES) {
      const waiting = this.#queues[0].shift() ?? this.#queues[1].shift();
      if (waiting === undefined) return;
      const { relay, sinceMs } = waiting;
      if (relay.closed) continue;
      if (context.now() - sinceMs > MAX_INDEX_WAIT_MS) {
        this.#end(relay, 'refused');
        continue;
      }
      const effect = context.nextEffect();
      relay.index = effect;
      this.#underway.set(effect, relay);
      // Of one content there may be several.
      const limit = Math.min(2 * relay.want, MAX_HITS_OF_ANSWER);
      const bounds = { limit, perSource: HITS_OF_SOURCE, perContent: HITS_OF_CONTENT, todayDay: todayDay(context) };
      context.emit({ type: 'indexQuery', effect, query: relay.query, bounds });
    }
  }

  #take(relay: Relay, hits: readonly Hit[], from: SearchPeer | undefined): void {
    for (const hit of hits) {
      if (from !== undefined && !matches(relay.query, hit, todayDay(this.#parts.context))) {
        this.#garbage(from);
        continue;
      }
      if (relay.hits >= MAX_HITS_OF_QUERY) break;
      relay.hits += 1;
      relay.contents.add(contentKey(hit));
      relay.ready.push(hit);
    }
  }

  #pass(relay: Relay): void {
    if (relay.ready.length === 0) return;
    const { ready } = relay;
    relay.ready = [];
    relay.answer(ready, undefined);
  }

  #goOn(relay: Relay): void {
    if (relay.closed || relay.index !== undefined) return;
    if (relay.contents.size >= relay.want || relay.hits >= MAX_HITS_OF_QUERY) {
      for (const peer of relay.waiting.keys()) this.#parts.peers.send(peer, { type: 'stop', id: relay.id });
      relay.messages += relay.waiting.size;
      return this.#end(relay, 'more');
    }
    const atOnce = relay.asked.size < HUBS_ASKED_AT_FIRST ? HUBS_ASKED_AT_FIRST : HUBS_ASKED_AT_ONCE;
    relay.candidates ??= this.#candidatesOf(relay);
    while (relay.waiting.size < atOnce && relay.budgetLeft > 0) {
      const next = relay.candidates[0];
      // First all that may have something themselves, then those whose mesh may: mostly nobody has to ask on.
      if (next === undefined || (next.ttl > 0 && this.#isNearWaiting(relay))) break;
      relay.candidates.shift();
      if (next.peer.inMesh === 'yes') this.#ask(relay, next.peer, next.ttl);
    }
    if (relay.waiting.size === 0) return this.#end(relay, relay.more || relay.candidates.length > 0 ? 'more' : 'all');
    this.#pass(relay);
    this.#watch(relay);
    return undefined;
  }

  /** In random order, so that the load of what many ask for is spread. */
  #candidatesOf(relay: Relay): { readonly peer: SearchPeer; readonly ttl: number }[] {
    if (relay.ttl === 0) return [];
    const { random } = this.#parts.context;
    relay.reach += this.#mesh.tables;
    const near = relay.wasLed ? [] : this.#mesh.mayAnswer(relay.query, 1).filter((peer) => peer !== relay.from);
    const far = relay.ttl === 1 ? [] : this.#mesh.mayAnswer(relay.query, 2).filter((peer) => peer !== relay.from);
    const shuffled = (peers: SearchPeer[], ttl: number): { readonly peer: SearchPeer; readonly ttl: number }[] => {
      const order = peers.map((peer) => ({ peer, ttl, lot: random.below(2 ** 30) }));
      return order.sort((a, b) => a.lot - b.lot);
    };
    return [...shuffled(near, 0), ...shuffled(far, relay.ttl - 1)];
  }

  #ask(relay: Relay, peer: SearchPeer, ttl: number): void {
    const { context, peers } = this.#parts;
    relay.asked.add(peer);
    if (ttl === 0) relay.nearAsked.add(peer);
    else relay.nearAsked.delete(peer);
    relay.budgetLeft -= 1;
    // What is left is divided among those that are asked at once, so that no more hubs are asked in all than the budget has.
    const sharers = Math.min(HUBS_ASKED_AT_ONCE, relay.candidates!.length + 1);
    const budget = ttl === 0 ? 0 : Math.floor(relay.budgetLeft / sharers);
    relay.budgetLeft -= budget;
    relay.messages += 1;
    relay.waiting.set(peer, context.now() + HUB_ANSWER_MS * (ttl + 1));
    const { id, query } = relay;
    const want = Math.max(1, relay.want - relay.contents.size);
    peers.send(peer, { type: 'query', id, ttl: budget === 0 ? 0 : ttl, budget, want, query });
  }

  #isNearWaiting({ waiting, nearAsked }: Relay): boolean {
    for (const peer of waiting.keys()) if (nearAsked.has(peer)) return true;
    return false;
  }

  /** Who has not answered in time is waited for no more. */
  #watch(relay: Relay): void {
    const { timers, context } = this.#parts;
    timers.cancel(relay.timer);
    relay.timer = timers.set(Math.min(...relay.waiting.values()), () => {
      for (const [peer, untilMs] of relay.waiting) if (untilMs <= context.now()) relay.waiting.delete(peer);
      this.#goOn(relay);
    });
  }

  #end(relay: Relay, outcome: HitsEnd['outcome']): void {
    const messages = Math.min(MAX_QUERY_MESSAGES, relay.messages);
    this.#close(relay);
    const hubs = Math.min(MAX_QUERY_MESSAGES, relay.hubs);
    const reach = Math.min(MAX_QUERY_MESSAGES, relay.reach);
    relay.answer(relay.ready, { outcome, hubs, reach, messages });
  }

  #close(relay: Relay): void {
    relay.closed = true;
    this.#byKey.delete(relay.key);
    this.#parts.timers.cancel(relay.timer);
    relay.waiting.clear();
    if (relay.from !== undefined) relay.from.queries -= 1;
  }
}

interface Waiting {
  readonly relay: Relay;
  readonly sinceMs: number;
}

/** Ids of queries beside those of messages in one table. */
export function searchKey(key: string): string {
  return `search ${key}`;
}

function leadKey(key: string, ttl: number): string {
  return `lead ${ttl} ${key}`;
}
