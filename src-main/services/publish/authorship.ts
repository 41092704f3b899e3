/** The keys of one edition, from a passphrase or, for what nobody shall change, from a seed that is forgotten. */
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import type { Crypto, KdfParameters, KeyPair, PasswordHash, Random } from '../../core/ports.ts';
import {
  DEFAULT_KDF_BOUNDS,
  DEFAULT_KDF_COST,
  deriveAuthorSeed,
  documentKeyPair,
  randomAuthorSeed,
  readSecret,
  SALT_BYTES,
} from '../../core/publish/author.ts';
import type { KdfBounds } from '../../core/publish/author.ts';
import { slotPlaces } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import type { SlotKdf } from '../../core/publish/slot-payload.ts';
import { CLASS_DELETE_ONLY, CLASS_FIXED, CLASS_UPDATABLE } from '../../core/wire/record.ts';
import type { SlotClass } from '../../core/wire/record.ts';

export interface AuthorDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly passwordHash: PasswordHash;
  /** Cost of the passphrase; DEFAULT_KDF_COST unless a practice network says otherwise. */
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
}

export interface Authorship {
  readonly keys: KeyPair;
  readonly readSecret: Uint8Array;
  readonly kdf: SlotKdf | undefined;
  readonly places: readonly SlotPlace[];
}

export const SLOT_CLASS_OF: Readonly<Record<PublicationClass, SlotClass>> = {
  updatable: CLASS_UPDATABLE,
  'delete-only': CLASS_DELETE_ONLY,
  fixed: CLASS_FIXED,
};

/** Keys and places of edition 1 of a new publication. `password` undefined: a fixed one. */
export async function newAuthorship(
  deps: AuthorDeps,
  publicationClass: PublicationClass,
  n: number,
  password: string | undefined,
): Promise<Authorship> {
  const { crypto, random } = deps;
  const cost = deps.kdfCost ?? DEFAULT_KDF_COST;
  const kdf = password === undefined ? undefined : { salt: random.bytes(SALT_BYTES), cost };
  const seed =
    kdf === undefined
      ? randomAuthorSeed(random)
      : await deriveAuthorSeed(deps.passwordHash, password!, kdf.salt, cost, deps.kdfBounds ?? DEFAULT_KDF_BOUNDS);
  const keys = documentKeyPair(crypto, seed);
  const secret = readSecret(crypto, seed, 1);
  seed.fill(0);
  const places = slotPlaces(crypto, {
    class: SLOT_CLASS_OF[publicationClass],
    n,
    documentKey: keys.publicKey,
    readSecret: secret,
  });
  if (places === undefined) throw new Error('a fresh document key was no valid point');
  return { keys, readSecret: secret, kdf, places };
}
