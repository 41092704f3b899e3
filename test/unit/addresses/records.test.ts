/** What is sealed and signed: pointers, claims with their work, editions of pen names, exported pen names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, concatBytes, toHex } from '../../../shared/base/bytes.ts';
import { isPathSegment } from '../../../shared/base/paths.ts';
import {
  CLAIM_PLACES,
  claimPlaces,
  draftClaim,
  makeClaim,
  quarterOf,
  QUARTER_MS,
  readClaim,
  wordKey,
} from '../../../src-main/core/addresses/claim.ts';
import { makePenSlot, PEN_SLOTS, penKeyPair, penPlaces, readPenSlot } from '../../../src-main/core/addresses/pen.ts';
import {
  decodePenFileHead,
  encodePenFile,
  MAX_PEN_ENTRIES,
  MAX_PEN_FILE_BYTES,
  openPenFile,
} from '../../../src-main/core/addresses/pen-file.ts';
import type { PenSecret } from '../../../src-main/core/addresses/pen-file.ts';
import { decodePointer, encodePointer, isNote } from '../../../src-main/core/addresses/pointer.ts';
import { regionOf } from '../../../src-main/core/publish/slot.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { stampBits } from '../../../src-main/core/wire/stamp-bits.ts';
import { decodeRecord, encodeRecord, KIND_SLOT, slotDigest, verifyRecord } from '../../../src-main/core/wire/record.ts';
import type { SlotRecord } from '../../../src-main/core/wire/record.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { crypto, parameters, quickHash, sampleLink } from './samples.ts';

const random = seededRandom(1);
const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(3));
const places = claimPlaces(crypto, new Uint8Array(32).fill(1), 230);
const pointer = { link: sampleLink(1, 'a/b.html'), note: 'what it says' };

function claim(bits: number, place = places[0]!, signer = keys): Uint8Array {
  const draft = draftClaim(crypto, place, signer, pointer, random.bytes(24));
  return makeClaim(crypto, draft, findStamp(crypto, draft.digest, bits));
}

function slotOf(record: Uint8Array): SlotRecord {
  const decoded = decodeRecord(record);
  assert.ok(decoded.ok && decoded.value.kind === KIND_SLOT);
  return decoded.value;
}

/** The slot with other fields, signed anew. */
function resigned(record: Uint8Array, change: Partial<SlotRecord>, secretKey = keys.secretKey): Uint8Array {
  const slot = { ...slotOf(record), ...change };
  return encodeRecord({ ...slot, signature: crypto.sign(slotDigest(crypto, slot), secretKey) });
}

test('pointers: round trip, one encoding, and nothing else is read', () => {
  const anyPath = fc
    .array(fc.string({ minLength: 1, maxLength: 12 }).filter(isPathSegment), { maxLength: 4 })
    .map((segments) => segments.join('/'));
  const anyNote = fc.string({ unit: 'grapheme', maxLength: 30 }).filter(isNote);
  fc.assert(
    fc.property(fc.nat({ max: 255 }), anyPath, anyNote, fc.nat(), (fill, path, note, position) => {
      const made = { link: sampleLink(fill, path), note };
      const bytes = encodePointer(made);
      assert.deepEqual(decodePointer(bytes), { ok: true, value: made });
      assert.equal(decodePointer(bytes.subarray(1)).ok, false);
      assert.equal(decodePointer(concatBytes(bytes, Uint8Array.of(0))).ok, false);
      const altered = bytes.slice();
      altered[position % 200]! ^= 1 << (position % 8);
      const read = decodePointer(altered);
      // What is read at all says exactly what is written there.
      if (read.ok) assert.ok(bytesEqual(encodePointer(read.value), altered));
    }),
    { numRuns: 100 },
  );
  assert.throws(() => encodePointer({ link: sampleLink(1), note: 'a\nb' }), RangeError);
  assert.throws(() => encodePointer({ link: sampleLink(1), note: '\u202ea' }), RangeError);
});

