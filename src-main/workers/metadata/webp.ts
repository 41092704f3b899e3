/** WebP (RFC 9649) by its chunks: pictures, animation, transparency and colours stay to the byte; all others go. */
import { concatBytes } from '../../../shared/base/bytes.ts';
import { lookAtProfile } from './colour-profile.ts';
import { bareTiff, isOrientationOnly, lookAtExif, orientationExif, orientationOf } from './exif.ts';
import { damaged } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtXmp } from './xmp.ts';

const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ANIM', 'ANMF', 'ALPH', 'ICCP']);
const KEPT_IN_FRAME = new Set(['VP8 ', 'VP8L', 'ALPH']);
const HEAD_BYTES = 12;
const FRAME_HEAD_BYTES = 16;
/** Bits of VP8X that say which metadata follow. */
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

export function lookAtWebp(bytes: Uint8Array, found: Findings): void {
  const { chunks, trailing } = read(bytes);
  for (const { type, body } of chunks) {
    if (type === 'EXIF') {
      const tiff = bareTiff(body);
      if (isOrientationOnly(tiff)) found.addStaying('orientation', orientationOf(tiff));
      else lookAtExif(tiff, found);
    } else if (type === 'XMP ') lookAtXmp(body, found);
    else if (type === 'ICCP') lookAtProfile(body, found);
    else if (!KEPT.has(type)) found.add('hidden-data', `${type}, ${body.length} B`);
    else if (type === 'ANMF') {
      for (const inner of chunksOf(body.subarray(FRAME_HEAD_BYTES))) {
        if (!KEPT_IN_FRAME.has(inner.type)) found.add('hidden-data', `${inner.type}, ${inner.body.length} B`);
      }
    }
  }
  if (trailing.length > 0) found.add('hidden-data', `+, ${trailing.length} B`);
}

export function stripWebp(bytes: Uint8Array): Uint8Array {
  const { chunks } = read(bytes);
  const exif = chunks.find(({ type }) => type === 'EXIF');
  const orientation = exif && orientationOf(bareTiff(exif.body));
  const parts: Uint8Array[] = [];
  for (const { type, body } of chunks) {
    if (!KEPT.has(type)) continue;
    if (type === 'VP8X') {
      const head = new Uint8Array(body);
      head[0] = (head[0]! & ~EXIF_FLAG & ~XMP_FLAG) | (orientation === undefined ? 0 : EXIF_FLAG);
      parts.push(chunkOf(type, head));
    } else if (type === 'ANMF') {
      const frame = chunksOf(body.subarray(FRAME_HEAD_BYTES)).filter((inner) => KEPT_IN_FRAME.has(inner.type));
      const inner = frame.map((chunk) => chunkOf(chunk.type, chunk.body));
      parts.push(chunkOf(type, concatBytes(body.subarray(0, FRAME_HEAD_BYTES), ...inner)));
    } else parts.push(chunkOf(type, body));
  }
  if (orientation !== undefined) parts.push(chunkOf('EXIF', orientationExif(orientation)));
  const body = concatBytes(...parts);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  head.write('WEBP', 8, 'latin1');
  return concatBytes(new Uint8Array(head), body);
}

function read(bytes: Uint8Array): { readonly chunks: readonly Chunk[]; readonly trailing: Uint8Array } {
  if (bytes.length < HEAD_BYTES) throw damaged('the WebP ends early');
  const end = 8 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  if (end > bytes.length) throw damaged('the WebP ends early');
  const chunks = chunksOf(bytes.subarray(HEAD_BYTES, end));
  if (!chunks.some(({ type }) => KEPT_IN_FRAME.has(type) || type === 'ANMF')) throw damaged('no picture in it');
  return { chunks, trailing: bytes.subarray(end) };
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length) throw damaged('a chunk ends early');
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > bytes.length) throw damaged(`chunk of ${length} bytes`);
    const type = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
    chunks.push({ type, body: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function chunkOf(type: string, body: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(8 + body.length + (body.length % 2));
  whole.write(type, 0, 'latin1');
  whole.writeUInt32LE(body.length, 4);
  whole.set(body, 8);
  return new Uint8Array(whole);
}
