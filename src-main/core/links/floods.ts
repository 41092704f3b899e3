import { FLOOD_MEAN_BYTES, FLOOD_MESSAGES } from '../limits.ts';
import type { LinkId } from '../ports.ts';

interface Second {
  begunMs: number;
  messages: number;
  bytes: number;
}

const SECOND_MS = 1_000;

/** Tells who sends thousands of short messages within a second, whatever they say. Bounded by the links that there are. */
export class Floods {
  readonly #seconds = new Map<LinkId, Second>();

  get size(): number {
    return this.#seconds.size;
  }

  /** Counts a message; true once for each second of a link that was a flood. */
  note(link: LinkId, bytes: number, nowMs: number): boolean {
    let second = this.#seconds.get(link);
    if (second === undefined || nowMs - second.begunMs >= SECOND_MS) {
      second = { begunMs: nowMs, messages: 0, bytes: 0 };
      this.#seconds.set(link, second);
    }
    second.messages += 1;
    second.bytes += bytes;
    return second.messages === FLOOD_MESSAGES && second.bytes < FLOOD_MESSAGES * FLOOD_MEAN_BYTES;
  }

  onLinkDown(link: LinkId): void {
    this.#seconds.delete(link);
  }
}
