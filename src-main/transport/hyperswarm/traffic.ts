import type { TokenBucket } from '../../../shared/base/token-bucket.ts';
import { HARD_PENDING_BYTES, MESSAGE_OVERHEAD_BYTES, SOFT_PENDING_BYTES, WRITABLE_PENDING_BYTES } from '../limits.ts';
import { Outbox } from '../outbox.ts';
import type { CarriedChannel, CarriedMessage } from './channels.ts';
import { Credit, CreditWindow } from './credit.ts';

export interface TrafficOwner {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
  nowMs(): number;
  roundTripMs(): number | undefined;
  /** False while nothing may go out by any way. */
  mayWrite(): boolean;
  /** False when the way out takes no more for now: `wayIsFree` is called when it does. */
  write(message: CarriedMessage): boolean;
  /** Tells the other end how much it may have sent in all. */
  grant(totalBytes: number): void;
  /** `goOn`, or `grant`, is called when the limit lets it. */
  waitForUpload(): void;
  waitForDownload(): void;
  /** There is room again after `send` had answered 'full'. */
  hasRoom(): void;
}

/** What a message counts for in limits and credit. */
function costOf(message: CarriedMessage): number {
  return message.bytes.length + MESSAGE_OVERHEAD_BYTES;
}

export interface TrafficCounts {
  /** Bytes of messages of the link, by this connection and the one before. */
  readonly inBytes: number;
  readonly outBytes: number;
  /** Of these, by the one before. */
  readonly inBytesBefore: number;
  readonly outBytesBefore: number;
  readonly pendingBytes: number;
}

/** The messages of one link, both ways, under credit and limits, whatever way they go by. */
export class Traffic implements TrafficCounts {
  inBytes = 0;
  outBytes = 0;
  inBytesBefore = 0;
  outBytesBefore = 0;
  readonly #owner: TrafficOwner;
  readonly #outbox = new Outbox<CarriedChannel>();
  readonly #credit = new Credit();
  readonly #creditWindow = new CreditWindow();
  #isWayFree = true;
  #writtenSinceFree = 0;
  #isFull = false;

  constructor(owner: TrafficOwner) {
    this.#owner = owner;
  }

  get pendingBytes(): number {
    return this.#outbox.pendingBytes + this.#writtenSinceFree;
  }

  get isWaiting(): boolean {
    return !this.#outbox.isEmpty;
  }

  get grantedBytes(): number {
    return this.#credit.grantedBytes;
  }

  /** Queues a message. 'too-slow': far too much waits. */
  send(message: CarriedMessage): 'room' | 'full' | 'too-slow' {
    this.#outbox.push(message, costOf(message));
    this.#pump();
    if (this.pendingBytes > HARD_PENDING_BYTES) return 'too-slow';
    if (this.pendingBytes > SOFT_PENDING_BYTES) this.#isFull = true;
    return this.#isFull ? 'full' : 'room';
  }

  /** Tells the other end how much more it may send, once half of what it may is used up and the limit allows it. */
  grant(): void {
    const { down } = this.#owner;
    const windowBytes = this.#creditWindow.bytes(down.bytesPerSecond);
    if (!this.#credit.wantsGrant(windowBytes)) return;
    const nowMs = this.#owner.nowMs();
    if (!down.allows(nowMs)) return this.#owner.waitForDownload();
    this.#creditWindow.granted(nowMs, this.#owner.roundTripMs());
    this.#owner.grant(this.#credit.grant(windowBytes));
  }

  /** A message came; false when the other end had no credit left for it. */
  received(bytes: Uint8Array, nowMs: number): boolean {
    const cost = bytes.length + MESSAGE_OVERHEAD_BYTES;
    if (!this.#credit.received(cost)) return false;
    this.inBytes += bytes.length;
    this.#owner.down.take(cost, nowMs);
    return true;
  }

  wasGranted(totalBytes: number): void {
    this.#credit.wasGranted(totalBytes);
  }

  /** These were written and did not arrive: they go out again, before all others. */
  putBack(messages: readonly CarriedMessage[]): void {
    for (const message of messages) {
      this.#credit.unsent(costOf(message));
      this.outBytes -= message.bytes.length;
    }
    this.#outbox.putBack(messages, costOf);
  }

  /** Something else filled the way out. */
  wayIsFull(): void {
    this.#isWayFree = false;
  }

  /** The way out takes more, or is another. */
  wayIsFree(): void {
    this.#isWayFree = true;
    this.#writtenSinceFree = 0;
    this.goOn();
  }

  /** Writes what it may now, and tells that there is room if there is. */
  goOn(): void {
    this.#pump();
    if (!this.#isFull || this.pendingBytes > WRITABLE_PENDING_BYTES) return;
    this.#isFull = false;
    this.#owner.hasRoom();
  }

  /** Goes on with what another connection of the same link has not written, before all that is sent from now on. */
  takeOver(former: Traffic): void {
    const messages: CarriedMessage[] = [];
    for (let message = former.#outbox.shift(costOf); message !== undefined; message = former.#outbox.shift(costOf)) {
      messages.push(message);
    }
    this.#outbox.putBack(messages, costOf);
    this.#isFull ||= former.#isFull;
    this.outBytesBefore = this.outBytes = former.outBytes;
    this.goOn();
  }

  /** All that came by the other connection of the same link has come. */
  countFormer(former: Traffic): void {
    this.inBytes += former.inBytes;
    this.inBytesBefore = former.inBytes;
  }

  clear(): void {
    this.#outbox.clear();
  }

  /** Writes what the way out, the other end's credit and the limit allow. */
  #pump(): void {
    const { up } = this.#owner;
    const nowMs = this.#owner.nowMs();
    while (this.#isWayFree && !this.#outbox.isEmpty && this.#credit.maySend && this.#owner.mayWrite()) {
      if (!up.allows(nowMs)) return this.#owner.waitForUpload();
      this.#write(this.#outbox.shift(costOf)!, nowMs);
      // With a limit, one message a turn, so that the links share it.
      if (up.limited && !this.#outbox.isEmpty) return this.#owner.waitForUpload();
    }
  }

  #write(message: CarriedMessage, nowMs: number): void {
    const cost = costOf(message);
    this.#credit.sent(cost);
    this.#owner.up.take(cost, nowMs);
    this.outBytes += message.bytes.length;
    this.#isWayFree = this.#owner.write(message);
    this.#writtenSinceFree = this.#isWayFree ? 0 : this.#writtenSinceFree + cost;
  }
}
