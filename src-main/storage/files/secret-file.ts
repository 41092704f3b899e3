/**
 * Files of random bytes that only their owner may read: a node's identity, the installation's key, pen names. Behind the secret stand
 * eight bytes by which it is seen whether it is still what was written: one that the disk changed would be another identity, in silence.
 * Earlier versions wrote the secret alone; such a file opens, and gets these bytes when it is read.
 */
import { createHash } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bytesEqual, concatBytes, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Random, SecretStore } from '../../core/ports.ts';
import {
  DIRECTORY_MODE,
  FILE_MODE,
  fileErrorCode,
  replaceFile,
  syncDirectory,
  toFileError,
  writeSynced,
} from './durable-file.ts';

export interface SecretFileOptions {
  readonly path: string;
  /** Bytes of the secret, 1 ... 1,024. */
  readonly length: number;
  readonly random: Random;
}

/** Of a secret in a SecretStore. */
const STORED_BYTES = 32;
/** Of SHA-256: a change by chance is missed once in 2^64 times. */
const CHECK_BYTES = 8;
const CHECK_TAG = 'broadside secret 1';
/** Everybody but the owner. */
const OTHERS = 0o077;
/** Answers of file systems without hard links: FAT, exFAT and some network shares. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];

/** What stands in the file of a secret. */
export function secretFileBytes(secret: Uint8Array): Uint8Array {
  const check = createHash('sha256').update(CHECK_TAG).update(secret).digest();
  return concatBytes(secret, check.subarray(0, CHECK_BYTES));
}

/**
 * The secret in the file, which is created, durably and as a whole, when it is not there; of two that create it at once
 * both get the same bytes. Errors: 'refused' when others have rights on the file or its folder (POSIX), 'damaged' when
 * it is not what was written, 'no-space', 'unexpected'. A damaged secret is never replaced: it may be restored from a
 * copy.
 */
export async function readOrCreateSecret(options: SecretFileOptions): Promise<Uint8Array> {
  const { path, length, random } = options;
  try {
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    await assertPrivate(dirname(path), DIRECTORY_MODE);
    const held = await readSecret(path, length);
    if (held !== undefined) return held;
    await createSecret(path, random.bytes(length), random);
    return (await readSecret(path, length))!;
  } catch (thrown) {
    throw toFileError(thrown, path);
  }
}

/** Secrets of 32 bytes in files of their own, `<id>.key`, in a folder. Errors as above. */
export function createSecretStore(directory: string, random: Random): SecretStore {
  const pathOf = (id: string): string => {
    if (!/^[0-9a-f]{1,64}$/.test(id)) throw new RangeError('not the id of a secret');
    return join(directory, `${id}.key`);
  };
  return {
    read: async (id) => {
      const path = pathOf(id);
      try {
        return await readSecret(path, STORED_BYTES);
      } catch (thrown) {
        throw toFileError(thrown, path);
      }
    },
    create: async (id, secret) => {
      const path = pathOf(id);
      if (secret.length !== STORED_BYTES) throw new RangeError(`a secret has ${STORED_BYTES} bytes`);
      try {
        await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
        await assertPrivate(directory, DIRECTORY_MODE);
        if (!(await createSecret(path, secret, random)))
          throw new BroadsideError('refused', `there is a secret already at ${path}; it is not replaced`);
      } catch (thrown) {
        throw toFileError(thrown, path);
      }
    },
  };
}

async function readSecret(path: string, length: number): Promise<Uint8Array | undefined> {
  const bytes = await readPrivate(path, length + CHECK_BYTES);
  if (bytes === undefined) return undefined;
  if (bytes.length !== length && bytes.length !== length + CHECK_BYTES)
    throw damaged(path, `it does not have the ${length + CHECK_BYTES} bytes that were written`);
  const secret = bytes.slice(0, length);
  // A disk that takes nothing now is no reason not to go on: the next start tries again.
  if (bytes.length === length) await replaceFile(path, secretFileBytes(secret)).catch(() => undefined);
  else if (!bytesEqual(bytes, secretFileBytes(secret))) throw damaged(path, 'its bytes have changed on the disk');
  return secret;
}

/** What is in the file, of which more than `most` and one bytes are not read; undefined when there is none. */
async function readPrivate(path: string, most: number): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  try {
    await assertPrivate(path, FILE_MODE);
    const buffer = new Uint8Array(most + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.slice(0, bytesRead);
  } finally {
    await file.close();
  }
}

function damaged(path: string, how: string): BroadsideError {
  return new BroadsideError(
    'damaged',
    `The secret in ${path} is damaged: ${how}. Put it back from a copy; where there is none, what hangs on it is lost, and removing the file begins anew. Nothing was changed.`,
  );
}

/** False when there is a file of that name, which stays. */
async function createSecret(path: string, secret: Uint8Array, random: Random): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${toHex(random.bytes(8))}`);
  let created = true;
  try {
    await writeSynced(temporary, secretFileBytes(secret));
    // A link, unlike a rename, does not replace what somebody else has created meanwhile.
    try {
      await link(temporary, path);
    } catch (thrown) {
      if (!NO_LINKS.includes(fileErrorCode(thrown) ?? '')) throw thrown;
      await rename(temporary, path);
    }
  } catch (thrown) {
    if (fileErrorCode(thrown) !== 'EEXIST') throw thrown;
    created = false;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
  return created;
}

async function assertPrivate(path: string, mode: number): Promise<void> {
  if (process.platform === 'win32') return;
  if (((await stat(path)).mode & OTHERS) === 0) return;
  throw new BroadsideError(
    'refused',
    `other users have rights on ${path}; take them away with: chmod ${mode.toString(8)} '${path}'`,
  );
}
