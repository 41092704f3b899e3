/** GIF89a by its blocks: remarks and XMP are told; nothing is taken out. */
import { damaged } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtXmp } from './xmp.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const COMMENT = 0xfe;
const APPLICATION = 0xff;
/** XMP stands there bare, with a tail by which programs that do not know it find its end. */
const XMP_TAIL_BYTES = 258;

export function lookAtGif(bytes: Uint8Array, found: Findings): void {
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableBytes(bytes[10] ?? 0);
  for (;;) {
    const block = bytes[at];
    if (block === TRAILER) {
      if (at + 1 < bytes.length) found.add('hidden-data', `+, ${bytes.length - at - 1} B`);
      return;
    }
    if (block === IMAGE) {
      at = endOfBlocks(bytes, at + 11 + tableBytes(bytes[at + 9] ?? 0));
    } else if (block === EXTENSION) {
      const start = at + 2;
      const end = endOfBlocks(bytes, start);
      const name = Buffer.from(bytes.subarray(start + 1, start + 12)).toString('latin1');
      if (bytes[at + 1] === COMMENT) found.add('description', bytes.subarray(start + 1, end - 1));
      else if (bytes[at + 1] === APPLICATION && name === 'XMP DataXMP')
        lookAtXmp(bytes.subarray(start + 12, Math.max(start + 12, end - XMP_TAIL_BYTES)), found);
      else if (bytes[at + 1] === APPLICATION && !/^(?:NETSCAPE|ANIMEXTS)/u.test(name)) found.add('other', name);
      at = end;
    } else throw damaged(`GIF block at ${at}`);
  }
}

function endOfBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) throw damaged('the GIF ends early');
    at += length + 1;
    if (length === 0) return at;
  }
}
