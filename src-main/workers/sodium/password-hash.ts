/** PasswordHash of core/ports.ts: Argon2id version 1.3 with one lane, on libuv's threads. */
import sodium from 'sodium-native';
import type { PasswordHash } from '../../core/ports.ts';

const KIB = 1_024;

export function createPasswordHash(): PasswordHash {
  return {
    /** Rejects when the memory cannot be had, or for a length or cost that libsodium does not take. */
    async derive(password, salt, cost, length) {
      const output = new Uint8Array(length);
      // The native side reads while we may go on: it gets copies that nobody changes.
      await sodium.crypto_pwhash_async(
        output,
        password.slice(),
        salt.slice(),
        cost.passes,
        cost.memoryKib * KIB,
        sodium.crypto_pwhash_ALG_ARGON2ID13,
      );
      return output;
    },
  };
}
