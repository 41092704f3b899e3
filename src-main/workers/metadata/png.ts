/** PNG (third edition) by its chunks: those that a decoder needs stay to the byte, all others go, and what is behind the end. */
import { crc32, inflateSync } from 'node:zlib';
import { concatBytes } from '../../../shared/base/bytes.ts';
import { KIB } from '../../../shared/base/units.ts';
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { lookAtCompressedProfile } from './colour-profile.ts';
import { bareTiff, isOrientationOnly, lookAtExif, orientationExif, orientationOf } from './exif.ts';
import { damaged } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtXmp } from './xmp.ts';

const SIGNATURE_BYTES = 8;
/** Pictures, animation, transparency, and how colours are meant. */
const KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL fdAT'.split(' '),
);
/** A text that is longer when inflated is told without it. */
const MAX_TEXT_BYTES = 256 * KIB;

const KEYWORDS: Readonly<Record<string, MetadataCode>> = {
  Author: 'person',
  Copyright: 'person',
  Software: 'software',
  Source: 'device',
  'Creation Time': 'date',
  'date:create': 'date',
  'date:modify': 'date',
  'date:timestamp': 'date',
};

interface Chunk {
  readonly type: string;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
}

export function lookAtPng(bytes: Uint8Array, found: Findings): void {
  const { chunks, trailing } = read(bytes);
  for (const { type, body } of chunks) {
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') lookAtText(type, body, found);
    else if (type === 'eXIf') {
      if (isOrientationOnly(body)) found.addStaying('orientation', orientationOf(body));
      else lookAtExif(bareTiff(body), found);
    } else if (type === 'tIME') found.add('date', timeOf(body));
    else if (type === 'iCCP') lookAtCompressedProfile(body.subarray(body.indexOf(0) + 2), found);
    else if (!KEPT.has(type)) found.add('hidden-data', `${type}, ${body.length} B`);
  }
  if (trailing.length > 0) found.add('hidden-data', `+, ${trailing.length} B`);
}

export function stripPng(bytes: Uint8Array): Uint8Array {
  const { chunks } = read(bytes);
  const parts = [bytes.subarray(0, SIGNATURE_BYTES)];
  const exif = chunks.find(({ type }) => type === 'eXIf');
  const orientation = exif && orientationOf(bareTiff(exif.body));
  for (const { type, whole } of chunks) {
    if (KEPT.has(type)) parts.push(whole);
    // It has to stand before the picture.
    if (type === 'IHDR' && orientation !== undefined) parts.push(chunkOf('eXIf', orientationExif(orientation)));
  }
  return concatBytes(...parts);
}

function read(bytes: Uint8Array): { readonly chunks: readonly Chunk[]; readonly trailing: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  let at = SIGNATURE_BYTES;
  for (;;) {
    if (at + 12 > bytes.length) throw damaged('the PNG ends early');
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw damaged(`chunk of ${length} bytes at ${at}`);
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    if (!/^[A-Za-z]{4}$/u.test(type)) throw damaged(`chunk without a name at ${at}`);
    // A capital letter: decoders must know it. One that is not known here cannot be judged.
    if (/^[A-Z]/u.test(type) && !KEPT.has(type)) throw damaged(`unknown critical chunk ${type}`);
    chunks.push({ type, whole: bytes.subarray(at, end), body: bytes.subarray(at + 8, end - 4) });
    at = end;
    if (type === 'IEND') return { chunks, trailing: bytes.subarray(at) };
  }
}

function lookAtText(type: string, body: Uint8Array, found: Findings): void {
  const zero = body.indexOf(0);
  const keyword = Buffer.from(body.subarray(0, zero)).toString('latin1');
  let text: Uint8Array | undefined = body.subarray(zero + 1);
  if (type === 'zTXt') text = inflated(body.subarray(zero + 2));
  if (type === 'iTXt') {
    const language = body.indexOf(0, zero + 3);
    const start = body.indexOf(0, language + 1) + 1;
    text = body[zero + 1] === 1 ? inflated(body.subarray(start)) : body.subarray(start);
  }
  if (text === undefined) found.add('description', `${keyword}, ${body.length} B`);
  else if (keyword === 'XML:com.adobe.xmp') lookAtXmp(text, found);
  else if (keyword.startsWith('Raw profile type')) found.add('other', `${keyword}, ${text.length} B`);
  else {
    const decoded = new TextDecoder(type === 'iTXt' ? 'utf-8' : 'latin1').decode(text);
    found.add(Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword]! : 'description', `${keyword}: ${decoded}`);
  }
}

function inflated(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch {
    return undefined;
  }
}

function timeOf(body: Uint8Array): string {
  const [high = 0, low = 0, ...rest] = body;
  return [high * 256 + low, ...rest].join('-');
}

function chunkOf(type: string, body: Uint8Array): Uint8Array {
  const named = concatBytes(new Uint8Array(Buffer.from(type, 'latin1')), body);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(body.length);
  whole.set(named, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return new Uint8Array(whole);
}
