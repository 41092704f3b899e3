/** Photoshop's image resources, in which IPTC stands (Adobe's file format specification; IPTC IIM 4). */
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { lookAtExif } from './exif.ts';
import type { Findings } from './findings.ts';
import { lookAtXmp } from './xmp.ts';

const IPTC = 0x0404;
const EXIF = new Set([0x0422, 0x0423]);
const XMP = 0x0424;
const THUMBNAILS = new Set([0x0409, 0x040c]);
const RESOURCE_HEAD_BYTES = 12;

/** Of IIM's second record, by number. */
const DATASETS: Readonly<Record<number, MetadataCode>> = {
  5: 'description',
  25: 'description',
  105: 'description',
  120: 'description',
  40: 'description',
  55: 'date',
  60: 'date',
  62: 'date',
  65: 'software',
  80: 'person',
  85: 'person',
  110: 'person',
  115: 'person',
  116: 'person',
  118: 'person',
  122: 'person',
  26: 'location',
  90: 'location',
  92: 'location',
  95: 'location',
  100: 'location',
  101: 'location',
  103: 'document-id',
};

/** From the first `8BIM` on. */
export function lookAtPhotoshop(bytes: Uint8Array, found: Findings): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let others = 0;
  while (at + RESOURCE_HEAD_BYTES <= bytes.length && view.getUint32(at) === 0x3842494d) {
    const id = view.getUint16(at + 4);
    const nameBytes = bytes[at + 6]! + 1;
    const sizeAt = at + 6 + nameBytes + (nameBytes % 2);
    if (sizeAt + 4 > bytes.length) break;
    const size = view.getUint32(sizeAt);
    const data = bytes.subarray(sizeAt + 4, sizeAt + 4 + size);
    if (id === IPTC) lookAtIptc(data, found);
    else if (EXIF.has(id)) lookAtExif(data, found);
    else if (id === XMP) lookAtXmp(data, found);
    else if (THUMBNAILS.has(id)) found.add('thumbnail', 'Photoshop');
    else others += 1;
    at = sizeAt + 4 + size + (size % 2);
  }
  if (others > 0 || at === 0) found.add('other', `Photoshop: ${others}`);
}

function lookAtIptc(bytes: Uint8Array, found: Findings): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === 0x1c;) {
    const [record, dataset, size] = [bytes[at + 1]!, bytes[at + 2]!, view.getUint16(at + 3)];
    // A length of lengths: longer than anything that is text.
    if (size > 0x7fff) break;
    const value = bytes.subarray(at + 5, at + 5 + size);
    const code = record === 2 && Object.hasOwn(DATASETS, dataset) ? DATASETS[dataset] : undefined;
    if (code !== undefined) found.add(code, new TextDecoder().decode(value));
    else if (record === 2 && dataset !== 0) found.add('other', `IPTC 2:${dataset}`);
    at += 5 + size;
  }
}
