/**
 * The node as a state machine: `handle(event, now)` gives the effects that the event has. No sockets, timers, clock, disk
 * or randomness of its own; the program and the simulator drive the same code.
 */
import { toHex } from '../../shared/base/bytes.ts';
import type { Effect, NodeContext, NodeEvent } from './effects.ts';
import { MAX_GARBAGE_OF_LINK } from './limits.ts';
import { joinListeners } from './links/peer-listeners.ts';
import { Floods } from './links/floods.ts';
import { Links, networkIdOf } from './links/links.ts';
import type { Neighbour } from './links/neighbour.ts';
import { Neighbours } from './links/neighbours.ts';
import { neighbourView } from './node-view.ts';
import type { Answer, LastRequest, NeighbourView, NodeOptions } from './node-view.ts';
import type { KnownNode, LinkId } from './ports.ts';
import { Failures } from './routing/failures.ts';
import { Folding } from './routing/folding.ts';
import { Holdings } from './routing/holdings.ts';
import { Inserts } from './routing/inserts.ts';
import { Kept } from './routing/kept.ts';
import { OwnWalks } from './routing/own-walks.ts';
import { RecentIds } from './routing/recent-ids.ts';
import { Replicas } from './routing/replicas.ts';
import { Requests } from './routing/requests.ts';
import { Statistics } from './routing/statistics.ts';
import { Stem } from './routing/stem.ts';
import { Timers } from './routing/timers.ts';
import { Toll } from './routing/toll.ts';
import type { Walk } from './routing/walk.ts';
import { Walks } from './routing/walks.ts';
import type { RoutingParts } from './routing/walks.ts';
import { isSearchEvent } from './search/effects.ts';
import { createSearch } from './search/create-search.ts';
import type { Search, SearchView } from './search/search.ts';
import { isTransferEvent } from './transfer/effects.ts';
import { Transfers } from './transfer/transfers.ts';
import type { DownloadView } from './transfer/transfers.ts';
import { decodeRouteMessage } from './wire/messages.ts';
import type { RouteMessage } from './wire/messages.ts';

