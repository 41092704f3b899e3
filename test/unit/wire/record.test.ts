import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../../shared/base/bytes.ts';
import {
  CONTENT_RECORD_BYTES,
  contentAddress,
  decodeRecord,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  MAX_COUNTER,
  PAYLOAD_BYTES,
  rankOf,
  replacementRank,
  SLOT_RECORD_BYTES,
  slotAddress,
  slotDigest,
  verifyRecord,
  versionOf,
} from '../../../src-main/core/wire/record.ts';
import type { SlotClass, SlotRecord, SlotState } from '../../../src-main/core/wire/record.ts';
import { bytesOf, crypto, flipBit, random } from '../publish/samples.ts';

const keys = crypto.keyPairFromSeed(random.bytes(32));

function signedSlot(slotClass: SlotClass, state: SlotState, counter: number): SlotRecord {
  const unsigned = {
    class: slotClass,
    state,
    publicKey: keys.publicKey,
    slotId: random.bytes(32),
    version: { counter, tie: random.bytes(8) },
    payload: random.bytes(PAYLOAD_BYTES),
  };
  return { kind: KIND_SLOT, ...unsigned, signature: crypto.sign(slotDigest(crypto, unsigned), keys.secretKey) };
}

/** Head, tail and a sample of what lies between. */
function sampledBits(length: number): number[] {
  const total = length * 8;
  const bits = [...Array(1_300).keys(), ...Array.from({ length: 64 }, (_, bit) => total - 1 - bit)];
  for (let sample = 0; sample < 300; sample += 1) bits.push(random.below(total));
  return bits;
}

test('records: round trip at the two sizes', () => {
  const content = { kind: KIND_CONTENT, payload: random.bytes(PAYLOAD_BYTES) } as const;
  const slot = signedSlot(1, 0, 7);
  assert.equal(encodeRecord(content).length, CONTENT_RECORD_BYTES);
  assert.equal(encodeRecord(slot).length, SLOT_RECORD_BYTES);
  assert.deepEqual(decodeRecord(encodeRecord(content)), { ok: true, value: content });
  assert.deepEqual(decodeRecord(encodeRecord(slot)), { ok: true, value: slot });
  assert.deepEqual(verifyRecord(crypto, encodeRecord(content), undefined), {
    ok: true,
    value: { record: content, address: contentAddress(crypto, content.payload) },
  });
  const address = slotAddress(crypto, 1, slot.publicKey, slot.slotId);
  assert.deepEqual(verifyRecord(crypto, encodeRecord(slot), address), { ok: true, value: { record: slot, address } });
});

test('content blocks: every flipped bit is refused', () => {
  const bytes = encodeRecord({ kind: KIND_CONTENT, payload: random.bytes(PAYLOAD_BYTES) });
  const address = contentAddress(crypto, bytes.subarray(1));
  assert.ok(verifyRecord(crypto, bytes, address).ok);
  for (const bit of sampledBits(bytes.length))
    assert.equal(verifyRecord(crypto, flipBit(bytes, bit), address).ok, false, `${bit}`);
});

test('slots: every flipped bit is refused, even where the address is not known', () => {
  const slot = signedSlot(1, 0, 7);
  const bytes = encodeRecord(slot);
  for (const bit of sampledBits(bytes.length))
    assert.equal(verifyRecord(crypto, flipBit(bytes, bit), undefined).ok, false, `${bit}`);
});

test('slots: classes allow what they say', () => {
  const allowed: [SlotClass, SlotState, number][] = [
    [1, 0, 1],
    [1, 0, 2],
    [1, 0, MAX_COUNTER],
    [1, 1, 2],
    [1, 1, 9],
    [2, 0, 1],
    [2, 1, 2],
    [3, 0, 1],
  ];
  const forbidden: [SlotClass, SlotState, number][] = [
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
    [2, 0, 0],
    [2, 0, 2],
    [2, 1, 1],
    [2, 1, 3],
    [3, 0, 0],
    [3, 0, 2],
    [3, 1, 1],
    [3, 1, 2],
  ];
  for (const [slotClass, state, counter] of allowed) {
    assert.ok(
      verifyRecord(crypto, encodeRecord(signedSlot(slotClass, state, counter)), undefined).ok,
      `${slotClass} ${state} ${counter}`,
    );
  }
  for (const [slotClass, state, counter] of forbidden) {
    const outcome = verifyRecord(crypto, encodeRecord(signedSlot(slotClass, state, counter)), undefined);
    assert.deepEqual(outcome, { ok: false, code: 'class-forbids' }, `${slotClass} ${state} ${counter}`);
  }
});

test('slots: signed for another address, class or by another key', () => {
  const slot = signedSlot(1, 0, 1);
  assert.deepEqual(verifyRecord(crypto, encodeRecord(slot), random.bytes(32)), { ok: false, code: 'wrong-address' });
  for (const change of [
    { class: 2 as const },
    { slotId: random.bytes(32) },
    { publicKey: crypto.keyPairFromSeed(random.bytes(32)).publicKey },
  ]) {
    assert.deepEqual(verifyRecord(crypto, encodeRecord({ ...slot, ...change }), undefined), {
      ok: false,
      code: 'bad-signature',
    });
  }
});

test('records: unknown kinds and wrong sizes have their codes', () => {
  const bytes = encodeRecord(signedSlot(1, 0, 1));
  for (const [offset, value] of [
    [0, 0],
    [0, 3],
    [1, 0],
    [1, 5],
    [2, 2],
  ] as const) {
    assert.deepEqual(decodeRecord(bytes.with(offset, value)), { ok: false, code: 'unknown-value' });
  }
  assert.deepEqual(decodeRecord(bytes.subarray(0, -1)), { ok: false, code: 'truncated' });
  assert.deepEqual(decodeRecord(Uint8Array.of(...bytes, 0)), { ok: false, code: 'trailing' });
  assert.deepEqual(decodeRecord(bytes.with(0, KIND_CONTENT)), { ok: false, code: 'trailing' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      assert.equal(verifyRecord(crypto, any, undefined).ok, false);
    }),
  );
});

test('versions: their ranks compare as they do, and read back', () => {
  const version = fc.record({ counter: fc.nat(MAX_COUNTER), tie: bytesOf(8) }, { noNullPrototype: true });
  fc.assert(
    fc.property(version, version, (a, b) => {
      const expected = Math.sign(a.counter - b.counter) || Math.sign(compareBytes(a.tie, b.tie));
      assert.equal(Math.sign(compareBytes(rankOf(a), rankOf(b))), expected);
      assert.deepEqual(versionOf(rankOf(a)), a);
    }),
  );
  assert.equal(replacementRank(signedSlot(3, 0, 1)), undefined);
  assert.equal(replacementRank({ kind: KIND_CONTENT, payload: new Uint8Array() }), undefined);
  const slot = signedSlot(2, 0, 1);
  assert.deepEqual(replacementRank(slot), rankOf(slot.version));
});
