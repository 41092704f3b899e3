/** What is received keeps no more memory alive than it needs, and is copied only for that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RAW_ENCODING } from '../../../src-main/transport/hyperswarm/raw-encoding.ts';

/** A frame of the secret stream, opened: `beside` bytes of its buffer are something else. */
function decode(messageBytes: number, beside: number): { message: Uint8Array; frame: Uint8Array } {
  const frame = new Uint8Array(messageBytes + beside).fill(7);
  const state = { buffer: frame.subarray(1), start: 2, end: 2 + messageBytes };
  return { message: RAW_ENCODING.decode(state), frame };
}

test('a block that has a buffer of its own is not copied', () => {
  const { message, frame } = decode(33_000, 19);
  assert.equal(message.length, 33_000);
  assert.equal(message.buffer, frame.buffer);
  assert.equal(message.byteOffset, 3);
});

test('what lies in the buffer of many packets is', () => {
  const { message, frame } = decode(100, 65_000);
  assert.deepEqual(message, new Uint8Array(100).fill(7));
  assert.notEqual(message.buffer, frame.buffer);
  assert.equal(message.buffer.byteLength, 100);
});

test('all of a frame is taken, and nothing else', () => {
  const state = { buffer: Uint8Array.from([9, 0, 1, 2, 3]), start: 2, end: 5 };
  assert.deepEqual(Array.from(RAW_ENCODING.decode(state)), [1, 2, 3]);
  assert.equal(state.start, 5);
  const out = { buffer: new Uint8Array(4), start: 1, end: 4 };
  RAW_ENCODING.encode(out, Uint8Array.of(4, 5, 6));
  assert.deepEqual(Array.from(out.buffer), [0, 4, 5, 6]);
});