export class Node {
  readonly statistics = new Statistics();
  readonly #options: NodeOptions;
  readonly #neighbours = new Neighbours();
  readonly #timers = new Timers();
  readonly #recentIds = new RecentIds();
  readonly #stem: Stem;
  readonly #failures = new Failures();
  readonly #floods = new Floods();
  readonly #kept: Kept;
  readonly #toll: Toll;
  readonly #links: Links;
  readonly #walks: Walks;
  readonly #requests: Requests;
  readonly #inserts: Inserts;
  readonly #replicas: Replicas;
  readonly #holdings: Holdings;
  readonly #search: Search | undefined;
  readonly #transfers: Transfers | undefined;
  readonly #ownWalks: OwnWalks;
  #effects: Effect[] = [];
  #nowMs = 0;
  #effectCount = 0;
  #wakeMs: number | undefined;
  #lastRequest: (LastRequest & { readonly walk: Walk }) | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { crypto, random, network, location, wallMs } = options;
    const [neighbours, timers, recentIds, statistics] = [
      this.#neighbours,
      this.#timers,
      this.#recentIds,
      this.statistics,
    ];
    const context: NodeContext = {
      crypto,
      random,
      emit: (effect) => this.#effects.push(effect),
      now: () => this.#nowMs,
      wallMs,
      nextEffect: () => (this.#effectCount += 1),
    };
    const self = { publicKey: options.keyPair.publicKey };
    this.#stem = new Stem(context, neighbours, network, options.keyPair);
    this.#ownWalks = new OwnWalks(this.#stem);
    this.#toll = new Toll(context, network, options.storeQuotaBytes);
    const stem = this.#stem;
    this.#search = createSearch({ context, options, neighbours, timers, stem, statistics, links: () => this.#links });
    const links = {
      dial: (node: KnownNode) => this.#links.dialPeer(node),
      release: (link: LinkId) => this.#links.releaseLink(link),
      drop: (link: LinkId) => this.#links.dropHostile(link),
    };
    if (options.transfers !== undefined) {
      const networkId = networkIdOf(crypto, network);
      this.#transfers = new Transfers({
        ...options.transfers,
        context,
        timers,
        ...{ links, networkId, statistics },
        keyPair: options.keyPair,
      });
    }
    this.#links = new Links({
      context,
      options,
      neighbours,
      timers,
      recentIds,
      statistics,
      isPinned: (link) => this.#stem.isOwnSuccessor(link),
      onPlace: () => this.#kept.lookSoon(),
      onDown: (neighbour) => this.#onDown(neighbour),
      peers: joinListeners(this.#search, this.#transfers),
    });
    this.#kept = new Kept({
      context,
      location,
      neighbours,
      timers,
      send: (link, message) => this.#walks.send(link, message),
      replicate: (to, address, stamp, record) => this.#replicas.handOver(to, address, stamp, record),
    });
    this.#holdings = new Holdings({
      context,
      ownKey: self.publicKey,
      send: (link, message) => this.#walks.send(link, message),
    });
    const parts: RoutingParts = {
      context,
      location,
      neighbours,
      timers,
      recentIds,
      statistics,
      network,
      stem: this.#stem,
      failures: this.#failures,
      folding: new Folding(context, self, this.#links.wishes),
      kept: this.#kept,
    };
    this.#walks = new Walks(parts);
    this.#requests = new Requests(parts, this.#walks);
    this.#replicas = new Replicas(parts, this.#walks, this.#toll);
    this.#inserts = new Inserts(parts, this.#walks, this.#replicas, this.#toll);
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
    const { location } = this.#options;
    return [...this.#neighbours.all()].map((neighbour) => neighbourView(neighbour, location, this.#nowMs));
  }

  /** Neighbours that messages can be sent to. */
  readyLinks(): number {
    return this.#neighbours.readyCount();
  }

  /** Own bulk messages that would go on at once; more would find the way busy (services/node/bulk-clock.ts). */
  roomForBulk(): number {
    return this.#ownWalks.roomForBulk();
  }

  lastRequest(): LastRequest | undefined {
    const last = this.#lastRequest;
    if (last === undefined) return undefined;
    return { place: last.place, outcome: last.outcome };
  }

  /** Sizes of the bounded tables, for tests and checkers. */
  tableSizes(): Readonly<Record<string, number>> {
    return {
      neighbours: this.#neighbours.size,
      walks: this.#walks.size,
      recentIds: this.#recentIds.size,
      cachedSlots: this.#requests.cachedSlots,
      inVain: this.#requests.inVain,
      ownWalks: this.#ownWalks.size,
      failures: this.#failures.size,
      floods: this.#floods.size,
      kept: this.#kept.size,
      distrusted: this.#kept.distrusted,
      budgets: this.#toll.peers,
      ...this.#links.tableSizes(),
      ...this.#search?.tableSizes(),
      ...this.#transfers?.tableSizes(),
    };
  }

  /** The host tells when a send met a full buffer; `writable` takes it back. */
  congested(link: LinkId): void {
    const neighbour = this.#neighbours.get(link);
    if (neighbour !== undefined) neighbour.congested = true;
    this.#search?.onCongested(link, true);
    this.#transfers?.onCongested(link, true);
  }

  /** Its part in search; undefined where it takes none. */
  search(): SearchView | undefined {
    return this.#search?.view();
  }

  /** Of a download under way; undefined when there is none. */
  download(operation: number): DownloadView | undefined {
    return this.#transfers?.view(operation);
  }

  /** Whether transfers may send more on a link now; where not, `writable` tells when. */
  hasRoom(link: LinkId): boolean {
    return this.#transfers?.hasRoom(link) === true;
  }

  /** Who loads from here, who waits, and how much came. */
  transfers(): Pick<Transfers, 'uploads' | 'receivedBytes'> | undefined {
    return this.#transfers;
  }

  #dispatch(event: NodeEvent): void {
    switch (event.type) {
      case 'linkUp':
        return this.#links.onLinkUp(event.info);
      case 'linkDown':
        this.#floods.onLinkDown(event.link);
        return this.#links.onLinkDown(event.link);
      case 'message':
        return this.#onMessage(event.link, event.channel, event.bytes);
      case 'writable': {
        const neighbour = this.#neighbours.get(event.link);
        if (neighbour !== undefined) neighbour.congested = false;
        this.#transfers?.onCongested(event.link, false);
        return this.#search?.onCongested(event.link, false);
      }
      case 'wake':
        this.#wakeMs = undefined;
        return undefined;
      case 'readDone':
        if (this.#inserts.onReadDone(event.effect, event.record)) return undefined;
        if (this.#holdings.onReadDone(event.effect, event.record)) return undefined;
        if (this.#replicas.onReadDone(event.effect, event.record)) return undefined;
        if (!this.#kept.onReadDone(event.effect, event.record)) this.#requests.onReadDone(event.effect, event.record);
        return undefined;
      case 'writeDone':
        if (!this.#replicas.onWriteDone(event.effect, event.outcome))
          this.#inserts.onWriteDone(event.effect, event.outcome);
        return undefined;
      case 'kept':
        return this.#kept.restore(event.addresses);
      case 'located':
        return this.#links.onLocated(event.effect, event.location);
      case 'stamped':
        return this.#inserts.onStamped(event.effect, event.stamp);
      case 'request':
        return this.#startRequest(event);
      case 'insert':
        return this.#startInsert(event);
      case 'cancel': {
        const walk = this.#ownWalks.take(event.operation);
        if (walk !== undefined) this.#walks.close(walk);
        return undefined;
      }
      default:
        if (isSearchEvent(event)) this.#search?.onEvent(event);
        else if (isTransferEvent(event)) this.#transfers?.onEvent(event);
    }
  }

  #startRequest(event: Extract<NodeEvent, { type: 'request' }>): void {
    this.statistics.started += 1;
    const walk = this.#requests.startOwn(event);
    this.#ownWalks.add(event.operation, walk);
    this.#lastRequest = { place: walk.target, outcome: 'looking', walk };
  }

  #startInsert(event: Extract<NodeEvent, { type: 'insert' }>): void {
    this.statistics.started += 1;
    const walk = this.#inserts.startOwn(event);
    if (walk === undefined) throw new Error('an own record does not verify');
    this.#ownWalks.add(event.operation, walk);
  }

  /** A link is gone: what waited for it goes another way, what came by it ends. */
  #onDown(neighbour: Neighbour): void {
    const { link } = neighbour;
    this.#stem.onLinkDown(link);
    this.#replicas.onLinkDown(link);
    this.#kept.handovers.onLinkDown(link);
    for (const walk of this.#walks.all()) {
      if (walk.closed) continue;
      if (walk.from === link) this.#walks.close(walk);
      else if (walk.waitingFor === link) this.#onSilent(walk);
      else if (walk.replicas?.has(link) === true) this.#inserts.onReplicaEnded(walk, neighbour, 'silent');
    }
    this.#kept.lookSoon();
  }

  #onSilent(walk: Walk): void {
    if (walk.purpose === 'request') this.#requests.onSilent(walk);
    else this.#inserts.onSilent(walk);
  }

  #onMessage(link: LinkId, channel: string, bytes: Uint8Array): void {
    if (this.#floods.note(link, bytes.length, this.#nowMs)) this.statistics.floods += 1;
    if (channel === 'search') return this.#search?.onMessage(link, bytes);
    if (channel === 'transfer') return this.#transfers?.onMessage(link, bytes);
    const neighbour = this.#neighbours.get(link);
    if (neighbour === undefined) {
      if (channel === 'link' && this.#links.isPeerLink(link)) this.#links.onPeerLinkMessage(link, bytes);
      return undefined;
    }
    if (channel === 'link') {
      this.#links.onMessage(neighbour, bytes);
    } else if (channel === 'route') {
      const decoded = neighbour.greeted ? decodeRouteMessage(bytes) : undefined;
      if (decoded?.ok !== true) this.#countGarbage(neighbour);
      else this.#onRouteMessage(neighbour, decoded.value);
    }
    if (neighbour.garbage >= MAX_GARBAGE_OF_LINK) this.#links.dropHostile(link);
    return undefined;
  }

  #onRouteMessage(neighbour: Neighbour, message: RouteMessage): void {
    switch (message.type) {
      case 'request':
        return this.#requests.onMessage(neighbour, message);
      case 'stemRequest':
        return this.#requests.onStemMessage(neighbour, message);
      case 'insert':
        return this.#inserts.onMessage(neighbour, message);
      case 'stemInsert':
        return this.#inserts.onStemMessage(neighbour, message);
      case 'replicate':
        return this.#replicas.onMessage(neighbour, message);
      case 'check':
        return this.#holdings.onCheck(neighbour, message);
      case 'checked':
        return this.#kept.handovers.onChecked(neighbour, message);
      case 'seek':
        return this.#links.seeks.onSeek(neighbour, message);
      case 'sought':
        return this.#links.seeks.onSought(neighbour, message);
      default:
        return this.#onAnswer(neighbour, message);
    }
  }

  #onAnswer(neighbour: Neighbour, message: Answer): void {
    const walk = this.#walks.get(toHex(message.id));
    if (walk?.replicas?.has(neighbour.link) === true && message.type !== 'accepted') {
      this.#inserts.onReplicaEnded(walk, neighbour, message.type === 'stored' ? 'stored' : 'refused');
      return;
    }
    const isResult = walk?.purpose === 'request' ? message.type === 'found' : message.type === 'stored';
    const isLate = walk !== undefined && walk.waitingFor !== neighbour.link;
    if (walk === undefined || (isLate && !this.#walks.onLate(walk, neighbour, isResult))) {
      if (walk === undefined && this.#replicas.onAnswer(neighbour, message.id, message.type === 'stored')) return;
      if (walk === undefined && this.#kept.handovers.onRefused(neighbour, message.id)) return;
      this.statistics.stray += 1;
      return;
    }
    if (this.#lastRequest?.walk === walk) this.#lastRequest.outcome = message.type;
    if (message.type === 'accepted') this.#walks.onAccepted(walk, () => this.#onSilent(walk));
    else if (walk.purpose === 'request') this.#onRequestAnswer(neighbour, walk, message);
    else this.#onInsertAnswer(neighbour, walk, message);
  }

  #onRequestAnswer(neighbour: Neighbour, walk: Walk, message: Exclude<Answer, { type: 'accepted' }>): void {
    if (message.type === 'found') this.#requests.onFound(neighbour, walk, message);
    else if (message.type === 'stored' || message.type === 'underpaid') this.#countGarbage(neighbour);
    else this.#requests.onRefusal(walk, message.type, message.htl);
  }

  #onInsertAnswer(neighbour: Neighbour, walk: Walk, message: Exclude<Answer, { type: 'accepted' }>): void {
    if (message.type === 'stored') this.#inserts.onStored(neighbour, walk, message);
    else if (message.type === 'underpaid') this.#inserts.onUnderpaid(walk, message);
    else if (message.type === 'found') this.#countGarbage(neighbour);
    else this.#inserts.onRefusal(walk, message.type, message.htl);
  }

  #countGarbage(neighbour: Neighbour): void {
    neighbour.garbage += 1;
    this.statistics.garbage += 1;
  }

  #askToWake(): void {
    const next = this.#timers.next();
    if (next === undefined || (this.#wakeMs !== undefined && this.#wakeMs <= next)) return;
    this.#wakeMs = next;
    this.#effects.push({ type: 'wake', atMs: next });
  }
}
