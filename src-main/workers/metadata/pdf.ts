/**
 * PDF (ISO 32000) by pdf-lib. Stripping writes the document anew: what tells is taken out of its objects, and only what its
 * pages refer to is written, so that earlier revisions and unused objects are gone. Pages, fonts and pictures stay as coded.
 */
import {
  decodePDFRawStream,
  EncryptedPDFError,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFRawStream,
  PDFRef,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import type { PDFContext, PDFObject } from '@cantoo/pdf-lib';
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { damaged, Findings, MetadataProblem } from './findings.ts';
import { lookAtJpeg, stripJpeg } from './jpeg.ts';
import { lookAtXmp } from './xmp.ts';

const INFO: Readonly<Record<string, MetadataCode>> = {
  Author: 'person',
  Company: 'organisation',
  Manager: 'person',
  Creator: 'software',
  Producer: 'software',
  CreationDate: 'date',
  ModDate: 'date',
  SourceModified: 'date',
  Title: 'description',
  Subject: 'description',
  Keywords: 'description',
};
/** Entries that any object may have and no page needs. */
const DROPPED = ['Metadata', 'PieceInfo', 'LastModified', 'Thumb'] as const;
/** Of marks that people put on pages: who and when. */
const DROPPED_OF_MARKS = ['T', 'M', 'CreationDate', 'NM'] as const;
/** Where a linearised file says so, in bytes. */
const BEGINNING_BYTES = 1024;
/** Spaces and line ends that may stand behind the end. */
const MAX_TAIL_BYTES = 16;

export async function lookAtPdf(bytes: Uint8Array, found: Findings): Promise<'signed' | undefined> {
  const document = await load(bytes);
  const { context } = document;
  lookAtRevisions(bytes, found);
  const info = context.trailerInfo.Info === undefined ? undefined : context.lookup(context.trailerInfo.Info);
  if (info instanceof PDFDict) lookAtInfo(info, found);
  if (context.trailerInfo.ID !== undefined) found.add('document-id', textOf(context.lookup(context.trailerInfo.ID)));
  const reached = reachable(context);
  const objects = context.enumerateIndirectObjects();
  const unused = objects.filter(([ref]) => !reached.has(ref)).length;
  if (unused > 0) found.add('hidden-data', `${unused} obj`);
  let signed = false;
  let scripts = 0;
  for (const [ref, object] of objects) {
    if (object instanceof PDFStream) lookAtStream(object, found);
    for (const dictionary of dictionaries(object)) {
      lookAtDictionary(dictionary, found, !reached.has(ref));
      if (nameIn(dictionary, 'S') === 'JavaScript' || dictionary.has(PDFName.of('JS'))) scripts += 1;
      if (nameIn(dictionary, 'Type') === 'Sig' || nameIn(dictionary, 'FT') === 'Sig') {
        signed ||= dictionary.has(PDFName.of('Contents')) || dictionary.has(PDFName.of('V'));
      }
    }
  }
  if (scripts > 0) found.addStaying('script', scripts);
  return signed ? 'signed' : undefined;
}

export async function stripPdf(bytes: Uint8Array): Promise<Uint8Array> {
  const document = await load(bytes);
  const { context } = document;
  delete context.trailerInfo.Info;
  delete context.trailerInfo.ID;
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    for (const dictionary of dictionaries(object)) {
      for (const name of DROPPED) dictionary.delete(PDFName.of(name));
      if (isMark(dictionary)) for (const name of DROPPED_OF_MARKS) dictionary.delete(PDFName.of(name));
    }
    // Whatever refers to it: what a reference leads to may be missing, and is nothing then.
    if (object instanceof PDFStream && isXmp(object)) context.delete(ref);
    else if (object instanceof PDFRawStream && isJpeg(object)) {
      const stripped = tryStrip(object.contents);
      if (stripped !== undefined) context.assign(ref, PDFRawStream.of(object.dict, stripped));
    }
  }
  const reached = reachable(context);
  for (const [ref] of context.enumerateIndirectObjects()) if (!reached.has(ref)) context.delete(ref);
  return document.save({ addDefaultPage: false, updateFieldAppearances: false });
}

async function load(bytes: Uint8Array): Promise<PDFDocument> {
  try {
    return await PDFDocument.load(bytes, {
      updateMetadata: false,
      throwOnInvalidObject: true,
      warnOnInvalidObjects: false,
      preserveXFA: true,
    });
  } catch (thrown) {
    if (thrown instanceof EncryptedPDFError) throw new MetadataProblem('encrypted', 'it is encrypted');
    throw damaged(`PDF: ${String(thrown).slice(0, 100)}`);
  }
}

/** Each saving that only appends leaves what was there before in the file, whatever the pages show. */
function lookAtRevisions(bytes: Uint8Array, found: Findings): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let ends = 0;
  let last = -1;
  for (let at = buffer.indexOf('startxref'); at !== -1; at = buffer.indexOf('startxref', at + 9)) ends += 1;
  for (let at = buffer.indexOf('%%EOF'); at !== -1; at = buffer.indexOf('%%EOF', at + 5)) last = at;
  // A linearised file has a first end for its first page.
  if (buffer.subarray(0, BEGINNING_BYTES).includes('/Linearized')) ends -= 1;
  if (ends > 1) found.add('earlier-version', ends - 1);
  const tail = last === -1 ? 0 : bytes.length - last - 5;
  if (tail > MAX_TAIL_BYTES) found.add('hidden-data', `+, ${tail} B`);
}

