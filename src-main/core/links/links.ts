import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeContext } from '../effects.ts';
import { HELLO_TIMEOUT_MS, MAX_LINKS, MAX_TELLINGS, TELL_EVERY_MS } from '../limits.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { Crypto, KeyPair, KnownNode, LinkId, LinkInfo } from '../ports.ts';
import type { LinkWishes } from '../routing/folding.ts';
import type { Location } from '../routing/location.ts';
import type { RecentIds } from '../routing/recent-ids.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Timers } from '../routing/timers.ts';
import { decodeLinkMessage, encodeLinkMessage, NETWORK_ID_BYTES, PROTOCOL_VERSION } from '../wire/link-messages.ts';
import type { Hello, NeighboursMessage } from '../wire/link-messages.ts';
import { Acquaintances } from './acquaintances.ts';
import type { Acquaintance } from './acquaintances.ts';
import { Introductions } from './introductions.ts';
import { Keeper } from './keeper.ts';
import { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import { SecondNeighbours } from './second-neighbours.ts';
import { PeerLinks } from './peer-links.ts';
import type { PeerListener } from './peer-links.ts';
import { Seeks } from './seeks.ts';

interface LinksParts {
  readonly context: NodeContext;
  readonly options: {
    readonly network: NetworkParameters;
    readonly keyPair: KeyPair;
    readonly location: Location;
    readonly targetLinks: number;
  };
  readonly neighbours: Neighbours;
  readonly timers: Timers;
  readonly recentIds: RecentIds;
  readonly statistics: Statistics;
  /** A link that is not given up for its length. */
  readonly isPinned: (link: LinkId) => boolean;
  /** A neighbour got its place: messages may go to it. */
  readonly onPlace: () => void;
  /** A neighbour is gone, and no longer in the table. */
  readonly onDown: (neighbour: Neighbour) => void;
  /** Undefined: this node takes no part in search or transfers, and every link is a neighbour's. */
  readonly peers: PeerListener | undefined;
}

/** Links from their first hello to their end: who is there, and who is linked to whom. */
export class Links {
  readonly seeks: Seeks;
  readonly #parts: LinksParts;
  readonly #networkId: Uint8Array;
  readonly #acquaintances: Acquaintances;
  readonly #second: SecondNeighbours;
  readonly #introductions: Introductions;
  readonly #keeper: Keeper;
  readonly #peerLinks: PeerLinks | undefined;
  #lookedMinutes = 0;

  constructor(parts: LinksParts) {
    this.#parts = parts;
    const { context, options, neighbours, timers, recentIds, statistics } = parts;
    const { network, keyPair, location, targetLinks } = options;
    const self = { publicKey: keyPair.publicKey };
    const networkId = networkIdOf(context.crypto, network);
    this.#networkId = networkId;
    this.#acquaintances = new Acquaintances(context, timers, (node) => this.#onPlace(node));
    const ownKey = toHex(self.publicKey);
    this.#second = new SecondNeighbours(context.crypto, networkId, ownKey, this.#acquaintances, neighbours);
    this.#introductions = new Introductions({ context, keyPair, networkId, neighbours, timers });
    const { maxHtl } = network;
    this.seeks = new Seeks({ context, self, location, neighbours, recentIds, statistics, maxHtl });
    const drop = (neighbour: Neighbour): void => this.drop(neighbour);
    const seeks = this.seeks;
    this.#peerLinks = parts.peers === undefined ? undefined : this.#createPeerLinks(parts.peers);
    this.#keeper = new Keeper({
      context,
      self,
      location,
      targetLinks,
      neighbours,
      seeks,
      timers,
      statistics,
      drop,
      giveUp: (neighbour) => this.#giveUp(neighbour),
      upgrade: (key) => this.#peerLinks?.upgrade(key) ?? false,
      isPinned: parts.isPinned,
      onLook: () => this.#look(),
    });
  }

  /** Which links this node would have. */
  get wishes(): LinkWishes {
    return this.#keeper;
  }

  tableSizes(): Readonly<Record<string, number>> {
    const { size, waiting } = this.#acquaintances;
    const peers = this.#peerLinks;
    return {
      acquaintances: size,
      locating: waiting,
      seeks: this.seeks.size,
      dials: this.#keeper.dialsRemembered,
      ...(peers === undefined ? {} : { peerLinks: peers.size, peerDials: peers.dialsRemembered }),
    };
  }

  /** Its other end is hostile. */
  dropHostile(link: LinkId): void {
    const neighbour = this.#parts.neighbours.get(link);
    this.#parts.statistics.hungUp += 1;
    if (neighbour !== undefined) this.drop(neighbour);
    else this.#peerLinks?.close(link);
  }

  /** Makes a link that routing does not use, unless there is one of any kind. */
  dialPeer(node: KnownNode): void {
    this.#peerLinks?.dial(node);
  }

  /** One that needed this link needs it no more: it is closed unless routing uses it, or another needs it. */
  releaseLink(link: LinkId): void {
    if (this.#parts.peers?.holds(link) === true) return;
    this.#peerLinks?.close(link);
  }

  onLinkUp(info: LinkInfo): void {
    const { context, neighbours, timers } = this.#parts;
    if (this.#peerLinks?.takesUp(info) === true) return;
    if (neighbours.size >= MAX_LINKS) return this.#turnAway(info.link);
    const neighbour = this.#newNeighbour(info);
    this.#sayHello(info.link, true);
    timers.set(context.now() + HELLO_TIMEOUT_MS, () => {
      if (neighbours.get(info.link) !== neighbour || neighbour.greeted) return;
      this.#parts.statistics.helloless += 1;
      this.drop(neighbour);
    });
    context.emit({ type: 'neighboursChanged' });
  }

  onLinkDown(link: LinkId): void {
    const neighbour = this.#parts.neighbours.get(link);
    if (neighbour === undefined) return this.#peerLinks?.onDown(link);
    this.#unlist(neighbour);
    if (neighbour.greeted) this.#parts.peers?.onPeerDown(link);
    return undefined;
  }

  /** The link is no neighbour's any more. */
  #unlist(neighbour: Neighbour): void {
    const { context, neighbours, onDown } = this.#parts;
    neighbours.remove(neighbour.link);
    this.#second.onDown(neighbour);
    onDown(neighbour);
    this.#introductions.tellSoon();
    this.#keeper.onChanged();
    context.emit({ type: 'neighboursChanged' });
  }

  /** Closes a link and forgets it at once; the transport's own linkDown then finds nothing. */
  drop(neighbour: Neighbour): void {
    this.#parts.context.emit({ type: 'close', link: neighbour.link });
    this.onLinkDown(neighbour.link);
  }

  onLocated(effect: EffectId, place: Location): void {
    this.#acquaintances.onLocated(effect, place);
  }

  onMessage(neighbour: Neighbour, bytes: Uint8Array): void {
    const decoded = decodeLinkMessage(bytes);
    const message = decoded.ok ? decoded.value : undefined;
    if (message?.type === 'hello') return this.#onHello(neighbour, message);
    if (message === undefined || !neighbour.greeted) return this.#reject(neighbour);
    if (message.type === 'neighbours') return this.#onNeighbours(neighbour, message);
    if (!this.#introductions.onProof(neighbour, message)) this.#countGarbage(neighbour);
    return undefined;
  }

  /** A message of the channel `link` on a link that routing does not use. */
  onPeerLinkMessage(link: LinkId, bytes: Uint8Array): void {
    const peers = this.#peerLinks!;
    const decoded = decodeLinkMessage(bytes);
    const hello = decoded.ok && decoded.value.type === 'hello' ? decoded.value : undefined;
    // What a neighbour said before it knew that it is none any more is passed over.
    if (hello === undefined && decoded.ok && peers.isGreeted(link)) return;
    if (hello === undefined || !this.#isOurs(hello) || !peers.onHello(link, hello)) peers.close(link);
  }

  isPeerLink(link: LinkId): boolean {
    return this.#peerLinks?.has(link) === true;
  }

  #isOurs(hello: Hello): boolean {
    return hello.version === PROTOCOL_VERSION && bytesEqual(hello.network, this.#networkId);
  }

  #onHello(neighbour: Neighbour, hello: Hello): void {
    const { peers } = this.#parts;
    const wantsNoNeighbour = hello.targetLinks === 0 && this.#peerLinks !== undefined;
    if (!this.#isOurs(hello) || (neighbour.greeted && !this.#mayGreetAgain(neighbour, hello)))
      return this.#reject(neighbour);
    if (wantsNoNeighbour) return this.#demote(neighbour);
    if (neighbour.greeted) return undefined;
    if (peers !== undefined && this.#greeted() >= this.#mostNeighbours) {
      this.#parts.statistics.turnedAway += 1;
      return this.drop(neighbour);
    }
    this.#greet(neighbour);
    peers?.onPeer(infoOf(neighbour), true);
    return undefined;
  }

  /** Where transports take a hub's links too, they do not hold back those that want to be neighbours. */
  get #mostNeighbours(): number {
    return Math.min(MAX_LINKS, 2 * this.#parts.options.targetLinks);
  }

  #greeted(): number {
    let count = 0;
    for (const { greeted } of this.#parts.neighbours.all()) if (greeted) count += 1;
    return count;
  }

  #greet(neighbour: Neighbour): void {
    neighbour.greeted = true;
    this.#introductions.prove(neighbour);
    this.#acquaintances.locateNow(this.#acquaintances.meet(neighbour.key, neighbour.contact));
  }

  /** Only to say that routing is not to use the link from now on, or that it is a neighbour's when both asked at once. */
  #mayGreetAgain(neighbour: Neighbour, hello: Hello): boolean {
    const peers = this.#peerLinks;
    return peers !== undefined && peers.countChange(neighbour.link) && (hello.targetLinks === 0 || neighbour.adopted);
  }

  #newNeighbour(info: LinkInfo): Neighbour {
    const { context, neighbours } = this.#parts;
    const { random } = context;
    const neighbour = new Neighbour(info, context.now(), random.below(2) === 0, random.below(4) === 0);
    neighbours.add(neighbour);
    return neighbour;
  }

  #createPeerLinks(listener: PeerListener): PeerLinks {
    const { context, timers, neighbours } = this.#parts;
    return new PeerLinks({
      context,
      timers,
      listener,
      sayHello: (link, forRouting) => this.#sayHello(link, forRouting),
      isNeighbour: (key) => neighbours.byKey(key) !== undefined,
      adopt: (info) => {
        if (neighbours.size >= MAX_LINKS || this.#greeted() >= this.#mostNeighbours) return false;
        const neighbour = this.#newNeighbour(info);
        neighbour.adopted = true;
        this.#greet(neighbour);
        context.emit({ type: 'neighboursChanged' });
        return true;
      },
    });
  }

  /** The other end, or this one, wants no neighbour: the link goes on beside routing, if there is room for it. */
  #demote(neighbour: Neighbour): void {
    const { peers } = this.#parts;
    const wasGreeted = neighbour.greeted;
    this.#unlist(neighbour);
    const info = infoOf(neighbour);
    if (!this.#peerLinks!.takes(info)) {
      this.#turnAway(neighbour.link);
      if (wasGreeted) peers!.onPeerDown(neighbour.link);
    } else if (wasGreeted) peers!.onPurpose(neighbour.link, false);
    else peers!.onPeer(info, false);
  }

  /** Routing wants this neighbour no more; search or a transfer may. */
  #giveUp(neighbour: Neighbour): void {
    if (this.#parts.peers?.holds(neighbour.link) !== true) return this.drop(neighbour);
    this.#sayHello(neighbour.link, false);
    return this.#demote(neighbour);
  }

  #sayHello(link: LinkId, forRouting: boolean): void {
    const { context, options } = this.#parts;
    const targetLinks = forRouting ? options.targetLinks : 0;
    const hello: Hello = { type: 'hello', version: PROTOCOL_VERSION, network: this.#networkId, targetLinks };
    context.emit({ type: 'send', link, channel: 'link', bytes: encodeLinkMessage(hello) });
  }

  /** Each proof costs a signature to check, so who tells again and again is cut off. */
  #onNeighbours(neighbour: Neighbour, message: NeighboursMessage): void {
    const nowMs = this.#parts.context.now();
    const added = Math.floor((nowMs - neighbour.tellingAddedMs) / (TELL_EVERY_MS / 2));
    neighbour.tellings = Math.min(MAX_TELLINGS, neighbour.tellings + added);
    neighbour.tellingAddedMs += added * (TELL_EVERY_MS / 2);
    if (neighbour.tellings === 0) return this.#countGarbage(neighbour);
    neighbour.tellings -= 1;
    if (!this.#second.onTold(neighbour, message, this.#introductions.nowMinutes())) this.#countGarbage(neighbour);
    this.#keeper.onChanged();
    return undefined;
  }

  #onPlace(node: Acquaintance): void {
    const { context, neighbours, onPlace } = this.#parts;
    this.#second.onPlace(node);
    const neighbour = neighbours.byKey(node.key);
    if (neighbour === undefined || neighbour.location !== undefined) return;
    neighbour.location = node.location;
    neighbours.horizon.add(node, neighbour);
    onPlace();
    this.#introductions.tellSoon();
    this.#keeper.onChanged();
    context.emit({ type: 'neighboursChanged' });
  }

  /** Each time that links are looked after; what lasts for minutes is looked at once a minute. */
  #look(): void {
    const { neighbours } = this.#parts;
    if (neighbours.size === 0) this.#peerLinks?.upgradeAny();
    const nowMinutes = this.#introductions.nowMinutes();
    if (nowMinutes === this.#lookedMinutes) return;
    this.#lookedMinutes = nowMinutes;
    for (const neighbour of neighbours.all()) if (neighbour.greeted) this.#introductions.prove(neighbour);
    this.#second.dropExpired(neighbours.all(), nowMinutes);
  }

  #reject(neighbour: Neighbour): void {
    this.#countGarbage(neighbour);
    this.dropHostile(neighbour.link);
  }

  /** There is no room for one more. */
  #turnAway(link: LinkId): void {
    this.#parts.statistics.turnedAway += 1;
    this.#parts.context.emit({ type: 'close', link });
  }

  #countGarbage(neighbour: Neighbour): void {
    neighbour.garbage += 1;
    this.#parts.statistics.garbage += 1;
  }
}

function infoOf({ link, publicKey, initiator, contact: { host, port } }: Neighbour): LinkInfo {
  return {
    link,
    publicKey,
    initiator,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  };
}

/** As in hello. */
export function networkIdOf(crypto: Crypto, network: NetworkParameters): Uint8Array {
  return crypto.hash('network', ascii(network.name)).slice(0, NETWORK_ID_BYTES);
}

/** Network names are lower-case ASCII by their setting's pattern. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
}
