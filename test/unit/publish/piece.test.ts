import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fileKey,
  manifestBlocksKey,
  openPiece,
  PIECE_BYTES,
  pieceCount,
  pieceLength,
  sealBlock,
  sealPiece,
} from '../../../src-main/core/publish/piece.ts';
import { PAYLOAD_BYTES } from '../../../src-main/core/wire/record.ts';
import { crypto, flipBit, random } from './samples.ts';

const key = fileKey(crypto, random.bytes(32), 'a/file');

test('pieces: numbers and lengths', () => {
  assert.equal(PIECE_BYTES, 32_752);
  for (const [size, count, last] of [
    [0, 0, 0],
    [1, 1, 1],
    [32_752, 1, 32_752],
    [32_753, 2, 1],
    [65_504, 2, 32_752],
    [2 ** 40, 33570825, 128],
  ] as const) {
    assert.equal(pieceCount(size), count);
    if (count > 0) assert.equal(pieceLength(size, count - 1), last);
    assert.equal(pieceLength(size, count), 0);
  }
});

test('pieces: round trip at one size of block', () => {
  for (const length of [1, 2, 1_000, PIECE_BYTES - 1, PIECE_BYTES]) {
    for (const index of [0, 1, 255, 256, 2 ** 35]) {
      const plaintext = random.bytes(length);
      const payload = sealPiece(crypto, key, index, plaintext);
      assert.equal(payload.length, PAYLOAD_BYTES);
      assert.deepEqual(openPiece(crypto, key, index, index * PIECE_BYTES + length, payload), {
        ok: true,
        value: plaintext,
      });
    }
  }
});

test('pieces: sealing the same twice gives the same block', () => {
  const plaintext = random.bytes(100);
  assert.deepEqual(sealPiece(crypto, key, 3, plaintext), sealPiece(crypto, key, 3, plaintext));
});

test('pieces: no two numbers have one nonce, beyond 32 bits either', () => {
  const plaintext = random.bytes(100);
  const numbers = [3, 3 + 2 ** 8, 3 + 2 ** 31, 3 + 2 ** 32, 3 + 2 ** 40, 3 + 2 ** 52];
  const payloads = numbers.map((index) => Buffer.from(sealPiece(crypto, key, index, plaintext)).toString('hex'));
  assert.equal(new Set(payloads).size, numbers.length);
});

test('pieces: another key, place, kind or length is refused', () => {
  const payload = sealPiece(crypto, key, 3, random.bytes(100));
  const size = 3 * PIECE_BYTES + 100;
  const badSeal = { ok: false, code: 'bad-seal' };
  assert.ok(openPiece(crypto, key, 3, size, payload).ok);
  assert.deepEqual(openPiece(crypto, random.bytes(32), 3, size, payload), badSeal);
  assert.deepEqual(openPiece(crypto, key, 2, size, payload), badSeal);
  assert.deepEqual(openPiece(crypto, key, 3, size, sealBlock(crypto, key, 1, 3, random.bytes(100))), badSeal);
  assert.deepEqual(openPiece(crypto, key, 3, size, payload.subarray(1)), badSeal);
  assert.deepEqual(openPiece(crypto, key, 3, size - 1, payload), { ok: false, code: 'bad-padding' });
});

test('pieces: every flipped bit is refused', () => {
  const payload = sealPiece(crypto, key, 0, random.bytes(PIECE_BYTES));
  const bits = [...Array(256).keys(), ...Array.from({ length: 256 }, (_, bit) => PAYLOAD_BYTES * 8 - 1 - bit)];
  for (let sample = 0; sample < 500; sample += 1) bits.push(random.below(PAYLOAD_BYTES * 8));
  for (const bit of bits) assert.equal(openPiece(crypto, key, 0, PIECE_BYTES, flipBit(payload, bit)).ok, false);
});

test('pieces: keys of files, and of the manifest’s blocks, differ', () => {
  const contentKey = random.bytes(32);
  const keys = [
    fileKey(crypto, contentKey, 'a'),
    fileKey(crypto, contentKey, 'b'),
    fileKey(crypto, random.bytes(32), 'a'),
    manifestBlocksKey(crypto, contentKey),
  ].map((bytes) => Buffer.from(bytes).toString('hex'));
  assert.equal(new Set(keys).size, 4);
});

test('pieces: what is no piece is not sealed', () => {
  assert.throws(() => sealPiece(crypto, key, 0, new Uint8Array()), RangeError);
  assert.throws(() => sealPiece(crypto, key, 0, new Uint8Array(PIECE_BYTES + 1)), RangeError);
  for (const index of [-1, 0.5, 2 ** 53])
    assert.throws(() => sealPiece(crypto, key, index, new Uint8Array(1)), RangeError);
});
