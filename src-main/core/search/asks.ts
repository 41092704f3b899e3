import { toHex } from '../../../shared/base/bytes.ts';
import {
  HUB_SILENT_MS,
  HUBS_OF_LEAF,
  MAX_HITS_OF_QUERY,
  MAX_HUBS_OF_QUERY,
  MAX_MESSAGES_OF_QUERY,
  MESH_HUBS,
  OPINIONS,
} from '../limits.ts';
import type { Timer } from '../routing/timers.ts';
import { MESSAGE_ID_BYTES } from '../wire/messages.ts';
import type { HitsMessage } from '../wire/search-messages.ts';
import { contentKey } from './contents.ts';
import type { Hit } from './entry.ts';
import type { HubRecords } from './hub-records.ts';
import { matches } from './match.ts';
import { todayDay } from './parts.ts';
import type { SearchParts } from './parts.ts';
import type { SearchPeer } from './peers.ts';
import type { Query } from './query.ts';
import { searchKey } from './relays.ts';
import type { Relay, Relays } from './relays.ts';
import type { Roles } from './roles.ts';
import type { Walkers } from './walkers.ts';

export type AskEnd = 'exhausted' | 'enough' | 'time' | 'no-hubs';

interface AskStart {
  readonly query: Query;
  readonly want: number;
  readonly timeoutMs: number;
  readonly onHits: (hits: readonly Hit[]) => void;
  readonly onProgress: () => void;
  readonly onEnd: (end: AskEnd) => void;
}

/** A query that this node asks its hubs: its own, or one whose stem ends here. */
export interface Ask extends AskStart {
  readonly id: Uint8Array;
  readonly key: string;
  readonly contents: Set<string>;
  /** Contents that count, where who asks hides some. */
  counted: number | undefined;
  readonly asked: Set<SearchPeer>;
  readonly waiting: Set<SearchPeer>;
  /** Those asked in this round: the second one goes beyond the mesh of each. */
  readonly tried: Set<SearchPeer>;
  ttl: 1 | 2;
  hits: number;
  hubs: number;
  /** Part of all hubs that no answer speaks for yet. */
  missed: number;
  messages: number;
  relay: Relay | undefined;
  walks: boolean;
  silent: Timer | undefined;
  deadline: Timer | undefined;
  closed: boolean;
}

/**
 * Asks one hub after the other, each of which leads the query among the hubs that it knows, until enough was found or all have
 * said that there is no more. A hub that is silent, or dies, is not waited for: the next one is asked. A hub asks itself; without hubs the
 * query walks (walkers.ts).
 */
export class Asks {
  readonly #parts: SearchParts;
  readonly #roles: Roles;
  readonly #relays: Relays;
  readonly #records: HubRecords;
  readonly #walkers: Walkers;
  readonly #onGarbage: (peer: SearchPeer) => void;
  readonly #byKey = new Map<string, Ask>();

  constructor(
    parts: SearchParts,
    roles: Roles,
    relays: Relays,
    records: HubRecords,
    walkers: Walkers,
    onGarbage: (peer: SearchPeer) => void,
  ) {
    this.#parts = parts;
    this.#roles = roles;
    this.#relays = relays;
    this.#records = records;
    this.#walkers = walkers;
    this.#onGarbage = onGarbage;
  }

  get size(): number {
    return this.#byKey.size;
  }

