/**
 * Takes out of HTML what no Content Security Policy governs. It is not a sanitiser: scripts, foreign loads and the rest
 * are stopped by the policy (policy.ts). It does one thing that needs no understanding of the document: a tag's name
 * cannot be written with character references, so every element <link>, <meta>, <a> ... of a document begins with these
 * very letters. Each such beginning, wherever it stands (in a comment or an attribute too: harmless), is looked at with
 * its attributes, and renamed to an element that means nothing unless they are plainly harmless. The bytes must be in an
 * encoding where ASCII is itself: the caller declares UTF-8 and refuses UTF-16.
 *
 * - link: preconnect and dns-prefetch open connections unasked. Kept: stylesheet, icon and a few that load nothing.
 * - meta: refresh, and x-dns-prefetch-control. Kept: without http-equiv, or with content-type.
 * - a, area: Chromium connects to where a link leads before it asks the policy whether the frame may go there (seen in
 *   Chromium; test/integration/content-canary). Links that lead out get the address of our own page, which says where
 *   they lead (pages.ts); ping is taken away.
 * - iframe, frame, object, embed, portal, fencedframe: refused by the policy, but srcdoc would bring in markup that was
 *   not seen here. animate, set: could give a link in SVG another address later.
 */

/** A tag longer than this is not read to its end but renamed. A guess: longer ones are data: URLs. */
const MAX_TAG_BYTES = 4096;

const WATCHED =
  /<(link|meta|a|area|iframe|frame|object|embed|portal|fencedframe|applet|animate|set)(?=[\t\n\f\r />])/gi;
/** Longest beginning that could go on in the next chunk: '<fencedframe' and the character after it. */
const LONGEST_BEGINNING = '<fencedframe '.length;

const HARMLESS_RELATIONS = new Set([
  'stylesheet',
  'icon',
  'shortcut',
  'apple-touch-icon',
  'alternate',
  'author',
  'canonical',
  'help',
  'license',
  'contents',
  'index',
  'bookmark',
]);

/** The document with nothing of the above left; its length may change. */
export async function* filterHtml(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = '';
  for await (const chunk of chunks) {
    held += latin1(chunk);
    const { text, rest } = filterText(held, false);
    held = rest;
    if (text.length > 0) yield bytesOf(text);
  }
  const { text } = filterText(held, true);
  if (text.length > 0) yield bytesOf(text);
}

function filterText(text: string, final: boolean): { text: string; rest: string } {
  let out = '';
  let done = 0;
  WATCHED.lastIndex = 0;
  for (;;) {
    const match = WATCHED.exec(text);
    if (match === null) break;
    const start = match.index;
    const name = match[1]!.toLowerCase();
    const afterName = start + match[0].length;
    let replacement = `<${match[0][1]!}-${match[0].slice(3)}`;
    let end = afterName;
    if (name === 'a') replacement = '<x';
    if (name === 'link' || name === 'meta' || name === 'a' || name === 'area') {
      const tag = readTag(text, afterName);
      if (tag === 'unfinished' && !final && text.length - start < MAX_TAG_BYTES) {
        return { text: out + text.slice(done, start), rest: text.slice(start) };
      }
      if (typeof tag === 'object') {
        if (name === 'link' ? isHarmlessLink(tag) : name === 'meta' ? isHarmlessMeta(tag) : false)
          replacement = match[0];
        if (name === 'a' || name === 'area') {
          replacement = match[0] + tag.attributes.map(keepInside).join('') + text.slice(tag.attributesEnd, tag.end);
          end = tag.end;
        }
      }
    }
    out += text.slice(done, start) + replacement;
    done = end;
    WATCHED.lastIndex = end;
  }
  if (final) return { text: out + text.slice(done), rest: '' };
  // A beginning may be cut at the end of the chunk.
  const cut = text.lastIndexOf('<');
  const rest = cut >= done && text.length - cut < LONGEST_BEGINNING ? text.slice(cut) : '';
  return { text: out + text.slice(done, text.length - rest.length), rest };
}

interface Attribute {
  readonly name: string;
  readonly value: string;
  /** With what stands before its name. */
  readonly text: string;
}
interface Tag {
  readonly attributes: readonly Attribute[];
  readonly attributesEnd: number;
  /** After the '>'. */
  readonly end: number;
}

/**
 * The attributes from `at` to the '>' by the tokenizer of the HTML standard (13.2.5.32 ff.), for tags written plainly;
 * undefined for anything odd (a stray quote, a duplicate), 'unfinished' when the text ends first. Values are as written.
 */
function readTag(text: string, at: number): Tag | 'unfinished' | undefined {
  const attributes: Attribute[] = [];
  const names = new Set<string>();
  const pattern =
    /[\t\n\f\r /]*(?:(>)|([a-z][a-z0-9_:.-]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r "'=<>`]+)(?=[\t\n\f\r >])))?(?=[\t\n\f\r />]))/iy;
  pattern.lastIndex = at;
  for (;;) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) return text.indexOf('>', from) === -1 ? 'unfinished' : undefined;
    if (match[1] !== undefined) return { attributes, attributesEnd: from, end: pattern.lastIndex };
    const name = match[2]!.toLowerCase();
    if (names.has(name)) return undefined;
    names.add(name);
    attributes.push({ name, value: match[3] ?? match[4] ?? match[5] ?? '', text: match[0] });
  }
}

function valueOf(tag: Tag, name: string): string | undefined {
  return tag.attributes.find((attribute) => attribute.name === name)?.value;
}

function isHarmlessLink(tag: Tag): boolean {
  const relations = (valueOf(tag, 'rel') ?? '')
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .filter((word) => word !== '');
  return relations.every((word) => HARMLESS_RELATIONS.has(word));
}

function isHarmlessMeta(tag: Tag): boolean {
  const equivalent = valueOf(tag, 'http-equiv');
  return equivalent === undefined || equivalent.trim().toLowerCase() === 'content-type';
}

/** An attribute of a link, so that the link stays within the publication. */
function keepInside({ name, value, text }: Attribute): string {
  if (name === 'ping' || name === 'attributionsrc') return '';
  if ((name !== 'href' && !name.endsWith(':href')) || staysInside(value)) return text;
  const address = Buffer.from(value, 'latin1').toString('utf8').trim().replaceAll('&amp;', '&');
  return ` href="${AWAY_PREFIX}${encodeURIComponent(address.toWellFormed())}"`;
}

/** The page of ours that says where a link leads. */
export const AWAY_PREFIX = '/?away=';

/**
 * True for a reference that is relative by its very letters (URL standard): no scheme can end in what comes before the first
 * '/', '?' or '#', no host follows, and no character reference, control character or backslash could change that.
 */
function staysInside(value: string): boolean {
  return /^(?:$|[#?][^\0-\x1f]*$|\/(?:$|[^/\\&\0-\x1f][^\0-\x1f\\]*$)|[^:/?#&\\\0-\x20][^:/?#&\\\0-\x1f]*(?:[/?#][^\0-\x1f\\]*)?$)/.test(
    value,
  );
}

/** UTF-16 by its byte order mark, which beats every declaration: such bytes cannot be filtered as they are. */
export function isUtf16(first: Uint8Array): boolean {
  return (first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
