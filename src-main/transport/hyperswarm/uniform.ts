import { randomInt } from 'node:crypto';

/** In [0, 1), of the system: when and whom a node dials is not to be told beforehand by who watches it. */
export function uniform(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
