import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inlineManifestBytes, sealManifest } from '../../../src-main/core/publish/manifest.ts';
import {
  decodeSlotPayload,
  encodeSlotPayload,
  inlineCapacityBytes,
  SLOT_PLAINTEXT_BYTES,
} from '../../../src-main/core/publish/slot-payload.ts';
import type { SlotBody, SlotPayload } from '../../../src-main/core/publish/slot-payload.ts';
import { anyList, bytesOf, crypto, random, samplePayload, samplePublication } from './samples.ts';

const anyBody: fc.Arbitrary<SlotBody> = fc.oneof(
  fc
    .tuple(bytesOf(40), fc.uint8Array({ maxLength: 3_000 }))
    .map(([share, sealedManifest]) => ({ kind: 'inline' as const, share, sealedManifest })),
  fc.tuple(bytesOf(40), anyList).map(([share, list]) => ({ kind: 'blocks' as const, share, list })),
  fc.constant({ kind: 'moved' as const, link: samplePublication().link }),
  fc.constant({ kind: 'deleted' as const }),
);
const anyKdf = fc.option(
  fc
    .tuple(bytesOf(16), fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 0xffff_ffff }))
    .map(([salt, passes, memoryKib]) => ({ salt, cost: { passes, memoryKib } })),
  { nil: undefined },
);
const anyPayload: fc.Arbitrary<SlotPayload> = fc.integer({ min: 1, max: 100 }).chain((n) =>
  fc.record(
    {
      k: fc.integer({ min: 1, max: n }),
      n: fc.constant(n),
      index: fc.integer({ min: 1, max: n }),
      edition: fc.integer({ min: 1, max: 0xffff_ffff }),
      kdf: anyKdf,
      names: fc.array(bytesOf(16), { minLength: n, maxLength: n }),
      body: anyBody,
    },
    { noNullPrototype: true },
  ),
);

test('slot payloads: round trip at one size', () => {
  fc.assert(
    fc.property(anyPayload, (payload) => {
      const bytes = encodeSlotPayload(payload);
      assert.equal(bytes.length, SLOT_PLAINTEXT_BYTES);
      assert.deepEqual(decodeSlotPayload(bytes), { ok: true, value: payload });
    }),
    { numRuns: 200 },
  );
});

test('slot payloads: the largest manifest that fits in whatever else is as long as it can be', () => {
  for (const n of [1, 10, 100]) {
    const publication = samplePublication(1, n);
    const longest = {
      edition: 0xffff_ffff,
      kdf: { salt: random.bytes(16), cost: { passes: 255, memoryKib: 0xffff_ffff } },
    };
    const manifest = sealManifest(crypto, random.bytes(32), new Uint8Array(inlineManifestBytes(n)));
    assert.equal(manifest.length, inlineCapacityBytes(n));
    const body = { kind: 'inline' as const, share: random.bytes(40), sealedManifest: manifest };
    const payload = { ...samplePayload(publication, 1), ...longest, body };
    assert.deepEqual(decodeSlotPayload(encodeSlotPayload(payload)), { ok: true, value: payload });
    const tooLong = { ...body, sealedManifest: new Uint8Array(manifest.length + 1) };
    assert.throws(() => encodeSlotPayload({ ...payload, body: tooLong }), RangeError);
  }
  assert.ok(inlineManifestBytes(100) > 24 * 1_024 + 5_000, 'a file of 24 KiB is inline at any number of shares');
});

test('slot payloads: any change of the encoding is refused, or has a meaning of its own', () => {
  for (let round = 0; round < 6; round += 1) {
    const [payload] = fc.sample(anyPayload, { numRuns: 1, seed: round });
    const bytes = encodeSlotPayload(payload!);
    const used = bytes.findLastIndex((byte) => byte !== 0) + 4;
    for (let offset = 0; offset < Math.min(used, 2_600); offset += 1) {
      const changed = bytes.slice();
      changed[offset]! ^= 1 << random.below(8);
      const decoded = decodeSlotPayload(changed);
      if (decoded.ok) assert.deepEqual(encodeSlotPayload(decoded.value), changed, `offset ${offset}`);
    }
  }
});

test('slot payloads: what is not canonical is refused with its code', () => {
  const bytes = encodeSlotPayload(samplePayload(samplePublication(), 2));
  const at = (offset: number, ...values: number[]) => {
    const changed = bytes.slice();
    changed.set(values, offset);
    return decodeSlotPayload(changed);
  };
  assert.ok(decodeSlotPayload(bytes).ok);
  assert.deepEqual(decodeSlotPayload(bytes.subarray(1)), { ok: false, code: 'truncated' });
  assert.deepEqual(decodeSlotPayload(Uint8Array.of(...bytes, 0)), { ok: false, code: 'trailing' });
  assert.deepEqual(at(0, 2), { ok: false, code: 'unknown-value' }, 'format');
  assert.deepEqual(at(1, 0), { ok: false, code: 'unknown-value' }, 'k = 0');
  assert.deepEqual(at(1, 6), { ok: false, code: 'unknown-value' }, 'k > n');
  assert.deepEqual(at(2, 101), { ok: false, code: 'unknown-value' }, 'n > 100');
  assert.deepEqual(at(3, 0), { ok: false, code: 'unknown-value' }, 'index 0');
  assert.deepEqual(at(3, 6), { ok: false, code: 'unknown-value' }, 'index > n');
  assert.deepEqual(at(4, 0), { ok: false, code: 'unknown-value' }, 'edition 0');
  assert.deepEqual(at(4, 0x81, 0), { ok: false, code: 'non-minimal' }, 'edition');
  assert.deepEqual(at(21, 0), { ok: false, code: 'not-canonical' }, 'memory without passes');
  const bodyKind = 4 + 1 + 16 + 1 + 3 + 5 * 16;
  assert.equal(bytes[bodyKind], 0);
  assert.deepEqual(at(bodyKind, 4), { ok: false, code: 'unknown-value' }, 'body kind');
  assert.deepEqual(at(bodyKind + 41, 0xff, 0xff, 0x7f), { ok: false, code: 'too-long' }, 'length');
  assert.deepEqual(at(bytes.length - 1, 1), { ok: false, code: 'not-canonical' }, 'padding');
  assert.deepEqual(at(bodyKind + 41 + 2 + 500, 1), { ok: false, code: 'not-canonical' }, 'padding');
});

test('slot payloads: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (head) => {
      const whole = new Uint8Array(SLOT_PLAINTEXT_BYTES);
      whole.set(head);
      whole[0] = 1;
      for (const bytes of [head, whole]) {
        const decoded = decodeSlotPayload(bytes);
        if (decoded.ok) assert.deepEqual(encodeSlotPayload(decoded.value), bytes);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('slot payloads: what has no encoding is not encoded', () => {
  const payload = samplePayload(samplePublication(), 2);
  const wrong: Partial<SlotPayload>[] = [
    { k: 0 },
    { k: 6 },
    { index: 0 },
    { index: 6 },
    { edition: 0 },
    { edition: 2 ** 32 },
    { names: payload.names.slice(1) },
    { names: [...payload.names.slice(1), new Uint8Array(15)] },
    { kdf: { salt: new Uint8Array(16), cost: { passes: 0, memoryKib: 1 } } },
    { kdf: { salt: new Uint8Array(15), cost: { passes: 1, memoryKib: 1 } } },
    { body: { kind: 'inline', share: new Uint8Array(39), sealedManifest: new Uint8Array() } },
  ];
  for (const change of wrong) assert.throws(() => encodeSlotPayload({ ...payload, ...change }), RangeError);
});
