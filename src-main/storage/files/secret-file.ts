/** A file of random bytes that only its owner may read: a node's identity, the installation's key. */
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Random } from '../../core/ports.ts';
import { DIRECTORY_MODE, FILE_MODE, fileErrorCode, syncDirectory, toFileError, writeSynced } from './durable-file.ts';

export interface SecretFileOptions {
  readonly path: string;
  /** Bytes in the file, 1 ... 1,024. */
  readonly length: number;
  readonly random: Random;
}

/** Everybody but the owner. */
const OTHERS = 0o077;
/** Answers of file systems without hard links: FAT, exFAT and some network shares. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];

/**
 * The bytes of the file, which is created, durably and as a whole, when it is not there; of two that create it at once
 * both get the same bytes. Errors: 'refused' when others have rights on the file or its folder (POSIX), 'damaged' when
 * its length is not `length`, 'no-space', 'unexpected'. A damaged secret is never replaced: it may be restored from a
 * copy.
 */
export async function readOrCreateSecret(options: SecretFileOptions): Promise<Uint8Array> {
  const { path, length, random } = options;
  try {
    await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    await assertPrivate(dirname(path), DIRECTORY_MODE);
    return (await readSecret(path, length)) ?? (await createSecret(path, length, random));
  } catch (thrown) {
    throw toFileError(thrown, path);
  }
}

async function readSecret(path: string, length: number): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  try {
    await assertPrivate(path, FILE_MODE);
    const { size } = await file.stat();
    if (size !== length) {
      throw new BroadsideError(
        'damaged',
        `${path} should hold ${length} bytes and holds ${size}; put it back from a copy`,
      );
    }
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

async function createSecret(path: string, length: number, random: Random): Promise<Uint8Array> {
  const temporary = join(dirname(path), `.${basename(path)}.${toHex(random.bytes(8))}`);
  const secret = new Uint8Array(random.bytes(length));
  try {
    await writeSynced(temporary, secret);
    // A link, unlike a rename, does not replace what somebody else has created meanwhile.
    try {
      await link(temporary, path);
    } catch (thrown) {
      if (!NO_LINKS.includes(fileErrorCode(thrown) ?? '')) throw thrown;
      await rename(temporary, path);
    }
  } catch (thrown) {
    if (fileErrorCode(thrown) !== 'EEXIST') throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
  return (await readSecret(path, length))!;
}

async function assertPrivate(path: string, mode: number): Promise<void> {
  if (process.platform === 'win32') return;
  if (((await stat(path)).mode & OTHERS) === 0) return;
  throw new BroadsideError(
    'refused',
    `other users have rights on ${path}; take them away with: chmod ${mode.toString(8)} '${path}'`,
  );
}
