/** The bytes by which two ends of a link agree on TCP. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decodePath,
  decodeTaken,
  encodePath,
  encodeTaken,
} from '../../../src-main/transport/hyperswarm/path-messages.ts';
import type { PathMessage } from '../../../src-main/transport/hyperswarm/path-messages.ts';

describe('messages about paths', () => {
  it('keep their meaning and their bytes', () => {
    const vectors: [PathMessage, string][] = [
      [{ kind: 'reach', port: 0x1234, token: new Uint8Array(16).fill(0xab) }, `003412${'ab'.repeat(16)}`],
      [{ kind: 'switch' }, '01'],
      [{ kind: 'lost', taken: 258, grantedBytes: 2 ** 40 }, '0202010000000000000000000000010000'],
    ];
    for (const [message, hex] of vectors) {
      assert.equal(Buffer.from(encodePath(message)).toString('hex'), hex);
      assert.deepEqual(decodePath(encodePath(message)), message);
    }
    assert.equal(decodeTaken(encodeTaken(2 ** 40)), 2 ** 40);
  });

  it('take nothing that would be written otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const message = decodePath(bytes);
        if (message !== undefined) assert.deepEqual(encodePath(message), bytes);
        const taken = decodeTaken(bytes);
        if (taken !== undefined) assert.deepEqual(encodeTaken(taken), bytes);
      }),
      { numRuns: 5_000 },
    );
    assert.equal(decodePath(Uint8Array.of(2, ...new Uint8Array(16).fill(255))), undefined);
    assert.equal(decodeTaken(new Uint8Array(8).fill(255)), undefined);
  });
});
