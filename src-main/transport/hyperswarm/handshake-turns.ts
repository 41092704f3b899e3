import { publicPrefix } from '../../../shared/base/ipv4.ts';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { TurnQueue } from './turn-queue.ts';

/** Handshakes that wait; more are passed over, and whoever dials asks again by itself. As many as may be opening (link-table.ts). */
export const MAX_WAITING_HANDSHAKES = 64;
/** Of these from one IPv4 /24: whoever has one block of addresses does not keep all others from being heard. A guess. */
export const MAX_WAITING_OF_PREFIX = 16;
/** Each takes about half a millisecond of the node's thread (measured): a tenth of it at most. A hub's thousand leaves are back in some seconds. */
const HANDSHAKES_A_SECOND = 200;
/** Saved up: four, some two milliseconds of one turn of the event loop. */
const SAVED_SECONDS = 4 / HANDSHAKES_A_SECOND;

export interface HandshakeTurnsOptions {
  /** Nobody more can be taken now. Asked when the turn has come, before anything is computed. */
  readonly isCrowded: () => boolean;
  /** One was passed over. */
  readonly onCrowded: () => void;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
}

interface Waiting {
  readonly prefix: string | undefined;
  readonly begin: () => void;
}

/**
 * The handshakes that others begin with this node, a few a turn of the event loop. UDX reads all packets that there are in one turn, and
 * each handshake costs four multiplications on a curve: a hundred at once would hold everything else up for as long as they take.
 */
export class HandshakeTurns {
  readonly #options: HandshakeTurnsOptions;
  readonly #turns: TurnQueue<Waiting>;
  readonly #waiting = new Set<Waiting>();
  #stopped = false;

  constructor(options: HandshakeTurnsOptions) {
    this.#options = options;
    const bucket = new TokenBucket(HANDSHAKES_A_SECOND, options.now(), SAVED_SECONDS);
    this.#turns = new TurnQueue(bucket, options.now, (waiting) => {
      this.#waiting.delete(waiting);
      if (options.isCrowded()) return options.onCrowded();
      bucket.take(1, options.now());
      return waiting.begin();
    });
  }

  /** `host`: where it came from. `begin` is called when its turn has come, or never. */
  add(host: string, begin: () => void): void {
    if (this.#stopped) return;
    const waiting = { prefix: publicPrefix(host), begin };
    if (!this.#hasRoom(waiting.prefix)) return this.#options.onCrowded();
    this.#waiting.add(waiting);
    this.#turns.add(waiting);
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    this.#turns.stop();
  }

  #hasRoom(prefix: string | undefined): boolean {
    if (this.#waiting.size >= MAX_WAITING_HANDSHAKES) return false;
    if (prefix === undefined) return true;
    let count = 0;
    for (const waiting of this.#waiting) if (waiting.prefix === prefix) count += 1;
    return count < MAX_WAITING_OF_PREFIX;
  }
}
