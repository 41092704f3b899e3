/**
 * Links as a table of ends. A link has two ends, numbered 2n and 2n + 1; an end's number plus one is the LinkId that its
 * node knows it by. Links stand for Noise streams over UDX: whole messages, in order, none lost while the link stands;
 * a lost packet is sent again and delays what follows. Messages leave through their node's uplink, one after the other;
 * what waits there drives back-pressure with the bounds of the real transport (src-main/transport/limits.ts).
 */
import { HARD_PENDING_BYTES, SOFT_PENDING_BYTES, WRITABLE_PENDING_BYTES } from '../../../src-main/transport/limits.ts';

export const CLOSED = 0;
export const OPEN = 1;
/** The other end is gone without a word: what is sent vanishes, and the transport will notice. */
export const DOOMED = 2;

const FIRST_CAPACITY = 1_024;

/** Messages of one end that wait for the uplink: when each will have left, and its bytes. */
class Waiting {
  readonly #leavesMs: number[] = [];
  readonly #bytes: number[] = [];
  #head = 0;
  pendingBytes = 0;

  push(leavesMs: number, bytes: number): void {
    this.#leavesMs.push(leavesMs);
    this.#bytes.push(bytes);
    this.pendingBytes += bytes;
  }

  /** Forgets what has left by now; true when nothing waits any more. */
  pass(nowMs: number): boolean {
    while (this.#head < this.#bytes.length && this.#leavesMs[this.#head]! <= nowMs) {
      this.pendingBytes -= this.#bytes[this.#head]!;
      this.#head += 1;
    }
    if (this.#head > 64 && this.#head * 2 > this.#bytes.length) {
      this.#leavesMs.splice(0, this.#head);
      this.#bytes.splice(0, this.#head);
      this.#head = 0;
    }
    return this.#head === this.#bytes.length;
  }

  /** When no more than `bytes` will wait, if nothing is added. */
  fallsToAtMs(bytes: number): number {
    let rest = this.pendingBytes;
    let index = this.#head;
    while (rest > bytes && index < this.#bytes.length) rest -= this.#bytes[index++]!;
    return this.#leavesMs[index - 1]!;
  }
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

  /** Notes bytes that wait for the uplink until `leavesMs`, and says what that means for the end. */
  noteWaiting(end: number, nowMs: number, leavesMs: number, bytes: number): Pressure {
    let waiting = this.#waiting.get(end);
    if (waiting === undefined) {
      waiting = new Waiting();
      this.#waiting.set(end, waiting);
    } else {
      waiting.pass(nowMs);
    }
    waiting.push(leavesMs, bytes);
    if (waiting.pendingBytes > HARD_PENDING_BYTES) return 'tooSlow';
    if (waiting.pendingBytes <= SOFT_PENDING_BYTES) return 'none';
    return 'congested';
  }

  /** True if the end was not congested before. */
  setCongested(end: number): boolean {
    if (this.#congested.has(end)) return false;
    this.#congested.add(end);
    return true;
  }

  /** When a congested end will be writable again, as far as is known now; undefined if it is already. */
  writableAtMs(end: number, nowMs: number): number | undefined {
    const waiting = this.#waiting.get(end);
    const isEmpty = waiting === undefined || waiting.pass(nowMs);
    if (isEmpty || waiting.pendingBytes <= WRITABLE_PENDING_BYTES) {
      this.#congested.delete(end);
      if (isEmpty) this.#waiting.delete(end);
      return undefined;
    }
    return waiting.fallsToAtMs(WRITABLE_PENDING_BYTES);
  }

  /** Bytes of an end that wait for the uplink. */
  pendingBytes(end: number, nowMs: number): number {
    const waiting = this.#waiting.get(end);
    if (waiting === undefined) return 0;
    waiting.pass(nowMs);
    return waiting.pendingBytes;
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
