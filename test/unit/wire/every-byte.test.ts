/** Every byte of a block and of a slot changed, one at a time: none of the results is accepted at its address. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { crypto } from '../../support/mesh.ts';
import { buildPublication } from '../../support/publication-builder.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const random = seededRandom(1);
const publication = buildPublication({ crypto, random, files: { 'a.bin': random.bytes(40_000) }, inlineBytes: 0 });

function neverAccepted(record: Uint8Array, address: Uint8Array): void {
  assert.ok(verifyRecord(crypto, record, address).ok);
  const changed = record.slice();
  for (let offset = 0; offset < changed.length; offset += 1) {
    const change = 1 + random.below(255);
    changed[offset]! ^= change;
    assert.equal(verifyRecord(crypto, changed, address).ok, false, `byte ${offset} changed by ${change}`);
    changed[offset]! ^= change;
  }
  assert.ok(verifyRecord(crypto, changed, address).ok);
}

test('of a content block', () => {
  const record = publication.blocks[0]!;
  neverAccepted(record, crypto.hash('content', record.subarray(1)));
});

test('of a signed slot', () => {
  neverAccepted(publication.slots[0]!, publication.places[0]!.address);
});
