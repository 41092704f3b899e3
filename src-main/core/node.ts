/**
 * The node as a state machine: `handle(event, now)` gives the effects that the event has. No sockets, timers, clock, disk
 * or randomness of its own; the program and the simulator drive the same code.
 */
import { bytesEqual, toHex } from '../../shared/base/bytes.ts';
import type { Effect, EffectId, NodeContext, NodeEvent } from './effects.ts';
import { HELLO_TIMEOUT_MS, MAX_GARBAGE_OF_LINK, MAX_LINKS } from './limits.ts';
import type { Crypto, KeyPair, LinkId, LinkInfo, Random } from './ports.ts';
import { distance } from './routing/location.ts';
import type { Location } from './routing/location.ts';
import { Inserts } from './routing/inserts.ts';
import { Neighbour } from './routing/neighbour.ts';
import { Neighbours } from './routing/neighbours.ts';
import { RecentIds } from './routing/recent-ids.ts';
import { Requests } from './routing/requests.ts';
import { Statistics } from './routing/statistics.ts';
import { Timers } from './routing/timers.ts';
import type { Walk } from './routing/walk.ts';
import { Walks } from './routing/walks.ts';
import type { RoutingParts } from './routing/walks.ts';
import type { NetworkParameters } from './network-parameters.ts';
import { decodeLinkMessage, encodeLinkMessage, NETWORK_ID_BYTES, PROTOCOL_VERSION } from './wire/link-messages.ts';
import { decodeRouteMessage } from './wire/messages.ts';
import type { RouteMessage } from './wire/messages.ts';

export interface NodeOptions {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly network: NetworkParameters;
  /** Identity of this node, the one that its links prove. */
  readonly keyPair: KeyPair;
  /** This node's own costly location. */
  readonly location: Location;
  readonly targetLinks: number;
  /** Milliseconds since 1970 by this machine's clock, for expiry only. */
  readonly wallMs: () => number;
  /** Room that the store has in all, in bytes. */
  readonly storeQuotaBytes: () => number;
}

/** What Network shows of a neighbour, as far as the core knows. */
export interface NeighbourView {
  readonly link: LinkId;
  readonly publicKey: Uint8Array;
  readonly ready: boolean;
  readonly location: Location | undefined;
  /** Length of the link on the circle, 0 ... 0.5. */
  readonly distance: number | undefined;
  readonly answeredShare: number | undefined;
  readonly sinceMs: number;
}

/** The last request of this node: its place, and the neighbour that it went to first. */
export interface LastRequest {
  readonly place: Location;
  neighbour: Uint8Array | undefined;
  outcome: string;
}

