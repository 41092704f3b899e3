import type Protomux from 'protomux';

/** A view keeps its whole buffer alive; up to so much of it may be something else. A frame's own has 21 bytes more. */
const MOST_BESIDE_BYTES = 64;

/** Messages of a channel as they are: what they mean is decoded by who gets them. */
export const RAW_ENCODING: Protomux.Encoding = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  // What came in one piece lies within the packets' buffer of 64 KiB, which it would keep alive, so that is copied. What the
  // secret stream put together of several packets, as every block, has a buffer of its own, which nobody uses after us.
  decode(state) {
    const { buffer, byteOffset } = state.buffer;
    const [offset, length] = [byteOffset + state.start, state.end - state.start];
    const bytes = new Uint8Array(buffer, offset, length);
    state.start = state.end;
    return buffer.byteLength - length <= MOST_BESIDE_BYTES ? bytes : bytes.slice();
  },
};
