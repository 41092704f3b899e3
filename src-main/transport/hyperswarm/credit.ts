/**
 * Credit: what the other end of a link may send before we grant more. UDX has no flow control of its own (a paused stream
 * goes on filling memory), so this bounds what a neighbour can make us hold, and a download limit is kept by granting
 * late.
 */

/** Credit of a fresh link, before any grant: two of the largest messages fit in half of it and some. */
export const FIRST_CREDIT_BYTES = 64 * 1024;

/** Credit of a link without a limit: 20 MB/s at 50 ms round trip. 64 links come to 64 MiB. */
export const FULL_CREDIT_BYTES = 1024 * 1024;

/** With a limit, a quarter of a second's worth, within the two above. */
export function creditWindowBytes(downBytesPerSecond: number): number {
  if (downBytesPerSecond === 0) return FULL_CREDIT_BYTES;
  return Math.min(FULL_CREDIT_BYTES, Math.max(FIRST_CREDIT_BYTES, Math.floor(downBytesPerSecond / 4)));
}
