import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { decodeControl, encodeControl } from '../../../src-main/transport/hyperswarm/control.ts';
import type { ControlMessage } from '../../../src-main/transport/hyperswarm/control.ts';
import {
  FrameGuard,
  FrameScreen,
  MAX_CHANNEL_CONTROL_FRAMES,
  MAX_FRAME_BYTES,
} from '../../../src-main/transport/hyperswarm/frames.ts';
import { topicOf } from '../../../src-main/transport/hyperswarm/topic.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';

function framed(length: number): Uint8Array {
  const bytes = new Uint8Array(3 + length).fill(0xff, 3);
  bytes.set([length & 255, (length >> 8) & 255, length >> 16]);
  return bytes;
}

describe('frame guard', () => {
  it('follows frames however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
        (lengths, cuts) => {
          const whole = Buffer.concat([...lengths.map(framed), framed(MAX_FRAME_BYTES), framed(MAX_FRAME_BYTES + 1)]);
          const endOfHeader = whole.length - (MAX_FRAME_BYTES + 1);
          const guard = new FrameGuard();
          let offset = 0;
          for (let index = 0; ; index += 1) {
            const step = cuts[index % cuts.length]!;
            const isWell = guard.accept(whole.subarray(offset, offset + step));
            offset += step;
            assert.equal(isWell, offset < endOfHeader);
            if (!isWell) break;
          }
        },
      ),
    );
  });
});

describe('frame screen', () => {
  it('passes what we send', () => {
    const screen = new FrameScreen();
    assert.equal(screen.check(Uint8Array.of(0, 1, 1, 1, 120, 0)), 'pass');
    assert.equal(screen.check(Uint8Array.of(3, 0, 9, 9)), 'pass');
    assert.equal(screen.check(new Uint8Array(0)), 'pass');
    assert.equal(screen.check(Uint8Array.of(1, 0)), 'pass');
    const longest = new Uint8Array(2 + 40_000);
    longest[0] = 1;
    assert.equal(screen.check(longest), 'pass');
  });

  it('refuses the rest', () => {
    const tooLong = new Uint8Array(2 + 40_001);
    tooLong[0] = 1;
    assert.equal(new FrameScreen().check(tooLong), 'oversized');
    for (const frame of [[0], [0, 0, 1], [0, 1], [0, 1, 0], [0, 4, 1], [0, 1, 253], [253, 1, 0], [7], [7, 1]]) {
      assert.equal(new FrameScreen().check(Uint8Array.from(frame)), 'violation', String(frame));
    }
  });

  it('counts openings', () => {
    const screen = new FrameScreen();
    for (let count = 0; count < MAX_CHANNEL_CONTROL_FRAMES; count += 1) {
      assert.equal(screen.check(Uint8Array.of(0, 1, 5, 0, 0)), 'pass');
    }
    assert.equal(screen.check(Uint8Array.of(0, 1, 5, 0, 0)), 'violation');
  });
});

describe('control messages', () => {
  it('keep their meaning and their bytes', () => {
    const vectors: Array<[ControlMessage, string]> = [
      [{ kind: 'hello', instance: new Uint8Array(16).fill(0xab), port: 0x1234 }, `00${'ab'.repeat(16)}3412`],
      [{ kind: 'ready' }, '01'],
      [{ kind: 'ping', number: 1 }, '0201000000'],
      [{ kind: 'pong', number: 0xffff_ffff }, '03ffffffff'],
      [{ kind: 'grant', totalBytes: 2 ** 40 }, '040000000000010000'],
      [{ kind: 'farewell', reason: 'unwanted' }, '0500'],
      [{ kind: 'farewell', reason: 'full' }, '0501'],
      [{ kind: 'farewell', reason: 'prefix' }, '0502'],
    ];
    for (const [message, hex] of vectors) {
      assert.equal(Buffer.from(encodeControl(message)).toString('hex'), hex);
      assert.deepEqual(decodeControl(encodeControl(message)), message);
    }
  });

  it('take nothing that would be written otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const message = decodeControl(bytes);
        if (message !== undefined) assert.deepEqual(encodeControl(message), bytes);
      }),
      { numRuns: 5_000 },
    );
    assert.equal(decodeControl(Uint8Array.of(4, 255, 255, 255, 255, 255, 255, 255, 255)), undefined);
  });
});

describe('topic', () => {
  it('is the hash that the port of cryptography gives', () => {
    for (const name of ['', 'broadside', 'practice']) {
      const network = new TextEncoder().encode(name);
      assert.deepEqual(topicOf(network), createSodiumCrypto().hash('broadside/topic/1', network));
    }
  });
});
