/**
 * Links to publications.
 *
 *   broadside:<114 letters>[/path]
 *
 * The letters are base32 (RFC 4648, lower case, no padding) of 71 bytes, 568 bits; the last two bits of the last letter
 * are zero:
 *
 *   format and class    1     format 1 in the high four bits; class in the low: 1 updatable, 2 delete-only, 3 fixed
 *   k                   1     shares that are needed, 1 ... n
 *   n                   1     shares there are, 1 ... 100
 *   document key        32    Ed25519 public key
 *   read secret         16
 *   names digest        16    first 16 bytes of H("names", all names)
 *   checksum            4     first 4 bytes of H("link", the 67 bytes before)
 *
 * Every later format keeps the four bits of its number at the beginning and the checksum of all that precedes it at the
 * end, whatever its length: that is how this one tells a newer link from a mistyped one.
 *
 * The path is relative, its segments percent-encoded UTF-8 (paths.ts). '?' and '#' are kept for later.
 *
 * Reading is generous where nothing can be mistaken: case and white space among the letters, a lone '/' at the end.
 */
import { blake2b } from '@noble/hashes/blake2.js';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { bytesEqual, concatBytes } from './bytes.ts';
import { BLANKS, trimBlanks } from './link-text.ts';
import { isPath, MAX_PATH_BYTES } from './paths.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';

export const LINK_PREFIX = 'broadside:';
const FORMAT = 1;
/** Letters of a link of this format, after the prefix. */
export const LINK_LETTERS = 114;
/** Bytes of a link without its checksum; what a slot that moved carries. */
export const LINK_BODY_BYTES = 67;
const CHECKSUM_BYTES = 4;
const LINK_TAG = 'link';
export const DOCUMENT_KEY_BYTES = 32;
export const READ_SECRET_BYTES = 16;
export const NAMES_DIGEST_BYTES = 16;
/**
 * n at most: all names (16 bytes each) fit in every slot and leave it room for content, and a share's region of the
 * circle is found in some hundred hashes.
 */
export const MAX_SHARES = 100;
/** Longer texts are not looked at. 114 letters, a path of 1,024 bytes all percent-encoded, and white space between. */
export const MAX_LINK_TEXT = 8_192;

export type LinkClass = 1 | 2 | 3;

export interface PublicationLink {
  /** 1 updatable, 2 delete-only, 3 fixed. */
  readonly class: LinkClass;
  readonly k: number;
  readonly n: number;
  readonly documentKey: Uint8Array;
  readonly readSecret: Uint8Array;
  readonly namesDigest: Uint8Array;
  /** Decoded, '/' between segments; '' for the publication itself. */
  readonly path: string;
}

export type LinkProblem =
  | 'not-a-link' // does not begin with broadside:
  | 'invite' // to a network: invites.ts reads it
  | 'short-address' // words or a pen name: short-addresses.ts reads it, and the network says what it leads to
  | 'file-link' // to a shared file: file-links.ts reads it
  | 'not-in-version' // what is kept for later versions
  | 'empty' // nothing after broadside:
  | 'bad-letter' // a character that base32 has not
  | 'too-short'
  | 'too-long'
  | 'mistyped' // the checksum, or the spare bits, do not fit
  | 'newer-format'
  | 'impossible' // the checksum fits, the numbers cannot be
  | 'bad-path';

/** A shared file (file-links.ts), which is downloaded and not opened. */
const FILE_FORM = /^file\//i;
/** Forms that lead to a link (short-addresses.ts). */
const SHORT_FORMS = /^word\/|^@/i;
/** An invite to a network (invites.ts), which has nothing to open. */
const INVITE_FORM = /^join\//i;

/** Throws RangeError for a value that no link can hold: a defect of the caller. */
export function formatLink(link: PublicationLink): string {
  const body = encodeLinkBody(link);
  const text = LINK_PREFIX + encodeBase32(concatBytes(body, linkChecksum(LINK_TAG, body)));
  if (link.path === '') return text;
  if (!isPath(link.path)) throw new RangeError('not a path of a publication');
  return `${text}/${link.path.split('/').map(encodeSegment).join('/')}`;
}

