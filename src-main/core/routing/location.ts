/**
 * The circle of keys. A location is a fraction of it, 0 ... 1, made from the first 53 bits of a hash: as much as a
 * double holds exactly, and a billion times finer than the gaps of a million nodes.
 */

export type Location = number;

const TWO_POW_21 = 2 ** 21;
const TWO_POW_53 = 2 ** 53;

/** From the first 8 bytes, big-endian. */
export function locationOf(bytes: Uint8Array): Location {
  const high = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  const low = ((bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!) >>> 11;
  return (high * TWO_POW_21 + (low & 0x1f_ffff)) / TWO_POW_53;
}

/** Length of the shorter way round, 0 ... 0.5. */
export function distance(a: Location, b: Location): number {
  const straight = Math.abs(a - b);
  return straight > 0.5 ? 1 - straight : straight;
}

/** The 8 bytes that `locationOf` reads as this place. */
export function placeBytes(place: Location): Uint8Array {
  const whole = Math.floor(place * TWO_POW_53);
  const high = Math.floor(whole / TWO_POW_21);
  const low = whole % TWO_POW_21;
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, high);
  view.setUint32(4, low << 11);
  return bytes;
}
