/** SVG, of which what drawing programs note down is taken out; and HTML, of which it is told. */
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import { Findings, MetadataProblem } from './findings.ts';
import { picture } from './pictures.ts';
import { attributesOf, elements, nameOf, notes, parseXml, remove, serializeXml } from './xml.ts';
import type { Element } from './xml.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Drawn by readers' browsers; elements and attributes of other namespaces are notes of programs. */
const DRAWN = new Set([SVG, 'http://www.w3.org/1999/xhtml', 'http://www.w3.org/1998/Math/MathML']);
const ATTRIBUTE_SPACES = /^(?:xmlns|xml|xlink)(?::|$)/u;

const NOTED: Readonly<Record<string, MetadataCode>> = {
  docname: 'user-path',
  'export-filename': 'user-path',
  docbase: 'user-path',
  absref: 'user-path',
  version: 'software',
  creator: 'person',
  agent: 'person',
  title: 'description',
  date: 'date',
  rights: 'person',
};

const META_NAMES: Readonly<Record<string, MetadataCode>> = {
  author: 'person',
  creator: 'person',
  'dc.creator': 'person',
  'article:author': 'person',
  copyright: 'person',
  owner: 'person',
  'reply-to': 'person',
  publisher: 'organisation',
  generator: 'software',
  progid: 'software',
  originator: 'software',
  date: 'date',
  created: 'date',
  changed: 'date',
  'dcterms.created': 'date',
  'geo.position': 'location',
  'geo.placename': 'location',
  icbm: 'location',
};

export function lookAtSvg(bytes: Uint8Array, found: Findings): void {
  walk(bytes, found);
}

export function stripSvg(bytes: Uint8Array): Uint8Array {
  return serializeXml(walk(bytes, new Findings()));
}

function walk(bytes: Uint8Array, found: Findings) {
  const document = parseXml(bytes, { doctype: true });
  const gone: Element[] = [];
  for (const element of [...elements(document)]) {
    const foreign = !DRAWN.has(element.namespaceURI ?? SVG);
    if (foreign || nameOf(element) === 'metadata') {
      const text = element.getElementsByTagName('*').length === 0 ? element.textContent : '';
      const code = NOTED[nameOf(element)];
      if (text) found.add(code ?? 'other', code === undefined ? `${element.nodeName}: ${text}` : text);
      else found.add('other', element.nodeName);
      gone.push(element);
    }
    for (const { name, local, value } of attributesOf(element)) {
      if (value.startsWith('data:image/')) lookAtInline(element, name, value, found);
      if (!name.includes(':') || ATTRIBUTE_SPACES.test(name)) continue;
      if (NOTED[local] !== undefined) found.add(NOTED[local]!, value);
      else found.add('other', name);
      element.removeAttribute(name);
    }
  }
  for (const note of [...notes(document)]) {
    if (note.nodeType !== 8) continue;
    found.add('comment', note.textContent);
    remove(note);
  }
  for (const element of gone) remove(element);
  return document;
}

/** A picture written into an attribute. */
function lookAtInline(element: Element, name: string, value: string, found: Findings): void {
  const [head = '', data = ''] = value.split(',', 2);
  const inside = new Findings();
  try {
    if (!head.endsWith(';base64')) throw new MetadataProblem('kind', 'not base64');
    const stripped = picture(new Uint8Array(Buffer.from(data, 'base64')), inside);
    found.include(inside, stripped === undefined);
    if (stripped !== undefined) element.setAttribute(name, `${head},${Buffer.from(stripped).toString('base64')}`);
  } catch (thrown) {
    if (!(thrown instanceof MetadataProblem)) throw thrown;
    found.addStaying('not-looked', head.slice(5));
  }
}

/** Tells only: what stands in a page is its author's text, and taking out of it could change what it shows. */
export function lookAtHtml(bytes: Uint8Array, found: Findings): void {
  const text = new TextDecoder().decode(bytes);
  for (const [tag] of text.matchAll(/<meta\s[^>]{1,4096}>/giu)) {
    const name = attribute(tag, 'name') ?? attribute(tag, 'property');
    const code = name === undefined ? undefined : META_NAMES[name.toLowerCase()];
    if (code !== undefined) found.add(code, attribute(tag, 'content'));
  }
  for (let at = text.indexOf('<!--'); at !== -1; at = text.indexOf('<!--', at + 4)) {
    const end = text.indexOf('-->', at);
    found.add('comment', text.slice(at + 4, end === -1 ? at + 400 : end));
  }
  for (const [path] of text.matchAll(/(?:file:\/\/\/|[A-Z]:\\Users\\|\/(?:home|Users)\/)[^"'<>\s]{2,200}/gu))
    found.add('user-path', path);
  for (const [, data] of text.matchAll(/data:image\/[\w+.-]{1,40};base64,([\w+/=]{64,})/gu)) {
    try {
      picture(new Uint8Array(Buffer.from(data!, 'base64')), found);
    } catch (thrown) {
      if (!(thrown instanceof MetadataProblem)) throw thrown;
    }
  }
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'iu').exec(tag);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}
