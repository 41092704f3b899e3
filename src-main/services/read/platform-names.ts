/**
 * Names for the file system of this machine from names in a manifest, which may hold what it cannot: a colon or `con`
 * on Windows, 300 bytes anywhere. What can be kept is kept to the letter.
 */

/** ext4, APFS, NTFS: 255 (bytes, or UTF-16 units, of which there are never more than bytes). */
const MAX_NAME_BYTES = 255;
/** What a longer extension would be is not one. Guess. */
const MAX_EXTENSION_BYTES = 32;

/** "Naming Files, Paths, and Namespaces", Microsoft. */
const WINDOWS_RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const WINDOWS_FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f]/gu;

/** A name that the platform (as in process.platform) can hold; never empty, '.', '..' nor with a separator in it. */
export function platformName(name: string, platform: string, maxBytes = MAX_NAME_BYTES): string {
  let result = name.toWellFormed();
  if (platform === 'win32') {
    result = result.replace(WINDOWS_FORBIDDEN, '_').replace(/[. ]+$/u, (tail) => '_'.repeat(tail.length));
    if (WINDOWS_RESERVED.test(result)) result = `_${result}`;
  } else {
    result = result.replaceAll('/', '_').replaceAll('\0', '_');
    // Finder and old Carbon programs take ':' for a separator.
    if (platform === 'darwin') result = result.replaceAll(':', '_');
  }
  if (result === '' || result === '.' || result === '..') result = '_'.repeat(Math.max(1, result.length));
  return shortened(result, maxBytes);
}

/** `name (2).ext` and so on, for a name that is taken; `count` from 2. */
export function numberedName(name: string, count: number): string {
  const { stem, extension } = split(name);
  const suffix = ` (${count})`;
  return shortened(stem, MAX_NAME_BYTES - byteLength(suffix + extension)) + suffix + extension;
}

function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  if (byteLength(extension) > MAX_EXTENSION_BYTES) return { stem: name, extension: '' };
  return { stem: name.slice(0, name.length - extension.length), extension };
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Cut between characters, the extension kept. */
function shortened(name: string, maxBytes: number): string {
  if (byteLength(name) <= maxBytes) return name;
  const { stem, extension } = split(name);
  let kept = '';
  let room = maxBytes - byteLength(extension);
  for (const character of stem) {
    room -= byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}
