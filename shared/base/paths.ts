/**
 * Paths of files within a publication: relative, '/' between segments, compared as UTF-8 bytes. They are part of links
 * and of manifests, so the rules cannot be tightened later.
 */

/** Of a whole path, as UTF-8. Linux and macOS take 1,024 to 4,096; a link with such a path still fits in 4,096 letters. */
export const MAX_PATH_BYTES = 1_024;

/** '.', '..', nothing, control characters, backslashes, and what has no UTF-8 are not names on every system. */
export function isPathSegment(segment: string): boolean {
  return (
    segment !== '' && segment !== '.' && segment !== '..' && segment.isWellFormed() && !/[/\\\p{Cc}]/u.test(segment)
  );
}

/** At least one segment, all of them valid, MAX_PATH_BYTES together. */
export function isPath(path: string): boolean {
  return path.length <= MAX_PATH_BYTES && utf8Length(path) <= MAX_PATH_BYTES && path.split('/').every(isPathSegment);
}

/** Bytes of the text as UTF-8; a lone surrogate counts as three. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (unit >= 0xd800 && unit < 0xe000)
      length += 2; // each half of a pair: four bytes together
    else length += 3;
  }
  return length;
}

/** The order of the UTF-8 bytes, which is that of code points and not JavaScript's own of 16-bit units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for the highest code points, behind the units that are greater than they are. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
