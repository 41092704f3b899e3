import {
  DIAL_REST_MS,
  LEAVING_MS,
  MAINTAIN_MS,
  MAINTAIN_SOON_MS,
  MAX_DIALS_OUT,
  MAX_DIALS_REMEMBERED,
  MAX_LINKS,
  MAX_SILENCES_OF_LINK,
  NEAR_LINKS_OF_SIDE,
  NEWCOMER_MS,
  NEWCOMER_SHARE,
  SEEK_OWN_PLACE_MS,
} from '../limits.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import type { LinkWishes } from '../routing/folding.ts';
import { distance } from '../routing/location.ts';
import type { Location } from '../routing/location.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Timers } from '../routing/timers.ts';
import { fillsGap, mostRedundant, nearEdge, offsetOf, wantedPlace } from './lengths.ts';
import type { LinkLength } from './lengths.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import type { Seeks } from './seeks.ts';

interface KeeperParts {
  readonly context: NodeContext;
  readonly self: KnownNode;
  readonly location: Location;
  readonly targetLinks: number;
  readonly neighbours: Neighbours;
  readonly seeks: Seeks;
  readonly timers: Timers;
  readonly statistics: Statistics;
  readonly drop: (neighbour: Neighbour) => void;
  /** Drops it, or keeps the link beside routing. */
  readonly giveUp: (neighbour: Neighbour) => void;
  /** Asks a node that is linked, but no neighbour, to be a neighbour too; false when there is no such link. */
  readonly upgrade: (key: string) => boolean;
  readonly isPinned: (link: LinkId) => boolean;
  /** Called each time that links are looked after. */
  readonly onLook: () => void;
}

/**
 * Decides which links this node has: it dials the nearest nodes on either side that its neighbours know, seeks nodes at
 * lengths that are missing, and gives up links that are silent or more than it wants, those first that are missed least.
 */
