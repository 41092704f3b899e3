/** The codec of the channel `route`: canonical, strict, and never a throw. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { MAX_CHECKED, MAX_HTL, MAX_SOUGHT, MAX_STAMP_BITS } from '../../../src-main/core/limits.ts';
import {
  decodeRouteMessage,
  encodeRouteMessage,
  MAX_AGE,
  MAX_MESSAGE_BYTES,
} from '../../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { KIND_SLOT, SLOT_RECORD_BYTES } from '../../../src-main/core/wire/record.ts';
import { contact, routeMessage, routeMessages } from '../../support/wire-arbitraries.ts';
import { MESSAGES } from '../../vectors/message-vectors.ts';

const id = new Uint8Array(16);
const publicKey = new Uint8Array(32).fill(9);
const offer = { publicKey, host: '198.51.100.7', port: 49_737 };

function refused(bytes: Uint8Array | readonly number[], code: string): void {
  assert.deepEqual(decodeRouteMessage(Uint8Array.from(bytes)), { ok: false, code });
}

/** `message` with one byte of its encoding replaced. */
function withByte(message: RouteMessage, offset: number, value: number): Uint8Array {
  const bytes = encodeRouteMessage(message);
  bytes[offset] = value;
  return bytes;
}

for (const [type, arbitrary] of Object.entries(routeMessages)) {
  test(`${type} comes back as it was`, () => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<RouteMessage>, (sent) => {
        const decoded = decodeRouteMessage(encodeRouteMessage(sent));
        assert.ok(decoded.ok);
        assert.deepEqual(decoded.value, sent);
      }),
    );
  });

  test(`${type}: every prefix and every trailing byte is refused, where no record ends it`, () => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<RouteMessage>, fc.integer({ min: 0, max: 255 }), (sent, extra) => {
        const bytes = encodeRouteMessage(sent);
        const headBytes = 'record' in sent ? bytes.length - sent.record.length : bytes.length;
        for (let length = 0; length < headBytes; length += 1) refused(bytes.subarray(0, length), 'truncated');
        if ('record' in sent) {
          const longer = decodeRouteMessage(Uint8Array.of(...bytes, extra));
          assert.deepEqual(longer, { ok: true, value: { ...sent, record: Uint8Array.of(...sent.record, extra) } });
        } else refused([...bytes, extra], 'trailing');
      }),
      { numRuns: 30 },
    );
  });
}

test('whatever decodes encodes to the same bytes: there is one encoding of each message', () => {
  // The type and what follows the id are drawn apart, else hardly a byte string would be a message.
  const bytes = fc
    .tuple(
      fc.integer({ min: 0, max: 17 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ maxLength: 90 }),
    )
    .map(([type, drawnId, rest]) => Uint8Array.of(type, ...drawnId, ...rest));
  const seen = new Set<string>();
  fc.assert(
    fc.property(bytes, (drawn) => {
      const decoded = decodeRouteMessage(drawn);
      if (!decoded.ok) return;
      seen.add(decoded.value.type);
      assert.ok(bytesEqual(encodeRouteMessage(decoded.value), drawn));
    }),
    { numRuns: 20_000, seed: 1 },
  );
  assert.ok(seen.size >= 8, `only ${[...seen].join(', ')} were met`);
});

