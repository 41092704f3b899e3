/** The codec of the channel `search`: canonical, strict, and never a throw; hub records and listings are of who signed them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, fromHex } from '../../../shared/base/bytes.ts';
import { MAX_HUB_RECORDS_OF_MESSAGE, MAX_SEARCH_MESSAGE_BYTES } from '../../../src-main/core/limits.ts';
import { signHubRecord, verifyHubRecord } from '../../../src-main/core/wire/hub-record.ts';
import {
  decodeListingRecord,
  MAX_LISTING_BYTES,
  signListing,
  signListingRemoval,
  verifyListingRecord,
} from '../../../src-main/core/wire/listing-record.ts';
import { decodeSearchMessage, encodeSearchMessage } from '../../../src-main/core/wire/search-messages.ts';
import type { SearchMessage } from '../../../src-main/core/wire/search-messages.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../../../src-main/transport/limits.ts';
import { crypto } from '../../support/mesh.ts';
import { publication, searchMessage, searchMessages } from '../../support/search-arbitraries.ts';
import { HUB_RECORD, SEARCH_MESSAGES } from '../../vectors/search-vectors.ts';

function refused(bytes: Uint8Array | readonly number[], code: string): void {
  assert.deepEqual(decodeSearchMessage(Uint8Array.from(bytes)), { ok: false, code });
}

for (const [type, arbitrary] of Object.entries(searchMessages)) {
  test(`${type} comes back as it was; every prefix and every trailing byte is refused`, () => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<SearchMessage>, fc.integer({ min: 0, max: 255 }), (sent, extra) => {
        const bytes = encodeSearchMessage(sent);
        assert.deepEqual(decodeSearchMessage(bytes), { ok: true, value: sent });
        for (let length = 0; length < bytes.length; length += 1)
          assert.equal(decodeSearchMessage(bytes.subarray(0, length)).ok, false);
        refused([...bytes, extra], 'trailing');
      }),
      { numRuns: 20 },
    );
  });
}

test('whatever decodes encodes to the same bytes, and nothing throws', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.uint8Array({ maxLength: 120, size: 'max' }), (type, rest) => {
      const bytes = Uint8Array.of(type, ...rest);
      const decoded = decodeSearchMessage(bytes);
      if (!decoded.ok) return;
      accepted += 1;
      assert.ok(bytesEqual(encodeSearchMessage(decoded.value), bytes));
    }),
    { numRuns: 20_000, seed: 1 },
  );
  assert.ok(accepted > 10);
  fc.assert(
    fc.property(searchMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, position, flip) => {
      const bytes = encodeSearchMessage(sent);
      bytes[position % bytes.length]! ^= flip;
      const decoded = decodeSearchMessage(bytes);
      if (decoded.ok) assert.ok(bytesEqual(encodeSearchMessage(decoded.value), bytes));
    }),
    { numRuns: 500 },
  );
});

test('the bounds of a message: types, numbers, lists and length', () => {
  for (const type of [0, 20, 255]) refused([type], 'unknown-value');
  refused(
    encodeSearchMessage({
      type: 'hubs',
      hubs: Array.from({ length: MAX_HUB_RECORDS_OF_MESSAGE + 1 }, () => HUB_RECORD),
    }),
    'too-long',
  );
  const query = SEARCH_MESSAGES.find((message) => message.type === 'query')!;
  refused(encodeSearchMessage({ ...query, ttl: 4 }), 'too-long');
  refused(encodeSearchMessage({ ...query, want: 0 }), 'unknown-value');
  const unfolded = { terms: [{ kind: 'word', words: ['Tide'], excluded: false }] } as const;
  refused(encodeSearchMessage({ ...query, query: unfolded }), 'not-canonical');
  const nothing = { terms: [{ kind: 'word', words: ['tide'], excluded: true }] } as const;
  refused(encodeSearchMessage({ ...query, query: nothing }), 'unknown-value');
  refused([17, 0, ...new Uint8Array(MAX_SEARCH_MESSAGE_BYTES)], 'too-long');
  assert.ok(MAX_SEARCH_MESSAGE_BYTES < MAX_TRANSPORT_MESSAGE_BYTES);
});

test('names that are paths, or hide in control characters, are refused', () => {
  const change = SEARCH_MESSAGES.find((message) => message.type === 'change')!;
  const song = change.added[0]!;
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\u0000b', 'a\nb'])
    refused(encodeSearchMessage({ ...change, added: [{ ...song, name }] }), 'unknown-value');
  for (const folder of ['/', 'a/', '/a', 'a//b', 'a/../b', 'a\tb'])
    refused(encodeSearchMessage({ ...change, added: [{ ...song, folder }] }), 'unknown-value');
  refused(encodeSearchMessage({ ...change, added: [{ ...song, name: 'x'.repeat(256) }] }), 'too-long');
});

test('a hub record is of one network, one hub and all that it says', () => {
  const network = new Uint8Array(16).fill(1);
  const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(9));
  const contact = { publicKey: keys.publicKey, host: '198.51.100.7', port: 40_000 };
  const record = signHubRecord(crypto, network, keys, { contact, madeSeconds: 5, leaves: 2, room: 3 });
  assert.ok(verifyHubRecord(crypto, network, record));
  assert.ok(!verifyHubRecord(crypto, new Uint8Array(16), record));
  for (const changed of [
    { ...record, madeSeconds: 6 },
    { ...record, leaves: 1 },
    { ...record, room: 4 },
    { ...record, contact: { ...contact, port: 40_001 } },
    { ...record, contact: { publicKey: keys.publicKey } },
    { ...record, contact: { ...contact, publicKey: crypto.keyPairFromSeed(new Uint8Array(32)).publicKey } },
    { ...record, signature: new Uint8Array(64) },
  ])
    assert.ok(!verifyHubRecord(crypto, network, changed));
});

test('a listing and its removal are the publisher’s; every byte counts', () => {
  const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(7));
  const other = crypto.keyPairFromSeed(new Uint8Array(32).fill(8));
  const [drawn] = fc.sample(publication, { numRuns: 1, seed: 3 });
  const link = drawn!.link.slice();
  link.set(keys.publicKey, 3);
  const entry = { ...drawn!, documentKey: keys.publicKey, link };
  const listing = signListing(crypto, keys, entry, 77);
  assert.deepEqual(verifyListingRecord(crypto, listing), { kind: 'listing', entry, madeMinutes: 77 });
  const removal = signListingRemoval(crypto, keys, 78);
  assert.deepEqual(verifyListingRecord(crypto, removal), {
    kind: 'removal',
    documentKey: keys.publicKey,
    madeMinutes: 78,
  });
  for (const record of [listing, removal]) {
    for (let offset = 0; offset < record.length; offset += 1) {
      const changed = record.slice();
      changed[offset]! ^= 1 + (offset % 255);
      assert.equal(verifyListingRecord(crypto, changed), undefined, `byte ${offset}`);
      assert.equal(verifyListingRecord(crypto, record.subarray(0, offset)), undefined);
    }
  }
  assert.equal(verifyListingRecord(crypto, signListing(crypto, other, entry, 77)), undefined, 'signed by another key');
});

test('the longest listing is as long as its bound says', () => {
  const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(7));
  const [drawn] = fc.sample(publication, { numRuns: 1, seed: 3 });
  const keywords = Array.from({ length: 16 }, () => 'k'.repeat(64));
  const entry = { ...drawn!, title: 't'.repeat(255), keywords, sizeBytes: Number.MAX_SAFE_INTEGER, day: 65_535 };
  const listing = signListing(crypto, keys, entry, 2 ** 32 - 1);
  assert.ok(decodeListingRecord(listing).ok);
  assert.ok(listing.length <= MAX_LISTING_BYTES && listing.length > MAX_LISTING_BYTES - 100, String(listing.length));
});

test('the messages of the vectors decode to what stands beside them', () => {
  const { messages, listing, removal } = JSON.parse(
    readFileSync(new URL('../../vectors/search-messages.json', import.meta.url), 'utf8'),
  );
  assert.deepEqual(new Set(SEARCH_MESSAGES.map(({ type }) => type)), new Set(Object.keys(searchMessages)));
  for (const [index, { bytes }] of messages.entries())
    assert.deepEqual(decodeSearchMessage(fromHex(bytes)!), { ok: true, value: SEARCH_MESSAGES[index] });
  assert.equal(verifyListingRecord(crypto, fromHex(listing)!)?.kind, 'listing');
  assert.equal(verifyListingRecord(crypto, fromHex(removal)!)?.kind, 'removal');
});
