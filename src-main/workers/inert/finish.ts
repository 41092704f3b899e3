/**
 * The last look at markup that is to be inert, by rules so strict that a parser has nothing to decide: every '<' begins a
 * tag from the lists, written in one form, with attributes from the lists whose addresses lead nowhere else. Text between
 * tags has no '<', and no element but <style> has content that is read otherwise; a sheet is written (css.ts) so that it
 * reads the same either way. So whatever a browser makes of how the elements are nested, and however often what it made is
 * written and read again (mXSS), no other tag can come out.
 *
 * What does not keep to the rules is refused, with the whole document.
 */
import { AWAY_PREFIX, isPlainlyInside, judge } from './addresses.ts';
import {
  EVERYWHERE,
  HTML_ATTRIBUTES,
  HTML_ELEMENTS,
  MATH_ATTRIBUTES,
  MATH_ELEMENTS,
  MATH_NAMESPACE,
  SVG_ATTRIBUTES,
  SVG_ELEMENTS,
  SVG_NAMESPACE,
  XLINK_NAMESPACE,
} from './allowed.ts';
import { inertCss } from './css.ts';
import type { MarkupOptions } from './markup-options.ts';

/** It holds something that should have been taken out. A defect of the sanitiser; the reader is told that it is not shown. */
export class NotInert extends Error {}

const ELEMENTS = new Set([...HTML_ELEMENTS, ...SVG_ELEMENTS, ...MATH_ELEMENTS].map((name) => name.toLowerCase()));
const ATTRIBUTES = new Set(
  [...EVERYWHERE, ...Object.values(HTML_ATTRIBUTES).flat(), ...SVG_ATTRIBUTES, ...MATH_ATTRIBUTES].map((name) =>
    name.toLowerCase(),
  ),
);
const NAMESPACES = new Set([SVG_NAMESPACE, XLINK_NAMESPACE, MATH_NAMESPACE]);

const END = /<\/([A-Za-z][A-Za-z0-9]*)>/y;
const START = /<([A-Za-z][A-Za-z0-9]*)((?: [A-Za-z][A-Za-z0-9:_-]*="[^"<>]*")*)( \/)?>/y;
const ATTRIBUTE = / ([A-Za-z][A-Za-z0-9:_-]*)="([^"<>]*)"/g;
const STYLE_END = '</style>';

/** The same markup with its sheets made inert. Throws NotInert. */
export function finish(markup: string, form: 'html' | 'svg', options: MarkupOptions): string {
  const parts: string[] = [];
  let at = 0;
  while (at < markup.length) {
    const open = markup.indexOf('<', at);
    if (open === -1) break;
    parts.push(markup.slice(at, open));
    END.lastIndex = open;
    const end = END.exec(markup);
    if (end !== null) {
      requireElement(end[1]!);
      parts.push(end[0]);
      at = END.lastIndex;
      continue;
    }
    START.lastIndex = open;
    const start = START.exec(markup);
    if (start === null)
      throw new NotInert(`what begins with ${JSON.stringify(markup.slice(open, open + 40))} is no plain tag`);
    requireElement(start[1]!);
    checkAttributes(start[1]!.toLowerCase(), start[2]!, options.purpose);
    parts.push(start[0]);
    at = START.lastIndex;
    if (start[1]!.toLowerCase() === 'style' && start[3] === undefined) {
      const close = markup.indexOf(STYLE_END, at);
      const raw = markup.slice(at, close === -1 ? markup.length : close);
      parts.push(sheet(raw, form, options));
      at = close === -1 ? markup.length : close;
      if (close === -1) parts.push(STYLE_END);
    }
  }
  parts.push(markup.slice(at));
  return parts.join('');
}

function sheet(raw: string, form: 'html' | 'svg', { from, tally }: MarkupOptions): string {
  const css = inertCss(raw, from, tally);
  if (/<[A-Za-z/!?]/.test(css) || /&[A-Za-z#]/.test(css))
    throw new NotInert('a style sheet that could be read as markup');
  return form === 'svg' ? css.replaceAll('&', '&amp;').replaceAll('<', '&lt;') : css;
}

function requireElement(name: string): void {
  if (!ELEMENTS.has(name.toLowerCase())) throw new NotInert(`an element ${name}`);
}

function checkAttributes(element: string, text: string, purpose: 'show' | 'save'): void {
  for (const [, name = '', escaped = ''] of text.matchAll(ATTRIBUTE)) {
    const bare = name.toLowerCase();
    if (!ATTRIBUTES.has(bare) || bare.startsWith('on')) throw new NotInert(`an attribute ${name}`);
    const value = unescapeValue(escaped);
    if (bare.startsWith('xmlns') && !NAMESPACES.has(value)) throw new NotInert('a namespace of another kind');
    if (['href', 'xlink:href', 'src', 'poster', 'background', 'cite'].includes(bare))
      checkAddress(element, value, purpose);
    if (bare === 'srcset' && !value.split(',').every((part) => isPlainlyInside(part.trim().split(' ', 1)[0]!)))
      throw new NotInert('an address in srcset');
  }
}

function checkAddress(element: string, value: string, purpose: 'show' | 'save'): void {
  if (isPlainlyInside(value)) return;
  const isLink = element === 'a' || element === 'area';
  if (
    isLink &&
    purpose === 'show' &&
    value.startsWith(AWAY_PREFIX) &&
    !/[^A-Za-z0-9%_.!~*'()-]/.test(value.slice(AWAY_PREFIX.length))
  )
    return;
  const judged = judge(value, '');
  if (!isLink && judged.kind === 'data' && /^(?:image|audio|video)\//.test(judged.type)) return;
  throw new NotInert('an address that leads away');
}

/** The references that sanitize-html writes, once. */
function unescapeValue(escaped: string): string {
  return escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
