/** Sound and film: tags by music-metadata, places and devices of MP4 and QuickTime by their boxes. Told, not taken out. */
import { readSync } from 'node:fs';
import { parseFile } from 'music-metadata';
import { MIB } from '../../../shared/base/units.ts';
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { boxesOf } from './boxes.ts';
import { damaged, MetadataProblem } from './findings.ts';
import type { Findings } from './findings.ts';
import { picture } from './pictures.ts';
import { lookAtXmp } from './xmp.ts';

const COMMON: Readonly<Record<string, MetadataCode>> = {
  artist: 'person',
  artists: 'person',
  albumartist: 'person',
  composer: 'person',
  writer: 'person',
  lyricist: 'person',
  engineer: 'person',
  producer: 'person',
  encodedby: 'person',
  copyright: 'person',
  podcastId: 'document-id',
  label: 'organisation',
  encodersettings: 'software',
  date: 'date',
  originaldate: 'date',
  year: 'date',
  title: 'description',
  album: 'description',
  comment: 'description',
  description: 'description',
  longDescription: 'description',
  lyrics: 'description',
  isrc: 'document-id',
};
/** Numbers that follow from others, or are empty as a rule. */
const SILENT = new Set(['track', 'disk', 'movementIndex', 'picture', 'genre', 'compilation', 'gapless']);

/** Keys of QuickTime (`mdta`) and of its older user data, by the end of their names. */
const MOVIE_KEYS: readonly (readonly [RegExp, MetadataCode])[] = [
  [/location|\u00a9xyz|loci/iu, 'location'],
  [/author|artist|\u00a9aut|\u00a9ART|\u00a9dir|\u00a9prd|creator/iu, 'person'],
  [/serial|identifier/iu, 'serial'],
  [/make|model|\u00a9mak|\u00a9mod|manufacturer/iu, 'device'],
  [/software|\u00a9swr|\u00a9too|encoder|version/iu, 'software'],
  [/date|\u00a9day/iu, 'date'],
];
/** The list of contents of a film of some hours has some MiB. */
const MAX_MOOV_BYTES = 64 * MIB;
const MAX_TOP_BOXES = 20_000;
/** Seconds from 1904 to 1970. */
const EPOCH_SECONDS = 2_082_844_800;

export async function lookAtMedia(path: string, type: string, found: Findings): Promise<void> {
  let metadata;
  try {
    metadata = await parseFile(path, { duration: false });
  } catch (thrown) {
    // Films of kinds that it does not know are looked into by their boxes; of others nothing can be said.
    if (/mp4|quicktime/u.test(type)) return;
    throw damaged(String(thrown).slice(0, 100));
  }
  const { common, format, native } = metadata;
  let mapped = 0;
  for (const [name, value] of Object.entries(common)) {
    const values = (Array.isArray(value) ? value : [value]) as unknown[];
    mapped += 1;
    if (name === 'picture') for (const cover of values) lookAtCover(cover as { data: Uint8Array }, found);
    else if (!SILENT.has(name)) {
      for (const each of values) {
        const text = (each as { text?: unknown } | undefined)?.text ?? each;
        if (typeof text !== 'object')
          found.add(COMMON[name] ?? 'other', COMMON[name] ? text : `${name}: ${String(text)}`);
      }
    }
  }
  const names = new Set(Object.values(native).flatMap((tags) => tags.map(({ id }) => id)));
  if (names.size > mapped) found.add('other', [...names].slice(0, 20).join(', '));
  found.add('software', format.tool);
  found.add('date', format.creationTime);
  found.add('date', format.modificationTime);
}

/** Covers are pictures with all that pictures tell. */
function lookAtCover({ data }: { readonly data: Uint8Array }, found: Findings): void {
  found.add('other', `cover, ${data.length} B`);
  try {
    picture(data, found);
  } catch (thrown) {
    if (!(thrown instanceof MetadataProblem)) throw thrown;
  }
}

