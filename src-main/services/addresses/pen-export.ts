/** Pen names as files under a password, to be kept or carried to another machine. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { decodePenFileHead, encodePenFile, openPenFile } from '../../core/addresses/pen-file.ts';
import type { PenSecret } from '../../core/addresses/pen-file.ts';
import { NONCE_BYTES } from '../../core/addresses/pointer.ts';
import type { Crypto, PasswordHash, Random } from '../../core/ports.ts';
import type { KdfParameters } from '../../core/ports.ts';
import { DEFAULT_KDF_BOUNDS, DEFAULT_KDF_COST, passphraseBytes, SALT_BYTES } from '../../core/publish/author.ts';
import type { KdfBounds } from '../../core/publish/author.ts';
import { requireStrongPassword } from '../publish/password.ts';

const KEY_BYTES = 32;

export interface PenExportDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly passwordHash: PasswordHash;
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
}

/** Throws `weak-password`: whoever has the file can try passwords without limit. */
export async function exportPen(deps: PenExportDeps, secret: PenSecret, password: string): Promise<Uint8Array> {
  const { crypto, random, passwordHash } = deps;
  await requireStrongPassword(password, [secret.name]);
  const cost = deps.kdfCost ?? DEFAULT_KDF_COST;
  const salt = random.bytes(SALT_BYTES);
  const key = await passwordHash.derive(passphraseBytes(password), salt, cost, KEY_BYTES);
  return encodePenFile(crypto, secret, key, { salt, cost, nonce: random.bytes(NONCE_BYTES) });
}

/** Throws `refused` for a wrong password, `damaged` for what is no such file, `not-in-version` for a later one. */
export async function importPen(deps: PenExportDeps, file: Uint8Array, password: string): Promise<PenSecret> {
  const head = decodePenFileHead(file, deps.kdfBounds ?? DEFAULT_KDF_BOUNDS);
  if (!head.ok) {
    if (head.code === 'newer-format') {
      throw new BroadsideError(
        'not-in-version',
        'This pen name was exported by a newer Broadside than this one. Update Broadside to import it.',
      );
    }
    if (head.code === 'cost-out-of-bounds') {
      throw new BroadsideError(
        'refused',
        'This file asks for a password check that is out of bounds, so Broadside did not make it. Export the pen name again.',
      );
    }
    throw new BroadsideError(
      'damaged',
      head.code === 'not-a-pen-file'
        ? 'This is not a file that a pen name was exported to. Choose the file that “pen export” wrote.'
        : 'This file is damaged or not whole. Use another copy of it.',
    );
  }
  const { salt, cost } = head.value;
  const key = await deps.passwordHash.derive(passphraseBytes(password), salt, cost, KEY_BYTES);
  const secret = openPenFile(deps.crypto, head.value, key);
  if (secret.ok) return secret.value;
  if (secret.code === 'wrong-password') {
    throw new BroadsideError(
      'refused',
      'The password is wrong, or the file was altered. Try the password again, or another copy of the file.',
    );
  }
  throw new BroadsideError('damaged', 'This file was not written by Broadside. Export the pen name again.');
}
