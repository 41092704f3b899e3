import type { LinkId } from '../ports.ts';
import type { WirePriority } from '../wire/messages.ts';
import { distance } from './location.ts';
import type { Location } from './location.ts';
import type { Neighbour } from './neighbour.ts';

export interface Choice {
  readonly neighbour: Neighbour | undefined;
  /** There was one, but its window is full. */
  readonly busy: boolean;
}

/** The table of neighbours and the greedy choice among them. Bounded by MAX_LINKS (node.ts). */
export class Neighbours {
  readonly #byLink = new Map<LinkId, Neighbour>();

  get(link: LinkId): Neighbour | undefined {
    return this.#byLink.get(link);
  }

  add(neighbour: Neighbour): void {
    this.#byLink.set(neighbour.link, neighbour);
  }

  remove(link: LinkId): Neighbour | undefined {
    const neighbour = this.#byLink.get(link);
    this.#byLink.delete(link);
    return neighbour;
  }

  get size(): number {
    return this.#byLink.size;
  }

  all(): IterableIterator<Neighbour> {
    return this.#byLink.values();
  }

  readyCount(): number {
    let count = 0;
    for (const neighbour of this.#byLink.values()) if (neighbour.ready) count += 1;
    return count;
  }

  /**
   * The neighbour nearest to `target` that is not in `except`, takes a message of this priority, and is nearer than
   * `within` (Infinity for any).
   */
  nearest(target: Location, priority: WirePriority, except: ReadonlySet<LinkId>, within: number): Choice {
    let best: Neighbour | undefined;
    let bestDistance = within;
    let busy = false;
    for (const neighbour of this.#byLink.values()) {
      if (!neighbour.ready || except.has(neighbour.link)) continue;
      const away = distance(neighbour.location!, target);
      if (away >= bestDistance) continue;
      if (!neighbour.takes(priority)) {
        busy = true;
        continue;
      }
      best = neighbour;
      bestDistance = away;
    }
    return { neighbour: best, busy };
  }

  /**
   * At most `count`, nearest first, for copies of a block. Those that do not take a message now, because they are busy or
   * have been silent, come only after all that do: a copy a little farther away is better than one that never gets there.
   */
  nearestOf(target: Location, count: number, priority: WirePriority, except: ReadonlySet<LinkId>): Neighbour[] {
    const nearest = [...this.#byLink.values()]
      .filter((neighbour) => neighbour.ready && !except.has(neighbour.link))
      .sort((a, b) => distance(a.location!, target) - distance(b.location!, target));
    const free = nearest.filter((neighbour) => neighbour.takes(priority));
    const rest = nearest.filter((neighbour) => !neighbour.takes(priority));
    return [...free, ...rest].slice(0, count);
  }
}
