import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DEFAULT_KDF_BOUNDS,
  DEFAULT_KDF_COST,
  deriveAuthorSeed,
  documentKeyPair,
  kdfCostWithin,
  passphraseBytes,
  randomAuthorSeed,
  readSecret,
} from '../../../src-main/core/publish/author.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { crypto, random } from './samples.ts';

const passwordHash = createPasswordHash();
const cheap = { passes: 1, memoryKib: 8 };
const cheapBounds = { least: cheap, most: { passes: 2, memoryKib: 64 } };

test('the default cost is within the default bounds, and what is outside is refused before any work', async () => {
  assert.ok(kdfCostWithin(DEFAULT_KDF_COST));
  const { least, most } = DEFAULT_KDF_BOUNDS;
  for (const edge of [least, most]) assert.ok(kdfCostWithin(edge));
  const outside = [
    { ...least, passes: 0 },
    { ...least, memoryKib: least.memoryKib - 1 },
    { ...most, passes: most.passes + 1 },
    { ...most, memoryKib: most.memoryKib + 1 },
    { ...least, passes: 1.5 },
    { ...least, memoryKib: Number.NaN },
  ];
  const never = { derive: () => assert.fail('derived all the same') };
  for (const cost of outside) {
    assert.ok(!kdfCostWithin(cost));
    await assert.rejects(deriveAuthorSeed(never, 'a passphrase', new Uint8Array(16), cost), { code: 'refused' });
  }
  await assert.rejects(deriveAuthorSeed(never, 'a passphrase', new Uint8Array(15)), RangeError);
});

test('the seed follows from passphrase, salt and cost, and from nothing else', async () => {
  const derive = (passphrase: string, salt: number, cost = cheap) =>
    deriveAuthorSeed(passwordHash, passphrase, new Uint8Array(16).fill(salt), cost, cheapBounds);
  const seed = await derive('one two three', 1);
  assert.equal(seed.length, 32);
  assert.deepEqual(await derive('one two three', 1), seed);
  assert.notDeepEqual(await derive('one two four', 1), seed);
  assert.notDeepEqual(await derive('one two three', 2), seed);
  assert.notDeepEqual(await derive('one two three', 1, { passes: 2, memoryKib: 8 }), seed);
});

test('a passphrase is the same in every normal form, and none is refused for its letters', () => {
  assert.deepEqual(passphraseBytes('e\u0301\ufb01\u2460'), passphraseBytes('\u00e9fi1'));
  assert.deepEqual(passphraseBytes('\ud800'), Uint8Array.of(0xef, 0xbf, 0xbd));
});

test('keys and read secrets of a document differ by seed, edition and attempt', () => {
  const seed = randomAuthorSeed(random);
  assert.deepEqual(documentKeyPair(crypto, seed), documentKeyPair(crypto, seed));
  assert.notDeepEqual(documentKeyPair(crypto, seed), documentKeyPair(crypto, randomAuthorSeed(random)));
  const secrets = [
    [1, 0],
    [2, 0],
    [1, 1],
    [256, 0],
    [1, 256],
    [0xffff_ffff, 0xffff_ffff],
  ].map(([edition, attempt]) => Buffer.from(readSecret(crypto, seed, edition!, attempt)).toString('hex'));
  assert.equal(new Set(secrets).size, secrets.length);
  assert.ok(secrets.every((secret) => secret.length === 32));
  for (const [edition, attempt] of [
    [0, 0],
    [-1, 0],
    [2 ** 32, 0],
    [1, -1],
    [1.5, 0],
  ]) {
    assert.throws(() => readSecret(crypto, seed, edition!, attempt), RangeError);
  }
});
