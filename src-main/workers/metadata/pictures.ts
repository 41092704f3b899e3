/** Pictures by their first bytes, wherever they stand: files of their own and parts of documents. */
import { MetadataProblem } from './findings.ts';
import type { Findings } from './findings.ts';
import { lookAtGif } from './gif.ts';
import { lookAtHeif, stripHeif } from './heif.ts';
import { lookAtJpeg, stripJpeg } from './jpeg.ts';
import { lookAtPng, stripPng } from './png.ts';
import { lookAtExif } from './exif.ts';
import { lookAtWebp, stripWebp } from './webp.ts';

export type PictureKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif';

export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.startsWith('GIF8')) return 'gif';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
  if (head.slice(4, 8) === 'ftyp' && /^(?:heic|heix|hevc|heim|mif1|msf1|avif|avis)/u.test(head.slice(8, 12)))
    return 'heif';
  return undefined;
}

export function lookAtPicture(kind: PictureKind, bytes: Uint8Array, found: Findings): void {
  if (kind === 'jpeg') lookAtJpeg(bytes, found);
  else if (kind === 'png') lookAtPng(bytes, found);
  else if (kind === 'webp') lookAtWebp(bytes, found);
  else if (kind === 'gif') lookAtGif(bytes, found);
  else if (kind === 'heif') lookAtHeif(bytes, found);
  else lookAtExif(bytes, found);
}

/** Undefined for kinds that nothing here can strip. */
export function stripPicture(kind: PictureKind, bytes: Uint8Array): Uint8Array | undefined {
  if (kind === 'jpeg') return stripJpeg(bytes);
  if (kind === 'png') return stripPng(bytes);
  if (kind === 'webp') return stripWebp(bytes);
  return kind === 'heif' ? stripHeif(bytes) : undefined;
}

/** Looks, and gives the picture stripped where it can be. Throws MetadataProblem for what is no picture. */
export function picture(bytes: Uint8Array, found: Findings): Uint8Array | undefined {
  const kind = pictureKind(bytes);
  if (kind === undefined) throw new MetadataProblem('kind', 'no known picture');
  lookAtPicture(kind, bytes, found);
  return stripPicture(kind, bytes);
}
