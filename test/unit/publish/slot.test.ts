import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeSlot, readSlot, regionOf, slotPlace, slotPlaces } from '../../../src-main/core/publish/slot.ts';
import type { SlotContents } from '../../../src-main/core/publish/slot.ts';
import type { SlotPayload } from '../../../src-main/core/publish/slot-payload.ts';
import type { SlotVersion } from '../../../src-main/core/wire/record.ts';
import {
  decodeRecord,
  encodeRecord,
  KIND_SLOT,
  slotDigest,
  STATE_LIVE,
  verifyRecord,
} from '../../../src-main/core/wire/record.ts';
import { bytesOf, crypto, flipBit, random, samplePayload, samplePublication } from './samples.ts';

const first: SlotVersion = { counter: 1, tie: new Uint8Array(8) };

function slotOf(publication = samplePublication(), index = 2, version = first, change: Partial<SlotPayload> = {}) {
  const place = slotPlace(crypto, publication.link, index)!;
  const payload = { ...samplePayload(publication, index), ...change };
  return {
    place,
    payload,
    publication,
    record: makeSlot(crypto, random, publication.keys.secretKey, place, version, payload),
  };
}

test('each slot lies in its part of the circle, for any number of shares', () => {
  for (const n of [1, 2, 3, 10, 100]) {
    const places = slotPlaces(crypto, samplePublication(1, n).link)!;
    assert.equal(places.length, n);
    for (const place of places) {
      const location = new DataView(place.address.buffer).getBigUint64(0, false);
      assert.equal(Number((BigInt(n) * location) >> 64n), place.index - 1);
    }
    for (const field of ['address', 'publicKey', 'slotId', 'payloadKey', 'tweak'] as const) {
      assert.equal(new Set(places.map((place) => Buffer.from(place[field]).toString('hex'))).size, n, field);
    }
  }
});