test('a changed message either is another valid one or is refused, and never throws', () => {
  fc.assert(
    fc.property(routeMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, position, flip) => {
      const bytes = encodeRouteMessage(sent);
      bytes[position % bytes.length]! ^= flip;
      const decoded = decodeRouteMessage(bytes);
      if (decoded.ok) assert.ok(bytesEqual(encodeRouteMessage(decoded.value), bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('unknown types, flags, kinds and priorities are refused', () => {
  const request = { type: 'request', id, kind: 1, priority: 0, htl: 3, address: new Uint8Array(32) } as const;
  for (const type of [0, 19, 255]) refused(withByte(request, 0, type), 'unknown-value');
  for (const kind of [0, 3, 255]) refused(withByte(request, 17, kind), 'unknown-value');
  refused(withByte(request, 18, 2), 'unknown-value');
  refused(withByte(request, 52, 2), 'unknown-value');
  const stemRequest = { type: 'stemRequest', id, kind: KIND_SLOT, priority: 1, address: new Uint8Array(32) } as const;
  refused(withByte(stemRequest, 17, 3), 'unknown-value');
  refused(withByte(stemRequest, 18, 2), 'unknown-value');
  const stamp = new Uint8Array(8);
  refused(withByte({ type: 'insert', id, priority: 1, htl: 3, stamp, record: id }, 17, 2), 'unknown-value');
  refused(withByte({ type: 'stemInsert', id, priority: 1, stamp, record: id }, 17, 2), 'unknown-value');
  refused(withByte({ type: 'found', age: 0, id, hops: 0, record: id }, 19, 2), 'unknown-value');
  refused(withByte({ type: 'found', age: 0, id, hops: 0, record: id }, 18, MAX_AGE + 1), 'too-long');
  refused(withByte({ type: 'stored', id, hops: 0, copies: 4 }, 19, 2), 'unknown-value');
});

test('HTL, hops and bits over their bounds are refused, in one byte and in more', () => {
  const bounded: readonly [RouteMessage, number, number][] = [
    [{ type: 'request', id, kind: 1, priority: 0, htl: 3, address: new Uint8Array(32) }, 19, MAX_HTL],
    [{ type: 'insert', id, priority: 1, htl: 3, stamp: new Uint8Array(8), record: id }, 18, MAX_HTL],
    [{ type: 'seek', id, htl: 3, place: new Uint8Array(8) }, 17, MAX_HTL],
    [{ type: 'noRoute', id, htl: 3 }, 17, MAX_HTL],
    [{ type: 'found', age: 0, id, hops: 0, record: id }, 17, 2 * MAX_HTL],
    [{ type: 'stored', id, hops: 0, copies: 4 }, 17, 2 * MAX_HTL],
    [{ type: 'underpaid', id, bits: 4 }, 17, MAX_STAMP_BITS],
  ];
  for (const [message, offset, most] of bounded) {
    assert.ok(decodeRouteMessage(withByte(message, offset, most)).ok, `${message.type} with ${most}`);
    refused(withByte(message, offset, most + 1), 'too-long');
    const bytes = encodeRouteMessage(message);
    refused([...bytes.subarray(0, offset), 0x80 | most, 0, ...bytes.subarray(offset + 1)], 'non-minimal');
  }
});

test('a contact is written in one way: no port 0, no flag 2, no host that is not IPv4', () => {
  const stored = { type: 'stored', id, hops: 1, copies: 4, offer } as const;
  const bytes = encodeRouteMessage(stored);
  assert.equal(bytes.length, 20 + 39);
  refused(withByte(stored, 20 + 32, 2), 'unknown-value');
  const portless = bytes.slice();
  portless.fill(0, bytes.length - 2);
  refused(portless, 'unknown-value');
  for (const fault of [
    { host: '::1' },
    { host: '256.1.1.1' },
    { host: '1.2.3' },
    { host: 'example.org' },
    { port: 0 },
    { port: 65_536 },
    { port: 1.5 },
    { port: undefined },
    { host: undefined },
  ]) {
    const unusable = { ...offer, ...fault } as typeof offer;
    const decoded = decodeRouteMessage(encodeRouteMessage({ ...stored, offer: unusable }));
    assert.deepEqual(decoded, { ok: true, value: { ...stored, offer: { publicKey } } });
  }
});

test('sought has at most six contacts', () => {
  const contacts = fc.sample(contact, { numRuns: MAX_SOUGHT + 1, seed: 1 });
  const most = contacts.slice(1);
  assert.deepEqual(decodeRouteMessage(encodeRouteMessage({ type: 'sought', id, contacts: most })), {
    ok: true,
    value: { type: 'sought', id, contacts: most },
  });
  refused(encodeRouteMessage({ type: 'sought', id, contacts }), 'too-long');
});

test('one message asks about 1 to 32 records', () => {
  const addresses = Array.from({ length: MAX_CHECKED + 1 }, (_, number) => new Uint8Array(32).fill(number));
  const most: RouteMessage = { type: 'check', id, addresses: addresses.slice(1) };
  assert.deepEqual(decodeRouteMessage(encodeRouteMessage(most)), { ok: true, value: most });
  refused(encodeRouteMessage({ type: 'check', id, addresses }), 'too-long');
  refused(encodeRouteMessage({ type: 'check', id, addresses: [] }), 'unknown-value');
  refused(encodeRouteMessage({ type: 'checked', id, proofs: addresses.map(() => id) }), 'too-long');
});

test('the longest message is a slot that was found, with an offer; a longer record is refused in every message', () => {
  const record = new Uint8Array(SLOT_RECORD_BYTES);
  assert.equal(encodeRouteMessage({ type: 'found', age: 0, id, hops: 1, offer, record }).length, MAX_MESSAGE_BYTES);
  const stamp = new Uint8Array(8);
  const heads = [
    { type: 'found', age: 0, id, hops: 1, offer },
    { type: 'found', age: 0, id, hops: 1 },
    { type: 'replicate', id, stamp: new Uint8Array(8) },
    { type: 'insert', id, priority: 1, htl: 3, stamp },
    { type: 'stemInsert', id, priority: 1, stamp },
  ] as const;
  for (const head of heads) {
    const bytes = encodeRouteMessage({ ...head, record });
    assert.ok(decodeRouteMessage(bytes).ok);
    assert.ok(bytes.length <= MAX_MESSAGE_BYTES);
    // Written into memory of its very length: what is left over would be copied once more.
    assert.equal(bytes.buffer.byteLength, bytes.length);
    refused(encodeRouteMessage({ ...head, record: new Uint8Array(SLOT_RECORD_BYTES + 1) }), 'too-long');
  }
});

test('the messages of the vectors decode to what stands beside them, and are of every type', () => {
  const { messages } = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8'));
  assert.equal(messages.length, MESSAGES.length);
  for (const [index, { bytes }] of messages.entries())
    assert.deepEqual(decodeRouteMessage(fromHex(bytes)!), { ok: true, value: MESSAGES[index] });
  assert.deepEqual(new Set(MESSAGES.map(({ type }) => type)), new Set(Object.keys(routeMessages)));
});
