/**
 * Office documents: Office Open XML (ECMA-376) and OpenDocument (ISO 26300). One walk finds what tells and, when stripping,
 * takes it out: so what is told to be removed and what is removed cannot come apart. The text, its comments and tracked
 * changes stay; who made them and when does not.
 */
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { Findings, MetadataProblem } from './findings.ts';
import { readArchive, writeArchive } from './office-archive.ts';
import type { Archive } from './office-archive.ts';
import { picture } from './pictures.ts';
import { attributesOf, elements, nameOf, notes, parseXml, remove, serializeXml } from './xml.ts';
import type { Document, Element } from './xml.ts';

/** Parts that hold nothing but properties, small pictures, settings of printers or identities. Taken out whole. */
const DROPPED_PARTS =
  /^(?:docProps\/|docMetadata\/|Thumbnails\/|customXml\/|Configurations2\/|(?:word|ppt|xl)\/(?:printerSettings\/|webextensions\/|revisions\/)|word\/people\.xml$|xl\/persons\/|layout-cache$|META-INF\/documentsignatures\.xml$)/u;
const PROPERTY_PARTS = /^(?:docProps\/(?:core|app|custom)\.xml|docMetadata\/.*\.xml|meta\.xml)$/u;
const SIGNATURES = /^_xmlsignatures\/|documentsignatures\.xml$/u;
const PICTURES = /\.(?:jpe?g|png|webp|tiff?|gif|heic|avif)$/iu;
/** Parts that may hold anything: other documents, macros, sound, film, drawings of old formats. */
const OPAQUE = /\.(?:bin|ole|vml|emf|wmf|mp3|mp4|m4a|mov|wav|docx?|xlsx?|pptx?|pdf|odt)$/iu;
const IS_XML = /\.(?:xml|rels)$/iu;

/** Properties by their element, in the parts above. */
const PROPERTIES: Readonly<Record<string, MetadataCode>> = {
  creator: 'person',
  lastModifiedBy: 'person',
  'initial-creator': 'person',
  'printed-by': 'person',
  Manager: 'person',
  Company: 'organisation',
  Application: 'software',
  AppVersion: 'software',
  generator: 'software',
  Template: 'template',
  template: 'template',
  HyperlinkBase: 'user-path',
  created: 'date',
  modified: 'date',
  lastPrinted: 'date',
  date: 'date',
  'creation-date': 'date',
  'print-date': 'date',
  revision: 'document-id',
  'editing-cycles': 'document-id',
  'editing-duration': 'document-id',
  TotalTime: 'document-id',
  title: 'description',
  subject: 'description',
  description: 'description',
  keywords: 'description',
  keyword: 'description',
  category: 'description',
};
/** Sizes and counts, which follow from the text. */
const SILENT_PROPERTIES =
  /^(?:Pages|Words|Characters|CharactersWithSpaces|Lines|Paragraphs|Slides|Notes|HiddenSlides|MMClips|DocSecurity|ScaleCrop|LinksUpToDate|SharedDoc|HyperlinksChanged|PresentationFormat|HeadingPairs|TitlesOfParts|vector|variant|lpstr|i4|document-statistic|Properties|coreProperties|document-meta|meta)$/u;

