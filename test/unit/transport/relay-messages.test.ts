/** Messages about what is carried for others: what is written is read again, and nothing else is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  decodeRelay,
  encodeRelay,
  MAX_RELAY_DATA_BYTES,
} from '../../../src-main/transport/hyperswarm/relay/messages.ts';
import type { RelayMessage } from '../../../src-main/transport/hyperswarm/relay/messages.ts';
import { RELAYS } from '../../vectors/wire-samples.ts';

const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const refusal = fc.constantFrom('off', 'stranger', 'no-link', 'busy', 'spent', 'refused', 'lost');
const kind = <Kind extends string>(name: Kind) => fc.constant(name);
const message: fc.Arbitrary<RelayMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ask', 'open', 'offer'), number, publicKey }),
  fc.record({ kind: kind('answer'), number, outcome: kind('none'), roundTripMs: fc.integer({ min: 0, max: 65_535 }) }),
  fc.record({ kind: kind('answer'), number, outcome: refusal, roundTripMs: fc.constant(0) }),
  fc.record({ kind: kind('accept'), number }),
  fc.record({ kind: kind('data'), number, bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }) }),
  fc.record({ kind: kind('grant'), number, totalBytes: fc.maxSafeNat() }),
  fc.record({ kind: kind('close'), number, outcome: fc.oneof(refusal, fc.constant('none' as const)) }),
);

describe('messages of the channel relay', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(message, (each) => assert.deepEqual(decodeRelay(encodeRelay(each)), { ...each })));
  });

  it('are refused when they are longer, shorter or end in anything else', () => {
    for (const each of RELAYS) {
      const bytes = encodeRelay(each);
      const isData = each.kind === 'data';
      for (let length = 0; length < bytes.length; length += 1) {
        if (!isData || length <= 5) assert.equal(decodeRelay(bytes.subarray(0, length)), undefined);
      }
      if (!isData) assert.equal(decodeRelay(Uint8Array.of(...bytes, 0)), undefined);
    }
    const long = encodeRelay({ kind: 'data', number: 0, bytes: new Uint8Array(MAX_RELAY_DATA_BYTES + 1) });
    assert.equal(decodeRelay(long), undefined);
  });

  it('that can be read are what is written of them, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 9 }), (bytes, first) => {
        if (bytes.length > 0) bytes[0] = first;
        const read = decodeRelay(bytes);
        if (read !== undefined) assert.deepEqual(encodeRelay(read), bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
