/**
 * HEIF and AVIF (ISO 23008-12): EXIF and XMP are items of their own. Stripping overwrites them in place with nothing, so that
 * no offset changes and the coded pictures stay where and as they are.
 */
import { boxesOf } from './boxes.ts';
import type { Box } from './boxes.ts';
import { lookAtExif } from './exif.ts';
import { damaged } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtXmp } from './xmp.ts';

/** Items of one picture. A guess: a photograph in tiles has some hundred. */
const MAX_ITEMS = 10_000;

interface Item {
  readonly id: number;
  readonly type: string;
  /** Where its bytes are in the file; undefined when they are elsewhere or in a way that is not read here. */
  extents: readonly { readonly start: number; readonly end: number }[] | undefined;
}

export function lookAtHeif(bytes: Uint8Array, found: Findings): void {
  const { items, thumbnails, trailing } = read(bytes);
  for (const item of items) {
    if (item.type !== 'Exif' && item.type !== 'mime') continue;
    const content = contentOf(bytes, item);
    if (content === undefined) found.addStaying('not-looked', item.type);
    else if (content.every((byte) => byte === 0)) continue;
    else if (item.type === 'Exif') {
      // Four bytes say how far it is to the byte order mark.
      const skip = content.length < 4 ? 0 : new DataView(content.buffer, content.byteOffset).getUint32(0);
      lookAtExif(content.subarray(4 + skip), found);
    } else lookAtXmp(content, found);
  }
  // Coded beside the picture, from the same sensor; it is rarely another one, but nothing here can compare them.
  if (thumbnails > 0) found.addStaying('thumbnail', thumbnails);
  for (const name of trailing) found.addStaying('hidden-data', name);
}

export function stripHeif(bytes: Uint8Array): Uint8Array {
  const stripped = new Uint8Array(bytes);
  for (const { type, extents } of read(bytes).items) {
    if (type !== 'Exif' && type !== 'mime') continue;
    for (const { start, end } of extents ?? []) stripped.fill(0, start, end);
  }
  return stripped;
}

function read(bytes: Uint8Array): { items: Item[]; thumbnails: number; trailing: string[] } {
  const top = boxesOf(bytes, 0, bytes.length);
  const meta = top.find(({ type }) => type === 'meta');
  if (meta === undefined) throw damaged('no list of items');
  const inside = boxesOf(bytes, meta.start + 4, meta.end);
  const find = (type: string): Box | undefined => inside.find((box) => box.type === type);
  const [iinf, iloc, iref] = [find('iinf'), find('iloc'), find('iref')];
  const items = iinf === undefined ? [] : itemsOf(bytes, iinf);
  if (iloc !== undefined) locate(bytes, iloc, items, find('idat'));
  const thumbnails =
    iref === undefined ? 0 : boxesOf(bytes, iref.start + 4, iref.end).filter((box) => box.type === 'thmb').length;
  const known = new Set(['ftyp', 'meta', 'mdat', 'free', 'skip', 'moov']);
  return { items, thumbnails, trailing: top.filter(({ type }) => !known.has(type)).map(({ type }) => type) };
}

function itemsOf(bytes: Uint8Array, { start, end }: Box): Item[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const countBytes = view.getUint8(start) === 0 ? 2 : 4;
  return boxesOf(bytes, start + 4 + countBytes, end)
    .slice(0, MAX_ITEMS)
    .map((infe) => {
      const version = view.getUint8(infe.start);
      if (version < 2) throw damaged('an old list of items');
      const id = version === 2 ? view.getUint16(infe.start + 4) : view.getUint32(infe.start + 4);
      const typeAt = infe.start + (version === 2 ? 8 : 10);
      return { id, type: Buffer.from(bytes.subarray(typeAt, typeAt + 4)).toString('latin1'), extents: undefined };
    });
}

function locate(bytes: Uint8Array, { start, end }: Box, items: readonly Item[], idat: Box | undefined): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const version = view.getUint8(start);
  let at = start + 4;
  const number = (length: number): number => {
    const value =
      length === 0
        ? 0
        : length === 2
          ? view.getUint16(at)
          : length === 4
            ? view.getUint32(at)
            : Number(view.getBigUint64(at));
    at += length;
    return value;
  };
  const sizes = view.getUint16(at);
  at += 2;
  const nibble = (shift: number): number => (sizes >> shift) & 15;
  const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [
    nibble(12),
    nibble(8),
    nibble(4),
    version === 0 ? 0 : nibble(0),
  ];
  const count = Math.min(MAX_ITEMS, number(version < 2 ? 2 : 4));
  for (let index = 0; index < count; index += 1) {
    const id = number(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : number(2) & 15;
    number(2);
    const base = number(baseBytes);
    const extents = Array.from({ length: number(2) }, () => {
      number(indexBytes);
      const from = base + number(offsetBytes) + (method === 1 ? (idat?.start ?? 0) : 0);
      const length = number(lengthBytes);
      return { start: from, end: length === 0 ? bytes.length : from + length };
    });
    const item = items.find((other) => other.id === id);
    const inFile = method === 0 || (method === 1 && idat !== undefined);
    if (item !== undefined && inFile && extents.every((extent) => extent.end <= bytes.length)) item.extents = extents;
  }
}

function contentOf(bytes: Uint8Array, { extents }: Item): Uint8Array | undefined {
  if (extents === undefined || extents.length === 0) return undefined;
  return extents.length === 1
    ? bytes.subarray(extents[0]!.start, extents[0]!.end)
    : new Uint8Array(Buffer.concat(extents.map(({ start, end }) => bytes.subarray(start, end))));
}
