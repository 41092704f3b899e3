import type { CarriedChannel } from './channels.ts';
import { MOVING_MS } from './relay/limits.ts';

interface Held {
  readonly channel: CarriedChannel;
  readonly bytes: Uint8Array;
}

/**
 * A link on its way from one connection to another. Each end says `over` on the old one as the last, and what comes by the new one is read after the
 * other end's has come: so nothing is lost, and nothing comes twice. If the old one ends before, so does the link.
 */
export class Move<Connection> {
  readonly from: Connection;
  readonly to: Connection;
  readonly #untilMs: number;
  /** What came by the new one: no more than its first credit. */
  #held: Held[] = [];
  /** The other end has said `over`. */
  isOver = false;

  constructor(from: Connection, to: Connection, nowMs: number) {
    this.from = from;
    this.to = to;
    this.#untilMs = nowMs + MOVING_MS;
  }

  /** True when it takes too long. */
  isLate(nowMs: number): boolean {
    return !this.isOver && nowMs >= this.#untilMs;
  }

  hold(channel: CarriedChannel, bytes: Uint8Array): void {
    this.#held.push({ channel, bytes });
  }

  /** What was held, in order. */
  over(): readonly Held[] {
    this.isOver = true;
    return this.#held.splice(0);
  }
}