export class Node {
  readonly statistics = new Statistics();
  readonly #options: NodeOptions;
  readonly #network: Uint8Array;
  readonly #neighbours = new Neighbours();
  readonly #timers = new Timers();
  readonly #recentIds = new RecentIds();
  readonly #walks: Walks;
  readonly #requests: Requests;
  readonly #inserts: Inserts;
  readonly #ownWalks = new Map<number, Walk>();
  readonly #locating = new Map<EffectId, LinkId>();
  #effects: Effect[] = [];
  #nowMs = 0;
  #effectCount = 0;
  #wakeMs: number | undefined;
  #lastRequest: (LastRequest & { readonly walk: Walk }) | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#network = options.crypto.hash('network', ascii(options.network.name)).slice(0, NETWORK_ID_BYTES);
    const context: NodeContext = {
      crypto: options.crypto,
      random: options.random,
      emit: (effect) => this.#effects.push(effect),
      now: () => this.#nowMs,
      wallMs: options.wallMs,
      nextEffect: () => (this.#effectCount += 1),
    };
    const parts: RoutingParts = {
      context,
      neighbours: this.#neighbours,
      timers: this.#timers,
      recentIds: this.#recentIds,
      statistics: this.statistics,
      network: options.network,
    };
    this.#walks = new Walks(parts);
    this.#requests = new Requests(parts, this.#walks, () => options.location);
    this.#inserts = new Inserts(parts, this.#walks, () => options.location);
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  handle(event: NodeEvent, nowMs: number): Effect[] {
    this.#nowMs = nowMs;
    this.#effects = [];
    for (let timer = this.#timers.due(nowMs); timer !== undefined; timer = this.#timers.due(nowMs)) timer.run();
    this.#dispatch(event);
    this.#askToWake();
    return this.#effects;
  }

  neighbours(): NeighbourView[] {
    return [...this.#neighbours.all()].map((neighbour) => ({
      link: neighbour.link,
      publicKey: neighbour.publicKey,
      ready: neighbour.ready,
      location: neighbour.location,
      distance: neighbour.location === undefined ? undefined : distance(neighbour.location, this.#options.location),
      answeredShare: neighbour.answeredShare,
      sinceMs: neighbour.sinceMs,
    }));
  }

  /** Neighbours that messages can be sent to. */
  readyLinks(): number {
    return this.#neighbours.readyCount();
  }

  lastRequest(): LastRequest | undefined {
    const last = this.#lastRequest;
    if (last === undefined) return undefined;
    return { place: last.place, neighbour: last.neighbour, outcome: last.outcome };
  }

  /** Sizes of the bounded tables, for tests and checkers. */
  tableSizes(): Readonly<Record<string, number>> {
    return {
      neighbours: this.#neighbours.size,
      walks: this.#walks.size,
      recentIds: this.#recentIds.size,
      cachedSlots: this.#requests.cachedSlots,
      ownWalks: this.#ownWalks.size,
    };
  }

  #dispatch(event: NodeEvent): void {
    switch (event.type) {
      case 'linkUp':
        return this.#onLinkUp(event.info);
      case 'linkDown':
        return this.#onLinkDown(event.link);
      case 'message':
        return this.#onMessage(event.link, event.channel, event.bytes);
      case 'writable': {
        const neighbour = this.#neighbours.get(event.link);
        if (neighbour !== undefined) neighbour.congested = false;
        return undefined;
      }
      case 'wake':
        this.#wakeMs = undefined;
        return undefined;
      case 'readDone':
        if (!this.#inserts.onReadDone(event.effect, event.record))
          this.#requests.onReadDone(event.effect, event.record);
        return undefined;
      case 'writeDone':
        return this.#inserts.onWriteDone(event.effect, event.outcome);
      case 'located':
        return this.#onLocated(event.effect, event.location);
      case 'stamped':
        return undefined;
      case 'request':
        return this.#startRequest(event);
      case 'insert':
        return this.#startInsert(event);
      case 'cancel': {
        const walk = this.#ownWalks.get(event.operation);
        this.#ownWalks.delete(event.operation);
        if (walk !== undefined) this.#walks.close(walk);
        return undefined;
      }
    }
  }

  /** The host tells when a send met a full buffer; `writable` takes it back. */
  congested(link: LinkId): void {
    const neighbour = this.#neighbours.get(link);
    if (neighbour !== undefined) neighbour.congested = true;
  }

  #startRequest(event: Extract<NodeEvent, { type: 'request' }>): void {
    this.statistics.started += 1;
    const walk = this.#requests.startOwn(event);
    this.#trackOwn(event.operation, walk);
    this.#lastRequest = { place: walk.target, neighbour: undefined, outcome: 'looking', walk };
  }

