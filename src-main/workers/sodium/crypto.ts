/**
 * Crypto of core/ports.ts on libsodium, by sodium-native.
 *
 * Never sodium_malloc here: Electron's V8 refuses ArrayBuffers whose memory lies outside its cage.
 */
import sodium from 'sodium-native';
import type { Crypto, HashStream, KeyPair } from '../../core/ports.ts';

const HASH_BYTES = 32;
const PUBLIC_KEY_BYTES = 32;
const SECRET_KEY_BYTES = 64;
const SCALAR_BYTES = 32;
const TWEAK_BYTES = 32;
const SIGNATURE_BYTES = 64;
const SEAL_TAG_BYTES = 16;
/** Up to this many bytes one copied buffer is hashed faster than a list of parts crosses into native code (measured). */
const COPIED_BYTES = 2_048;
/** Lengths from here on are framed by an escape, see frameLength. */
const ESCAPE = 0xffff_ffff;

const encoder = new TextEncoder();
/** Framed tags. Tags are literals of the program, so there are only as many as those. */
const framedTags = new Map<string, Uint8Array>();

function framedTag(tag: string): Uint8Array {
  let framed = framedTags.get(tag);
  if (framed === undefined) {
    const text = encoder.encode(tag);
    framed = new Uint8Array(4 + text.length);
    framed.set(frameLength(text.length));
    framed.set(text, 4);
    framedTags.set(tag, framed);
  }
  return framed;
}

/**
 * 32 bits little-endian. A length that does not fit, 2^32 - 1 included, is framed as four bytes of 255 and then the
 * length as 64 bits little-endian, so that files above 4 GiB have a hash and no two inputs have the same framing.
 */
function frameLength(length: number): Uint8Array {
  const escaped = length >= ESCAPE;
  const frame = new Uint8Array(escaped ? 12 : 4);
  const view = new DataView(frame.buffer);
  view.setUint32(0, escaped ? ESCAPE : length, true);
  if (escaped) view.setBigUint64(4, BigInt(length), true);
  return frame;
}

/** What is hashed is laid out here: hashing ends before anybody else can use it. */
const frame = new Uint8Array(COPIED_BYTES);

function hash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const output = new Uint8Array(HASH_BYTES);
  const head = framedTag(tag);
  let total = head.length;
  for (const part of parts) total += 4 + part.length;
  if (total <= COPIED_BYTES) {
    const framed = frame.subarray(0, total);
    framed.set(head);
    let offset = head.length;
    for (const part of parts) {
      framed[offset] = part.length;
      framed[offset + 1] = part.length >>> 8;
      framed[offset + 2] = 0;
      framed[offset + 3] = 0;
      framed.set(part, offset + 4);
      offset += 4 + part.length;
    }
    sodium.crypto_generichash(output, framed);
    return output;
  }
  const batch: Uint8Array[] = [head];
  for (const part of parts) {
    batch.push(frameLength(part.length));
    // An empty view may have no memory behind it, which native code had better not be given.
    if (part.length > 0) batch.push(part);
  }
  sodium.crypto_generichash_batch(output, batch);
  return output;
}

class SodiumHashStream implements HashStream {
  readonly #state = new Uint8Array(sodium.crypto_generichash_STATEBYTES);
  #missingBytes: number;
  #finished = false;