test('the part of the circle is exact at every boundary', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.nat(99),
      fc.integer({ min: -2, max: 2 }),
      bytesOf(8),
      (n, part, off, other) => {
        const boundary = ((BigInt(part % n) << 64n) + BigInt(n) - 1n) / BigInt(n) + BigInt(off);
        for (const location of [BigInt.asUintN(64, boundary), new DataView(other.buffer).getBigUint64(0)]) {
          const address = new Uint8Array(32);
          new DataView(address.buffer).setBigUint64(0, location, false);
          assert.equal(regionOf(address, n), Number((BigInt(n) * location) >> 64n) + 1);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

test('places follow from class, n, document key and read secret', () => {
  const { link } = samplePublication();
  const place = slotPlace(crypto, link, 1)!;
  assert.deepEqual(slotPlace(crypto, { ...link }, 1), place);
  const others = [
    { ...link, class: 2 as const },
    { ...link, readSecret: random.bytes(16) },
    { ...link, documentKey: samplePublication().link.documentKey },
  ];
  for (const other of others) assert.notDeepEqual(slotPlace(crypto, other, 1)!.address, place.address);
  assert.equal(slotPlace(crypto, { ...link, documentKey: new Uint8Array(32) }, 1), undefined);
  assert.equal(slotPlaces(crypto, { ...link, documentKey: new Uint8Array(32).fill(255) }), undefined);
  for (const index of [0, 6, 1.5]) assert.throws(() => slotPlace(crypto, link, index), RangeError);
});

test('a slot is read back by who has the link, and any hop can verify it', () => {
  for (const slotClass of [1, 2, 3] as const) {
    const { place, payload, publication, record } = slotOf(samplePublication(3, 5, slotClass));
    assert.ok(verifyRecord(crypto, record, place.address).ok);
    const read = readSlot(crypto, publication.link, place, record);
    assert.deepEqual(read, { ok: true, value: { version: first, payload } satisfies SlotContents });
  }
});

test('moved and deleted slots: read back, with the state that belongs to them, and without a share', () => {
  const publication = samplePublication();
  const second = { counter: 2, tie: random.bytes(8) };
  const newer = samplePublication(2, 4).link;
  const moved = slotOf(publication, 1, second, { body: { kind: 'moved', link: newer } });
  assert.deepEqual(readSlot(crypto, publication.link, moved.place, moved.record), {
    ok: true,
    value: { version: second, payload: moved.payload },
  });
  const deleted = slotOf(publication, 1, second, { body: { kind: 'deleted' } });
  const decoded = decodeRecord(deleted.record);
  assert.ok(decoded.ok && decoded.value.kind === KIND_SLOT && decoded.value.state === 1);
  assert.ok(readSlot(crypto, publication.link, deleted.place, deleted.record).ok);
});

test('a delete-only publication cannot move, a fixed one can do neither', () => {
  for (const [slotClass, body] of [
    [2, { kind: 'moved', link: samplePublication().link }],
    [3, { kind: 'moved', link: samplePublication().link }],
    [3, { kind: 'deleted' }],
  ] as const) {
    const publication = samplePublication(3, 5, slotClass);
    const { place, record } = slotOf(publication, 1, { counter: 2, tie: new Uint8Array(8) }, { body });
    assert.deepEqual(readSlot(crypto, publication.link, place, record), { ok: false, code: 'class-forbids' });
  }
});

test('every flipped bit of a slot is refused', () => {
  const { place, publication, record } = slotOf();
  const headBits = (record.length - 32_768) * 8;
  const bits = Array.from({ length: headBits }, (_, bit) => bit);
  // Of the payload a sample: its first and last bytes, and one bit in about 500.
  for (let bit = headBits; bit < record.length * 8; bit += bit < headBits + 512 ? 1 : 1 + random.below(1_000))
    bits.push(bit);
  for (let bit = record.length * 8 - 256; bit < record.length * 8; bit += 1) bits.push(bit);
  for (const bit of bits)
    assert.equal(readSlot(crypto, publication.link, place, flipBit(record, bit)).ok, false, `bit ${bit}`);
});

test('a slot that is signed anew over a changed payload does not open', () => {
  const { place, publication, record } = slotOf();
  const decoded = decodeRecord(record);
  assert.ok(decoded.ok && decoded.value.kind === KIND_SLOT);
  const slot = decoded.value;
  for (let round = 0; round < 200; round += 1) {
    const payload = flipBit(slot.payload, random.below(slot.payload.length * 8));
    const signature = crypto.signBlinded(
      slotDigest(crypto, { ...slot, payload }),
      publication.keys.secretKey,
      place.tweak,
    );
    const changed = encodeRecord({ ...slot, payload, signature });
    assert.ok(verifyRecord(crypto, changed, place.address).ok);
    assert.deepEqual(readSlot(crypto, publication.link, place, changed), { ok: false, code: 'bad-seal' });
  }
  const version = { counter: 3, tie: slot.version.tie };
  const signature = crypto.signBlinded(
    slotDigest(crypto, { ...slot, version }),
    publication.keys.secretKey,
    place.tweak,
  );
  const moved = encodeRecord({ ...slot, version, signature });
  assert.deepEqual(
    readSlot(crypto, publication.link, place, moved),
    { ok: false, code: 'bad-seal' },
    'version is associated',
  );
});

test('a slot whose contents are not those of the link is refused', () => {
  const publication = samplePublication();
  const { place, record } = slotOf(publication);
  const wrongLinks = [
    { ...publication.link, k: 2 },
    { ...publication.link, n: 6 },
    { ...publication.link, namesDigest: new Uint8Array(16) },
  ];
  for (const link of wrongLinks) {
    assert.deepEqual(readSlot(crypto, link, place, record), { ok: false, code: 'wrong-publication' });
  }
  const otherPlace = slotPlace(crypto, publication.link, 3)!;
  assert.deepEqual(readSlot(crypto, publication.link, otherPlace, record), { ok: false, code: 'wrong-address' });
  const content = encodeRecord({ kind: 1, payload: new Uint8Array(32_768) });
  assert.equal(readSlot(crypto, publication.link, place, content).ok, false);
});

test('a tombstone has to say that it is deleted', () => {
  const { place, publication, payload } = slotOf();
  const second = { counter: 2, tie: new Uint8Array(8) };
  const record = makeSlot(crypto, random, publication.keys.secretKey, place, second, payload);
  const decoded = decodeRecord(record);
  assert.ok(decoded.ok && decoded.value.kind === KIND_SLOT && decoded.value.state === STATE_LIVE);
  const tombstone = { ...decoded.value, state: 1 as const };
  const signature = crypto.signBlinded(slotDigest(crypto, tombstone), publication.keys.secretKey, place.tweak);
  assert.deepEqual(readSlot(crypto, publication.link, place, encodeRecord({ ...tombstone, signature })), {
    ok: false,
    code: 'wrong-publication',
  });
});

test('records of any bytes never throw', () => {
  const { place, publication, record } = slotOf();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(record.length), (bytes, cut) => {
      assert.equal(readSlot(crypto, publication.link, place, bytes).ok, false);
      assert.equal(readSlot(crypto, publication.link, place, record.subarray(0, cut)).ok, cut === record.length);
    }),
  );
});

test('sealing again gives other bytes: nonces are fresh', () => {
  const { place, publication, payload, record } = slotOf();
  assert.notDeepEqual(makeSlot(crypto, random, publication.keys.secretKey, place, first, payload), record);
});

test('makeSlot refuses what contradicts itself', () => {
  const { place, publication, payload } = slotOf();
  const make = (change: Partial<SlotPayload>) =>
    makeSlot(crypto, random, publication.keys.secretKey, place, first, { ...payload, ...change });
  assert.throws(() => make({ index: 3 }), RangeError);
  assert.throws(() => make({ kdf: undefined }), RangeError);
});
