/** What a manifest tells of earlier editions, strict in both directions; and the order of versions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { MAX_ATTEMPT, MAX_EDITION } from '../../../src-main/core/publish/author.ts';
import {
  MAX_EARLIER,
  MAX_PREDECESSORS,
  openPredecessor,
  SEALED_SEED_BYTES,
  sealPredecessor,
} from '../../../src-main/core/publish/history.ts';
import type { EarlierEdition, History } from '../../../src-main/core/publish/history.ts';
import { decodeManifest, encodeManifest, plaintextDigest } from '../../../src-main/core/publish/manifest.ts';
import type { Manifest } from '../../../src-main/core/publish/manifest.ts';
import { deletedCounter, movedCounter } from '../../../src-main/core/publish/slot.ts';
import { MAX_COUNTER, rankOf } from '../../../src-main/core/wire/record.ts';
import { crypto, flipBit, random } from './samples.ts';

const bytes = new TextEncoder().encode('one');
const plain: Manifest = {
  shape: 'file',
  edition: 3,
  title: 'Title',
  description: '',
  language: '',
  dateMs: undefined,
  index: undefined,
  files: [
    {
      path: 'a',
      type: 'text/plain',
      sizeBytes: bytes.length,
      digest: plaintextDigest(crypto, bytes),
      content: { kind: 'inline', bytes },
    },
  ],
};
const entry: EarlierEdition = { attempt: 0, title: 'Before', dateMs: undefined, sizeBytes: 7 };
const seed = (lastEdition: number) => ({ lastEdition, sealedSeed: random.bytes(SEALED_SEED_BYTES) });

const anyHistory: fc.Arbitrary<{ edition: number; history: History }> = fc
  .record({
    earlier: fc.array(
      fc.record(
        {
          attempt: fc.integer({ min: 0, max: MAX_ATTEMPT }),
          title: fc.string({ maxLength: 20 }).map((text) => text.replace(/\p{Cc}/gu, '')),
          dateMs: fc.option(fc.nat(), { nil: undefined }),
          sizeBytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 12 },
    ),
    lasts: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: MAX_PREDECESSORS }),
    later: fc.integer({ min: 0, max: 1_000 }),
  })
  .filter(({ earlier, lasts }) => earlier.length + lasts.length > 0)
  .map(({ earlier, lasts, later }) => ({
    edition: 42 + later,
    history: { earlier, predecessors: lasts.toSorted((a, b) => a - b).map(seed) },
  }));

test('histories: round trip, and every change of the encoding is refused or has a meaning of its own', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), ({ edition, history }, bit) => {
      const manifest = { ...plain, edition, history };
      const encoded = encodeManifest(manifest);
      assert.equal(encoded[0], 2);
      assert.deepEqual(decodeManifest(encoded), { ok: true, value: manifest });
      const changed = flipBit(encoded, bit % (encoded.length * 8));
      const decoded = decodeManifest(changed);
      if (decoded.ok) assert.deepEqual(encodeManifest(decoded.value), changed);
      assert.equal(decodeManifest(encoded.subarray(0, encoded.length - 1)).ok, false);
      assert.deepEqual(decodeManifest(Uint8Array.of(...encoded, 0)), { ok: false, code: 'trailing' });
    }),
    { numRuns: 300 },
  );
});

test('histories: without one a manifest is what it was before there were any', () => {
  const encoded = encodeManifest(plain);
  assert.equal(encoded[0], 1);
  const decoded = decodeManifest(encoded);
  assert.ok(decoded.ok);
  assert.equal('history' in decoded.value, false);
});

test('histories: what breaks a rule is refused in words, and by the decoder', () => {
  const wrong: [History, RegExp][] = [
    [{ earlier: [], predecessors: [] }, /not there/],
    [{ earlier: [entry, entry, entry], predecessors: [] }, /more editions/],
    [{ earlier: [{ ...entry, attempt: MAX_ATTEMPT + 1 }], predecessors: [] }, /out of bounds/],
    [{ earlier: [{ ...entry, title: 'two\nlines' }], predecessors: [] }, /out of bounds/],
    [{ earlier: [{ ...entry, dateMs: 8.64e15 + 1 }], predecessors: [] }, /out of bounds/],
    [{ earlier: [{ ...entry, sizeBytes: -1 }], predecessors: [] }, /out of bounds/],
    [{ earlier: [], predecessors: [seed(3)] }, /out of order/],
    [{ earlier: [], predecessors: [seed(0)] }, /out of order/],
    [{ earlier: [], predecessors: [seed(2), seed(1)] }, /out of order/],
    [{ earlier: [], predecessors: [seed(1), seed(1)] }, /out of order/],
    [{ earlier: [], predecessors: [{ lastEdition: 1, sealedSeed: random.bytes(71) }] }, /out of order/],
  ];
  for (const [history, words] of wrong) {
    assert.throws(
      () => encodeManifest({ ...plain, history }),
      (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === 'usage' && words.test(thrown.message),
    );
  }
  const many = Array.from({ length: MAX_PREDECESSORS + 1 }, (_, index) => seed(index + 1));
  assert.throws(
    () => encodeManifest({ ...plain, edition: 100, history: { earlier: [], predecessors: many } }),
    /changed/,
  );
  // Two empty lists behind format 2.
  const empty = Uint8Array.of(...encodeManifest(plain), 0, 0);
  empty[0] = 2;
  assert.deepEqual(decodeManifest(empty), { ok: false, code: 'not-canonical' });
  const most = { earlier: Array.from({ length: MAX_EARLIER }, () => entry), predecessors: [] };
  assert.ok(decodeManifest(encodeManifest({ ...plain, edition: MAX_EDITION, history: most })).ok);
  const over = { earlier: [...most.earlier, entry], predecessors: [] };
  assert.throws(() => encodeManifest({ ...plain, edition: MAX_EDITION, history: over }), /more editions/);
});

test('histories: an older seed opens for the author of now, unchanged, and for nobody else', () => {
  const [now, older, other] = [random.bytes(32), random.bytes(32), random.bytes(32)];
  const sealed = sealPredecessor(crypto, now, older, 5);
  assert.deepEqual(openPredecessor(crypto, now, sealed), older);
  assert.equal(openPredecessor(crypto, other, sealed), undefined);
  assert.equal(openPredecessor(crypto, now, { ...sealed, lastEdition: 6 }), undefined);
  for (let bit = 0; bit < SEALED_SEED_BYTES * 8; bit += 7) {
    const changed = { ...sealed, sealedSeed: flipBit(sealed.sealedSeed, bit) };
    assert.equal(openPredecessor(crypto, now, changed), undefined);
  }
});

test('versions: later editions and attempts are higher, whatever the tie, and deletions are highest', () => {
  const order: [number, number][] = [
    [2, 0],
    [2, 1],
    [2, MAX_ATTEMPT],
    [3, 0],
    [1_000, 0],
    [MAX_EDITION, 0],
    [MAX_EDITION, MAX_ATTEMPT],
  ];
  let before = rankOf({ counter: 1, tie: new Uint8Array(8).fill(255) });
  for (const [edition, attempt] of order) {
    const counter = movedCounter(edition, attempt);
    assert.ok(Number.isSafeInteger(counter) && counter < MAX_COUNTER);
    assert.ok(compareBytes(rankOf({ counter, tie: new Uint8Array(8) }), before) > 0);
    before = rankOf({ counter, tie: new Uint8Array(8).fill(255) });
  }
  assert.ok(compareBytes(rankOf({ counter: deletedCounter(1), tie: new Uint8Array(8) }), before) > 0);
  assert.equal(deletedCounter(2), 2);
});
