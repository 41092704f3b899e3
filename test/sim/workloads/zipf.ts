/** Popularity as it is found everywhere that people choose: the r-th most popular thing is asked for 1/r^s as often. */
import type { SimRandom } from '../engine/random.ts';

export class Zipf {
  /** Cumulated shares, so that a draw is one search. */
  readonly #upTo: Float64Array;

  /** `exponent`: 0 for all alike; web pages and files have 0.6 ... 1.2 (Breslau and others 1999). */
  constructor(ranks: number, exponent: number) {
    this.#upTo = new Float64Array(ranks);
    let sum = 0;
    for (let rank = 0; rank < ranks; rank += 1) {
      sum += (rank + 1) ** -exponent;
      this.#upTo[rank] = sum;
    }
  }

  /** A rank, 0 for the most popular. */
  draw(random: SimRandom): number {
    const upTo = this.#upTo;
    const wanted = random.fraction() * upTo[upTo.length - 1]!;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
