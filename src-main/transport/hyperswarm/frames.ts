import type { EventEmitter } from 'node:events';

import { MAX_TRANSPORT_MESSAGE_BYTES } from '../limits.ts';

/** A seal is 17 bytes (a tag byte and Poly1305's 16); Protomux puts one byte for the channel and one for the type. */
const SEAL_BYTES = 17;
const MUX_HEADER_BYTES = 2;

/** Largest sealed frame that a link may carry. */
export const MAX_FRAME_BYTES = MAX_TRANSPORT_MESSAGE_BYTES + MUX_HEADER_BYTES + SEAL_BYTES;

/**
 * Openings, refusals and closings of channels that a link may carry in its life. Ours has five channels; a later version
 * may offer some that we do not know. Protomux keeps a slot for each for ever, and answers each, so they are counted.
 */
export const MAX_CHANNEL_CONTROL_FRAMES = 64;

/**
 * Follows the framing of the secret stream on the raw stream (24 bits of length, little-endian, then as many bytes), so
 * that a frame which claims to be huge is met when it begins: the secret stream itself would collect up to 16 MiB.
 */
export class FrameGuard {
  #headerBytes = 0;
  #length = 0;
  #remaining = 0;

  /** False as soon as a frame is longer than MAX_FRAME_BYTES; what comes after is not looked at. */
  accept(chunk: Uint8Array): boolean {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#remaining > 0) {
        const step = Math.min(this.#remaining, chunk.length - offset);
        this.#remaining -= step;
        offset += step;
        continue;
      }
      this.#length += chunk[offset]! * 2 ** (8 * this.#headerBytes);
      this.#headerBytes += 1;
      offset += 1;
      if (this.#headerBytes === 3) {
        if (this.#length > MAX_FRAME_BYTES) return false;
        this.#remaining = this.#length;
        this.#headerBytes = 0;
        this.#length = 0;
      }
    }
    return true;
  }
}

/** Follows all that comes of a raw stream, and tells once, and at once, of a frame that is too long. */
export function guardFrames(raw: EventEmitter, onTooLong: () => void): void {
  const guard = new FrameGuard();
  let isRefused = false;
  raw.on('data', (chunk: Uint8Array) => {
    if (isRefused || guard.accept(chunk)) return;
    isRefused = true;
    onTooLong();
  });
}

export type FrameVerdict = 'pass' | 'oversized' | 'violation';

/**
 * Looks at each opened frame before Protomux does. Protomux takes batches of any number of openings, unlimited channels,
 * and fails with a TypeError, which it rethrows uncaught, on an opening of channel 0; none of these is ever sent by us.
 *
 * | first byte | then |
 * |---|---|
 * | 0 | 1, 2 or 3 (open, refuse, close), channel 1 ... 252, the rest by Protomux |
 * | channel, 1 ... 252 | 0 (the only type of message), the message |
 */
export class FrameScreen {
  #controlFrames = 0;

  check(frame: Uint8Array): FrameVerdict {
    if (frame.length === 0) return 'pass';
    const channel = frame[0]!;
    const type = frame[1];
    if (channel > 252 || type === undefined) return 'violation';
    if (channel > 0) {
      if (type !== 0) return 'violation';
      return frame.length - MUX_HEADER_BYTES > MAX_TRANSPORT_MESSAGE_BYTES ? 'oversized' : 'pass';
    }
    const subject = frame[2];
    if (type < 1 || type > 3 || subject === undefined || subject < 1 || subject > 252) return 'violation';
    this.#controlFrames += 1;
    return this.#controlFrames > MAX_CHANNEL_CONTROL_FRAMES ? 'violation' : 'pass';
  }
}
