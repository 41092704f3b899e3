/** The part of sodium-native that we use; the package ships no types. Buffers are written in place. */
declare module 'sodium-native' {
  interface Sodium {
    readonly crypto_generichash_STATEBYTES: number;
    readonly crypto_pwhash_ALG_ARGON2ID13: number;
    crypto_generichash(output: Uint8Array, input: Uint8Array): void;
    crypto_generichash_batch(output: Uint8Array, parts: readonly Uint8Array[]): void;
    crypto_generichash_init(state: Uint8Array, key: null, outputLength: number): void;
    crypto_generichash_update(state: Uint8Array, input: Uint8Array): void;
    crypto_generichash_final(state: Uint8Array, output: Uint8Array): void;
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
    crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
    extension_tweak_ed25519_pk(blinded: Uint8Array, publicKey: Uint8Array, name: Uint8Array): void;
    extension_tweak_ed25519_sk_to_scalar(scalar: Uint8Array, secretKey: Uint8Array): void;
    extension_tweak_ed25519_scalar(blinded: Uint8Array, scalar: Uint8Array, name: Uint8Array): void;
    extension_tweak_ed25519_sign_detached(signature: Uint8Array, message: Uint8Array, scalar: Uint8Array): void;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed: Uint8Array,
      plaintext: Uint8Array,
      associated: Uint8Array,
      unused: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      plaintext: Uint8Array,
      unused: null,
      sealed: Uint8Array,
      associated: Uint8Array,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number;
    crypto_pwhash(
      output: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      passes: number,
      memoryBytes: number,
      algorithm: number,
    ): void;
    crypto_pwhash_async(
      output: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      passes: number,
      memoryBytes: number,
      algorithm: number,
    ): Promise<void>;
    randombytes_buf(buffer: Uint8Array): void;
    sodium_memzero(buffer: Uint8Array): void;
  }
  const sodium: Sodium;
  export default sodium;
}