  #startInsert(event: Extract<NodeEvent, { type: 'insert' }>): void {
    this.statistics.started += 1;
    const walk = this.#inserts.startOwn(event);
    if (walk === undefined) throw new Error('an own record does not verify');
    this.#trackOwn(event.operation, walk);
  }

  #trackOwn(operation: number, walk: Walk): void {
    for (const [known, old] of this.#ownWalks) if (old.closed) this.#ownWalks.delete(known);
    if (!walk.closed) this.#ownWalks.set(operation, walk);
  }

  #onLinkUp(info: LinkInfo): void {
    if (this.#neighbours.size >= MAX_LINKS) {
      this.#emit({ type: 'close', link: info.link });
      return;
    }
    const { random } = this.#options;
    const neighbour = new Neighbour(info, this.#nowMs, random.below(2) === 0, random.below(4) === 0);
    this.#neighbours.add(neighbour);
    const { targetLinks } = this.#options;
    const version = PROTOCOL_VERSION;
    const hello = encodeLinkMessage({ type: 'hello', version, network: this.#network, targetLinks });
    this.#emit({ type: 'send', link: info.link, channel: 'link', bytes: hello });
    this.#timers.set(this.#nowMs + HELLO_TIMEOUT_MS, () => {
      if (this.#neighbours.get(info.link) === neighbour && !neighbour.greeted) this.#drop(neighbour);
    });
    this.#emit({ type: 'neighboursChanged' });
  }

  #onLinkDown(link: LinkId): void {
    const neighbour = this.#neighbours.remove(link);
    if (neighbour === undefined) return;
    for (const walk of this.#walks.all()) {
      if (walk.closed) continue;
      if (walk.from === link) this.#walks.close(walk);
      else if (walk.waitingFor === link) this.#onSilent(walk);
      else if (walk.replicas?.has(link) === true) this.#inserts.onReplicaEnded(walk, neighbour, 'silent');
    }
    this.#emit({ type: 'neighboursChanged' });
  }

  #onSilent(walk: Walk): void {
    if (walk.purpose === 'request') this.#requests.onSilent(walk);
    else this.#inserts.onSilent(walk);
  }

  #onLocated(effect: EffectId, location: Location): void {
    const link = this.#locating.get(effect);
    this.#locating.delete(effect);
    const neighbour = link === undefined ? undefined : this.#neighbours.get(link);
    if (neighbour === undefined) return;
    neighbour.location = location;
    this.#emit({ type: 'neighboursChanged' });
  }

  #onMessage(link: LinkId, channel: string, bytes: Uint8Array): void {
    const neighbour = this.#neighbours.get(link);
    if (neighbour === undefined) return;
    if (channel === 'link') return this.#onHello(neighbour, bytes);
    // The other channels come with their issues; a neighbour that is ahead of us does no harm.
    if (channel !== 'route') return undefined;
    const decoded = neighbour.greeted ? decodeRouteMessage(bytes) : undefined;
    if (decoded?.ok !== true) this.#countGarbage(neighbour);
    else this.#onRouteMessage(neighbour, decoded.value);
    if (neighbour.garbage >= MAX_GARBAGE_OF_LINK) this.#drop(neighbour);
    return undefined;
  }

  #onHello(neighbour: Neighbour, bytes: Uint8Array): void {
    const decoded = decodeLinkMessage(bytes);
    const ours =
      decoded.ok &&
      decoded.value.type === 'hello' &&
      decoded.value.version === PROTOCOL_VERSION && bytesEqual(decoded.value.network, this.#network);
    if (!ours || neighbour.greeted) {
      this.#countGarbage(neighbour);
      this.#drop(neighbour);
      return;
    }
    neighbour.greeted = true;
    this.#effectCount += 1;
    this.#locating.set(this.#effectCount, neighbour.link);
    this.#emit({ type: 'locate', effect: this.#effectCount, publicKey: neighbour.publicKey });
  }

  #onRouteMessage(neighbour: Neighbour, message: RouteMessage): void {
    switch (message.type) {
      case 'request':
        return this.#requests.onMessage(neighbour, message);
      case 'insert':
        return this.#inserts.onMessage(neighbour, message);
      case 'replicate':
        return this.#inserts.onReplicate(neighbour, message);
      default:
        return this.#onAnswer(neighbour, message);
    }
  }

  #onAnswer(neighbour: Neighbour, message: RouteMessage): void {
    const walk = this.#walks.get(toHex(message.id));
    if (walk?.replicas?.has(neighbour.link) === true && message.type !== 'accepted') {
      this.#inserts.onReplicaEnded(walk, neighbour, message.type === 'stored' ? 'stored' : 'refused');
      return;
    }
    if (walk?.waitingFor !== neighbour.link) {
      this.statistics.stray += 1;
      return;
    }
    this.#noteFirstHop(walk, neighbour, message.type);
    switch (message.type) {
      case 'accepted':
        this.#walks.onAccepted(walk, () => this.#onSilent(walk));
        return;
      case 'found':
        if (walk.purpose === 'request') this.#requests.onFound(neighbour, walk, message.record, message.hops);
        else this.#countGarbage(neighbour);
        return;
      case 'stored':
        if (walk.purpose === 'insert') this.#inserts.onStored(walk, message.copies, message.hops);
        else this.#countGarbage(neighbour);
        return;
      case 'request':
      case 'insert':
      case 'replicate':
      case 'underpaid':
      case 'stemRequest':
      case 'stemInsert':
      case 'seek':
      case 'sought':
        return;
      default:
        if (walk.purpose === 'request') this.#requests.onRefusal(walk, message.type, message.htl);
        else this.#inserts.onRefusal(walk, message.type, message.htl);
    }
  }

  #noteFirstHop(walk: Walk, neighbour: Neighbour, outcome: string): void {
    if (this.#lastRequest?.walk !== walk) return;
    this.#lastRequest.neighbour = neighbour.publicKey;
    this.#lastRequest.outcome = outcome;
  }

  #countGarbage(neighbour: Neighbour): void {
    neighbour.garbage += 1;
    this.statistics.garbage += 1;
  }

  /** Closes a link and forgets it at once; the transport's own linkDown then finds nothing. */
  #drop(neighbour: Neighbour): void {
    this.#emit({ type: 'close', link: neighbour.link });
    this.#onLinkDown(neighbour.link);
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  #askToWake(): void {
    const next = this.#timers.next();
    if (next === undefined || (this.#wakeMs !== undefined && this.#wakeMs <= next)) return;
    this.#wakeMs = next;
    this.#emit({ type: 'wake', atMs: next });
  }
}

/** Network names are lower-case ASCII by their setting's pattern. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
}
