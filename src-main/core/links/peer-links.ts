import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import {
  ATTACH_TIMEOUT_MS,
  DIAL_REST_MS,
  HELLO_TIMEOUT_MS,
  MAX_DIALS_REMEMBERED,
  MAX_PURPOSE_CHANGES,
  MAX_PEER_LINKS,
} from '../limits.ts';
import type { KnownNode, LinkId, LinkInfo } from '../ports.ts';
import type { Timers } from '../routing/timers.ts';
import type { Hello } from '../wire/link-messages.ts';

/** What search and transfers are told of links, whatever they are for; all of them have said hello. */
export interface PeerListener {
  onPeer(info: LinkInfo, isNeighbour: boolean): void;
  /** Routing uses the link from now on, or no more. */
  onPurpose(link: LinkId, isNeighbour: boolean): void;
  onPeerDown(link: LinkId): void;
  /** Whether search or a transfer needs the link. */
  holds(link: LinkId): boolean;
  onMessage(link: LinkId, bytes: Uint8Array): void;
}

interface PeerLink {
  readonly info: LinkInfo;
  greeted: boolean;
  /** This node asked that routing may use the link too. */
  asked: boolean;
}

interface PeerLinksParts {
  readonly context: NodeContext;
  readonly timers: Timers;
  readonly listener: PeerListener;
  readonly sayHello: (link: LinkId, forRouting: boolean) => void;
  /** A link is routing's too: puts it into the table of neighbours; false when there is no room. */
  readonly adopt: (info: LinkInfo) => boolean;
  readonly isNeighbour: (key: string) => boolean;
}

/**
 * Links that routing does not use, those of leaves to hubs above all, and those to sources of files: a hub has thousands, leaves need none of them for
 * routing, and their lengths are those of chance. So they are no neighbours: MAX_LINKS does not count them, stems and walks do
 * not use them, nobody is told of them. Both ends know it by the hello: whose target is 0 wants no neighbour. A later
 * hello changes it: with a target both become neighbours, if the other end says the same; with 0 they are none any more.
 */
export class PeerLinks {
  readonly #parts: PeerLinksParts;
  readonly #links = new Map<LinkId, PeerLink>();
  readonly #byKey = new Map<string, PeerLink>();
  /** When each node was dialled for such a link, oldest first. */
  readonly #dialledMs = new Map<string, number>();
  /** How often the purpose of a link was changed by its other end. */
  readonly #changes = new Map<LinkId, number>();

  constructor(parts: PeerLinksParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#links.size;
  }

  get dialsRemembered(): number {
    return this.#dialledMs.size;
  }

  has(link: LinkId): boolean {
    return this.#links.has(link);
  }

  isGreeted(link: LinkId): boolean {
    return this.#links.get(link)?.greeted === true;
  }

  dial(node: KnownNode): void {
    const { context, isNeighbour } = this.#parts;
    const key = toHex(node.publicKey);
    if (isNeighbour(key) || this.#byKey.has(key)) return;
    const lastMs = this.#dialledMs.get(key);
    if (lastMs !== undefined && context.now() - lastMs < ATTACH_TIMEOUT_MS) return;
    this.#dialledMs.delete(key);
    this.#dialledMs.set(key, context.now());
    if (this.#dialledMs.size > MAX_DIALS_REMEMBERED) this.#dialledMs.delete(this.#dialledMs.keys().next().value!);
    context.emit({ type: 'dial', node });
  }

  /** A link came up: true when this node dialled it for search or a transfer. */
  takesUp(info: LinkInfo): boolean {
    const { context, timers, sayHello } = this.#parts;
    const key = toHex(info.publicKey);
    const dialledMs = this.#dialledMs.get(key);
    if (!info.initiator || dialledMs === undefined || context.now() - dialledMs > DIAL_REST_MS) return false;
    this.#add({ info, greeted: false, asked: false });
    sayHello(info.link, false);
    timers.set(context.now() + HELLO_TIMEOUT_MS, () => {
      if (this.#links.get(info.link)?.greeted === false) this.close(info.link);
    });
    return true;
  }

  /** A node that is linked said with its hello that it wants no neighbour; false when there is no room for it. */
  takes(info: LinkInfo): boolean {
    if (this.#links.size >= MAX_PEER_LINKS) return false;
    this.#add({ info, greeted: true, asked: false });
    return true;
  }

  /** A hello on a link of this table; false when it breaks the rules. */
  onHello(link: LinkId, hello: Hello): boolean {
    const { listener, sayHello } = this.#parts;
    const known = this.#links.get(link)!;
    if (!known.greeted) {
      // What the other end says first it says before it can know what the link is for.
      known.greeted = true;
      listener.onPeer(known.info, false);
      return true;
    }
    if (!this.countChange(link)) return false;
    if (hello.targetLinks === 0) {
      known.asked = false;
      return true;
    }
    const isAdopted = this.#adopt(known);
    if (!known.asked) sayHello(link, isAdopted);
    return true;
  }

  /** Counts a later hello of the other end; false when there were too many. */
  countChange(link: LinkId): boolean {
    const count = (this.#changes.get(link) ?? 0) + 1;
    this.#changes.set(link, count);
    return count <= MAX_PURPOSE_CHANGES;
  }

  /** Routing wants this node as a neighbour: asks the other end when there is such a link. True when there is one. */
  upgrade(key: string): boolean {
    const known = this.#byKey.get(key);
    if (known === undefined) return false;
    if (known.greeted && !known.asked) {
      known.asked = true;
      this.#parts.sayHello(known.info.link, true);
    }
    return true;
  }

  /** Nobody is a neighbour: whoever is linked at all is asked. */
  upgradeAny(): void {
    for (const key of this.#byKey.keys()) this.upgrade(key);
  }

  close(link: LinkId): void {
    if (!this.#links.has(link)) return;
    this.#parts.context.emit({ type: 'close', link });
    this.onDown(link);
  }

  onDown(link: LinkId): void {
    this.#changes.delete(link);
    const known = this.#remove(link);
    if (known?.greeted !== true) return;
    // It was there: who still needs it may dial it again at once.
    this.#dialledMs.delete(toHex(known.info.publicKey));
    this.#parts.listener.onPeerDown(link);
  }

  #adopt(known: PeerLink): boolean {
    const { adopt, listener } = this.#parts;
    const { link } = known.info;
    // Who asked for a neighbour is the one that chose it: a hub that many dial is not their successor by that.
    if (!adopt({ ...known.info, initiator: known.asked })) return false;
    this.#remove(link);
    listener.onPurpose(link, true);
    return true;
  }

  #add(known: PeerLink): void {
    this.#links.set(known.info.link, known);
    this.#byKey.set(toHex(known.info.publicKey), known);
  }

  #remove(link: LinkId): PeerLink | undefined {
    const known = this.#links.get(link);
    this.#links.delete(link);
    if (known === undefined) return undefined;
    const key = toHex(known.info.publicKey);
    if (this.#byKey.get(key) === known) this.#byKey.delete(key);
    return known;
  }
}