test('words have eight places a quarter, one in each eighth of the circle, and others in another network or quarter', async () => {
  const now = 1.8e12;
  const key = await wordKey(crypto, quickHash, parameters, ['tables', 'tide']);
  const made = claimPlaces(crypto, key, quarterOf(now));
  assert.deepEqual(
    made.map(({ address }) => regionOf(address, CLAIM_PLACES)),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const others = [
    ...claimPlaces(crypto, key, quarterOf(now + QUARTER_MS)),
    ...claimPlaces(crypto, await wordKey(crypto, quickHash, parameters, ['tables', 'tides']), quarterOf(now)),
    ...claimPlaces(crypto, await wordKey(crypto, quickHash, { ...parameters, name: 'x' }, ['tables', 'tide']), 230),
  ];
  assert.equal(new Set([...made, ...others].map(({ address }) => toHex(address))).size, 32);
});

test('a claim is read at its place, with the strength of its work', () => {
  const record = claim(6);
  const read = readClaim(crypto, places[0]!, record);
  assert.ok(read.ok);
  assert.deepEqual(read.value.pointer, pointer);
  assert.ok(read.value.bits >= 6);
  assert.ok(bytesEqual(read.value.claimKey, keys.publicKey));
  const wrongPlace = readClaim(crypto, places[1]!, record);
  assert.equal(wrongPlace.ok ? '' : wrongPlace.code, 'wrong-address');
});

test('nobody claims more strength than the work that was done, and work is good for one claim alone', () => {
  const record = claim(5);
  const { version } = slotOf(record);
  const faultOf = (bytes: Uint8Array): string => {
    const verified = verifyRecord(crypto, bytes, undefined);
    return verified.ok ? 'ok' : verified.code;
  };
  assert.equal(faultOf(record), 'ok');
  for (const counter of [version.counter + 1, version.counter - 1, 0xffff_ffff_ffff])
    assert.equal(faultOf(resigned(record, { version: { ...version, counter } })), 'class-forbids', String(counter));
  assert.equal(faultOf(resigned(record, { state: 1 })), 'class-forbids');
  const payload = slotOf(record).payload.slice();
  payload[100]! ^= 1;
  const thief = crypto.keyPairFromSeed(new Uint8Array(32).fill(9));
  const stolen = [
    resigned(record, { payload }),
    resigned(record, { slotId: places[1]!.slotId }),
    resigned(record, { publicKey: thief.publicKey }, thief.secretKey),
  ];
  // Of other inputs the same stamp makes as many bits by chance only: one time in 64 and less, and not with this seed.
  for (const bytes of stolen) assert.equal(faultOf(bytes), 'class-forbids');
  const unsigned = record.slice();
  unsigned[90]! ^= 1;
  assert.equal(faultOf(unsigned), 'bad-signature');
});

test('the work of a claim is counted as that of a stamp', () => {
  for (let number = 0; number < 200; number += 1) {
    const [digest, stamp] = [random.bytes(32), random.bytes(8)];
    const bits = Array.from(crypto.hash('stamp', digest, stamp), (byte) => byte.toString(2).padStart(8, '0')).join('');
    assert.equal(stampBits(crypto, digest, stamp), bits.indexOf('1'));
  }
});

test('an edition of a pen name is read with its address alone, and only its key makes one', () => {
  const pen = penKeyPair(crypto, new Uint8Array(32).fill(5));
  const address = { key: pen.publicKey, name: 'tide-tables' };
  const made = penPlaces(crypto, address)!;
  assert.equal(made.length, PEN_SLOTS);
  const version = { counter: 3, tie: random.bytes(8) };
  const record = makePenSlot(crypto, random, pen.secretKey, made[0]!, version, pointer);
  assert.deepEqual(readPenSlot(crypto, made[0]!, record), { ok: true, value: { version, pointer } });
  // Hosts see no key of the pen, and none that two of its slots have in common.
  const seen = made.map(({ publicKey }) => toHex(publicKey));
  assert.equal(new Set([...seen, toHex(pen.publicKey)]).size, PEN_SLOTS + 1);
  const other = penKeyPair(crypto, new Uint8Array(32).fill(6));
  const forged = makePenSlot(crypto, random, other.secretKey, made[0]!, version, pointer);
  const read = readPenSlot(crypto, made[0]!, forged);
  assert.equal(read.ok ? '' : read.code, 'bad-signature');
  const elsewhere = penPlaces(crypto, { ...address, name: 'tide-table' })!;
  const misplaced = readPenSlot(crypto, { ...elsewhere[0]!, address: made[0]!.address }, record);
  assert.equal(misplaced.ok ? '' : misplaced.code, 'bad-seal');
});

const bounds = { least: { passes: 1, memoryKib: 8 }, most: { passes: 4, memoryKib: 1_024 } };
const cost = { passes: 1, memoryKib: 64 };
const fileKey = new Uint8Array(32).fill(8);
const secret: PenSecret = {
  seed: new Uint8Array(32).fill(5),
  name: 'Harbour',
  entries: [
    { name: 'atlas', edition: 1 },
    { name: 'tide-tables', edition: 7 },
  ],
};
const fileOf = (value: PenSecret): Uint8Array =>
  encodePenFile(crypto, value, fileKey, { salt: new Uint8Array(16), cost, nonce: new Uint8Array(24) });

test('exported pen names: round trip, and no bit of the file can be other than it is', () => {
  const file = fileOf({ ...secret, entries: secret.entries.toReversed() });
  const head = decodePenFileHead(file, bounds);
  assert.ok(head.ok);
  assert.deepEqual(openPenFile(crypto, head.value, fileKey), { ok: true, value: secret });
  const wrong = openPenFile(crypto, head.value, new Uint8Array(32));
  assert.equal(wrong.ok ? '' : wrong.code, 'wrong-password');
  const opens = (bytes: Uint8Array): boolean => {
    const other = decodePenFileHead(bytes, bounds);
    return other.ok && openPenFile(crypto, other.value, fileKey).ok;
  };
  for (let index = 0; index < file.length; index += 1) {
    const altered = file.slice();
    altered[index]! ^= 1 << (index % 8);
    assert.ok(!opens(altered), `byte ${index}`);
    assert.ok(!opens(file.subarray(0, index)), `cut at ${index}`);
  }
  assert.ok(!opens(concatBytes(file, Uint8Array.of(0))));
});

test('exported pen names: the cost is bounded before any work, and the longest fits', () => {
  const dear = encodePenFile(crypto, secret, fileKey, {
    salt: new Uint8Array(16),
    cost: { passes: 5, memoryKib: 64 },
    nonce: new Uint8Array(24),
  });
  const head = decodePenFileHead(dear, bounds);
  assert.equal(head.ok ? '' : head.code, 'cost-out-of-bounds');
  const newer = fileOf(secret);
  newer[14] = 2;
  const later = decodePenFileHead(newer, bounds);
  assert.equal(later.ok ? '' : later.code, 'newer-format');
  const entries = Array.from({ length: MAX_PEN_ENTRIES }, (_, index) => ({
    name: `${'a'.repeat(124)}${String(index).padStart(4, '0')}`,
    edition: 0xffff_ffff_ffff,
  }));
  assert.ok(fileOf({ ...secret, name: 'n'.repeat(128), entries }).length <= MAX_PEN_FILE_BYTES);
  for (const bad of [
    { ...secret, name: 'a/b' },
    { ...secret, entries: [...secret.entries, secret.entries[0]!] },
    { ...secret, entries: [{ name: 'Upper', edition: 1 }] },
    { ...secret, entries: [{ name: 'a', edition: 0 }] },
  ]) {
    assert.throws(() => fileOf(bad), RangeError);
  }
});