export class Keeper implements LinkWishes {
  readonly #parts: KeeperParts;
  readonly #ownKey: string;
  /** When each node was dialled last, oldest first. */
  readonly #dialledMs = new Map<string, number>();
  #maintainMs = Number.POSITIVE_INFINITY;
  #ownPlaceSoughtMs = Number.NEGATIVE_INFINITY;
  /** Times in a row that links were missing and nobody was found to dial: a small network has no more. */
  #inVain = 0;
  #dialsBefore = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#ownKey = toHex(parts.self.publicKey);
  }

  get dialsRemembered(): number {
    return this.#dialledMs.size;
  }

  /** Links that are kept beyond the target, so that newcomers get a chance. */
  get mostLinks(): number {
    const { targetLinks } = this.#parts;
    return Math.min(MAX_LINKS, targetLinks + Math.max(2, Math.ceil(targetLinks * NEWCOMER_SHARE)));
  }

  /** A neighbour got its place, went, or told of others: links are looked after soon. */
  onChanged(): void {
    this.#inVain = 0;
    this.#maintainIn(MAINTAIN_SOON_MS);
  }

  wants(place: Location): 'needed' | 'useful' | 'no' {
    const { neighbours, targetLinks, location } = this.#parts;
    if (neighbours.readyCount() < targetLinks) return 'needed';
    const lengths = this.#lengths();
    const offset = offsetOf(location, place);
    if (Math.abs(offset) < nearEdge(lengths, offset)) return 'useful';
    return fillsGap(lengths, offset) ? 'useful' : 'no';
  }

  dial(node: KnownNode): void {
    const { context, neighbours, statistics } = this.#parts;
    const key = toHex(node.publicKey);
    const nowMs = context.now();
    if (key === this.#ownKey || neighbours.byKey(key) !== undefined) return;
    const lastMs = this.#dialledMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < DIAL_REST_MS) return;
    if (this.#dialsOut() >= MAX_DIALS_OUT) return;
    this.#dialledMs.delete(key);
    this.#dialledMs.set(key, nowMs);
    if (this.#dialledMs.size > MAX_DIALS_REMEMBERED) this.#dialledMs.delete(this.#dialledMs.keys().next().value!);
    statistics.dials += 1;
    if (!this.#parts.upgrade(key)) context.emit({ type: 'dial', node });
  }

  #dialsOut(): number {
    const { context, neighbours } = this.#parts;
    let out = 0;
    for (const [key, atMs] of this.#dialledMs) {
      if (context.now() - atMs < DIAL_OUT_MS && neighbours.byKey(key) === undefined) out += 1;
    }
    return out;
  }

  #maintainIn(delayMs: number): void {
    const { context, timers } = this.#parts;
    const atMs = context.now() + delayMs;
    if (atMs >= this.#maintainMs) return;
    this.#maintainMs = atMs;
    timers.set(atMs, () => {
      // A sooner one took its place.
      if (this.#maintainMs !== atMs) return;
      this.#maintainMs = Number.POSITIVE_INFINITY;
      this.#maintain();
    });
  }

  #maintain(): void {
    const { neighbours, targetLinks, context, statistics, onLook } = this.#parts;
    onLook();
    this.#dropSilent();
    this.#giveUpRedundant();
    const lengths = this.#lengths();
    if (lengths.length > 0) {
      this.#dialNearest(lengths);
      this.#seekOwnPlace(lengths);
      if (lengths.length + this.#dialsOut() < targetLinks) this.#seekLong(lengths);
    }
    for (const neighbour of neighbours.all()) neighbour.useful /= 2;
    const isShort = lengths.length > 0 && lengths.length < targetLinks;
    this.#inVain = isShort && statistics.dials === this.#dialsBefore ? this.#inVain + 1 : 0;
    this.#dialsBefore = statistics.dials;
    const soonMs = MAINTAIN_SOON_MS * 2 ** Math.min(this.#inVain, 5);
    // Spread, so that the nodes of a network do not all look at once.
    this.#maintainIn(isShort ? soonMs : MAINTAIN_MS + context.random.below(MAINTAIN_MS));
  }

  #lengths(): LinkLength[] {
    const { neighbours, location, context, isPinned } = this.#parts;
    const nowMs = context.now();
    return neighbours.ready().map((neighbour) => ({
      link: neighbour.link,
      offset: offsetOf(location, neighbour.location!),
      useful: neighbour.useful,
      isExempt: nowMs - neighbour.sinceMs < NEWCOMER_MS || isPinned(neighbour.link),
    }));
  }

  #dropSilent(): void {
    const { neighbours, statistics, drop } = this.#parts;
    for (const neighbour of [...neighbours.all()]) {
      if (neighbour.silences < MAX_SILENCES_OF_LINK) continue;
      statistics.givenUp += 1;
      drop(neighbour);
    }
  }

  /** One at a time, and only beyond what newcomers may be. */
  #giveUpRedundant(): void {
    const { neighbours, statistics, timers, context, giveUp } = this.#parts;
    if (neighbours.readyCount() <= this.mostLinks) return;
    const kept = this.#keptInCrowd();
    const link = mostRedundant(
      this.#lengths().map((each) => (kept.has(each.link) ? { ...each, isExempt: true } : each)),
    );
    const neighbour = link === undefined ? undefined : neighbours.get(link);
    if (neighbour === undefined) return;
    statistics.givenUp += 1;
    neighbour.leaving = true;
    timers.set(context.now() + LEAVING_MS, () => {
      if (neighbours.get(neighbour.link) === neighbour) giveUp(neighbour);
    });
  }

  /**
   * The oldest of the links, half as many as are wanted, while more than twice as many newcomers are there as may be: somebody with many keys
   * would push all out who were there, for a newcomer is not given up and each key is new. (Kademlia, Maymounkov and Mazieres 2002, prefers the oldest too.)
   */
  #keptInCrowd(): ReadonlySet<LinkId> {
    const { neighbours, context, targetLinks } = this.#parts;
    const nowMs = context.now();
    const settled = neighbours.ready().filter(({ sinceMs }) => nowMs - sinceMs >= NEWCOMER_MS);
    if (neighbours.readyCount() - settled.length <= 2 * (this.mostLinks - targetLinks)) return new Set();
    settled.sort((a, b) => a.sinceMs - b.sinceMs);
    return new Set(settled.slice(0, Math.ceil(targetLinks / 2)).map(({ link }) => link));
  }

  /** The nearest nodes on either side that neighbours are linked to, where they are nearer than those there are. */
  #dialNearest(lengths: readonly LinkLength[]): void {
    const { neighbours, location } = this.#parts;
    const about = neighbours.horizon.about(location, nearEdge(lengths, -1), nearEdge(lengths, 1));
    const nearest = [...about]
      .filter(({ key }) => neighbours.byKey(key) === undefined)
      .sort((a, b) => distance(a.location!, location) - distance(b.location!, location));
    for (const { contact } of nearest.slice(0, 2 * NEAR_LINKS_OF_SIDE)) this.dial(contact);
  }

  /** When this node joins, soon again, and now and then: who came to live near it that no neighbour knows? */
  #seekOwnPlace(lengths: readonly LinkLength[]): void {
    const { context, seeks, location, targetLinks } = this.#parts;
    const restMs = lengths.length < targetLinks / 2 ? SEEK_OWN_PLACE_MS / 30 : SEEK_OWN_PLACE_MS;
    if (context.now() - this.#ownPlaceSoughtMs < restMs) return;
    this.#ownPlaceSoughtMs = context.now();
    seeks.start(location, (contacts) => {
      for (const contact of contacts.slice(0, 2 * NEAR_LINKS_OF_SIDE)) this.dial(contact);
    });
  }

  /** A node about where a link is missing: one that a neighbour knows, else one that is sought. */
  #seekLong(lengths: readonly LinkLength[]): void {
    const { context, seeks, location, neighbours } = this.#parts;
    const place = wantedPlace(location, lengths, context.random);
    seeks.start(place, (contacts) => {
      const fresh = contacts.find(({ publicKey }) => neighbours.byKey(toHex(publicKey)) === undefined);
      if (fresh !== undefined) this.dial(fresh);
    });
  }
}

/** A dial that led to no link by then came to nothing, or will yet; another may be made meanwhile. */
const DIAL_OUT_MS = 10_000;
