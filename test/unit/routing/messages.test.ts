/** The codecs of the channels `link` and `route`: canonical, strict, and never a throw. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { MAX_HTL } from '../../../src-main/core/limits.ts';
import {
  decodeHello,
  decodeRouteMessage,
  encodeHello,
  encodeRouteMessage,
  MAX_MESSAGE_BYTES,
} from '../../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { MESSAGES } from '../../vectors/message-vectors.ts';

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const id = fixed(16);
const htl = fc.integer({ min: 0, max: MAX_HTL });
const priority = fc.constantFrom(0 as const, 1 as const);
const record = fc.uint8Array({ maxLength: 64 });

const message: fc.Arbitrary<RouteMessage> = fc.oneof(
  fc.record({
    type: fc.constant('request' as const),
    id,
    kind: fc.constantFrom(1 as const, 2 as const),
    priority,
    htl,
    address: fixed(32),
  }),
  fc.record({
    type: fc.constant('request' as const),
    id,
    kind: fc.constant(2 as const),
    priority,
    htl,
    address: fixed(32),
    best: fixed(14),
  }),
  fc.record({ type: fc.constant('insert' as const), id, priority, htl, record }),
  fc.record({ type: fc.constantFrom('replicate' as const), id, record }),
  fc.record({ type: fc.constantFrom('found' as const), id, record }),
  fc.record({ type: fc.constant('stored' as const), id, copies: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ type: fc.constant('accepted' as const), id }),
  fc.record({
    type: fc.constantFrom(
      'notFound' as const,
      'loop' as const,
      'overload' as const,
      'noRoute' as const,
      'full' as const,
    ),
    id,
    htl,
  }),
);

test('every message comes back as it was', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const decoded = decodeRouteMessage(encodeRouteMessage(sent));
      assert.ok(decoded.ok);
      assert.deepEqual({ ...decoded.value }, { ...sent });
    }),
  );
});

test('whatever decodes encodes to the same bytes: there is one encoding of each message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      const decoded = decodeRouteMessage(bytes);
      if (decoded.ok) assert.ok(bytesEqual(encodeRouteMessage(decoded.value), bytes));
    }),
    { numRuns: 20_000 },
  );
});

test('a changed message either is another valid one or is refused, and never throws', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, position, flip) => {
      const bytes = encodeRouteMessage(sent);
      bytes[position % bytes.length]! ^= flip;
      const decoded = decodeRouteMessage(bytes);
      if (decoded.ok) assert.ok(bytesEqual(encodeRouteMessage(decoded.value), bytes));
    }),
  );
});

test('short, long, unknown and oversize messages have their codes', () => {
  const stored = encodeRouteMessage({ type: 'stored', id: new Uint8Array(16), copies: 4 });
  assert.deepEqual(decodeRouteMessage(stored.subarray(0, 17)), { ok: false, code: 'truncated' });
  assert.deepEqual(decodeRouteMessage(Uint8Array.of(...stored, 0)), { ok: false, code: 'trailing' });
  assert.deepEqual(decodeRouteMessage(Uint8Array.of(12, ...stored.subarray(1))), { ok: false, code: 'unknown-value' });
  assert.deepEqual(decodeRouteMessage(Uint8Array.of(0, ...stored.subarray(1))), { ok: false, code: 'unknown-value' });
  const found = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  found[0] = 4;
  assert.deepEqual(decodeRouteMessage(found), { ok: false, code: 'too-long' });
  const request = {
    type: 'request',
    id: new Uint8Array(16),
    kind: 1,
    priority: 0,
    htl: 3,
    address: new Uint8Array(32),
  } as const;
  const bytes = encodeRouteMessage(request);
  bytes[19] = MAX_HTL + 1;
  assert.deepEqual(decodeRouteMessage(bytes), { ok: false, code: 'too-long' });
});

test('hello: one encoding, and the exact length', () => {
  const hello = { version: 1, network: new Uint8Array(16).fill(5), targetLinks: 16 };
  const bytes = encodeHello(hello);
  assert.deepEqual(decodeHello(bytes), { ok: true, value: hello });
  for (let length = 0; length < bytes.length; length += 1)
    assert.equal(decodeHello(bytes.subarray(0, length)).ok, false);
  assert.equal(decodeHello(Uint8Array.of(...bytes, 0)).ok, false);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (any) => void decodeHello(any)));
});

test('the messages of the vectors decode to what stands beside them', () => {
  const { messages } = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8'));
  assert.equal(messages.length, MESSAGES.length);
  for (const [index, { bytes }] of messages.entries()) {
    const decoded = decodeRouteMessage(fromHex(bytes)!);
    assert.ok(decoded.ok);
    assert.deepEqual({ ...decoded.value }, { ...MESSAGES[index] });
  }
});
