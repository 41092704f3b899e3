import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { parseInvite } from '../../../shared/base/invites.ts';
import { parseLink } from '../../../shared/base/links.ts';
import { parseAddress } from '../../../shared/base/short-addresses.ts';
import { claimPlaces } from '../../../src-main/core/addresses/claim.ts';
import { penPlaces } from '../../../src-main/core/addresses/pen.ts';
import { openPredecessor } from '../../../src-main/core/publish/history.ts';
import { decodeManifest, openManifest } from '../../../src-main/core/publish/manifest.ts';
import { badShares } from '../../../src-main/core/publish/names.ts';
import { checkMatrix } from '../../../src-main/core/publish/reed-solomon.ts';
import { combineShares } from '../../../src-main/core/publish/shares.ts';
import { readSlot, slotPlace } from '../../../src-main/core/publish/slot.ts';
import { stampBits } from '../../../src-main/core/wire/stamp-bits.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { counting, crypto, makeVectors } from '../../vectors/vectors.ts';

function load(name: string) {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8'));
}

for (const [name, value] of Object.entries(makeVectors())) {
  test(`${name} is what is computed today`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(value)), load(name));
  });
}

test('the hashes of the vectors, from the inputs in the file', () => {
  for (const { tag, parts, hash } of load('hash.json')) {
    const inputs = parts.map((part: string | { counting: number }) =>
      typeof part === 'string' ? fromHex(part)! : counting(part.counting),
    );
    assert.equal(toHex(crypto.hash(tag, ...inputs)), hash);
  }
});

test('the links of the vectors are read', () => {
  for (const { link, path, k, documentKey } of load('link.json')) {
    const parsed = parseLink(link);
    assert.ok(parsed.ok);
    assert.deepEqual([parsed.value.path, parsed.value.k, toHex(parsed.value.documentKey)], [path, k, documentKey]);
  }
});

test('the invites of the vectors are read', () => {
  for (const { invite, network, bootstrap, nodes } of load('invite.json')) {
    const parsed = parseInvite(invite);
    assert.ok(parsed.ok);
    const read = parsed.value.nodes.map(({ publicKey, host, port }) => ({ publicKey: toHex(publicKey), host, port }));
    assert.deepEqual([parsed.value.network, parsed.value.bootstrap, read], [network, bootstrap, nodes]);
  }
});

test('a stored slot, shares and names lead from the link to the files', () => {
  const slotVector = load('slot.json');
  const link = parseLink(slotVector.link);
  assert.ok(link.ok);
  const place = slotPlace(crypto, link.value, slotVector.index)!;
  assert.equal(toHex(place.address), slotVector.address);
  const record = Uint8Array.from(Buffer.from(slotVector.slots[0].base64, 'base64'));
  const slot = readSlot(crypto, link.value, place, record);
  assert.ok(slot.ok && slot.value.payload.body.kind === 'inline');
  const stored = load('shares.json').shares.map((share: string, position: number) => ({
    index: position + 1,
    share: fromHex(share)!,
  }));
  const used = [{ index: slotVector.index, share: slot.value.payload.body.share }, stored[0], stored[4]];
  const contentKey = combineShares(crypto, used);
  assert.equal(toHex(contentKey!), load('shares.json').contentKey);
  const manifestBytes = openManifest(crypto, contentKey!, slot.value.payload.body.sealedManifest)!;
  assert.deepEqual(badShares(crypto, manifestBytes, slot.value.payload.names, used), []);
  const manifest = decodeManifest(manifestBytes);
  assert.ok(manifest.ok);
  assert.equal(manifest.value.title, load('manifest.json').fields.title);
});

test('the history of the vectors is read, and its seed opened', () => {
  const { authorSeed, olderSeed, edition, earlier, manifest } = load('history.json');
  const decoded = decodeManifest(fromHex(manifest)!);
  assert.ok(decoded.ok && decoded.value.history !== undefined);
  assert.equal(decoded.value.edition, edition);
  assert.deepEqual(JSON.parse(JSON.stringify(decoded.value.history.earlier)), earlier);
  const [predecessor] = decoded.value.history.predecessors;
  assert.equal(toHex(openPredecessor(crypto, fromHex(authorSeed)!, predecessor!)!), olderSeed);
});

test('the check blocks of the vectors, by vector instructions, from the inputs in the file', () => {
  const combiner = createCombiner();
  for (const { data, checks, firstCheckBlocks, allCheckBlocks } of load('coding.json').segments) {
    const sources = Array.from({ length: data }, (_, block) => counting(16, block * 3 + 1));
    const outputs = Array.from({ length: checks }, () => new Uint8Array(16));
    combiner.combine(outputs, sources, checkMatrix(data, checks));
    assert.deepEqual(outputs.slice(0, 3).map(toHex), firstCheckBlocks);
    assert.equal(toHex(crypto.hash('vector', ...outputs)), allCheckBlocks);
  }
});

test('the claim and the pen name of the vectors are read from their addresses, and their work is counted', () => {
  const { words, claim, pen } = load('address.json');
  for (const { address, words: bag } of words) {
    const parsed = parseAddress(address);
    assert.ok(parsed.ok && parsed.value.kind === 'word');
    assert.deepEqual(parsed.value.words, bag);
  }
  const places = claimPlaces(crypto, fromHex(claim.wordKey)!, claim.quarter);
  assert.deepEqual(
    places.map(({ address }) => toHex(address)),
    claim.places.map(({ address }: { address: string }) => address),
  );
  assert.ok(stampBits(crypto, fromHex(claim.workDigest)!, fromHex(claim.stamp)!) >= 10);
  const address = parseAddress(pen.address);
  assert.ok(address.ok && address.value.kind === 'pen');
  assert.equal(toHex(address.value.key), pen.publicKey);
  assert.deepEqual(
    penPlaces(crypto, address.value)!.map((place) => toHex(place.address)),
    pen.slots.map((slot: { address: string }) => slot.address),
  );
});
