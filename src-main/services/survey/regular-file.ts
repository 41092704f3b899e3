/** Opens regular files and nothing else: a link, a pipe or a device put in the place of a file is refused, not followed. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BroadsideError } from '../../../shared/base/errors.ts';

/** Absent on Windows, where opening does not follow what lstat did not show. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** So that opening a pipe that nobody writes to does not wait for ever. */
const NON_BLOCKING = constants.O_NONBLOCK ?? 0;

/** `shown` is what messages call the file. Throws `usage`, naming it. */
export async function openRegular(path: string, shown: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | NO_FOLLOW | NON_BLOCKING);
  } catch (cause) {
    throw readError(cause, shown);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      throw new BroadsideError('usage', `${shown} is not a regular file any more. Nothing was published.`);
    }
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** A failure to read something that is to be published, in words. */
export function readError(thrown: unknown, shown: string): BroadsideError {
  if (thrown instanceof BroadsideError) return thrown;
  switch ((thrown as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
      return new BroadsideError('usage', `There is no file ${shown}. Check the path.`, { cause: thrown });
    case 'EACCES':
    case 'EPERM':
      return new BroadsideError(
        'usage',
        `${shown} cannot be read: you have no permission. Change its rights or leave it out.`,
        { cause: thrown },
      );
    case 'ELOOP':
    case 'EMLINK':
      return new BroadsideError(
        'usage',
        `${shown} is a symbolic link, which is not followed. Name the file that it points to.`,
        { cause: thrown },
      );
    case 'ENXIO':
      return new BroadsideError('usage', `${shown} is a pipe or a socket, not a file.`, { cause: thrown });
    default:
      return new BroadsideError(
        'usage',
        `${shown} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
        { cause: thrown },
      );
  }
}