export function parseLink(text: string): Result<PublicationLink, LinkProblem> {
  if (text.length > MAX_LINK_TEXT) return fail('too-long');
  const trimmed = trimBlanks(text);
  const head = /^b[\s]*r[\s]*o[\s]*a[\s]*d[\s]*s[\s]*i[\s]*d[\s]*e[\s]*:/i.exec(trimmed);
  if (head === null) return fail('not-a-link');
  const rest = trimBlanks(trimmed.slice(head[0].length));
  if (INVITE_FORM.test(rest)) return fail('invite');
  if (SHORT_FORMS.test(rest)) return fail('short-address');
  if (FILE_FORM.test(rest)) return fail('file-link');
  const slash = rest.indexOf('/');
  const letters = (slash < 0 ? rest : rest.slice(0, slash)).replace(BLANKS, '');
  const link = parseLetters(letters);
  if (!link.ok) return link;
  const path = slash < 0 ? ok('') : parsePath(rest.slice(slash + 1));
  return path.ok ? ok({ ...link.value, path: path.value }) : path;
}

/** The link without prefix, path and checksum: 67 bytes. Throws RangeError for a value that no link can hold. */
export function encodeLinkBody(link: Omit<PublicationLink, 'path'>): Uint8Array {
  const possible =
    link.documentKey.length === DOCUMENT_KEY_BYTES &&
    link.readSecret.length === READ_SECRET_BYTES &&
    link.namesDigest.length === NAMES_DIGEST_BYTES &&
    numbersPossible(link.class, link.k, link.n);
  if (!possible) throw new RangeError('not a possible link');
  const numbers = Uint8Array.of((FORMAT << 4) | link.class, link.k, link.n);
  return concatBytes(numbers, link.documentKey, link.readSecret, link.namesDigest);
}

/** Inverse of encodeLinkBody; the path is ''. */
export function decodeLinkBody(body: Uint8Array): Result<PublicationLink, 'newer-format' | 'impossible'> {
  const head = body[0] ?? 0;
  if (head >> 4 !== FORMAT) return fail(head >> 4 > FORMAT ? 'newer-format' : 'impossible');
  const [linkClass, k, n] = [head & 0x0f, body[1] ?? 0, body[2] ?? 0];
  if (body.length !== LINK_BODY_BYTES || !numbersPossible(linkClass, k, n)) return fail('impossible');
  return ok({
    class: linkClass as LinkClass,
    k,
    n,
    documentKey: body.slice(3, 35),
    readSecret: body.slice(35, 51),
    namesDigest: body.slice(51, LINK_BODY_BYTES),
    path: '',
  });
}

/** Letters in groups of four, for reading aloud and comparing. Of a link, which parseLink reads so too, prefix and path stay. */
export function groupInFours(text: string): string {
  const [, prefix, letters, path] = /^(broadside:)?([^/]*)(.*)$/is.exec(text)!;
  return (prefix ?? '') + letters!.replace(/\S{4}(?=\S)/gu, '$& ') + path!;
}

/** A link in short, for naming what has no title yet: the prefix and the first eight letters. */
export function shortLink(link: PublicationLink): string {
  const letters = formatLink({ ...link, path: '' }).slice(LINK_PREFIX.length, LINK_PREFIX.length + 8);
  return LINK_PREFIX + groupInFours(letters);
}

/** One or two sentences for people: what is wrong with the text and what to do. `text` is what parseLink was given. */
export function explainLinkProblem(problem: LinkProblem, text: string): string {
  const letters = lettersOf(text);
  switch (problem) {
    case 'not-a-link':
      return `This is not a Broadside link: those begin with “${LINK_PREFIX}”. Copy it again, from its first letter.`;
    case 'invite':
      return 'This is an invite to a network and not a link to a publication. Join the network with it.';
    case 'short-address':
      return 'This is a short address, which leads to a link and may lead to another tomorrow. Use the link itself here.';
    case 'file-link':
      return 'This is a link to a shared file, which is downloaded, and not to a publication. Download it.';
    case 'not-in-version':
      return 'This form of link is not in this version of Broadside. Update Broadside, or ask for the full link.';
    case 'empty':
      return `There is nothing after “${LINK_PREFIX}”. Copy the whole link from where you found it.`;
    case 'bad-letter':
      return explainBadLetter(letters);
    case 'too-short':
      return `This link is cut short: ${letters.length} of its ${LINK_LETTERS} letters are here. Copy it again from where you found it.`;
    case 'too-long':
      return text.length > MAX_LINK_TEXT
        ? 'This text is too long to be a link. Copy only the link.'
        : `This link is too long: it has ${letters.length} letters and not ${LINK_LETTERS}. Perhaps something that follows it was copied too.`;
    case 'mistyped':
      return 'A letter of this link is wrong or two are exchanged: its check does not fit. Compare it with where you found it, or copy it again.';
    case 'newer-format':
      return 'This link was made by a newer Broadside than this one. Update Broadside to open it.';
    case 'impossible':
      return 'This link contradicts itself, so it was not made by Broadside. Ask whoever gave it to you for another.';
    case 'bad-path':
      return `The part of this link after its ${LINK_LETTERS} letters does not name a file. Leave it out to see everything that was published.`;
  }
}

