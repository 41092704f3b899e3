/** EXIF, as JPEG, PNG, WebP, TIFF and HEIF carry it: read by exif-reader, put into what it tells. */
import readExif from 'exif-reader';
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import type { Findings } from './findings.ts';

/** Tags that tell something, by the names that exif-reader gives them (CIPA DC-008, and Windows' own XP...). */
const TELLING: Readonly<Record<string, MetadataCode>> = {
  Artist: 'person',
  XPAuthor: 'person',
  Author: 'person',
  CameraOwnerName: 'person',
  OwnerName: 'person',
  Photographer: 'person',
  Copyright: 'person',
  BodySerialNumber: 'serial',
  LensSerialNumber: 'serial',
  CameraSerialNumber: 'serial',
  SerialNumber: 'serial',
  ImageUniqueID: 'document-id',
  RawDataUniqueID: 'document-id',
  Make: 'device',
  Model: 'device',
  LensMake: 'device',
  LensModel: 'device',
  HostComputer: 'device',
  UniqueCameraModel: 'device',
  Software: 'software',
  ProcessingSoftware: 'software',
  DateTime: 'date',
  DateTimeOriginal: 'date',
  DateTimeDigitized: 'date',
  PreviewDateTime: 'date',
  OffsetTime: 'date',
  OffsetTimeOriginal: 'date',
  OffsetTimeDigitized: 'date',
  ImageDescription: 'description',
  DocumentName: 'description',
  PageName: 'description',
  UserComment: 'description',
  XPTitle: 'description',
  XPComment: 'description',
  XPKeywords: 'description',
  XPSubject: 'description',
  ImageTitle: 'description',
  MakerNote: 'maker-notes',
  OriginalRawFileName: 'user-path',
  RelatedSoundFile: 'user-path',
  XMLPacket: 'other',
  ImageResources: 'other',
  IPTCNAA: 'other',
};

/** `Exif` and two zeros. */
const EXIF_HEADER_BYTES = 6;

type Directory = Readonly<Record<string, unknown>>;

/** `tiff`: from its byte order mark on, or with `Exif\0\0` before it. What cannot be read is told as such. */
export function lookAtExif(tiff: Uint8Array, found: Findings): void {
  let exif: Readonly<Record<string, Directory | null | undefined>>;
  try {
    exif = readExif(Buffer.from(tiff.buffer, tiff.byteOffset, tiff.length)) as unknown as typeof exif;
  } catch {
    found.add('hidden-data', `EXIF, ${tiff.length} B`);
    return;
  }
  let settings = 0;
  let told = 0;
  let unread = false;
  for (const [name, directory] of Object.entries(exif)) {
    // What it points to is not in the file, or not whole.
    if (directory === null) unread = true;
    if (typeof directory !== 'object' || directory === null || name === 'GPSInfo') continue;
    if (name === 'Thumbnail') {
      found.add('thumbnail', 'EXIF');
      told += 1;
      continue;
    }
    for (const [tag, value] of Object.entries(directory)) {
      told += 1;
      if (value === null) unread = true;
      if (Object.hasOwn(TELLING, tag)) found.add(TELLING[tag]!, valueOf(tag, value));
      else if (tag === 'Orientation') {
        if (value !== 1) found.add('orientation', value);
      } else if (mayHoldText(value)) found.add('other', `${tag}: ${textOf(value)}`);
      else settings += 1;
    }
  }
  const gps = exif['GPSInfo'];
  if (gps !== undefined && gps !== null) lookAtGps(gps, found);
  if (settings > 0) found.add('camera-settings', settings);
  // There is something, and it could not be read: that is not the same as nothing.
  if (unread || (told === 0 && gps === undefined)) found.add('hidden-data', `EXIF, ${tiff.length} B`);
}

/** Longest value of bytes that is a version or a setting. A guess. */
const MAX_SETTING_BYTES = 16;

/** Entries that are not known here and are no numbers. */
function mayHoldText(value: unknown): boolean {
  return typeof value === 'string'
    ? value.trim() !== ''
    : value instanceof Uint8Array && value.length > MAX_SETTING_BYTES;
}

const textOf = (value: unknown): string => (value instanceof Uint8Array ? `${value.length} B` : String(value));

function valueOf(tag: string, value: unknown): unknown {
  if (tag === 'MakerNote') return `${lengthOf(value)} B`;
  // UserComment begins with the name of its character set, in eight bytes.
  if (tag === 'UserComment' && value instanceof Uint8Array) return value.subarray(8);
  if (tag.startsWith('XP') && value instanceof Uint8Array) return new TextDecoder('utf-16le').decode(value);
  return value;
}

function lengthOf(value: unknown): number {
  return (value as { length?: number } | undefined)?.length ?? 0;
}

function lookAtGps(gps: Directory, found: Findings): void {
  const latitude = degrees(gps['GPSLatitude'], gps['GPSLatitudeRef'], 'S');
  const longitude = degrees(gps['GPSLongitude'], gps['GPSLongitudeRef'], 'W');
  if (latitude !== undefined && longitude !== undefined) {
    found.add('location', `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`);
  } else {
    const names = Object.keys(gps).filter((name) => name !== 'GPSVersionID');
    if (names.length > 0) found.add('location', names.join(', '));
  }
  for (const name of ['GPSAreaInformation', 'GPSProcessingMethod']) {
    const value = gps[name];
    found.add('location', value instanceof Uint8Array ? value.subarray(8) : value);
  }
  found.add('date', gps['GPSDateStamp']);
}

function degrees(value: unknown, reference: unknown, negative: string): number | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const [whole = 0, minutes = 0, seconds = 0] = value.map(Number);
  const sum = whole + minutes / 60 + seconds / 3600;
  if (!Number.isFinite(sum)) return undefined;
  return String(reference).startsWith(negative) ? -sum : sum;
}

/** Undefined where there is none, or it is upright. */
export function orientationOf(tiff: Uint8Array): number | undefined {
  try {
    const value = readExif(Buffer.from(tiff.buffer, tiff.byteOffset, tiff.length)).Image?.['Orientation'];
    return typeof value === 'number' && value >= 2 && value <= 8 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An EXIF of one entry: without it a picture that was stripped would lie on its side. From the byte order mark on. */
export function orientationExif(orientation: number): Uint8Array {
  // Big endian, one directory at 8, one entry: 0x0112, a short, once; no directory after it.
  return Uint8Array.of(
    ...[0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8],
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
    ...[0, 0, 0, 0],
  );
}

/** True for what orientationExif makes. */
export function isOrientationOnly(tiff: Uint8Array): boolean {
  const orientation = orientationOf(tiff);
  return orientation !== undefined && Buffer.from(tiff).equals(orientationExif(orientation));
}

/** Without `Exif\0\0` before it. */
export function bareTiff(bytes: Uint8Array): Uint8Array {
  const marked = new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'Exif';
  return marked ? bytes.subarray(EXIF_HEADER_BYTES) : bytes;
}
