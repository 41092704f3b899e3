import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { EffectId, NodeContext } from '../effects.ts';
import { HELLO_TIMEOUT_MS, MAX_LINKS, MAX_TELLINGS, TELL_EVERY_MS } from '../limits.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import type { KeyPair, LinkId, LinkInfo } from '../ports.ts';
import type { LinkWishes } from '../routing/folding.ts';
import type { Location } from '../routing/location.ts';
import type { RecentIds } from '../routing/recent-ids.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Timers } from '../routing/timers.ts';
import { decodeLinkMessage, encodeLinkMessage, NETWORK_ID_BYTES, PROTOCOL_VERSION } from '../wire/link-messages.ts';
import type { Hello, LinkMessage, NeighboursMessage } from '../wire/link-messages.ts';
import { Acquaintances } from './acquaintances.ts';
import type { Acquaintance } from './acquaintances.ts';
import { Introductions } from './introductions.ts';
import { Keeper } from './keeper.ts';
import { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import { SecondNeighbours } from './second-neighbours.ts';
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
  #lookedMinutes = 0;

  constructor(parts: LinksParts) {
    this.#parts = parts;
    const { context, options, neighbours, timers, recentIds, statistics } = parts;
    const { network, keyPair, location, targetLinks } = options;
    const self = { publicKey: keyPair.publicKey };
    const networkId = context.crypto.hash('network', ascii(network.name)).slice(0, NETWORK_ID_BYTES);
    this.#networkId = networkId;
    this.#acquaintances = new Acquaintances(context, timers, (node) => this.#onPlace(node));
    const ownKey = toHex(self.publicKey);
    this.#second = new SecondNeighbours(context.crypto, networkId, ownKey, this.#acquaintances, neighbours);
    this.#introductions = new Introductions({ context, keyPair, networkId, neighbours, timers });
    const { maxHtl } = network;
    this.seeks = new Seeks({ context, self, location, neighbours, recentIds, statistics, maxHtl });
    const drop = (neighbour: Neighbour): void => this.drop(neighbour);
    const seeks = this.seeks;
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
    return { acquaintances: size, locating: waiting, seeks: this.seeks.size, dials: this.#keeper.dialsRemembered };
  }

  onLinkUp(info: LinkInfo): void {
    const { context, neighbours, timers, options } = this.#parts;
    if (neighbours.size >= MAX_LINKS) {
      context.emit({ type: 'close', link: info.link });
      return;
    }
    const { random } = context;
    const neighbour = new Neighbour(info, context.now(), random.below(2) === 0, random.below(4) === 0);
    neighbours.add(neighbour);
    const { targetLinks } = options;
    this.#send(neighbour, { type: 'hello', version: PROTOCOL_VERSION, network: this.#networkId, targetLinks });
    timers.set(context.now() + HELLO_TIMEOUT_MS, () => {
      if (neighbours.get(info.link) === neighbour && !neighbour.greeted) this.drop(neighbour);
    });
    context.emit({ type: 'neighboursChanged' });
  }

  onLinkDown(link: LinkId): void {
    const { context, neighbours, onDown } = this.#parts;
    const neighbour = neighbours.remove(link);
    if (neighbour === undefined) return;
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

  #onHello(neighbour: Neighbour, hello: Hello): void {
    const isOurs = hello.version === PROTOCOL_VERSION && bytesEqual(hello.network, this.#networkId);
    if (!isOurs || neighbour.greeted) return this.#reject(neighbour);
    neighbour.greeted = true;
    this.#introductions.prove(neighbour);
    this.#acquaintances.locateNow(this.#acquaintances.meet(neighbour.key, neighbour.contact));
    return undefined;
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
    const nowMinutes = this.#introductions.nowMinutes();
    if (nowMinutes === this.#lookedMinutes) return;
    this.#lookedMinutes = nowMinutes;
    for (const neighbour of neighbours.all()) if (neighbour.greeted) this.#introductions.prove(neighbour);
    this.#second.dropExpired(neighbours.all(), nowMinutes);
  }

  #reject(neighbour: Neighbour): void {
    this.#countGarbage(neighbour);
    this.drop(neighbour);
  }

  #countGarbage(neighbour: Neighbour): void {
    neighbour.garbage += 1;
    this.#parts.statistics.garbage += 1;
  }

  #send(neighbour: Neighbour, message: LinkMessage): void {
    const bytes = encodeLinkMessage(message);
    this.#parts.context.emit({ type: 'send', link: neighbour.link, channel: 'link', bytes });
  }
}

/** Network names are lower-case ASCII by their setting's pattern. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
}
