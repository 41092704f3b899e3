/**
 * From a passphrase to the keys of a document. Everything that only its author can do follows from the author seed:
 *
 *   author seed       Argon2id(NFKC passphrase, 16-byte salt), 32 bytes
 *   document key      Ed25519 of the seed H("document key", author seed)
 *   read secret       first 16 bytes of H("read", author seed, edition as 32 bits LE, attempt as 32 bits LE)
 *
 * The salt and the cost stand in every slot, so that passphrase and link suffice, from any machine. A fixed publication
 * has no passphrase: its seed is random and forgotten after signing.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { READ_SECRET_BYTES } from '../../../shared/base/links.ts';
import { GIB, KIB, MIB } from '../../../shared/base/units.ts';
import type { Crypto, KdfParameters, KeyPair, PasswordHash, Random } from '../ports.ts';
import { uint32, utf8 } from './integers.ts';

export const SALT_BYTES = 16;
export const AUTHOR_SEED_BYTES = 32;
/** Greatest edition. */
export const MAX_EDITION = 0xffff_ffff;
/** Updates to one edition that were left half done before one was finished. Guess: each took a failure, and one is rare. */
export const MAX_ATTEMPT = 255;

/**
 * libsodium's preset MODERATE, which its manual times at 0.7 s on a 2.8 GHz Core i7. Whoever has a link may guess at the
 * passphrase offline, so it is no less.
 */
export const DEFAULT_KDF_COST: KdfParameters = { passes: 3, memoryKib: (256 * MIB) / KIB };

export interface KdfBounds {
  readonly least: KdfParameters;
  readonly most: KdfParameters;
}

/**
 * The cost is read from a slot, which anybody can have made: below, a guessable seed would be accepted; above, looking
 * at a link would take the memory of the machine. A practice network passes bounds of its own.
 */
export const DEFAULT_KDF_BOUNDS: KdfBounds = {
  least: { passes: 1, memoryKib: (64 * MIB) / KIB },
  most: { passes: 10, memoryKib: GIB / KIB },
};

export function kdfCostWithin(cost: KdfParameters, bounds: KdfBounds = DEFAULT_KDF_BOUNDS): boolean {
  const { least, most } = bounds;
  const whole = Number.isInteger(cost.passes) && Number.isInteger(cost.memoryKib);
  return (
    whole &&
    cost.passes >= least.passes &&
    cost.passes <= most.passes &&
    cost.memoryKib >= least.memoryKib &&
    cost.memoryKib <= most.memoryKib
  );
}

/** Throws 'refused' for a cost out of bounds. A passphrase typed in any normal form, on any system, is the same. */
export async function deriveAuthorSeed(
  passwordHash: PasswordHash,
  passphrase: string,
  salt: Uint8Array,
  cost: KdfParameters = DEFAULT_KDF_COST,
  bounds: KdfBounds = DEFAULT_KDF_BOUNDS,
): Promise<Uint8Array> {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  if (!kdfCostWithin(cost, bounds)) {
    throw new BroadsideError(
      'refused',
      `This publication asks for a passphrase check that is out of bounds (${cost.memoryKib} KiB, ${cost.passes} passes).`,
    );
  }
  return passwordHash.derive(passphraseBytes(passphrase), salt, cost, AUTHOR_SEED_BYTES);
}

/** UTF-8 of the NFKC form; lone surrogates become U+FFFD, for a passphrase is never refused for its letters. */
export function passphraseBytes(passphrase: string): Uint8Array {
  return utf8(passphrase.normalize('NFKC').toWellFormed());
}

/** Seed of a fixed publication, to be forgotten once its slots are signed. */
export function randomAuthorSeed(random: Random): Uint8Array {
  return random.bytes(AUTHOR_SEED_BYTES);
}

export function documentKeyPair(crypto: Crypto, authorSeed: Uint8Array): KeyPair {
  return crypto.keyPairFromSeed(crypto.hash('document key', authorSeed));
}

/**
 * `edition` 1 ... MAX_EDITION. `attempt` 0 unless slots of that edition exist already with other content (an update that
 * was left half done): another attempt has other slots.
 */
export function readSecret(crypto: Crypto, authorSeed: Uint8Array, edition: number, attempt = 0): Uint8Array {
  if (edition < 1) throw new RangeError('editions count from 1');
  return crypto.hash('read', authorSeed, uint32(edition), uint32(attempt)).slice(0, READ_SECRET_BYTES);
}
