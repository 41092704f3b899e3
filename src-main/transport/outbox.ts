import type { ChannelName } from '../core/ports.ts';

export interface OutboundMessage<Channel extends string = ChannelName> {
  readonly channel: Channel;
  readonly bytes: Uint8Array;
}

/** Messages of one link that wait to be written, first in, first out. Its bound is the link's (HARD_PENDING_BYTES). */
export class Outbox<Channel extends string = ChannelName> {
  #items: OutboundMessage<Channel>[] = [];
  #head = 0;
  #bytes = 0;

  get pendingBytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  push(message: OutboundMessage<Channel>, cost: number): void {
    this.#items.push(message);
    this.#bytes += cost;
  }

  /** Before all that waits, in their order. */
  putBack(messages: readonly OutboundMessage<Channel>[], costOf: (message: OutboundMessage<Channel>) => number): void {
    this.#items = [...messages, ...this.#items.slice(this.#head)];
    this.#head = 0;
    for (const message of messages) this.#bytes += costOf(message);
  }

  /** Undefined when empty. `costOf` must give what `push` was given. */
  shift(costOf: (message: OutboundMessage<Channel>) => number): OutboundMessage<Channel> | undefined {
    const message = this.#items[this.#head];
    if (message === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= costOf(message);
    // Compacting in halves keeps the cost of a shift constant on average.
    if (this.#head >= 64 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
