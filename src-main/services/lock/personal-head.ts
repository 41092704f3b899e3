/**
 * The head of what tells about the person: in which folder of the data directory it lies and how its key is kept. One small file that
 * is replaced as a whole, so that a change of the passphrase has happened or has not, whenever the machine stops.
 *
 * {"version":1,"folder":"personal-<16 hexadecimal digits>"}                                       the key lies in the folder, in clear
 * {"version":1,"folder":"...","key":{"passes":P,"memoryKib":M,"salt":16,"nonce":24,"sealed":48}}  bytes in hexadecimal
 *
 * sealed: the key, XChaCha20-Poly1305 under Argon2id(passphrase, salt), associated data: "broadside personal 1 " and the folder.
 */
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, KdfParameters, PasswordHash, Random } from '../../core/ports.ts';
import {
  DEFAULT_KDF_BOUNDS,
  DEFAULT_KDF_COST,
  kdfCostWithin,
  passphraseBytes,
  SALT_BYTES,
} from '../../core/publish/author.ts';
import type { KdfBounds } from '../../core/publish/author.ts';

export const PERSONAL_KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
export const PERSONAL_FOLDER = /^personal-[0-9a-f]{16}$/;

export interface SealedKey {
  readonly cost: KdfParameters;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface PersonalHead {
  readonly folder: string;
  /** Undefined: there is no passphrase. */
  readonly key: SealedKey | undefined;
}

export interface LockDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly passwordHash: PasswordHash;
  /** The default is core/publish/author.ts's. */
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
}

const hexOf = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)));
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));
const HeadSchema = v.strictObject({
  version: v.literal(1),
  folder: v.pipe(v.string(), v.regex(PERSONAL_FOLDER)),
  key: v.optional(
    v.strictObject({
      passes: whole,
      memoryKib: whole,
      salt: hexOf(SALT_BYTES),
      nonce: hexOf(NONCE_BYTES),
      sealed: hexOf(PERSONAL_KEY_BYTES + TAG_BYTES),
    }),
  ),
});
const VersionSchema = v.object({ version: v.pipe(v.number(), v.integer(), v.minValue(2)) });

export function encodeHead({ folder, key }: PersonalHead): string {
  const written = key && {
    ...key.cost,
    salt: toHex(key.salt),
    nonce: toHex(key.nonce),
    sealed: toHex(key.sealed),
  };
  return `${JSON.stringify({ version: 1, folder, ...(written && { key: written }) })}\n`;
}

/** Throws `damaged` for what is no head, `not-in-version` for a later one. `path` is for the sentence. */
export function decodeHead(text: string, path: string): PersonalHead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (v.is(VersionSchema, value)) {
    throw new BroadsideError(
      'not-in-version',
      `${path} was written by a newer Broadside than this one. Update Broadside.`,
    );
  }
  const parsed = v.safeParse(HeadSchema, value);
  if (!parsed.success) {
    throw new BroadsideError(
      'damaged',
      `${path} is damaged, and without it nobody can open the library. Put it back from a copy; nothing was changed.`,
    );
  }
  const { folder, key } = parsed.output;
  return {
    folder,
    key: key && {
      cost: { passes: key.passes, memoryKib: key.memoryKib },
      salt: fromHex(key.salt)!,
      nonce: fromHex(key.nonce)!,
      sealed: fromHex(key.sealed)!,
    },
  };
}

/** Half a second and 256 MiB of memory. */
export async function sealKey(deps: LockDeps, folder: string, key: Uint8Array, passphrase: string): Promise<SealedKey> {
  const { crypto, random, passwordHash, kdfCost: cost = DEFAULT_KDF_COST } = deps;
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const under = await passwordHash.derive(passphraseBytes(passphrase), salt, cost, PERSONAL_KEY_BYTES);
  const sealed = crypto.seal(key, nonce, under, associated(folder));
  under.fill(0);
  return { cost, salt, nonce, sealed };
}

/** The key. Throws `refused` for a wrong passphrase, or a cost that this program never writes. */
export async function openKey(deps: LockDeps, { folder, key }: PersonalHead, passphrase: string): Promise<Uint8Array> {
  if (key === undefined) throw new BroadsideError('usage', 'There is no passphrase.');
  if (!kdfCostWithin(key.cost, deps.kdfBounds ?? DEFAULT_KDF_BOUNDS)) {
    throw new BroadsideError(
      'refused',
      `The passphrase check of this library is out of bounds (${key.cost.memoryKib} KiB, ${key.cost.passes} passes), so it was not made. Put personal.json back from a copy.`,
    );
  }
  const under = await deps.passwordHash.derive(passphraseBytes(passphrase), key.salt, key.cost, PERSONAL_KEY_BYTES);
  const opened = deps.crypto.open(key.sealed, key.nonce, under, associated(folder));
  under.fill(0);
  if (opened !== undefined) return opened;
  throw new BroadsideError(
    'refused',
    'The passphrase is wrong. Nothing was changed: try it again. Without it nobody can open the library, its makers included.',
  );
}

function associated(folder: string): Uint8Array {
  return new TextEncoder().encode(`broadside personal 1 ${folder}`);
}