function explainBadLetter(letters: string): string {
  const position = letters.search(/[^a-z2-7]/i);
  const found = String.fromCodePoint(letters.codePointAt(Math.max(position, 0)) ?? 0x3f);
  const likely: Record<string, string> = { '0': 'o', '1': 'l or i', '8': 'b', '9': 'g' };
  const hint = likely[found] === undefined ? 'Copy the link again.' : `Perhaps it should be ${likely[found]}.`;
  return `Letter ${position + 1} of this link is “${found}”; links have only the letters a to z and the digits 2 to 7. ${hint}`;
}

function lettersOf(text: string): string {
  const bare = text.slice(0, MAX_LINK_TEXT).replace(BLANKS, '');
  const start = bare.indexOf(':') + 1;
  const slash = bare.indexOf('/', start);
  return bare.slice(start, slash < 0 ? bare.length : slash);
}

function parseLetters(letters: string): Result<PublicationLink, LinkProblem> {
  if (letters === '') return fail('empty');
  if (/[^a-z2-7]/i.test(letters)) return fail('bad-letter');
  const bytes = decodeBase32(letters);
  const sound = bytes !== undefined && checksumFits(bytes);
  // A newer format may have any length; only its checksum tells it from a mistyped link.
  if (sound && bytes[0]! >> 4 > FORMAT) return fail('newer-format');
  if (letters.length < LINK_LETTERS) return fail('too-short');
  if (letters.length > LINK_LETTERS) return fail('too-long');
  return sound ? decodeLinkBody(bytes.subarray(0, LINK_BODY_BYTES)) : fail('mistyped');
}

function parsePath(encoded: string): Result<string, LinkProblem> {
  // A line break in a path comes from the letter or mail that carried it, never from the name of a file.
  const joined = encoded.replace(/[ \t]*[\r\n]+[ \t]*/g, '');
  if (joined === '') return ok('');
  if (/[?#]/.test(joined)) return fail('not-in-version');
  const segments: string[] = [];
  for (const part of joined.split('/')) {
    const segment = decodeSegment(part);
    if (segment === undefined || segment.includes('/')) return fail('bad-path');
    segments.push(segment);
  }
  const path = segments.join('/');
  return isPath(path) ? ok(path) : fail('bad-path');
}

/** As encodeURIComponent, and also ! ' ( ) * which texts put round links. */
export function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Undefined for what is not percent-encoded UTF-8; overlong forms and surrogates are refused by the built-in. */
export function decodeSegment(part: string): string | undefined {
  if (part.length > 3 * MAX_PATH_BYTES) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function numbersPossible(linkClass: number, k: number, n: number): boolean {
  const whole = Number.isInteger(linkClass) && Number.isInteger(k) && Number.isInteger(n);
  return whole && linkClass >= 1 && linkClass <= 3 && k >= 1 && k <= n && n <= MAX_SHARES;
}

function checksumFits(bytes: Uint8Array): boolean {
  if (bytes.length <= CHECKSUM_BYTES) return false;
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  return bytesEqual(linkChecksum(LINK_TAG, body), bytes.subarray(-CHECKSUM_BYTES));
}

/** First 4 bytes of H(tag, body) of the protocol: each behind its length as 32 bits little-endian. `tag` is ASCII. */
export function linkChecksum(tag: string, body: Uint8Array): Uint8Array {
  const framed = concatBytes(
    Uint8Array.of(tag.length, 0, 0, 0),
    Uint8Array.from(tag, (letter) => letter.charCodeAt(0)),
    Uint8Array.of(body.length, body.length >>> 8, 0, 0),
    body,
  );
  return blake2b(framed, { dkLen: 32 }).subarray(0, CHECKSUM_BYTES);
}