  constructor(tag: string, totalBytes: number) {
    if (!Number.isSafeInteger(totalBytes) || totalBytes < 0) throw new RangeError(`not a length: ${totalBytes}`);
    this.#missingBytes = totalBytes;
    sodium.crypto_generichash_init(this.#state, null, HASH_BYTES);
    sodium.crypto_generichash_update(this.#state, framedTag(tag));
    sodium.crypto_generichash_update(this.#state, frameLength(totalBytes));
  }

  update(bytes: Uint8Array): void {
    if (this.#finished) throw new Error('the hash was finished already');
    if (bytes.length > this.#missingBytes) throw new RangeError('more bytes than the length that was announced');
    this.#missingBytes -= bytes.length;
    if (bytes.length > 0) sodium.crypto_generichash_update(this.#state, bytes);
  }

  digest(): Uint8Array {
    if (this.#finished) throw new Error('the hash was finished already');
    if (this.#missingBytes > 0)
      throw new RangeError(`${this.#missingBytes} bytes fewer than the length that was announced`);
    this.#finished = true;
    const output = new Uint8Array(HASH_BYTES);
    sodium.crypto_generichash_final(this.#state, output);
    return output;
  }
}

function keyPairFromSeed(seed: Uint8Array): KeyPair {
  const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
  const secretKey = new Uint8Array(SECRET_KEY_BYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return { publicKey, secretKey };
}

function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const signature = new Uint8Array(SIGNATURE_BYTES);
  sodium.crypto_sign_detached(signature, message, secretKey);
  return signature;
}

function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  // The binding asserts these, and takes longer signatures; libsodium itself refuses small-order and odd encodings.
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}

/**
 * Blinding is additive: with t = the first 32 bytes of SHA-512(tweak), its highest bit cleared, the blinded key is
 * A' = A + tG and its scalar a' = a + t mod L. (sodium-native's extension_tweak_ed25519; a new t is hashed should tG
 * not be a valid point, which does not happen in practice.)
 *
 * Why that is safe. A signature is (R, s = r + c a) with c = SHA-512(R, A, m). From a signature under A one would get
 * one under A' by adding c t, if c were the same; but Ed25519 hashes the public key into c, so c differs, and
 * key-prefixed Schnorr signatures withstand related keys a + t (Morita and others, "On the security of the Schnorr
 * signature scheme and DSA against related-key attacks", 2015). Tor's blinding multiplies instead; libsodium has the
 * additive form natively, and either makes A' independent of A for who does not know the tweak: t is then a random
 * scalar, and A + tG a random point, of which two of one document look like any two points.
 *
 * What it does not do: who knows the tweak and a blinded secret scalar has the document's scalar. Only the author has
 * either, and blinded scalars are never stored.
 *
 * The nonce is SHA-512(prefix, a', m), deterministic like Ed25519's own and secret as a' is.
 */
function blindPublicKey(publicKey: Uint8Array, tweak: Uint8Array): Uint8Array | undefined {
  if (tweak.length !== TWEAK_BYTES) throw new RangeError(`a tweak has ${TWEAK_BYTES} bytes`);
  // Canonical, on the curve, in the prime-order subgroup: else "A + tG" could be given several names.
  if (publicKey.length !== PUBLIC_KEY_BYTES || !sodium.crypto_core_ed25519_is_valid_point(publicKey)) return undefined;
  const blinded = new Uint8Array(PUBLIC_KEY_BYTES);
  try {
    sodium.extension_tweak_ed25519_pk(blinded, publicKey, tweak);
  } catch {
    return undefined;
  }
  return sodium.crypto_core_ed25519_is_valid_point(blinded) ? blinded : undefined;
}

function signBlinded(message: Uint8Array, secretKey: Uint8Array, tweak: Uint8Array): Uint8Array {
  if (tweak.length !== TWEAK_BYTES) throw new RangeError(`a tweak has ${TWEAK_BYTES} bytes`);
  const scalar = new Uint8Array(SCALAR_BYTES);
  const blinded = new Uint8Array(SCALAR_BYTES);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  sodium.extension_tweak_ed25519_sk_to_scalar(scalar, secretKey);
  sodium.extension_tweak_ed25519_scalar(blinded, scalar, tweak);
  sodium.extension_tweak_ed25519_sign_detached(signature, message, blinded);
  sodium.sodium_memzero(scalar);
  sodium.sodium_memzero(blinded);
  return signature;
}

function seal(plaintext: Uint8Array, nonce: Uint8Array, key: Uint8Array, associated: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(plaintext.length + SEAL_TAG_BYTES);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plaintext, associated, null, nonce, key);
  return sealed;
}

function open(sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_TAG_BYTES) return undefined;
  const plaintext = new Uint8Array(sealed.length - SEAL_TAG_BYTES);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, null, sealed, associated, nonce, key);
  } catch {
    return undefined;
  }
  return plaintext;
}

export function createSodiumCrypto(): Crypto {
  return {
    hash,
    hashStream: (tag, totalBytes) => new SodiumHashStream(tag, totalBytes),
    keyPairFromSeed,
    sign,
    verify,
    blindPublicKey,
    signBlinded,
    seal,
    open,
  };
}
