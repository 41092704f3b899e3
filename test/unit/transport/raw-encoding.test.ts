import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RAW_ENCODING } from '../../../src-main/transport/hyperswarm/raw-encoding.ts';

describe('messages of a channel as they are', () => {
  it('gives a large one as a view of the buffer that it was put together in', () => {
    const frame = Buffer.allocUnsafeSlow(32_770);
    frame.fill(7);
    const state = { buffer: frame, start: 2, end: frame.length };
    const message = RAW_ENCODING.decode(state);
    assert.equal(state.start, frame.length);
    assert.equal(message.buffer, frame.buffer);
    assert.deepEqual([message.byteOffset, message.length], [2, 32_768]);
  });

  it('copies a small one, which would keep a whole packet buffer alive', () => {
    const packet = Buffer.allocUnsafeSlow(65_536);
    packet.fill(7);
    const message = RAW_ENCODING.decode({ buffer: packet.subarray(100, 300), start: 2, end: 200 });
    assert.notEqual(message.buffer, packet.buffer);
    assert.deepEqual(message, new Uint8Array(198).fill(7));
  });
});