/** Attributes that say who, when or in which session, in any part; taken away or, where they must be, emptied. */
const ATTRIBUTES: Readonly<Record<string, readonly [code: MetadataCode, put?: string]>> = {
  author: ['person', 'Author'],
  initials: ['person', 'A'],
  userName: ['person', 'Author'],
  lastModifiedBy: ['person'],
  dT: ['date', '2000-01-01T00:00:00Z'],
  dateUtc: ['date'],
};
const WORD_DATES = new Set([
  'ins',
  'del',
  'moveFrom',
  'moveTo',
  'comment',
  'rPrChange',
  'pPrChange',
  'sectPrChange',
  'tblPrChange',
  'tcPrChange',
  'trPrChange',
  'cellIns',
  'cellDel',
  'cellMerge',
  'numberingChange',
  'moveFromRangeStart',
  'moveToRangeStart',
  'tblGridChange',
  'tblPrExChange',
]);
const CHANGES = new Set(['ins', 'del', 'moveFrom', 'moveTo', 'insertion', 'deletion', 'format-change']);
/** Elements that are taken out wherever they stand. */
const DROPPED_ELEMENTS: Readonly<Record<string, MetadataCode>> = {
  rsids: 'document-id',
  rsidRoot: 'document-id',
  absPath: 'user-path',
  attachedTemplate: 'template',
  docId: 'document-id',
  fileSharing: 'person',
  docVars: 'other',
};
const DROPPED_SETTINGS: Readonly<Record<string, MetadataCode>> = { PrinterName: 'printer', PrinterSetup: 'printer' };
/** Paths of a machine: Windows, its shares, Unix homes. */
const PATH = /(?:file:\/\/|[A-Za-z]:\\|\\\\[^\\]|\/(?:home|Users)\/)[^"<>]{2,}/u;

/** Finds, and where `strip`, takes out. Returns the new document then. */
export function lookAtOffice(bytes: Uint8Array, found: Findings): 'signed' | undefined {
  return walk(bytes, found, false).signed ? 'signed' : undefined;
}

export function stripOffice(bytes: Uint8Array): Uint8Array {
  const { archive, dropped } = walk(bytes, new Findings(), true);
  for (const name of dropped) archive.delete(name);
  forget(archive, dropped);
  return writeArchive(archive);
}

function walk(bytes: Uint8Array, found: Findings, strip: boolean) {
  const archive = readArchive(bytes);
  const dropped = new Set<string>();
  let signed = false;
  for (const [name, part] of archive) {
    if (SIGNATURES.test(name)) signed = true;
    const drop = DROPPED_PARTS.test(name) || name === 'meta.xml';
    if (drop) dropped.add(name);
    if (PROPERTY_PARTS.test(name)) lookAtProperties(part, found);
    else if (/thumbnail/iu.test(name)) found.add('thumbnail', name);
    else if (/printerSettings\//u.test(name)) found.add('printer', utf16Beginning(part));
    else if (PICTURES.test(name)) lookAtPicture(archive, name, part, found, strip);
    else if (OPAQUE.test(name)) {
      if (drop) found.add('other', name);
      else found.addStaying(/embeddings?\//u.test(name) ? 'attachment' : 'not-looked', name);
    } else if (IS_XML.test(name)) {
      if (drop && !/people|persons|customXml/u.test(name)) continue;
      const document = parseXml(part);
      const changed = lookAtXml(name, document, found);
      if (strip && changed) archive.set(name, serializeXml(document));
    }
  }
  // Behind the last part a ZIP may have a remark, and beside each part owners and dates.
  if (hasDates(bytes)) found.add('date', 'ZIP');
  return { archive, dropped, signed };
}

function lookAtProperties(part: Uint8Array, found: Findings): void {
  for (const element of elements(parseXml(part))) {
    const name = nameOf(element);
    if (SILENT_PROPERTIES.test(name) || element.getElementsByTagName('*').length > 0) {
      if (name === 'property') found.add('other', `${element.getAttribute('name')}: ${element.textContent}`);
      if (name === 'label') found.add('organisation', element.getAttribute('siteId'));
      continue;
    }
    const value =
      element.textContent ||
      attributesOf(element)
        .map((attribute) => attribute.value)
        .join(' ');
    if (Object.hasOwn(PROPERTIES, name)) found.add(PROPERTIES[name]!, value);
    else if (name === 'label') found.add('organisation', element.getAttribute('siteId'));
    else found.add('other', `${element.getAttribute('meta:name') ?? name}: ${value}`);
  }
}

function lookAtPicture(archive: Archive, name: string, part: Uint8Array, found: Findings, strip: boolean): void {
  const inside = new Findings();
  try {
    const stripped = picture(part, inside);
    found.include(inside, stripped === undefined);
    if (strip && stripped !== undefined) archive.set(name, stripped);
  } catch (thrown) {
    if (!(thrown instanceof MetadataProblem)) throw thrown;
    found.addStaying('not-looked', name);
  }
}

/** True when something was taken out of the tree. */
function lookAtXml(name: string, document: Document, found: Findings): boolean {
  const gone: { parentNode: unknown }[] = [];
  let changed = false;
  for (const element of [...elements(document)]) {
    const local = nameOf(element);
    if (Object.hasOwn(DROPPED_ELEMENTS, local)) {
      const value =
        attributesOf(element)
          .map((attribute) => attribute.value)
          .join(' ') || local;
      found.add(DROPPED_ELEMENTS[local]!, value);
      gone.push(element as unknown as { parentNode: unknown });
    } else if (lookAtElement(name, element, local, found)) changed = true;
    if (lookAtAttributes(name, element, local, found)) changed = true;
  }
  for (const note of [...notes(document)]) {
    if (note.nodeType === 7) continue;
    found.add('comment', note.textContent);
    gone.push(note as unknown as { parentNode: unknown });
  }
  for (const node of gone) remove(node as never);
  return changed || gone.length > 0;
}

/** Texts of elements that say who and when; and comments and changes themselves, which stay. */
function lookAtElement(name: string, element: Element, local: string, found: Findings): boolean {
  const text = (): string => element.textContent ?? '';
  const blank = (code: MetadataCode, put: string): boolean => {
    if (text() === put) return false;
    found.add(code, text());
    element.textContent = put;
    return true;
  };
  if (CHANGES.has(local)) found.addStaying('tracked-change', text() || local);
  const isComment = local === 'comment' || local === 'annotation' || local === 'threadedComment' || local === 'cm';
  if (isComment) found.addStaying('comment', text() || local);
  const parent = element.parentNode as Element | null;
  if (local === 'author' && /comments/u.test(name)) return blank('person', 'Author');
  const noted = /^(?:annotation|change-info)$/u.test(parent?.localName ?? '');
  if (noted && (local === 'creator' || local === 'creator-initials' || local === 'sender-initials'))
    return blank('person', 'Author');
  if (noted && (local === 'date' || local === 'date-string')) return blank('date', '2000-01-01T00:00:00');
  if (/^(?:author-name|author-initials|initial-creator|printed-by)$/u.test(local) && text() !== '')
    return blank('person', 'Author');
  if (local === 'config-item') {
    const setting = element.getAttribute('config:name') ?? '';
    if (Object.hasOwn(DROPPED_SETTINGS, setting) && text() !== '') return blank(DROPPED_SETTINGS[setting]!, '');
    const path = PATH.exec(text())?.[0];
    if (path !== undefined) return blank('user-path', '');
  }
  return false;
}

function lookAtAttributes(name: string, element: Element, local: string, found: Findings): boolean {
  let changed = false;
  for (const { name: full, local: attribute, value } of attributesOf(element)) {
    const known = Object.hasOwn(ATTRIBUTES, attribute) ? ATTRIBUTES[attribute]! : undefined;
    if (attribute.startsWith('rsid') && /^[\dA-F]{8}$/iu.test(value)) {
      found.add('document-id', 'rsid');
      element.removeAttribute(full);
      changed = true;
    } else if (known !== undefined && value !== known[1]) {
      found.add(known[0], value);
      if (known[1] === undefined) element.removeAttribute(full);
      else element.setAttribute(full, known[1]);
      changed = true;
    } else if (attribute === 'date' && WORD_DATES.has(local)) {
      found.add('date', value);
      element.removeAttribute(full);
      changed = true;
    } else if (isPerson(name) && /^(?:displayName|name|userId|providerId|id)$/u.test(attribute)) {
      changed = blankPerson(element, full, attribute, value, found) || changed;
    } else if (PATH.test(value) && !full.startsWith('xmlns')) {
      // Where a picture or another document lay when it was put in; a template's goes with its relation.
      if ((element.getAttribute('Type') ?? '').endsWith('attachedTemplate')) found.add('user-path', value);
      else found.addStaying('user-path', value);
    }
  }
  return changed;
}

const isPerson = (name: string): boolean => /(?:people|person|authors|commentAuthors)[^/]*\.xml$/iu.test(name);

function blankPerson(element: Element, full: string, attribute: string, value: string, found: Findings): boolean {
  // Numbers that comments refer to stay.
  if (attribute === 'id' || value === 'Author' || value === 'None') return false;
  found.add('person', value);
  element.setAttribute(full, attribute === 'providerId' ? 'None' : 'Author');
  return true;
}

/** Lists of parts and relations to what is gone. */
function forget(archive: Archive, dropped: ReadonlySet<string>): void {
  for (const [name, part] of archive) {
    const relations = name.endsWith('.rels');
    if (!relations && name !== '[Content_Types].xml' && name !== 'META-INF/manifest.xml') continue;
    const document = parseXml(part);
    const gone = [...elements(document)].filter((element) => {
      const target = element.getAttribute('PartName') ?? element.getAttribute('manifest:full-path');
      if (target !== null && target !== undefined) return dropped.has(target.replace(/^\//u, ''));
      if (!relations) return false;
      if ((element.getAttribute('Type') ?? '').endsWith('attachedTemplate')) return true;
      const to = element.getAttribute('Target');
      return to !== null && element.getAttribute('TargetMode') !== 'External' && dropped.has(resolved(name, to));
    });
    if (gone.length === 0) continue;
    for (const element of gone) remove(element);
    archive.set(name, serializeXml(document));
  }
}

/** `word/_rels/document.xml.rels` and `../docProps/core.xml` make `docProps/core.xml`. */
function resolved(relations: string, target: string): string {
  const from = relations.split('/').slice(0, -2);
  return new URL(target, `zip:///${from.map((part) => `${part}/`).join('')}`).pathname.slice(1);
}

function utf16Beginning(part: Uint8Array): string {
  return new TextDecoder('utf-16le').decode(part.subarray(0, 64)).split('\0', 1)[0]!;
}

/** A date other than the one that stands for none, in the first entry. */
function hasDates(bytes: Uint8Array): boolean {
  return bytes.length > 14 && !(bytes[10] === 0 && bytes[11] === 0 && bytes[12] === 0x21 && bytes[13] === 0);
}
