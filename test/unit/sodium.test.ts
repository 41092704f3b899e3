import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import sodium from 'sodium-native';
import { toHex } from '../../shared/base/bytes.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../src-main/workers/sodium/password-hash.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();
const utf8 = (text: string) => new TextEncoder().encode(text);

/** The framing written out once more, on another implementation of BLAKE2b. */
function independentHash(tag: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = blake2b.create({ dkLen: 32 });
  for (const part of [utf8(tag), ...parts]) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length, true);
    hash.update(length).update(part);
  }
  return hash.digest();
}

test('H is BLAKE2b-256 of parts behind their lengths, copied or in a batch', () => {
  const parts = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 900, maxLength: 3_000 })),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 20, unit: 'grapheme' }), parts, (tag, list) => {
      assert.equal(toHex(crypto.hash(tag, ...list)), toHex(independentHash(tag, list)));
    }),
  );
  const block = random.bytes(32_768);
  assert.deepEqual(crypto.hash('content', block), independentHash('content', [block]));
});

test('H keeps parts apart', () => {
  const hashes = [
    crypto.hash('tag', utf8('ab'), utf8('c')),
    crypto.hash('tag', utf8('a'), utf8('bc')),
    crypto.hash('tag', utf8('abc')),
    crypto.hash('tagabc'),
    crypto.hash('tag', utf8('abc'), new Uint8Array()),
  ];
  assert.equal(new Set(hashes.map(toHex)).size, hashes.length);
});

test('a hash of pieces is the hash of the whole, however it is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.array(fc.nat(5_000), { maxLength: 5 }), (bytes, cuts) => {
      const stream = crypto.hashStream('plaintext', bytes.length);
      const places = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
      let from = 0;
      for (const place of places) {
        stream.update(bytes.subarray(from, place));
        from = place;
      }
      assert.deepEqual(stream.digest(), crypto.hash('plaintext', bytes));
    }),
  );
});

test('a hash of pieces holds the caller to the length, and ends once', () => {
  assert.throws(() => crypto.hashStream('plaintext', 3).update(new Uint8Array(4)), RangeError);
  assert.throws(() => crypto.hashStream('plaintext', 3).digest(), RangeError);
  const stream = crypto.hashStream('plaintext', 0);
  stream.digest();
  assert.throws(() => stream.digest());
  for (const length of [-1, 1.5, Number.NaN, 2 ** 53])
    assert.throws(() => crypto.hashStream('plaintext', length), RangeError);
});

