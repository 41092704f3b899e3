import type Protomux from 'protomux';

/** Messages of a channel as they are: what they mean is decoded by who gets them. */
export const RAW_ENCODING: Protomux.Encoding = {
  preencode(state, bytes) {
    state.end += bytes.length;
  },
  encode(state, bytes) {
    state.buffer.set(bytes, state.start);
    state.start += bytes.length;
  },
  // A copy: what is received lies within the packet's buffer of 64 KiB, which it would keep alive.
  decode(state) {
    const bytes = new Uint8Array(state.end - state.start);
    bytes.set(state.buffer.subarray(state.start, state.end));
    state.start = state.end;
    return bytes;
  },
};
