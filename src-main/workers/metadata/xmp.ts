/** XMP (ISO 16684-1): RDF in XML, as pictures, PDF and SVG carry it, put into what it tells. */
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import type { Findings } from './findings.ts';
import { attributesOf, elements, nameOf, parseXml } from './xml.ts';
import type { Element } from './xml.ts';

/** Properties by their local names; of others the names are told. */
const TELLING: Readonly<Record<string, MetadataCode>> = {
  creator: 'person',
  author: 'person',
  Author: 'person',
  Artist: 'person',
  artist: 'person',
  contributor: 'person',
  publisher: 'person',
  rights: 'person',
  Owner: 'person',
  OwnerName: 'person',
  Credit: 'person',
  AuthorsPosition: 'person',
  CaptionWriter: 'person',
  CreatorContactInfo: 'person',
  CiEmailWork: 'person',
  CiTelWork: 'person',
  CiAdrExtadr: 'person',
  CiUrlWork: 'person',
  PersonInImage: 'person',
  GPSLatitude: 'location',
  GPSLongitude: 'location',
  Location: 'location',
  City: 'location',
  State: 'location',
  Country: 'location',
  CountryCode: 'location',
  Sublocation: 'location',
  SerialNumber: 'serial',
  BodySerialNumber: 'serial',
  LensSerialNumber: 'serial',
  CameraSerialNumber: 'serial',
  Make: 'device',
  Model: 'device',
  Lens: 'device',
  LensModel: 'device',
  CreatorTool: 'software',
  Producer: 'software',
  softwareAgent: 'software',
  Software: 'software',
  CreateDate: 'date',
  ModifyDate: 'date',
  MetadataDate: 'date',
  DateCreated: 'date',
  DateTimeOriginal: 'date',
  date: 'date',
  when: 'date',
  title: 'description',
  description: 'description',
  subject: 'description',
  Keywords: 'description',
  Headline: 'description',
  UserComment: 'description',
  DocumentID: 'document-id',
  InstanceID: 'document-id',
  OriginalDocumentID: 'document-id',
  documentID: 'document-id',
  instanceID: 'document-id',
  RawFileName: 'user-path',
  filePath: 'user-path',
  PreservedFileName: 'user-path',
  image: 'thumbnail',
};

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
/** Of PDF and of colour, which tell nothing of people. */
const SILENT = new Set(['format', 'part', 'conformance', 'amd', 'rev', 'xmpmeta', 'ColorSpace', 'ColorMode', 'Rating']);
/** Names of other properties, one behind the other. */
const MAX_OTHER_NAMES = 20;

export function lookAtXmp(bytes: Uint8Array, found: Findings): void {
  let document;
  try {
    document = parseXml(trimmed(bytes));
  } catch {
    found.add('other', `XMP, ${bytes.length} B`);
    return;
  }
  const others = new Set<string>();
  const property = (name: string, value: string): void => {
    if (value.trim() === '' || SILENT.has(name)) return;
    const code = Object.hasOwn(TELLING, name) ? TELLING[name]! : undefined;
    if (code !== undefined) found.add(code, code === 'thumbnail' ? 'XMP' : value);
    else others.add(name);
  };
  let empty = true;
  for (const element of elements(document)) {
    if (isRdf(element)) {
      if (nameOf(element) !== 'RDF') attributes(element, property);
      continue;
    }
    empty = false;
    attributes(element, property);
    const name = nameOf(element);
    if (SILENT.has(name) || hasPropertyChildren(element)) continue;
    property(name, element.textContent ?? '');
  }
  if (others.size > 0) found.add('other', [...others].slice(0, MAX_OTHER_NAMES).join(', '));
  else if (empty && bytes.length > 4096) found.add('other', `XMP, ${bytes.length} B`);
}

function attributes(element: Element, property: (name: string, value: string) => void): void {
  for (const { name, local, value } of attributesOf(element)) {
    if (/^(?:xmlns|xml|rdf|x)(?::|$)/u.test(name)) continue;
    property(local, value);
  }
}

function isRdf(element: Element): boolean {
  return element.namespaceURI === RDF;
}

/** A structure, whose own properties are told one by one, and not a value or a list of values. */
function hasPropertyChildren(element: Element): boolean {
  const inside = element.getElementsByTagName('*');
  for (let index = 0; index < inside.length; index += 1) if (!isRdf(inside.item(index)!)) return true;
  return false;
}

/** XMP is padded with spaces, and by some programs with zeros, so that it can grow in place. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
