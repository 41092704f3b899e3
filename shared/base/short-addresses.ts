/**
 * Everything that can stand after broadside: and be opened: a link, and the two short addresses.
 *
 *   broadside:word/<words>           words joined by '+', percent-encoded; a word bag (words.ts): who claims it is seen
 *   broadside:@<key>/<name>          the pen name's key and the name that it gives to something; the name percent-encoded
 *
 * The key is 60 letters of base32, of 37 bytes; the last four bits of the last letter are zero:
 *
 *   format              1     format 1 in the high four bits; the low four are zero
 *   key                 32    Ed25519 public key
 *   checksum            4     first 4 bytes of H("pen", the 33 bytes before)
 *
 * As with links, every later format keeps its number at the beginning and the checksum at the end, and reading is generous.
 */
import { decodeBase32, encodeBase32 } from './base32.ts';
import { bytesEqual, concatBytes } from './bytes.ts';
import { BLANKS, trimBlanks } from './link-text.ts';
import {
  decodeSegment,
  encodeSegment,
  explainLinkProblem,
  LINK_PREFIX,
  linkChecksum,
  MAX_LINK_TEXT,
  parseLink,
} from './links.ts';
import type { LinkProblem, PublicationLink } from './links.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';
import { MAX_PEN_ENTRY_BYTES, MAX_WORDS, normalisePenEntry, normaliseWords } from './words.ts';
import type { WordsProblem } from './words.ts';

export const PEN_KEY_BYTES = 32;
/** Letters of a pen name's key, after the '@'. */
export const PEN_KEY_LETTERS = 60;
const FORMAT = 1;
const CHECKSUM_BYTES = 4;
const PEN_TAG = 'pen';

export interface WordAddress {
  readonly kind: 'word';
  /** A bag as normaliseWords makes it. */
  readonly words: readonly string[];
}
export interface PenAddress {
  readonly kind: 'pen';
  readonly key: Uint8Array;
  /** As normalisePenEntry makes it. */
  readonly name: string;
}
export interface PublicationAddress {
  readonly kind: 'publication';
  readonly link: PublicationLink;
}
export type Address = PublicationAddress | WordAddress | PenAddress;

export type AddressProblem =
  | Exclude<LinkProblem, 'short-address'>
  | WordsProblem
  | 'bad-encoding' // percent signs that encode nothing
  | 'pen-without-name' // a pen name's key, and not what of it is meant
  | 'bad-pen-entry' // the name under the key breaks a rule
  | 'bad-pen-key' // a letter that base32 has not, or not as many as there are
  | 'mistyped-pen-key'
  | 'newer-pen-key';

/** Reads whatever can be opened, and says of what kind it is. */
export function parseAddress(text: string): Result<Address, AddressProblem> {
  const parsed = parseLink(text);
  if (parsed.ok) return ok({ kind: 'publication', link: parsed.value });
  if (parsed.code !== 'short-address') return fail(parsed.code);
  const trimmed = trimBlanks(text);
  const rest = trimBlanks(trimmed.slice(trimmed.indexOf(':') + 1));
  return rest.startsWith('@') ? parsePen(rest) : parseWords(rest.slice(rest.indexOf('/') + 1));
}

/** `@KEY/NAME`, with or without the prefix, as the command line takes it. */
export function parsePenAddress(text: string): Result<PenAddress, AddressProblem> {
  const trimmed = trimBlanks(text);
  if (text.length > MAX_LINK_TEXT) return fail('too-long');
  const parsed = trimmed.startsWith('@') ? parsePen(trimmed) : parseAddress(trimmed);
  if (!parsed.ok) return parsed;
  return parsed.value.kind === 'pen' ? ok(parsed.value) : fail('pen-without-name');
}

/** Throws RangeError for words that are no bag, a key that is none, or a name that breaks the rules. */
export function formatAddress(address: WordAddress | PenAddress): string {
  if (address.kind === 'pen')
    return `${LINK_PREFIX}${formatPenKey(address.key)}/${encodeSegment(requireEntry(address.name))}`;
  const bag = normaliseWords(address.words.join(' '));
  if (!bag.ok || bag.value.join(' ') !== address.words.join(' ')) throw new RangeError('not a word bag');
  return `${LINK_PREFIX}word/${address.words.map(encodeSegment).join('+')}`;
}

