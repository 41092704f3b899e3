/** XML, strictly: what is not well formed, and whatever declares entities, is refused and not repaired. */
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import type { Document, Element, Node } from '@xmldom/xmldom';
import { MIB } from '../../../shared/base/units.ts';
import { damaged, MetadataProblem } from './findings.ts';

/** Largest XML that is made into a tree, which takes some twenty times as much. A guess: a book of 2,000 pages has less. */
export const MAX_XML_BYTES = 24 * MIB;
/** Elements inside of each other. A guess: documents have some twenty; deeper ones could end the stack. */
const MAX_DEPTH = 256;

const ELEMENT = 1;
const PROCESSING = 7;
const COMMENT = 8;

export type { Document, Element };

export function parseXml(bytes: Uint8Array, { doctype = false } = {}): Document {
  if (bytes.length > MAX_XML_BYTES) throw new MetadataProblem('too-large', `${bytes.length} bytes of XML`);
  const text = decodeXml(bytes);
  // Entities could grow without end, and fetch; the formats that are looked into have none.
  if (text.includes('<!ENTITY') || (!doctype && text.includes('<!DOCTYPE'))) throw damaged('XML with declarations');
  requireShallow(text);
  let problem: string | undefined;
  let document: Document | undefined;
  try {
    document = new DOMParser({
      onError: (level: string, message: string) => {
        if (level !== 'warning') problem ??= message;
      },
    }).parseFromString(text, 'text/xml');
  } catch (thrown) {
    throw damaged(`XML: ${String(thrown).slice(0, 100)}`);
  }
  if (problem !== undefined || !document?.documentElement) throw damaged(`XML: ${problem ?? 'no element'}`);
  return document;
}

export function serializeXml(document: Document): Uint8Array {
  return new TextEncoder().encode(new XMLSerializer().serializeToString(document));
}

/** UTF-8, or UTF-16 by its mark; anything else is refused. */
function decodeXml(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw damaged('XML that is no text');
  }
}

/** Counts tags before a parser does that may go as deep as they do. Marks in comments make it stricter, not laxer. */
function requireShallow(text: string): void {
  let depth = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 0x21 || next === 0x3f) continue;
    if (next === 0x2f) {
      depth -= 1;
      continue;
    }
    const end = text.indexOf('>', at);
    if (end === -1) return;
    if (text.charCodeAt(end - 1) !== 0x2f) depth += 1;
    if (depth > MAX_DEPTH) throw damaged('XML that goes too deep');
  }
}

/** All elements, the outermost first. */
export function* elements(document: Document): Generator<Element> {
  for (const node of nodes(document)) if (node.nodeType === ELEMENT) yield node as Element;
}

/** Comments and processing instructions, which programs leave notes in. */
export function* notes(document: Document): Generator<Node> {
  for (const node of nodes(document)) if (node.nodeType === COMMENT || node.nodeType === PROCESSING) yield node;
}

/** What is taken away while walking must be collected first. */
function* nodes(document: Document): Generator<Node> {
  let node: Node | null = document.firstChild;
  while (node !== null) {
    yield node;
    if (node.firstChild !== null) {
      node = node.firstChild;
      continue;
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode;
      if (node === (document as unknown as Node)) return;
    }
    node = node?.nextSibling ?? null;
  }
}

export function remove(node: Node): void {
  node.parentNode?.removeChild(node);
}

export function nameOf(element: Element): string {
  return element.localName ?? element.nodeName;
}

export function attributesOf(
  element: Element,
): { readonly name: string; readonly local: string; readonly value: string }[] {
  return Array.from({ length: element.attributes.length }, (_, index) => {
    const { name, localName, value } = element.attributes.item(index)!;
    return { name, local: localName ?? name, value };
  });
}
