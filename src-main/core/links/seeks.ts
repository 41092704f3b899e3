import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import { MAX_OWN_SEEKS, MAX_SEEKS, MAX_SEEKS_OF_LINK, MAX_SOUGHT, SEEK_TIMEOUT_MS } from '../limits.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import { distance, locationOf, placeBytes } from '../routing/location.ts';
import type { Location } from '../routing/location.ts';
import type { RecentIds } from '../routing/recent-ids.ts';
import type { Statistics } from '../routing/statistics.ts';
import { encodeRouteMessage, MESSAGE_ID_BYTES, PRIORITY_INTERACTIVE } from '../wire/messages.ts';
import type { SeekMessage, SoughtMessage } from '../wire/messages.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';

interface Seek {
  /** Undefined: this node's own. */
  readonly from: LinkId | undefined;
  readonly to: LinkId;
  readonly expiresMs: number;
  readonly onSought: ((contacts: readonly KnownNode[]) => void) | undefined;
}

interface SeekParts {
  readonly context: NodeContext;
  readonly self: KnownNode;
  readonly location: Location;
  readonly neighbours: Neighbours;
  readonly recentIds: RecentIds;
  readonly statistics: Statistics;
  readonly maxHtl: number;
}

/**
 * Seeks: a greedy walk to a place on the circle, answered by the node nearest to it with itself and its neighbours nearest
 * to it. So a node that joins finds its own surroundings and long links of the lengths that it wants (as Symphony's
 * joining does, Manku et al. 2003, section 3.2). Bounded; the oldest are forgotten, an answer that comes later is dropped.
 */
export class Seeks {
  readonly #parts: SeekParts;
  readonly #byId = new Map<string, Seek>();

  constructor(parts: SeekParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Asks for nodes near a place; nothing happens where nobody can be asked, or too many are out. */
  start(place: Location, onSought: (contacts: readonly KnownNode[]) => void): void {
    const { context, neighbours, maxHtl, recentIds } = this.#parts;
    this.#forgetOld();
    let out = 0;
    for (const seek of this.#byId.values()) if (seek.from === undefined) out += 1;
    if (out >= MAX_OWN_SEEKS) return;
    const to = this.#nearest(place, new Set(), Number.POSITIVE_INFINITY) ?? neighbours.ready()[0];
    if (to === undefined) return;
    const id = context.random.bytes(MESSAGE_ID_BYTES);
    recentIds.add(toHex(id), context.now());
    this.#pass(id, { type: 'seek', id, htl: maxHtl, place: placeBytes(place) }, undefined, to, onSought);
  }

  onSeek(from: Neighbour, message: SeekMessage): void {
    const { context, location, recentIds, statistics } = this.#parts;
    const { id, htl, place } = message;
    const key = toHex(id);
    const isLoop = recentIds.has(key, context.now());
    if (isLoop || this.#countOf(from.link) >= MAX_SEEKS_OF_LINK) {
      if (isLoop) statistics.loops += 1;
      else statistics.refused += 1;
      this.#send(from.link, { type: 'sought', id, contacts: [] });
      return;
    }
    recentIds.add(key, context.now());
    const target = locationOf(place);
    const next = htl > 0 ? this.#nearest(target, new Set([from.link]), distance(location, target)) : undefined;
    if (next === undefined) this.#answer(from, id, target);
    else this.#pass(id, { type: 'seek', id, htl: htl - 1, place }, from, next, undefined);
  }

  onSought(from: Neighbour, message: SoughtMessage): void {
    const key = toHex(message.id);
    const seek = this.#byId.get(key);
    if (seek === undefined || seek.to !== from.link) {
      this.#parts.statistics.stray += 1;
      return;
    }
    this.#byId.delete(key);
    // Who answered tells its own key only; its address is known by the link to it.
    const contacts = message.contacts.map((contact) =>
      bytesEqual(contact.publicKey, from.publicKey) ? from.contact : contact,
    );
    if (seek.from !== undefined) this.#send(seek.from, { type: 'sought', id: message.id, contacts });
    else seek.onSought?.(contacts.filter(({ publicKey }) => !bytesEqual(publicKey, this.#parts.self.publicKey)));
  }

  #nearest(target: Location, except: ReadonlySet<LinkId>, within: number): Neighbour | undefined {
    const { neighbours, context } = this.#parts;
    const failed = (): boolean => false;
    const wish = { target, priority: PRIORITY_INTERACTIVE, except, within, avoid: undefined, failed } as const;
    return neighbours.nearest(wish, context.now()).neighbour;
  }

  #answer(from: Neighbour, id: Uint8Array, target: Location): void {
    const { self, neighbours } = this.#parts;
    const near = neighbours
      .ready()
      .filter((neighbour) => neighbour !== from)
      .sort((a, b) => distance(a.location!, target) - distance(b.location!, target));
    const contacts = [self, ...near.slice(0, MAX_SOUGHT - 1).map(({ contact }) => contact)];
    this.#send(from.link, { type: 'sought', id, contacts });
  }

  #pass(
    id: Uint8Array,
    message: SeekMessage,
    from: Neighbour | undefined,
    to: Neighbour,
    onSought: Seek['onSought'],
  ): void {
    this.#forgetOld();
    const expiresMs = this.#parts.context.now() + SEEK_TIMEOUT_MS;
    this.#byId.set(toHex(id), { from: from?.link, to: to.link, expiresMs, onSought });
    this.#parts.statistics.seeks += 1;
    this.#send(to.link, message);
  }

  #forgetOld(): void {
    const nowMs = this.#parts.context.now();
    for (const [key, { expiresMs }] of this.#byId) {
      if (expiresMs > nowMs && this.#byId.size < MAX_SEEKS) return;
      this.#byId.delete(key);
    }
  }

  #countOf(link: LinkId): number {
    this.#forgetOld();
    let count = 0;
    for (const seek of this.#byId.values()) if (seek.from === link) count += 1;
    return count;
  }

  #send(link: LinkId, message: SeekMessage | SoughtMessage): void {
    this.#parts.context.emit({ type: 'send', link, channel: 'route', bytes: encodeRouteMessage(message) });
  }
}
