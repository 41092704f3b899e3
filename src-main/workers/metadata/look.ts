/** Looks into one file and strips it, each kind by its own reader. Files are hostile: whatever is thrown is an answer. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MIB } from '../../../shared/base/units.ts';
import type { MetadataFindings, MetadataKind, MetadataReason } from '../../../shared/base/metadata.ts';
import { Findings, MetadataProblem } from './findings.ts';
import { lookAtHtml, lookAtSvg, stripSvg } from './markup.ts';
import { lookAtMedia, lookAtMovie } from './media.ts';
import type { MetadataFile } from './messages.ts';
import { lookAtOffice, stripOffice } from './office.ts';
import { lookAtPdf, stripPdf } from './pdf.ts';
import { lookAtPicture, pictureKind, stripPicture } from './pictures.ts';

/** Largest file that is held whole; sound and film are not. A guess: the largest photographs and books have less. */
export const MAX_LOOKED_BYTES = 64 * MIB;
/** As much of a file as its kind is told by. */
const HEAD_BYTES = 1024;
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const OFFICE =
  /^application\/vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|ms-(?:word|excel|powerpoint)\.\w+\.macroenabled)/u;
const TEXT = /^(?:text\/|application\/(?:json|geo\+json|xml)$)/u;

export async function look(file: MetadataFile): Promise<MetadataFindings> {
  return withFile(file, async (descriptor, sizeBytes, head) => {
    const kind = kindOf(file.type, head);
    const found = new Findings();
    try {
      return await lookAt(kind, file, descriptor, sizeBytes, found);
    } catch (thrown) {
      const reason = thrown instanceof MetadataProblem ? thrown.reason : 'damaged';
      found.add('not-looked', reason);
      return found.result(kind, false, reason);
    }
  });
}

/** Throws MetadataProblem for what cannot be stripped. */
export async function strip(file: MetadataFile): Promise<Uint8Array> {
  return withFile(file, async (descriptor, sizeBytes, head) => {
    const kind = kindOf(file.type, head);
    const whole = (): Uint8Array => readWhole(descriptor, sizeBytes);
    const picture = pictureKind(head);
    const stripped =
      picture !== undefined
        ? stripPicture(picture, whole())
        : kind === 'pdf'
          ? await stripPdf(whole())
          : kind === 'office'
            ? stripOffice(whole())
            : kind === 'svg'
              ? stripSvg(whole())
              : undefined;
    if (stripped === undefined) throw new MetadataProblem('kind', `nothing strips ${kind}`);
    return stripped;
  });
}

async function lookAt(
  kind: MetadataKind,
  file: MetadataFile,
  descriptor: number,
  sizeBytes: number,
  found: Findings,
): Promise<MetadataFindings> {
  if (kind === 'text') return found.result(kind, false);
  if (kind === 'unknown') {
    if (sizeBytes > 0) found.add('not-looked', file.type);
    return found.result(kind, false, 'kind');
  }
  if (kind === 'audio' || kind === 'video') {
    await lookAtMedia(file.absolutePath, file.type, found);
    if (/mp4|quicktime|3gpp|m4a|m4v/u.test(file.type)) lookAtMovie(descriptor, sizeBytes, found);
    return found.result(kind, false, 'kind');
  }
  const bytes = readWhole(descriptor, sizeBytes);
  let reason: MetadataReason | undefined;
  if (kind === 'pdf') reason = await lookAtPdf(bytes, found);
  else if (kind === 'office') reason = lookAtOffice(bytes, found);
  else if (kind === 'svg') lookAtSvg(bytes, found);
  else if (kind === 'html') lookAtHtml(bytes, found);
  else lookAtPicture(kind, bytes, found);
  if (kind === 'html' || kind === 'gif' || kind === 'tiff') reason = 'kind';
  return found.result(kind, reason === undefined, reason);
}

/** The first bytes have the word, for readers' programs go by them too; then the type. */
function kindOf(type: string, head: Uint8Array): MetadataKind {
  const picture = pictureKind(head);
  if (picture !== undefined) return picture;
  const text = Buffer.from(head).toString('latin1');
  if (text.includes('%PDF-')) return 'pdf';
  if (OFFICE.test(type) && text.startsWith('PK')) return 'office';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  if (type === 'image/svg+xml') return 'svg';
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html';
  return TEXT.test(type) ? 'text' : 'unknown';
}

async function withFile<Value>(
  { absolutePath }: MetadataFile,
  use: (descriptor: number, sizeBytes: number, head: Uint8Array) => Promise<Value>,
): Promise<Value> {
  const descriptor = openSync(absolutePath, OPEN_FLAGS);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new MetadataProblem('damaged', 'not a regular file');
    const head = new Uint8Array(Math.min(HEAD_BYTES, stats.size));
    const count = readSync(descriptor, head, 0, head.length, 0);
    return await use(descriptor, stats.size, head.subarray(0, count));
  } finally {
    closeSync(descriptor);
  }
}

function readWhole(descriptor: number, sizeBytes: number): Uint8Array {
  if (sizeBytes > MAX_LOOKED_BYTES) throw new MetadataProblem('too-large', `${sizeBytes} bytes`);
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const count = readSync(descriptor, bytes, filled, sizeBytes - filled, filled);
    if (count === 0) throw new MetadataProblem('damaged', 'it became shorter');
    filled += count;
  }
  return bytes;
}
