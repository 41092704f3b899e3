/**
 * The crypto port in the simulator. Hashes and seals are the real ones (workers/sodium). Signatures are simulated,
 * because Ed25519 would take more time than everything else together: what was signed, and with which key, is written down
 * in a register that this adapter alone can see, and verifying looks there. Inside the simulation that is as consistent
 * and unforgeable as the real thing: nobody signs without the secret key. Outside it is worthless.
 */
import type { Crypto, KeyPair } from '../../../src-main/core/ports.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { keyOf } from './bytes-key.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

export interface SimCrypto extends Crypto {
  /** Signatures made and checked so far: what the real ones would have cost. */
  readonly counts: { signed: number; verified: number };
}

export function createSimCrypto(): SimCrypto {
  const real = createSodiumCrypto();
  const secrets = new Map<string, Uint8Array>();
  /** By signature. */
  const register = new Map<string, { readonly publicKey: string; readonly message: string }>();
  const counts = { signed: 0, verified: 0 };

  const signWith = (secret: Uint8Array, publicKey: Uint8Array, message: Uint8Array): Uint8Array => {
    counts.signed += 1;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    signature.set(real.hash('sim signature', secret, message));
    register.set(keyOf(signature), { publicKey: keyOf(publicKey), message: keyOf(message) });
    return signature;
  };
  const blindedSecret = (secret: Uint8Array, tweak: Uint8Array): Uint8Array =>
    real.hash('sim blinded secret', secret, tweak);
  const publicOf = (secret: Uint8Array): Uint8Array => {
    const publicKey = real.hash('sim public key', secret);
    secrets.set(keyOf(publicKey), secret);
    return publicKey;
  };

  return {
    ...real,
    counts,
    keyPairFromSeed(seed): KeyPair {
      const publicKey = publicOf(seed.slice());
      const secretKey = new Uint8Array(2 * KEY_BYTES);
      secretKey.set(seed);
      secretKey.set(publicKey, KEY_BYTES);
      return { publicKey, secretKey };
    },
    sign(message, secretKey) {
      return signWith(secretKey.subarray(0, KEY_BYTES), secretKey.subarray(KEY_BYTES), message);
    },
    verify(signature, message, publicKey) {
      counts.verified += 1;
      const made = register.get(keyOf(signature));
      return made !== undefined && made.publicKey === keyOf(publicKey) && made.message === keyOf(message);
    },
    blindPublicKey(publicKey, tweak) {
      const secret = secrets.get(keyOf(publicKey));
      return secret === undefined ? undefined : publicOf(blindedSecret(secret, tweak));
    },
    signBlinded(message, secretKey, tweak) {
      const secret = blindedSecret(secretKey.subarray(0, KEY_BYTES), tweak);
      return signWith(secret, publicOf(secret), message);
    },
  };
}
