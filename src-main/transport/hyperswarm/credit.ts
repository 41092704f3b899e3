/**
 * Credit: what the other end of a link may send before we grant more. UDX has no flow control of its own (a paused stream
 * goes on filling memory), so this bounds what a neighbour can make us hold, and a download limit is kept by granting
 * late.
 */

/** Credit of a fresh link, before any grant: two of the largest messages fit in half of it and some. */
export const FIRST_CREDIT_BYTES = 64 * 1024;

/** Credit of a link without a limit, to begin with: 10 MB/s at 100 ms round trip. 64 links come to 64 MiB. */
export const FULL_CREDIT_BYTES = 1024 * 1024;

/** Credit of a link that has use for it: 40 MB/s at 100 ms round trip. 64 such links come to 256 MiB. */
export const MOST_CREDIT_BYTES = 4 * FULL_CREDIT_BYTES;

/** With a limit, a quarter of a second's worth, within the two above. */
export function creditWindowBytes(downBytesPerSecond: number): number {
  if (downBytesPerSecond === 0) return FULL_CREDIT_BYTES;
  return Math.min(FULL_CREDIT_BYTES, Math.max(FIRST_CREDIT_BYTES, Math.floor(downBytesPerSecond / 4)));
}

/**
 * How much credit the other end of a link gets at once. Where half of it is used up within a round trip, it is the credit that holds the rate
 * back, or will soon: it is doubled (Weigle and Feng 2001, dynamic right-sizing, the same for TCP's receive window).
 */
export class CreditWindow {
  #fullBytes = FULL_CREDIT_BYTES;
  #grantedAtMs = Number.NEGATIVE_INFINITY;

  bytes(downBytesPerSecond: number): number {
    return downBytesPerSecond === 0 ? this.#fullBytes : creditWindowBytes(downBytesPerSecond);
  }

  /** The other end is told of more. `roundTripMs`: undefined while it is not measured. */
  granted(nowMs: number, roundTripMs: number | undefined): void {
    const isShort = roundTripMs !== undefined && nowMs - this.#grantedAtMs < roundTripMs;
    if (isShort) this.#fullBytes = Math.min(MOST_CREDIT_BYTES, this.#fullBytes * 2);
    this.#grantedAtMs = nowMs;
  }
}

/** The credit of one link in both directions. Amounts are totals since the link began, in bytes. */
export class Credit {
  #mayHaveSent = FIRST_CREDIT_BYTES;
  #sent = 0;
  #granted = FIRST_CREDIT_BYTES;
  #received = 0;

  /** One more message may be sent: a sender goes on while it has any credit left, so it may overdraw by one. */
  get maySend(): boolean {
    return this.#sent < this.#mayHaveSent;
  }

  sent(costBytes: number): void {
    this.#sent += costBytes;
  }

  /** It did not arrive, and will be sent again. */
  unsent(costBytes: number): void {
    this.#sent -= costBytes;
  }

  /** What the other end may have sent, as it was told last. */
  get grantedBytes(): number {
    return this.#granted;
  }

  /** The other end grants so much in all; what was granted is not taken back. */
  wasGranted(totalBytes: number): void {
    this.#mayHaveSent = Math.max(this.#mayHaveSent, totalBytes);
  }

  /** False when the other end had no credit left to send this. */
  received(costBytes: number): boolean {
    if (this.#received >= this.#granted) return false;
    this.#received += costBytes;
    return true;
  }

  /** Half of what the other end may send at once is used up. */
  wantsGrant(windowBytes: number): boolean {
    return this.#granted - this.#received <= windowBytes / 2;
  }

  /** The total to tell the other end. */
  grant(windowBytes: number): number {
    this.#granted = this.#received + windowBytes;
    return this.#granted;
  }
}