function lookAtInfo(info: PDFDict, found: Findings): void {
  for (const [key, value] of info.entries()) {
    const name = key.decodeText();
    const text = textOf(info.context.lookup(value));
    if (Object.hasOwn(INFO, name)) found.add(INFO[name]!, text);
    else if (name !== 'Trapped') found.add('other', `${name}: ${text}`);
  }
}

function lookAtStream(stream: PDFStream, found: Findings): void {
  if (!(stream instanceof PDFRawStream)) return;
  if (isJpeg(stream)) {
    const picture = new Findings();
    try {
      lookAtJpeg(stream.contents, picture);
      found.include(picture, tryStrip(stream.contents) === undefined);
    } catch {
      // Coded twice, or damaged; a viewer would have trouble with it too.
      found.addStaying('not-looked', 'JPEG');
    }
  } else if (isXmp(stream)) {
    try {
      lookAtXmp(decodePDFRawStream(stream).decode(), found);
    } catch {
      found.add('other', 'XMP');
    }
  }
}

function lookAtDictionary(dictionary: PDFDict, found: Findings, unused: boolean): void {
  const text = (name: string): string => textOf(dictionary.context.lookup(dictionary.get(PDFName.of(name))));
  const has = (name: string): boolean => dictionary.has(PDFName.of(name));
  const stay = (what: MetadataCode, value: string): void =>
    unused ? found.add(what, value) : found.addStaying(what, value);
  if (has('Thumb')) found.add('thumbnail', 'PDF');
  if (has('PieceInfo')) found.add('other', `PieceInfo ${text('PieceInfo')}`);
  if (has('LastModified')) found.add('date', text('LastModified'));
  // Left behind by another revision, where nothing says any more what it was.
  if (unused && (has('Producer') || has('CreationDate')) && !has('Subtype')) lookAtInfo(dictionary, found);
  if (isMark(dictionary)) {
    found.add('person', text('T'));
    found.add('date', text('M'));
    found.add('date', text('CreationDate'));
    stay('comment', text('Contents'));
  }
  if (has('EF')) stay('attachment', text('UF') || text('F') || '?');
  const action = nameIn(dictionary, 'S');
  if (action === 'Launch' || action === 'GoToR' || action === 'ImportData') {
    const file = dictionary.context.lookup(dictionary.get(PDFName.of('F')));
    const path = file instanceof PDFDict ? textOf(file.context.lookup(file.get(PDFName.of('F')))) : textOf(file);
    stay('user-path', path);
  }
  if (has('XFA')) stay('other', 'XFA');
}

/** A mark that somebody put on a page, and no link or field of a form. */
function isMark(dictionary: PDFDict): boolean {
  const subtype = nameIn(dictionary, 'Subtype');
  return dictionary.has(PDFName.of('Rect')) && subtype !== undefined && subtype !== 'Widget' && subtype !== 'Link';
}

function isXmp({ dict }: PDFStream): boolean {
  return nameIn(dict, 'Type') === 'Metadata' || nameIn(dict, 'Subtype') === 'XML';
}

function isJpeg(stream: PDFRawStream): boolean {
  const filter = stream.dict.context.lookup(stream.dict.get(PDFName.of('Filter')));
  const only = filter instanceof PDFArray && filter.size() === 1 ? stream.dict.context.lookup(filter.get(0)) : filter;
  return only instanceof PDFName && (only.decodeText() === 'DCTDecode' || only.decodeText() === 'DCT');
}

function tryStrip(jpeg: Uint8Array): Uint8Array | undefined {
  try {
    return stripJpeg(jpeg);
  } catch {
    return undefined;
  }
}

/** Everything that can be come to from the root of the document. */
function reachable(context: PDFContext): ReadonlySet<PDFRef> {
  const reached = new Set<PDFRef>();
  const { Root, Info, Encrypt } = context.trailerInfo;
  const waiting: (PDFObject | undefined)[] = [Root, Info, Encrypt];
  while (waiting.length > 0) {
    const object = waiting.pop();
    if (object instanceof PDFRef) {
      if (reached.has(object)) continue;
      reached.add(object);
      waiting.push(context.lookup(object));
    } else if (object instanceof PDFDict) for (const [, value] of object.entries()) waiting.push(value);
    else if (object instanceof PDFArray) waiting.push(...object.asArray());
    else if (object instanceof PDFStream) waiting.push(object.dict);
  }
  return reached;
}

/** The object's own dictionary and those directly inside of it. */
function* dictionaries(object: PDFObject): Generator<PDFDict> {
  const waiting: PDFObject[] = [object];
  while (waiting.length > 0) {
    const next = waiting.pop()!;
    if (next instanceof PDFStream) waiting.push(next.dict);
    else if (next instanceof PDFArray) waiting.push(...next.asArray());
    else if (next instanceof PDFDict) {
      yield next;
      for (const [, value] of next.entries()) if (!(value instanceof PDFRef)) waiting.push(value);
    }
  }
}

function nameIn(dictionary: PDFDict, key: string): string | undefined {
  const value = dictionary.context.lookup(dictionary.get(PDFName.of(key)));
  return value instanceof PDFName ? value.decodeText() : undefined;
}

function textOf(object: PDFObject | undefined): string {
  if (object === undefined) return '';
  if (object instanceof PDFString || object instanceof PDFHexString) {
    try {
      return object.decodeText();
    } catch {
      return object.toString();
    }
  }
  if (object instanceof PDFDict)
    return object
      .keys()
      .map((key) => key.decodeText())
      .join(', ');
  return object.toString();
}
