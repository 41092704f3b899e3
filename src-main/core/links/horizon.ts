/**
 * All that one or two hops lead to, in order of place: the neighbours, and those that they are linked to and have proved.
 * One search in it finds by whom a message comes nearest to its target, where one search for each neighbour took a
 * quarter of the time of a node with twenty (profile of `npm run sim -- hops`, 1,000 nodes).
 * Bounded by MAX_LINKS x (MAX_TOLD_NEIGHBOURS + 1).
 */
import { distance } from '../routing/location.ts';
import type { Location } from '../routing/location.ts';
import type { Acquaintance } from './acquaintances.ts';
import type { Neighbour } from './neighbour.ts';

const FIRST_CAPACITY = 32;

export class Horizon {
  /** Ascending; what belongs to each stands at the same index of the other two. */
  #places = new Float64Array(FIRST_CAPACITY);
  readonly #nodes: Acquaintance[] = [];
  readonly #vias: Neighbour[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  /** `node`, whose place is known, is reached by `via`; nothing changes when it stands there already. */
  add(node: Acquaintance, via: Neighbour): void {
    const place = node.location;
    if (place === undefined || this.#indexOf(place, via) >= 0) return;
    const count = this.size;
    if (count === this.#places.length) {
      const grown = new Float64Array(2 * count);
      grown.set(this.#places);
      this.#places = grown;
    }
    const index = this.#from(place);
    this.#places.copyWithin(index + 1, index, count);
    this.#places[index] = place;
    this.#nodes.splice(index, 0, node);
    this.#vias.splice(index, 0, via);
  }

  remove(node: Acquaintance, via: Neighbour): void {
    const index = node.location === undefined ? -1 : this.#indexOf(node.location, via);
    if (index < 0) return;
    this.#places.copyWithin(index, index + 1, this.size);
    this.#nodes.splice(index, 1);
    this.#vias.splice(index, 1);
  }

  /** A neighbour is gone, and all that it led to. */
  removeAllOf(via: Neighbour): void {
    let kept = 0;
    for (let index = 0; index < this.size; index += 1) {
      if (this.#vias[index] === via) continue;
      this.#places[kept] = this.#places[index]!;
      this.#nodes[kept] = this.#nodes[index]!;
      this.#vias[kept] = this.#vias[index]!;
      kept += 1;
    }
    this.#nodes.length = kept;
    this.#vias.length = kept;
  }

  /** Calls `look` for what there is, the nearest to the target first, until it answers false. */
  outward(target: Location, look: (place: Location, reach: number, via: Neighbour) => boolean): void {
    const places = this.#places;
    const count = this.size;
    if (count === 0) return;
    let right = this.#from(target);
    if (right === count) right = 0;
    let left = right === 0 ? count - 1 : right - 1;
    for (let seen = 0; seen < count; seen += 1) {
      const toRight = distance(places[right]!, target);
      const toLeft = distance(places[left]!, target);
      const index = toRight <= toLeft ? right : left;
      if (!look(places[index]!, Math.min(toRight, toLeft), this.#vias[index]!)) return;
      if (index === right) right = right + 1 === count ? 0 : right + 1;
      else left = left === 0 ? count - 1 : left - 1;
    }
  }

  /** The nodes that lie less than `before` anticlockwise of `place` or less than `after` clockwise, each once. */
  about(place: Location, before: number, after: number): Set<Acquaintance> {
    const found = new Set<Acquaintance>();
    const count = this.size;
    const start = this.#from(place);
    for (let seen = 0; seen < count; seen += 1) {
      const index = (start + seen) % count;
      if ((this.#places[index]! - place + 1) % 1 >= after) break;
      found.add(this.#nodes[index]!);
    }
    // Those at the very place lie on both sides.
    let end = start;
    while (end < count && this.#places[end] === place) end += 1;
    for (let seen = 1; seen <= count; seen += 1) {
      const index = (end - seen + count) % count;
      if ((place - this.#places[index]! + 1) % 1 >= before) break;
      found.add(this.#nodes[index]!);
    }
    return found;
  }

  /** Index of the first that does not lie before `place`. */
  #from(place: Location): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #indexOf(place: Location, via: Neighbour): number {
    for (let index = this.#from(place); index < this.size && this.#places[index] === place; index += 1) {
      if (this.#vias[index] === via) return index;
    }
    return -1;
  }
}