/** '@' and the letters. */
export function formatPenKey(key: Uint8Array): string {
  if (key.length !== PEN_KEY_BYTES) throw new RangeError(`the key of a pen name has ${PEN_KEY_BYTES} bytes`);
  const body = concatBytes(Uint8Array.of(FORMAT << 4), key);
  return `@${encodeBase32(concatBytes(body, linkChecksum(PEN_TAG, body)))}`;
}

/** One or two sentences for people: what is wrong with the text and what to do. `text` is what parseAddress was given. */
export function explainAddressProblem(problem: AddressProblem, text: string): string {
  switch (problem) {
    case 'no-words':
      return 'There are no words in this address. Write them after “broadside:word/”, with “+” between them.';
    case 'too-many-words':
      return `These are too many words: an address has ${MAX_WORDS} at most. Leave some out.`;
    case 'long-word':
      return 'A word of this address is too long to be one. Put “+” between words.';
    case 'bad-encoding':
      return 'A percent sign in this address stands for nothing. Copy it again from where you found it.';
    case 'pen-without-name':
      return 'This names whose it is and not what: after the key comes “/” and a name. Ask for the whole address.';
    case 'bad-pen-entry':
      return `What comes after the key of this address is no name: letters, digits, “-”, “_” and “.” are in names, ${MAX_PEN_ENTRY_BYTES} bytes at most.`;
    case 'bad-pen-key':
      return `The key of this pen name is not whole: it has ${PEN_KEY_LETTERS} letters a to z and digits 2 to 7. Copy it again from where you found it.`;
    case 'mistyped-pen-key':
      return 'A letter of this pen name’s key is wrong or two are exchanged: its check does not fit. Copy it again.';
    case 'newer-pen-key':
      return 'This pen name was made by a newer Broadside than this one. Update Broadside to read it.';
    default:
      return explainLinkProblem(problem, text);
  }
}

function parseWords(encoded: string): Result<WordAddress, AddressProblem> {
  if (/[?#/]/.test(encoded)) return fail('not-in-version');
  const text = decodeSegment(encoded);
  if (text === undefined) return fail('bad-encoding');
  const words = normaliseWords(text);
  return words.ok ? ok({ kind: 'word', words: words.value }) : words;
}

function parsePen(text: string): Result<PenAddress, AddressProblem> {
  const slash = text.indexOf('/');
  const key = parsePenKey(slash < 0 ? text : text.slice(0, slash));
  if (!key.ok) return key;
  const encoded = slash < 0 ? '' : trimBlanks(text.slice(slash + 1));
  if (encoded === '') return fail('pen-without-name');
  if (/[?#/]/.test(encoded)) return fail('not-in-version');
  const decoded = decodeSegment(encoded);
  if (decoded === undefined) return fail('bad-encoding');
  const name = normalisePenEntry(decoded);
  return name === undefined ? fail('bad-pen-entry') : ok({ kind: 'pen', key: key.value, name });
}

function parsePenKey(text: string): Result<Uint8Array, AddressProblem> {
  const letters = text.slice(1).replace(BLANKS, '');
  const bytes = decodeBase32(letters);
  const body = bytes?.subarray(0, -CHECKSUM_BYTES);
  const sound =
    bytes !== undefined &&
    bytes.length > CHECKSUM_BYTES &&
    bytesEqual(linkChecksum(PEN_TAG, body!), bytes.subarray(-CHECKSUM_BYTES));
  // A newer format may have any length; only its checksum tells it from a mistyped one.
  if (sound && bytes[0]! >> 4 > FORMAT) return fail('newer-pen-key');
  if (!/^[a-z2-7]*$/i.test(letters) || letters.length !== PEN_KEY_LETTERS) return fail('bad-pen-key');
  if (!sound || bytes[0] !== FORMAT << 4) return fail('mistyped-pen-key');
  return ok(bytes.slice(1, 1 + PEN_KEY_BYTES));
}

function requireEntry(name: string): string {
  if (normalisePenEntry(name) !== name) throw new RangeError('not a name under a pen name');
  return name;
}
