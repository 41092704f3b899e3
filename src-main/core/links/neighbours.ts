import { MAX_SHARE_OF_PEER, MIN_LINKS_FOR_SHARES, MIN_SENT_FOR_SHARES, SENT_HALVED_AT } from '../limits.ts';
import type { LinkId } from '../ports.ts';
import type { WirePriority } from '../wire/messages.ts';
import { distance } from '../routing/location.ts';
import type { Location } from '../routing/location.ts';
import { Horizon } from './horizon.ts';
import type { Neighbour } from './neighbour.ts';

export interface Choice {
  readonly neighbour: Neighbour | undefined;
  /** There was one as near or nearer, but its window is full. */
  readonly busy: boolean;
}

export interface Wish {
  readonly target: Location;
  readonly priority: WirePriority;
  readonly except: ReadonlySet<LinkId>;
  /** Only who comes nearer than this; Infinity for any. */
  readonly within: number;
  /** Where the message comes from: not to be counted as reached by a neighbour's link to it. */
  readonly avoid: Location | undefined;
  /** Asked only when nobody else is left: they failed for this address lately. */
  readonly failed: (link: LinkId) => boolean;
}

/** The table of neighbours and the greedy choice among them. Bounded by MAX_LINKS (links.ts). */
export class Neighbours {
  /** What they lead to. */
  readonly horizon = new Horizon();
  readonly #byLink = new Map<LinkId, Neighbour>();
  readonly #byKey = new Map<string, Neighbour>();
  #recentSent = 0;

  get(link: LinkId): Neighbour | undefined {
    return this.#byLink.get(link);
  }

  byKey(key: string): Neighbour | undefined {
    return this.#byKey.get(key);
  }

  add(neighbour: Neighbour): void {
    this.#byLink.set(neighbour.link, neighbour);
    this.#byKey.set(neighbour.key, neighbour);
  }

  remove(link: LinkId): Neighbour | undefined {
    const neighbour = this.#byLink.get(link);
    this.#byLink.delete(link);
    if (neighbour === undefined) return undefined;
    this.#recentSent -= neighbour.recentSent;
    // A node that came back may have a new link before its old one is gone.
    if (this.#byKey.get(neighbour.key) === neighbour) this.#byKey.delete(neighbour.key);
    return neighbour;
  }

  get size(): number {
    return this.#byLink.size;
  }

  all(): IterableIterator<Neighbour> {
    return this.#byLink.values();
  }

  ready(): Neighbour[] {
    return [...this.#byLink.values()].filter((neighbour) => neighbour.ready);
  }

  readyCount(): number {
    let count = 0;
    for (const neighbour of this.#byLink.values()) if (neighbour.ready) count += 1;
    return count;
  }

  /** A message was passed on to it: counts towards its share of the traffic. */
  countSent(neighbour: Neighbour): void {
    neighbour.recentSent += 1;
    this.#recentSent += 1;
    if (this.#recentSent < SENT_HALVED_AT) return;
    this.#recentSent = 0;
    for (const each of this.#byLink.values()) {
      each.recentSent = Math.floor(each.recentSent / 2);
      this.#recentSent += each.recentSent;
    }
  }

  /**
   * The neighbour by which a message comes nearest to its target in one hop or two (Manku, Naor, Wieder 2004, "Know thy
   * neighbor's neighbor"). Those that are suspect, failed for this address, or already get more than their share of the
   * traffic come after all others.
   */
  nearest(wish: Wish, nowMs: number): Choice {
    const { target, priority, except, within, avoid } = wish;
    let best: Neighbour | undefined;
    let bestReach = within;
    let bestAway = 1;
    let second: Neighbour | undefined;
    let busy = false;
    this.horizon.outward(target, (place, reach, via) => {
      if (reach >= within || reach > bestReach) return false;
      if (!via.ready || except.has(via.link) || (place === avoid && place !== via.location)) return true;
      if (!via.takes(priority)) {
        busy = true;
        return true;
      }
      if (via.isSuspect(nowMs) || wish.failed(via.link) || this.#hasItsShare(via)) {
        second ??= via;
        return true;
      }
      // Of two that are linked to the same node, the one that is nearer itself; the node itself before both.
      const away = distance(via.location!, target);
      if (best === undefined || away < bestAway) {
        best = via;
        bestReach = reach;
        bestAway = away;
      }
      return true;
    });
    return { neighbour: best ?? second, busy };
  }

  /**
   * At most `count`, nearest first, for copies of a block. Those that do not take a message now, because they are busy or
   * have been silent, come only after all that do: a copy a little farther away is better than one that never gets there.
   */
  nearestOf(
    target: Location,
    count: number,
    priority: WirePriority,
    except: ReadonlySet<LinkId>,
    nowMs: number,
  ): Neighbour[] {
    const nearest = this.ready()
      .filter((neighbour) => !except.has(neighbour.link))
      .sort((a, b) => distance(a.location!, target) - distance(b.location!, target));
    const takes = (neighbour: Neighbour): boolean => neighbour.takes(priority) && !neighbour.isSuspect(nowMs);
    return [...nearest.filter(takes), ...nearest.filter((neighbour) => !takes(neighbour))].slice(0, count);
  }

  /** No peer gets more than 30 % of a node's traffic while there are enough others (protocol, section 1). */
  #hasItsShare(neighbour: Neighbour): boolean {
    return (
      this.#recentSent >= MIN_SENT_FOR_SHARES &&
      this.#byLink.size >= MIN_LINKS_FOR_SHARES &&
      neighbour.recentSent > MAX_SHARE_OF_PEER * this.#recentSent
    );
  }
}
