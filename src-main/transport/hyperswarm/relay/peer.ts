import { encodeRelay } from './messages.ts';
import type { RelayMessage, RelayOutcome } from './messages.ts';

/** A link that stands by itself, as relaying needs it: nothing is carried over a link that is carried itself. */
export interface RelayLink {
  readonly publicKey: Uint8Array;
  readonly keyHex: string;
  /** True on the side that dialled: it numbers what it begins evenly, the other oddly. */
  readonly initiator: boolean;
  readonly roundTripMs: number | undefined;
  /** False when the link has enough to send: it tells of room. The message is taken all the same. */
  send(channel: 'relay', bytes: Uint8Array): boolean;
  /** Ends it: its other end broke the rules, by sending more than it was granted ('overrun') or otherwise. */
  destroy(reason: 'violation' | 'overrun'): void;
}

/** This node's side of a stream on a link: an end of its own, or one of the two between which it carries. */
export interface StreamSide {
  /** False when it was not for the other end to accept. */
  accepted(): boolean;
  data(bytes: Uint8Array): 'taken' | 'violation' | 'overrun';
  granted(totalBytes: number): void;
  /** By the other end. The number is free already. */
  ended(outcome: RelayOutcome): void;
  /** The link has room, or is gone (`ended` came before). */
  pump(): void;
}

/** A neighbour with whom streams are carried: the streams of its link by their numbers. */
export class RelayPeer {
  readonly link: RelayLink;
  readonly #streams = new Map<number, StreamSide>();
  readonly #waiting = new Set<StreamSide>();
  #isFull = false;
  #nextNumber: number;

  constructor(link: RelayLink) {
    this.link = link;
    this.#nextNumber = link.initiator ? 0 : 1;
  }

  /** A number for a stream, or a question, that this end begins: used once in the life of the link. */
  newNumber(): number {
    const number = this.#nextNumber;
    this.#nextNumber = (this.#nextNumber + 2) % 2 ** 32;
    return number;
  }

  /** Whether the other end may begin a stream with this number. */
  isTheirs(number: number): boolean {
    return (number % 2 === 0) !== this.link.initiator && !this.#streams.has(number);
  }

  add(number: number, side: StreamSide): void {
    this.#streams.set(number, side);
  }

  remove(number: number): void {
    const side = this.#streams.get(number);
    this.#streams.delete(number);
    if (side !== undefined) this.#waiting.delete(side);
  }

  get(number: number): StreamSide | undefined {
    return this.#streams.get(number);
  }

  send(message: RelayMessage): void {
    if (!this.link.send('relay', encodeRelay(message))) this.#isFull = true;
  }

  /** True when data may be sent now; else `side` is pumped when it may. */
  hasRoomFor(side: StreamSide): boolean {
    if (this.#isFull) this.#waiting.add(side);
    return !this.#isFull;
  }

  /** The link tells of room. Each that waited has its turn; who needs another comes after the rest. */
  hasRoom(): void {
    this.#isFull = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const side of waiting) {
      if (this.#isFull) this.#waiting.add(side);
      else side.pump();
    }
  }

  /** The link is gone, and all of its streams. */
  end(): void {
    const sides = [...this.#streams.values()];
    this.#streams.clear();
    this.#waiting.clear();
    for (const side of sides) side.ended('lost');
  }
}
