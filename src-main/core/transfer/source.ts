import { toHex } from '../../../shared/base/bytes.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import type { Timer } from '../routing/timers.ts';
import { Delivery } from './delivery.ts';
import type { Sent } from './delivery.ts';
import { hasBit, setBit } from './piece-map.ts';

/**
 * away: not linked now, tried again at `retryAtMs`; dialling; asked: it was asked whether it has the file; queued: it has it, and no slot
 * is free; active; stalled: it owes chunks and is silent; lacks: it does not have it; banned: it lied.
 */
export type SourceState = 'away' | 'dialling' | 'asked' | 'queued' | 'active' | 'stalled' | 'lacks' | 'banned';

/** A chunk that was asked of a source. */
export interface Fetch {
  readonly id: number;
  readonly chunk: number;
  readonly sent: Sent;
  readonly lengthBytes: number;
  /** Made when the first part comes. */
  bytes: Uint8Array | undefined;
  arrivedBytes: number;
}

/** One node that has a file, or a part of it, as one download sees it. */
export class Source {
  readonly node: KnownNode;
  readonly key: string;
  state: SourceState = 'away';
  link: LinkId | undefined;
  /** Place in its queue, from 1, and how many wait. */
  place = 0;
  waiting = 0;
  /** Bytes of chunks that proved right. */
  goodBytes = 0;
  /** Tries in a row that came to nothing. */
  failures = 0;
  retryAtMs = 0;
  /** When it was last asked whom else it knows. */
  othersAskedMs = Number.NEGATIVE_INFINITY;
  /** When it was asked for the file, for the first round trip. */
  askedAtMs = 0;
  /** Runs out when it is silent. */
  timer: Timer | undefined;
  readonly delivery: Delivery;
  readonly fetches = new Map<number, Fetch>();
  inFlightBytes = 0;
  /** Of a part of the file: which chunks; undefined: it has all. */
  #held: Uint8Array | undefined;

  constructor(node: KnownNode, nowMs: number) {
    this.node = node;
    this.key = toHex(node.publicKey);
    this.delivery = new Delivery(nowMs);
  }

  /** Chunks may be asked of it. */
  get isGiving(): boolean {
    return this.state === 'active' || this.state === 'stalled';
  }

  offers(held: Uint8Array | undefined): void {
    this.#held = held;
  }

  has(chunk: number): boolean {
    return this.#held === undefined || hasBit(this.#held, chunk);
  }

  /** It has these chunks too; those past the end of the file are left out. */
  gained(chunks: readonly number[], chunkCount: number): void {
    if (this.#held === undefined) return;
    const bytes = Math.ceil(chunkCount / 8);
    if (this.#held.length < bytes) {
      const longer = new Uint8Array(bytes);
      longer.set(this.#held);
      this.#held = longer;
    }
    for (const chunk of chunks) if (chunk < chunkCount) setBit(this.#held, chunk);
  }

  get isWhole(): boolean {
    return this.#held === undefined;
  }

  add(fetch: Fetch): void {
    this.fetches.set(fetch.id, fetch);
    this.inFlightBytes += fetch.lengthBytes;
  }

  /** Takes off what is under way; undefined when it is not. */
  take(id: number): Fetch | undefined {
    const fetch = this.fetches.get(id);
    if (fetch === undefined) return undefined;
    this.fetches.delete(id);
    this.inFlightBytes -= fetch.lengthBytes;
    return fetch;
  }
}
