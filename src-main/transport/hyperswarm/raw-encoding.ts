import type Protomux from 'protomux';

/** A message that is not less than the half of a buffer may keep it alive. */
const OWN_BUFFER_PARTS = 2;

/** Messages of a channel as they are: what they mean is decoded by who gets them. */
export const RAW_ENCODING: Protomux.Encoding = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  // A large message has a buffer of its own, which was put together of its packets. A small one is copied: it lies within the packet's
  // buffer of 64 KiB, which it would keep alive.
  decode(state) {
    const { buffer, start, end } = state;
    const length = end - start;
    state.start = end;
    if (length * OWN_BUFFER_PARTS >= buffer.buffer.byteLength)
      return new Uint8Array(buffer.buffer, buffer.byteOffset + start, length);
    const bytes = new Uint8Array(length);
    bytes.set(buffer.subarray(start, end));
    return bytes;
  },
};
