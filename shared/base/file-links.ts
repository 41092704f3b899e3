/**
 * Links of shared files (docs/spec/search.md):
 *
 *   broadside:file/<52 letters>[?name=<percent-encoded>][&size=<decimal>]
 *
 * The letters are base32 (RFC 4648, lower case, no padding) of the root, 256 bits; the last four bits are zero. Name and size are
 * hints for whoever reads the link: the root alone says what the file is, and no checksum is needed, for a root with a wrong letter
 * is nobody's. Reading is as generous as with links: case, white space and invisible characters among the letters.
 */
import { decodeBase32, encodeBase32 } from './base32.ts';
import { BLANKS, trimBlanks } from './link-text.ts';
import { decodeSegment, encodeSegment, LINK_PREFIX } from './links.ts';
import { isPathSegment, utf8Length } from './paths.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';

const FILE_PREFIX = `${LINK_PREFIX}file/`;
const ROOT_BYTES = 32;
const ROOT_LETTERS = 52;
/** Of a name, as UTF-8: as lists of shared files take it. */
const MAX_NAME_BYTES = 255;
/** 52 letters, a name all percent-encoded, a size, and blanks between. Longer texts are not looked at. */
const MAX_FILE_LINK_TEXT = 2_048;

export interface FileLink {
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly name?: string;
  readonly sizeBytes?: number;
}

export type FileLinkProblem =
  | 'not-a-file-link' // does not begin with broadside:file/
  | 'empty' // nothing after that
  | 'bad-letter' // a character that base32 has not
  | 'too-short'
  | 'too-long'
  | 'mistyped' // the spare bits are not zero
  | 'bad-name'
  | 'bad-size'
  | 'not-in-version'; // a hint that this version does not know, or '#'

/** Throws RangeError for a value that no link can hold: a defect of the caller. */
export function formatFileLink({ root, name, sizeBytes }: FileLink): string {
  const possible =
    root.length === ROOT_BYTES &&
    (name === undefined || isName(name)) &&
    (sizeBytes === undefined || (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0));
  if (!possible) throw new RangeError('not a possible link of a file');
  const hints = [
    ...(name === undefined ? [] : [`name=${encodeSegment(name)}`]),
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
  ];
  return `${FILE_PREFIX}${encodeBase32(root)}${hints.length === 0 ? '' : `?${hints.join('&')}`}`;
}

export function parseFileLink(text: string): Result<FileLink, FileLinkProblem> {
  if (text.length > MAX_FILE_LINK_TEXT) return fail('too-long');
  const { head, letters, hints } = takeApart(text);
  if (head === undefined) return fail('not-a-file-link');
  if (letters === '') return fail('empty');
  if (hints?.includes('#') === true || letters.includes('#')) return fail('not-in-version');
  if (/[^a-z2-7]/i.test(letters)) return fail('bad-letter');
  if (letters.length !== ROOT_LETTERS) return fail(letters.length < ROOT_LETTERS ? 'too-short' : 'too-long');
  const root = decodeBase32(letters);
  if (root === undefined) return fail('mistyped');
  return hints === undefined ? ok({ root }) : withHints(root, hints);
}

/** One or two sentences for people: what is wrong with the text and what to do. `text` is what parseFileLink was given. */
export function explainFileLinkProblem(problem: FileLinkProblem, text: string): string {
  const { letters } = takeApart(text.slice(0, MAX_FILE_LINK_TEXT));
  switch (problem) {
    case 'not-a-file-link':
      return `This is not a link to a shared file: those begin with “${FILE_PREFIX}”. Copy it again, from its first letter.`;
    case 'empty':
      return `There is nothing after “${FILE_PREFIX}”. Copy the whole link from where you found it.`;
    case 'bad-letter':
      return 'This link has a character that is not in such links, which have only the letters a to z and the digits 2 to 7. Copy it again.';
    case 'too-short':
      return `This link is cut short: ${letters.length} of its ${ROOT_LETTERS} letters are here. Copy it again from where you found it.`;
    case 'too-long':
      return text.length > MAX_FILE_LINK_TEXT
        ? 'This text is too long to be a link. Copy only the link.'
        : `This link is too long: it has ${letters.length} letters and not ${ROOT_LETTERS}. Perhaps something that follows it was copied too.`;
    case 'mistyped':
      return 'The last letter of this link is wrong. Compare it with where you found it, or copy it again.';
    case 'bad-name':
      return 'The name in this link is not one that a file can have. Leave out all from “?” on.';
    case 'bad-size':
      return 'The size in this link is no number of bytes. Leave out all from “?” on.';
    case 'not-in-version':
      return 'This link says something that this version of Broadside does not know. Update Broadside, or leave out all from “?” on.';
  }
}

function takeApart(text: string): { head: string | undefined; letters: string; hints: string | undefined } {
  const trimmed = trimBlanks(text);
  const question = trimmed.indexOf('?');
  const bare = (question < 0 ? trimmed : trimmed.slice(0, question)).replace(BLANKS, '');
  const head = bare.slice(0, FILE_PREFIX.length);
  return {
    head: head.toLowerCase() === FILE_PREFIX ? head : undefined,
    letters: bare.slice(FILE_PREFIX.length),
    hints: question < 0 ? undefined : trimmed.slice(question + 1),
  };
}

/** In either order, each once. */
function withHints(root: Uint8Array, text: string): Result<FileLink, FileLinkProblem> {
  let link: FileLink = { root };
  // A line break comes from the letter or mail that carried the link, never from the name of a file.
  for (const hint of text.replace(/[ \t]*[\r\n]+[ \t]*/g, '').split('&')) {
    const equals = hint.indexOf('=');
    const value = hint.slice(equals + 1);
    switch (hint.slice(0, Math.max(0, equals)).toLowerCase()) {
      case 'name': {
        const name = decodeSegment(value);
        if (name === undefined || link.name !== undefined || !isName(name)) return fail('bad-name');
        link = { ...link, name };
        break;
      }
      case 'size': {
        const sizeBytes = /^(?:0|[1-9]\d{0,15})$/.test(value) ? Number(value) : Number.NaN;
        if (!Number.isSafeInteger(sizeBytes) || link.sizeBytes !== undefined) return fail('bad-size');
        link = { ...link, sizeBytes };
        break;
      }
      default:
        return fail('not-in-version');
    }
  }
  return ok(link);
}

function isName(name: string): boolean {
  return isPathSegment(name) && utf8Length(name) <= MAX_NAME_BYTES;
}