test('Ed25519 agrees with RFC 8032, test 2', () => {
  const seed = Uint8Array.from(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'));
  const pair = crypto.keyPairFromSeed(seed);
  assert.equal(toHex(pair.publicKey), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const signature = crypto.sign(Uint8Array.of(0x72), pair.secretKey);
  assert.equal(
    toHex(signature),
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  assert.ok(crypto.verify(signature, Uint8Array.of(0x72), pair.publicKey));
});

test('verify is false, and never throws, for anything else', () => {
  const pair = crypto.keyPairFromSeed(random.bytes(32));
  const message = utf8('a message');
  const signature = crypto.sign(message, pair.secretKey);
  for (let bit = 0; bit < signature.length * 8; bit += 1) {
    const flipped = signature.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(crypto.verify(flipped, message, pair.publicKey), false);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (wrongSignature, wrongKey) => {
      assert.equal(crypto.verify(wrongSignature, message, pair.publicKey), false);
      assert.equal(crypto.verify(signature, message, wrongKey), false);
    }),
  );
  assert.equal(crypto.verify(Uint8Array.of(...signature, 0), message, pair.publicKey), false);
  assert.equal(crypto.verify(new Uint8Array(64), message, new Uint8Array(32)), false, 'small-order key');
});

test('a blinded signature verifies as plain Ed25519 under the blinded key, and under no other', () => {
  for (let round = 0; round < 30; round += 1) {
    const pair = crypto.keyPairFromSeed(random.bytes(32));
    const [tweak, otherTweak, message] = [random.bytes(32), random.bytes(32), random.bytes(round)];
    const blinded = crypto.blindPublicKey(pair.publicKey, tweak)!;
    const signature = crypto.signBlinded(message, pair.secretKey, tweak);
    assert.ok(sodium.crypto_sign_verify_detached(signature, message, blinded));
    assert.notDeepEqual(blinded, pair.publicKey);
    assert.ok(!crypto.verify(signature, message, pair.publicKey));
    assert.ok(!crypto.verify(signature, message, crypto.blindPublicKey(pair.publicKey, otherTweak)!));
    assert.ok(!crypto.verify(crypto.sign(message, pair.secretKey), message, blinded));
    assert.ok(!crypto.verify(signature, Uint8Array.of(...message, 1), blinded));
  }
});

test('what is not a point of the subgroup is not blinded', () => {
  const tweak = random.bytes(32);
  const identity = new Uint8Array(32);
  identity[0] = 1;
  for (const point of [new Uint8Array(32), identity, new Uint8Array(32).fill(0xff), new Uint8Array(31)]) {
    assert.equal(crypto.blindPublicKey(point, tweak), undefined);
  }
  assert.throws(() => crypto.blindPublicKey(crypto.keyPairFromSeed(tweak).publicKey, new Uint8Array(31)), RangeError);
});

test('sealing: round trip, and every changed bit is noticed', () => {
  const [key, nonce] = [random.bytes(32), random.bytes(24)];
  for (const plaintext of [new Uint8Array(), utf8('text'), random.bytes(32_728)]) {
    for (const associated of [new Uint8Array(), utf8('associated')]) {
      assert.deepEqual(crypto.open(crypto.seal(plaintext, nonce, key, associated), nonce, key, associated), plaintext);
    }
  }
  const sealed = crypto.seal(utf8('text'), nonce, key, utf8('associated'));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = sealed.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(crypto.open(flipped, nonce, key, utf8('associated')), undefined);
  }
  assert.equal(crypto.open(sealed, nonce, key, utf8('Associated')), undefined);
  assert.equal(crypto.open(sealed, random.bytes(24), key, utf8('associated')), undefined);
  assert.equal(crypto.open(sealed, nonce, random.bytes(32), utf8('associated')), undefined);
  for (let length = 0; length < 17; length += 1) {
    assert.equal(crypto.open(sealed.subarray(0, length), nonce, key, utf8('associated')), undefined);
  }
});

test('Argon2id is libsodium’s own, and does not hold up the thread', async () => {
  const passwordHash = createPasswordHash();
  const [password, salt] = [utf8('correct horse'), new Uint8Array(16).fill(7)];
  const expected = new Uint8Array(32);
  sodium.crypto_pwhash(expected, password, salt, 2, 8_192 * 1_024, sodium.crypto_pwhash_ALG_ARGON2ID13);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const derived = await passwordHash.derive(password, salt, { passes: 2, memoryKib: 65_536 }, 32);
  clearInterval(timer);
  assert.ok(turns > 0);
  assert.notDeepEqual(derived, expected);
  assert.deepEqual(await passwordHash.derive(password, salt, { passes: 2, memoryKib: 8_192 }, 32), expected);
  await assert.rejects(passwordHash.derive(password, salt, { passes: 0, memoryKib: 8_192 }, 32));
  await assert.rejects(passwordHash.derive(password, new Uint8Array(15), { passes: 1, memoryKib: 8_192 }, 32));
});

test('random numbers stay below their bound, and reach all of it', () => {
  assert.equal(random.below(1), 0);
  const seen = new Set<number>();
  for (let draw = 0; draw < 2_000; draw += 1) {
    const value = random.below(7);
    assert.ok(Number.isInteger(value) && value >= 0 && value < 7);
    seen.add(value);
  }
  assert.equal(seen.size, 7);
  assert.ok(random.below(2 ** 32) < 2 ** 32);
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) assert.throws(() => random.below(bound), RangeError);
});

test('random numbers are unbiased where a remainder would not be', () => {
  // Of 3 x 2^30 values, a plain remainder of 32 bits gives the lowest third half of all draws.
  const bound = 3 * 2 ** 30;
  let low = 0;
  const draws = 30_000;
  for (let draw = 0; draw < draws; draw += 1) if (random.below(bound) < 2 ** 30) low += 1;
  // Standard deviation of the count is 82; nine of them.
  assert.ok(Math.abs(low - draws / 3) < 735, `${low} of ${draws}`);
});

test('random bytes have their length and differ', () => {
  assert.equal(random.bytes(0).length, 0);
  assert.equal(random.bytes(33).length, 33);
  assert.notDeepEqual(random.bytes(32), random.bytes(32));
});
