/** The keys of one edition, from a passphrase or, for what nobody shall change, from a seed that is forgotten. */
import type { LinkClass } from '../../../shared/base/links.ts';
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

export interface AuthorDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly passwordHash: PasswordHash;
  /** Cost of the passphrase; DEFAULT_KDF_COST unless a practice network says otherwise. */
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
}

/** Who may change a publication: what follows from its passphrase, before any edition. */
export interface Author {
  /** Opens what was sealed for this author, and gives the read secrets of all editions. */
  readonly seed: Uint8Array;
  readonly keys: KeyPair;
  /** Undefined for a fixed publication, whose seed is random. */
  readonly kdf: SlotKdf | undefined;
}

/** An author and one edition. */
export interface Authorship {
  readonly keys: KeyPair;
  readonly kdf: SlotKdf | undefined;
  readonly readSecret: Uint8Array;
  readonly places: readonly SlotPlace[];
}

export const SLOT_CLASS_OF: Readonly<Record<PublicationClass, LinkClass>> = {
  updatable: CLASS_UPDATABLE,
  'delete-only': CLASS_DELETE_ONLY,
  fixed: CLASS_FIXED,
};

/** Under a new salt. `password` undefined: of a fixed publication. */
export async function newAuthor(deps: AuthorDeps, password: string | undefined): Promise<Author> {
  const { crypto, random } = deps;
  if (password === undefined) return authorOfSeed(crypto, randomAuthorSeed(random), undefined);
  return authorOf(deps, password, { salt: random.bytes(SALT_BYTES), cost: deps.kdfCost ?? DEFAULT_KDF_COST });
}

/** With the salt and the cost that a slot says. Throws `refused` for a cost out of bounds. */
export async function authorOf(deps: AuthorDeps, password: string, kdf: SlotKdf): Promise<Author> {
  const bounds = deps.kdfBounds ?? DEFAULT_KDF_BOUNDS;
  const seed = await deriveAuthorSeed(deps.passwordHash, password, kdf.salt, kdf.cost, bounds);
  return authorOfSeed(deps.crypto, seed, kdf);
}

export function authorOfSeed(crypto: Crypto, seed: Uint8Array, kdf: SlotKdf | undefined): Author {
  return { seed, keys: documentKeyPair(crypto, seed), kdf };
}

/** Keys and places of one edition. */
export function authorshipOf(
  crypto: Crypto,
  { seed, keys, kdf }: Author,
  slotClass: LinkClass,
  n: number,
  edition: number,
  attempt = 0,
): Authorship {
  const secret = readSecret(crypto, seed, edition, attempt);
  const places = slotPlaces(crypto, { class: slotClass, n, documentKey: keys.publicKey, readSecret: secret });
  if (places === undefined) throw new Error('the document key of a seed was no valid point');
  return { keys, kdf, readSecret: secret, places };
}