/** Reads the list of contents only, however long the film is. */
export function lookAtMovie(descriptor: number, sizeBytes: number, found: Findings): void {
  const head = Buffer.alloc(16);
  for (let at = 0, boxes = 0; at + 8 <= sizeBytes && boxes < MAX_TOP_BOXES; boxes += 1) {
    head.fill(0);
    readSync(descriptor, head, 0, 16, at);
    let size = head.readUInt32BE(0);
    if (size === 1) size = Number(head.readBigUInt64BE(8));
    else if (size === 0) size = sizeBytes - at;
    if (size < 8) throw damaged(`box of ${size} bytes`);
    const type = head.toString('latin1', 4, 8);
    if (type === 'moov' || type === 'uuid' || type === 'meta') {
      if (size > MAX_MOOV_BYTES) throw new MetadataProblem('too-large', type);
      const bytes = new Uint8Array(Math.min(size, sizeBytes - at));
      readSync(descriptor, bytes, 0, bytes.length, at);
      lookAtBoxes(bytes, 0, bytes.length, found, 0);
    }
    at += size;
  }
}

/** Containers that user data stand in; the deepest are six below. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'udta', 'moof', 'traf']);
const MAX_DEPTH = 8;

function lookAtBoxes(
  bytes: Uint8Array,
  start: number,
  end: number,
  found: Findings,
  depth: number,
  user = false,
): void {
  if (depth > MAX_DEPTH) return;
  for (const box of boxesOf(bytes, start, end)) {
    const body = bytes.subarray(box.start, box.end);
    if (box.type === 'meta') lookAtKeys(bytes, box.start, box.end, found);
    else if (CONTAINERS.has(box.type)) lookAtBoxes(bytes, box.start, box.end, found, depth + 1, box.type === 'udta');
    else if (box.type === 'mvhd') lookAtDate(body, found);
    else if (box.type === 'uuid' || box.type === 'XMP_') lookAtXmp(body.subarray(box.type === 'uuid' ? 16 : 0), found);
    else if (user) found.add(codeOf(box.type), `${box.type} ${printableOf(body)}`);
  }
}

/** Seconds since 1904, at the same place in both versions of the box. */
function lookAtDate(body: Uint8Array, found: Findings): void {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  if (body.length < 20) return;
  const seconds = view.getUint8(0) === 1 ? Number(view.getBigUint64(4)) : view.getUint32(4);
  if (seconds > EPOCH_SECONDS) found.add('date', new Date((seconds - EPOCH_SECONDS) * 1000));
}

/** Names in `keys`, values in `ilst`, in the same order. In MP4 there are four bytes before the boxes. */
function lookAtKeys(bytes: Uint8Array, start: number, end: number, found: Findings): void {
  const full = bytes[start] === 0 && bytes[start + 1] === 0 && bytes[start + 2] === 0 && bytes[start + 3] === 0;
  const inside = boxesOf(bytes, full ? start + 4 : start, end);
  const keys = inside.find(({ type }) => type === 'keys');
  const names =
    keys === undefined ? [] : boxesOf(bytes, keys.start + 8, keys.end).map((key) => latin1(bytes, key.start, key.end));
  const list = inside.find(({ type }) => type === 'ilst');
  if (list === undefined) return;
  for (const entry of boxesOf(bytes, list.start, list.end)) {
    const number = Buffer.from(entry.type, 'latin1').readUInt32BE(0);
    const name = names[number - 1] ?? entry.type;
    const data = boxesOf(bytes, entry.start, entry.end).find(({ type }) => type === 'data');
    const value = data === undefined ? '' : printableOf(bytes.subarray(data.start + 8, data.end));
    if (name !== 'covr') found.add(codeOf(name), `${name} ${value}`);
  }
}

const codeOf = (name: string): MetadataCode => MOVIE_KEYS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, Math.min(end, start + 200))).toString('latin1');

/** Text without the lengths and languages before it. */
function printableOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, 400)).replace(/^[^\p{L}\p{N}+-]+/u, '');
}
