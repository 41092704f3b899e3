/** Passwords come from files: on a command line every program of the machine could read them. */
import { closeSync, openSync, readSync } from 'node:fs';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Arguments } from './usage.ts';

/** The contract takes 1,024 characters of four bytes at most. */
const MAX_PASSWORD_BYTES = 4096;

/** The password in the file that an option names, which has to be given. Throws `usage`. */
export function passwordOption(args: Arguments, name: 'password-file' | 'new-password-file'): string {
  const path = args.text(name);
  if (path === undefined || path === '') {
    throw new BroadsideError('usage', `--${name} is needed. Name a file whose first line is the password.`);
  }
  return readPassword(path);
}

/** The first line, without its end. Rights are not checked: that is the owner's affair. Throws `usage`. */
export function readPassword(path: string): string {
  let text: string;
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(MAX_PASSWORD_BYTES + 1);
      text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, null));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BroadsideError(
      'usage',
      `The password file ${path} ${missing ? 'does not exist' : 'cannot be read'}. Name one that can be read.`,
      { cause },
    );
  }
  const line = text.split('\n', 1)[0]!.replace(/\r$/, '');
  if (line === '') throw new BroadsideError('usage', `The first line of ${path} is empty. Write the password there.`);
  if (line.length > 1024)
    throw new BroadsideError('usage', `The password in ${path} is longer than 1,024 characters. Choose a shorter one.`);
  return line;
}
