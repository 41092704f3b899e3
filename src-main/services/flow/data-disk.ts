/** What the disk of the data directory says when something cannot be kept there, as people meet it. */
import { BroadsideError } from '../../../shared/base/errors.ts';

/** What no system call threw is given back as it is: it is ours, or a defect. */
export function dataDiskError(thrown: unknown): unknown {
  if (thrown instanceof BroadsideError || !isSystemError(thrown)) return thrown;
  if (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT') {
    return new BroadsideError('no-space', 'The disk of the data directory is full. Free some space and try again.', {
      cause: thrown,
    });
  }
  return new BroadsideError(
    'unexpected',
    `The disk of the data directory failed: ${thrown.message}. Look after it, and try again.`,
    { cause: thrown },
  );
}

export function isSystemError(thrown: unknown): thrown is Error & { readonly code: string } {
  return thrown instanceof Error && 'syscall' in thrown && 'code' in thrown && typeof thrown.code === 'string';
}
