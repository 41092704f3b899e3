/**
 * Links as a table of ends. A link has two ends, numbered 2n and 2n + 1; an end's number plus one is the LinkId that its
 * node knows it by. Links stand for Noise streams over UDX: whole messages, in order, none lost while the link stands;
 * a lost packet is sent again and delays what follows. Messages leave through their node's uplink, the links in turn, as the
 * real transport's do under a limit (src-main/transport/hyperswarm/turn-queue.ts); what waits there drives back-pressure with the bounds of the real transport (src-main/transport/limits.ts).
 */
import type { ChannelName } from '../../../src-main/core/ports.ts';
import { HARD_PENDING_BYTES, SOFT_PENDING_BYTES, WRITABLE_PENDING_BYTES } from '../../../src-main/transport/limits.ts';

export const CLOSED = 0;
export const OPEN = 1;
/** The other end is gone without a word: what is sent vanishes, and the transport will notice. */
export const DOOMED = 2;

const FIRST_CAPACITY = 1_024;

/** A message that waits for its node's uplink. */
export interface WaitingMessage {
  readonly channel: ChannelName;
  readonly bytes: Uint8Array;
  /** What it takes of the uplink (`chargedBytes` of wires.ts). */
  readonly charged: number;
}

/** Messages of one end that wait for the uplink, in order. */
class Waiting {
  readonly messages: WaitingMessage[] = [];
  pendingBytes = 0;
}

export type Pressure = 'none' | 'congested' | 'tooSlow';

export class Links {
  /** Node at this end. */
  node = new Int32Array(FIRST_CAPACITY);
  state = new Uint8Array(FIRST_CAPACITY);
  /** When the last message to this end arrives, so that the next comes after it. */
  lastArrivalMs = new Float64Array(FIRST_CAPACITY);
  /** A doomed end whose transport waits for an answer and will notice after seconds. */
  hastened = new Uint8Array(FIRST_CAPACITY);
  count = 0;
  /** Links that were ever made. */
  made = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #congested = new Set<number>();

  /** The first of two new open ends; the other is one more. */
  open(a: number, b: number, nowMs: number): number {
    const end = this.count;
    if (end + 2 > this.node.length) this.#grow();
    this.count += 2;
    this.made += 1;
    this.node[end] = a;
    this.node[end + 1] = b;
    this.state[end] = OPEN;
    this.state[end + 1] = OPEN;
    this.lastArrivalMs[end] = nowMs;
    this.lastArrivalMs[end + 1] = nowMs;
    return end;
  }

  close(end: number): void {
    this.state[end] = CLOSED;
    this.#waiting.delete(end);
    this.#congested.delete(end);
  }

  /** Lets a message wait behind the others of this end, and says what that means for the end. */
  push(end: number, message: WaitingMessage): Pressure {
    let waiting = this.#waiting.get(end);
    if (waiting === undefined) this.#waiting.set(end, (waiting = new Waiting()));
    waiting.messages.push(message);
    waiting.pendingBytes += message.charged;
    if (waiting.pendingBytes > HARD_PENDING_BYTES) return 'tooSlow';
    return waiting.pendingBytes > SOFT_PENDING_BYTES ? 'congested' : 'none';
  }

  /** The first that waits at this end, which waits no more. */
  shift(end: number): WaitingMessage | undefined {
    const waiting = this.#waiting.get(end);
    const message = waiting?.messages.shift();
    if (waiting === undefined || message === undefined) return undefined;
    waiting.pendingBytes -= message.charged;
    if (waiting.messages.length === 0) this.#waiting.delete(end);
    return message;
  }

  /** True if the end was not congested before. */
  setCongested(end: number): boolean {
    if (this.#congested.has(end)) return false;
    this.#congested.add(end);
    return true;
  }

  /** True if the end was congested and has room again by now. */
  clearCongested(end: number): boolean {
    return this.pendingBytes(end) <= WRITABLE_PENDING_BYTES && this.#congested.delete(end);
  }

  /** Bytes of an end that wait for the uplink. */
  pendingBytes(end: number): number {
    return this.#waiting.get(end)?.pendingBytes ?? 0;
  }

  #grow(): void {
    const capacity = this.node.length * 2;
    const node = new Int32Array(capacity);
    node.set(this.node);
    this.node = node;
    const state = new Uint8Array(capacity);
    state.set(this.state);
    this.state = state;
    const lastArrivalMs = new Float64Array(capacity);
    lastArrivalMs.set(this.lastArrivalMs);
    this.lastArrivalMs = lastArrivalMs;
    const hastened = new Uint8Array(capacity);
    hastened.set(this.hastened);
    this.hastened = hastened;
  }
}
