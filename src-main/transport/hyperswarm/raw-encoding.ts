import type Protomux from 'protomux';

/** A message that is not less than the half of a buffer may keep it alive. */
const OWN_BUFFER_PARTS = 2;

/**
 * Bytes that may be kept. A large message has a buffer of its own, which was put together of its packets. A small one is copied: it
 * lies within a buffer of 64 KiB of what was read, which it would keep alive.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length * OWN_BUFFER_PARTS >= bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** Messages of a channel as they are: what they mean is decoded by who gets them. */
export const RAW_ENCODING: Protomux.Encoding = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  decode(state) {
    const { buffer, start, end } = state;
    state.start = end;
    return ownBytes(new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start));
  },
};
