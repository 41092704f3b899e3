/**
 * JPEG (ITU-T T.81) by its segments. What a decoder needs stays to the byte; everything else goes, known or not, and so does
 * what stands behind the end. Nothing is decoded or encoded again.
 */
import { concatBytes } from '../../../shared/base/bytes.ts';
import { lookAtProfile } from './colour-profile.ts';
import { bareTiff, isOrientationOnly, lookAtExif, orientationExif, orientationOf } from './exif.ts';
import { damaged } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtPhotoshop } from './photoshop.ts';
import { lookAtXmp } from './xmp.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP13 = 0xed;
const APP14 = 0xee;
const COM = 0xfe;
/** Start of frame, tables and intervals: what pictures are decoded by. */
const isDecoding = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf) || (marker >= 0xda && marker <= 0xdf);

const EXIF = 'Exif\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const EXTENDED_XMP = 'http://ns.adobe.com/xmp/extension/\0';
const PHOTOSHOP = 'Photoshop 3.0\0';
const ICC = 'ICC_PROFILE\0';
/** Both after their name and its zero: number and count of the pieces of a profile. */
const ICC_HEAD_BYTES = ICC.length + 2;
const JFIF_BYTES = 14;

interface Segment {
  readonly marker: number;
  /** Marker and length included. */
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
}

interface Jpeg {
  /** In order; that of a scan has the coded picture behind it. */
  readonly segments: readonly Segment[];
  readonly trailing: Uint8Array;
}

export function lookAtJpeg(bytes: Uint8Array, found: Findings): void {
  const { segments, trailing } = read(bytes);
  const profile: Uint8Array[] = [];
  for (const { marker, body } of segments) {
    if (isDecoding(marker)) continue;
    const name = latin1(body.subarray(0, 64));
    if (marker === APP0) {
      const pixels = name.startsWith('JFIF\0') ? (body[12] ?? 0) * (body[13] ?? 0) : 0;
      if (name.startsWith('JFXX\0') || pixels > 0 || body.length > JFIF_BYTES) found.add('thumbnail', 'JFIF');
    } else if (marker === APP1 && name.startsWith(EXIF)) {
      const tiff = bareTiff(body);
      if (isOrientationOnly(tiff)) found.addStaying('orientation', orientationOf(tiff));
      else lookAtExif(tiff, found);
    } else if (marker === APP1 && name.startsWith(XMP)) lookAtXmp(body.subarray(XMP.length), found);
    else if (marker === APP1 && name.startsWith(EXTENDED_XMP)) found.add('other', `XMP, ${body.length} B`);
    else if (marker === APP13 && name.startsWith(PHOTOSHOP)) lookAtPhotoshop(body.subarray(PHOTOSHOP.length), found);
    else if (marker === APP2 && name.startsWith(ICC)) profile.push(body.subarray(ICC_HEAD_BYTES));
    else if (marker === COM) found.add('description', body);
    else if (!isAdobe(marker, body)) {
      const identifier = /^[\x20-\x7e]{2,32}/u.exec(name)?.[0] ?? `APP${marker - APP0}`;
      found.add('hidden-data', `${identifier}, ${body.length} B`);
    }
  }
  if (profile.length > 0) lookAtProfile(concatBytes(...profile), found);
  if (trailing.length > 0) found.add('hidden-data', `${describeTrailing(trailing)}, ${trailing.length} B`);
}

export function stripJpeg(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  const { segments } = read(bytes);
  const orientation = segments
    .filter(({ marker, body }) => marker === APP1 && latin1(body.subarray(0, 5)) === EXIF)
    .map(({ body }) => orientationOf(bareTiff(body)))
    .find((value) => value !== undefined);
  const exif =
    orientation === undefined ? undefined : segmentOf(APP1, [ascii(`${EXIF}\0`), orientationExif(orientation)]);
  // JFIF has to come first where it is.
  const jfif = segments.find(({ marker, body }) => marker === APP0 && latin1(body.subarray(0, 5)) === 'JFIF\0');
  if (jfif !== undefined && jfif.body.length >= JFIF_BYTES) {
    parts.push(segmentOf(APP0, [jfif.body.subarray(0, 12), Uint8Array.of(0, 0)]));
  }
  if (exif !== undefined) parts.push(exif);
  for (const { marker, whole, body } of segments) {
    const profile = marker === APP2 && latin1(body.subarray(0, ICC.length)) === ICC;
    if (isDecoding(marker) || isAdobe(marker, body) || profile) parts.push(whole);
  }
  parts.push(Uint8Array.of(0xff, EOI));
  return concatBytes(...parts);
}

function read(bytes: Uint8Array): Jpeg {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw damaged('no start of a JPEG');
  const segments: Segment[] = [];
  let at = 2;
  let scanned = false;
  for (;;) {
    if (bytes[at] !== 0xff) throw damaged(`no segment at ${at}`);
    // Any number of fill bytes may stand before a marker.
    while (bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1];
    if (marker === undefined) throw damaged('the JPEG ends early');
    if (marker === EOI) {
      if (!scanned) throw damaged('no picture in it');
      return { segments, trailing: bytes.subarray(at + 2) };
    }
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= SOI)) throw damaged(`marker ${marker} at ${at}`);
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    let end = at + 2 + length;
    if (!(length >= 2) || end > bytes.length) throw damaged(`segment of ${length} bytes at ${at}`);
    const body = bytes.subarray(at + 4, end);
    if (marker === SOS) {
      end = endOfScan(bytes, end);
      scanned = true;
    }
    segments.push({ marker, whole: bytes.subarray(at, end), body });
    at = end;
  }
}

/** The next marker that ends the coded data: restarts and stuffed zeros belong to it. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw damaged('the picture ends early');
}

/** Says how the colours are coded; without it some pictures come out in wrong ones. */
function isAdobe(marker: number, body: Uint8Array): boolean {
  return marker === APP14 && body.length === 12 && latin1(body.subarray(0, 5)) === 'Adobe';
}

function describeTrailing(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === SOI) return 'JPEG';
  return latin1(bytes.subarray(4, 8)) === 'ftyp' ? 'MP4' : '+';
}

function segmentOf(marker: number, body: readonly Uint8Array[]): Uint8Array {
  const whole = concatBytes(...body);
  const length = whole.length + 2;
  return concatBytes(Uint8Array.of(0xff, marker, length >> 8, length & 0xff), whole);
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