  start(start: AskStart): Ask {
    const { context, timers } = this.#parts;
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    const ask: Ask = {
      ...start,
      id,
      key: toHex(id),
      contents: new Set(),
      counted: undefined,
      asked: new Set(),
      waiting: new Set(),
      tried: new Set(),
      ttl: 1,
      hits: 0,
      hubs: 0,
      missed: 1,
      messages: 0,
      relay: undefined,
      walks: false,
      silent: undefined,
      deadline: undefined,
      closed: false,
    };
    this.#byKey.set(ask.key, ask);
    ask.deadline = timers.set(context.now() + start.timeoutMs, () => {
      ask.deadline = undefined;
      this.#end(ask, 'time');
    });
    if (this.#roles.role === 'hub') this.#leadItself(ask);
    else this.#askNext(ask);
    return ask;
  }

  /** Nobody wants it any more: whoever works on it is told. */
  stop(ask: Ask): void {
    if (ask.closed) return;
    this.#withdraw(ask);
    this.#close(ask);
  }

  /** Who asked hides some of what came: so many contents count. */
  count(ask: Ask, contents: number): void {
    ask.counted = contents;
  }

  /** Whether it waits for hits of this id from others. */
  knows(id: Uint8Array): boolean {
    const ask = this.#byKey.get(toHex(id));
    return ask !== undefined && ask.asked.size > 0;
  }

  /** False when they come from a node that was not asked. */
  onHits(from: SearchPeer, message: HitsMessage): boolean {
    const ask = this.#byKey.get(toHex(message.id))!;
    if (!ask.waiting.has(from)) return ask.asked.has(from);
    ask.messages += 1;
    this.#take(ask, message.hits, from);
    if (message.end === undefined || ask.closed) {
      if (!ask.closed) this.#watch(ask);
      return true;
    }
    ask.waiting.delete(from);
    ask.hubs += message.end.hubs;
    ask.messages += message.end.messages;
    if (message.end.outcome === 'all')
      ask.missed *= Math.max(0, 1 - message.end.reach / Math.max(1, this.#records.count));
    ask.onProgress();
    this.#goOn(ask);
    return true;
  }

  /** A hub is gone in the middle: the next is asked, and nobody notices. */
  onDown(peer: SearchPeer): void {
    for (const ask of [...this.#byKey.values()]) if (ask.waiting.delete(peer)) this.#goOn(ask);
  }

  #leadItself(ask: Ask): void {
    const { id, query, want } = ask;
    ask.relay = this.#relays.start({
      id,
      query,
      ttl: this.#mostTtl(),
      budget: MAX_HUBS_OF_QUERY,
      want,
      from: undefined,
      answer: (hits, end) => {
        this.#take(ask, hits, undefined);
        if (end === undefined || ask.closed) return;
        ask.relay = undefined;
        ask.hubs += end.hubs;
        ask.messages += end.messages;
        this.#end(ask, this.#isEnough(ask) ? 'enough' : 'exhausted');
      },
    });
  }

  /** Where one mesh may be all hubs there are, nobody has to ask on. */
  #mostTtl(): 1 | 2 {
    return this.#records.count > MESH_HUBS ? 2 : 1;
  }

  #askNext(ask: Ask): void {
    const { peers, context, recentIds } = this.#parts;
    const hubs = peers.hubs().filter((peer) => !ask.tried.has(peer));
    const hub = hubs[hubs.length === 0 ? 0 : context.random.below(hubs.length)];
    const budget = Math.min(MAX_HUBS_OF_QUERY, Math.floor((MAX_MESSAGES_OF_QUERY - ask.messages) / 2) - 1);
    if (hub === undefined || budget < 0) {
      if (ask.waiting.size > 0) return;
      if (ask.asked.size === 0) return this.#walk(ask);
      if (budget < 0 || ask.ttl === this.#mostTtl()) return this.#end(ask, 'exhausted');
      ask.ttl = 2;
      ask.tried.clear();
      return this.#askNext(ask);
    }
    if (ask.asked.size === 0) recentIds.add(searchKey(ask.key), context.now());
    ask.asked.add(hub);
    ask.tried.add(hub);
    ask.waiting.add(hub);
    ask.messages += 1;
    const want = Math.max(1, ask.want - (ask.counted ?? ask.contents.size));
    peers.send(hub, { type: 'query', id: ask.id, ttl: ask.ttl, budget, want, query: ask.query });
    ask.onProgress();
    this.#watch(ask);
    return undefined;
  }

  #walk(ask: Ask): void {
    ask.walks = true;
    const { query, want } = ask;
    this.#walkers.start(ask.id, query, want, {
      onHits: (hits) => this.#take(ask, hits, undefined),
      isEnough: () => ask.closed || this.#isEnough(ask),
      onMessages: (messages) => (ask.messages += messages),
      onEnd: (asked) => {
        ask.walks = false;
        if (!ask.closed) this.#end(ask, this.#isEnough(ask) ? 'enough' : asked === 0 ? 'no-hubs' : 'exhausted');
      },
    });
  }

  #take(ask: Ask, hits: readonly Hit[], from: SearchPeer | undefined): void {
    if (ask.closed) return;
    const fitting: Hit[] = [];
    for (const hit of hits) {
      if (from !== undefined && !matches(ask.query, hit, todayDay(this.#parts.context))) {
        this.#onGarbage(from);
        continue;
      }
      if (ask.hits >= MAX_HITS_OF_QUERY) break;
      ask.hits += 1;
      ask.contents.add(contentKey(hit));
      fitting.push(hit);
    }
    if (fitting.length > 0) ask.onHits(fitting);
  }

  #isEnough(ask: Ask): boolean {
    return (ask.counted ?? ask.contents.size) >= ask.want || ask.hits >= MAX_HITS_OF_QUERY;
  }

  #goOn(ask: Ask): void {
    if (ask.closed) return;
    if (this.#isEnough(ask)) return this.#end(ask, 'enough');
    if (this.#isCovered(ask)) return this.#end(ask, 'exhausted');
    if (ask.waiting.size === 0) this.#askNext(ask);
    return undefined;
  }

  /**
   * What one node shares is at three hubs: when it is likely enough that one of them was asked, the next would only ask the
   * same ones again. That there is nothing at all is not believed of one hub alone.
   */
  #isCovered({ missed, asked, contents }: Ask): boolean {
    return missed ** HUBS_OF_LEAF < UNLIKELY && (contents.size > 0 || asked.size >= OPINIONS);
  }

  #watch(ask: Ask): void {
    const { timers, context } = this.#parts;
    timers.cancel(ask.silent);
    ask.silent = timers.set(context.now() + HUB_SILENT_MS, () => {
      ask.silent = undefined;
      if (!ask.closed) this.#askNext(ask);
    });
  }

  #end(ask: Ask, end: AskEnd): void {
    if (ask.closed) return;
    this.#withdraw(ask);
    this.#close(ask);
    ask.onEnd(end);
  }

  #withdraw(ask: Ask): void {
    for (const peer of ask.waiting) this.#parts.peers.send(peer, { type: 'stop', id: ask.id });
    if (ask.relay !== undefined) this.#relays.stop(ask.relay);
    if (ask.walks) this.#walkers.stop(ask.id);
  }

  #close(ask: Ask): void {
    ask.closed = true;
    this.#byKey.delete(ask.key);
    this.#parts.timers.cancel(ask.silent);
    this.#parts.timers.cancel(ask.deadline);
  }
}

/** Chance that one content of one node was at no hub that answered, below which no more are asked. Guess. */
const UNLIKELY = 0.01;
