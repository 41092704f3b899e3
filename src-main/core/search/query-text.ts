/**
 * Queries as people type them (docs/spec/search.md, "Words"), and back:
 *
 *   word   "words in a row"   begin*   -without   kind:direct   type:audio,video   size:>10MB   size:<1GB   age:<30d
 *
 * What stands together without blanks and is several words (`harbour_board`, `don't`, a run of Han) is looked for in a row. What is
 * wrong is said with its place. `name:` that is no filter is words, as times and titles have colons.
 */
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileKind } from '../../../shared/base/file-kinds.ts';
import { utf8Length } from '../../../shared/base/paths.ts';
import { MAX_QUERY_TERMS } from '../limits.ts';
import type { Query, Term } from './query.ts';
import { isPaired, isSingleLetter, joinWords, MIN_PREFIX_LETTERS, queryWordsOf } from './words.ts';

/** Of a whole query, as UTF-8. */
export const MAX_QUERY_BYTES = 256;
/** Days of an age that a query may ask for: a hundred years. */
const MAX_AGE_DAYS = 36_500;

export type QueryProblemCode =
  | 'empty' // nothing in it that is a word
  | 'only-excluded'
  | 'too-long'
  | 'too-many-terms'
  | 'open-phrase' // a quotation mark without a second
  | 'lone-excluded' // a minus before nothing
  | 'asterisk' // elsewhere than at the end of one word
  | 'short-prefix'
  | 'contradiction' // the same asked for and excluded, or a range with nothing in it
  | 'filter-twice'
  | 'filter-excluded'
  | 'bad-kind'
  | 'bad-type'
  | 'bad-size'
  | 'bad-age'
  | 'link'; // a link, which is opened and not searched for

export interface QueryProblem {
  readonly code: QueryProblemCode;
  /** Characters of the text, from the first to before the last. */
  readonly from: number;
  readonly to: number;
}

export type ParsedQuery =
  { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly problem: QueryProblem };

interface Token {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly excluded: boolean;
  readonly quoted: boolean;
  readonly problem?: QueryProblemCode;
}

type Filters = { -readonly [Name in Exclude<keyof Query, 'terms'>]?: Query[Name] };
/** What is wrong with a part of a query; undefined: nothing. */
type Outcome = QueryProblemCode | undefined;

const BLANK = /\s/u;
/** Keyboards and word processors put others than the one that was typed. */
const QUOTATION_MARK = /["“”„‟＂«»]/u;
const MINUS = /[-−]/u;
const FILTER = /^(kind|type|size|age):/i;
const SIZE = /^([<>])=?(\d{1,15}(?:\.\d{1,6})?)([a-z]*)$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
};
const AGE = /^<?=?(\d{1,6})([dwmy])$/i;
const AGE_DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };

export function parseQuery(text: string): ParsedQuery {
  const whole = { from: 0, to: text.length };
  // Long before its bytes are counted.
  if (text.length > MAX_QUERY_BYTES || utf8Length(text) > MAX_QUERY_BYTES) return wrong('too-long', whole);
  if (/^\s*broadside:/i.test(text)) return wrong('link', whole);
  const tokens = tokensOf(text);
  const terms: Term[] = [];
  const filters: Filters = {};
  for (const token of tokens) {
    const code = token.problem ?? addToken(terms, filters, token);
    if (code !== undefined) return wrong(code, token);
  }
  if (terms.length === 0) return wrong('empty', whole);
  if (terms.every(({ excluded }) => excluded)) return wrong('only-excluded', whole);
  return { ok: true, query: { terms, ...filters } };
}

/** The one spelling of a query; read again, it is the same query. */
export function formatQuery(query: Query): string {
  const { kind, fileKinds, minSizeBytes, maxSizeBytes, maxAgeDays } = query;
  return [
    ...query.terms.map(formatTerm),
    ...(kind === undefined ? [] : [`kind:${kind}`]),
    ...(fileKinds === undefined ? [] : [`type:${fileKinds.join(',')}`]),
    ...(minSizeBytes === undefined ? [] : [`size:>${minSizeBytes}`]),
    ...(maxSizeBytes === undefined ? [] : [`size:<${maxSizeBytes}`]),
    ...(maxAgeDays === undefined ? [] : [`age:<${maxAgeDays}d`]),
  ].join(' ');
}

/** One or two sentences for people: what is wrong, where, and what to write. `text` is what parseQuery was given. */
export function explainQueryProblem({ code, from, to }: QueryProblem, text: string): string {
  const part = `“${text.slice(from, to)}” (character ${from + 1})`;
  switch (code) {
    case 'empty':
      return 'There is no word in this to search for. Type one.';
    case 'only-excluded':
      return 'This only says what is not wanted. Add a word that is.';
    case 'too-long':
      return `This is longer than a query may be, ${MAX_QUERY_BYTES} bytes. Leave words out.`;
    case 'too-many-terms':
      return `${part} is one word too many: a query has ${MAX_QUERY_TERMS} at most. Leave some out, or put words that follow each other in quotation marks.`;
    case 'open-phrase':
      return `The quotation mark at character ${from + 1} has no second. Put one where the phrase ends.`;
    case 'lone-excluded':
      return `The minus at character ${from + 1} excludes nothing. Put a word right behind it, or leave it out.`;
    case 'asterisk':
      return `${part}: an asterisk stands at the end of one word only, as in harb*.`;
    case 'short-prefix':
      return `${part} begins too many words. Give two letters at least before the asterisk.`;
    case 'contradiction':
      return `${part} contradicts what stands before it, so nothing can fit. Leave one of them out.`;
    case 'filter-twice':
      return `${part} says again what was said before. Leave one of them out.`;
    case 'filter-excluded':
      return `${part}: a filter cannot be excluded. Leave the minus out, and name what is wanted.`;
    case 'bad-kind':
      return `${part} is no kind. Write kind:direct or kind:anonymous.`;
    case 'bad-type':
      return `${part} is no type. Write type: and one or more of ${FILE_KINDS.join(', ')}, with commas between them.`;
    case 'bad-size':
      return `${part} is no size. Write size:>10MB for at least, or size:<1GB for at most; units are B, KB, MB, GB, TB.`;
    case 'bad-age':
      return `${part} is no age. Write age:<30d; units are d, w, m, y.`;
    case 'link':
      return 'This is a link, which is opened and not searched for.';
  }
}

function wrong(code: QueryProblemCode, { from, to }: { readonly from: number; readonly to: number }): ParsedQuery {
  return { ok: false, problem: { code, from, to } };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (BLANK.test(text[at]!)) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(text: string, from: number): Token {
  const excluded = MINUS.test(text[from]!) && from + 1 < text.length && !BLANK.test(text[from + 1]!);
  const first = excluded ? from + 1 : from;
  const quoted = QUOTATION_MARK.test(text[first]!);
  const start = quoted ? first + 1 : first;
  const closing = quoted ? QUOTATION_MARK : BLANK;
  let end = start;
  while (end < text.length && !closing.test(text[end]!)) end += 1;
  const token = { text: text.slice(start, end), from, to: quoted ? end + 1 : end, excluded, quoted };
  if (!quoted) return token;
  if (end === text.length) return { ...token, from: first, to: end, problem: 'open-phrase' };
  return text[end + 1] === '*' ? { ...token, to: end + 2, problem: 'asterisk' } : token;
}

function addToken(terms: Term[], filters: Filters, token: Token): Outcome {
  const { text, excluded, quoted } = token;
  if (!quoted && FILTER.test(text)) return excluded ? 'filter-excluded' : addFilter(filters, text);
  const asterisk = quoted ? -1 : text.indexOf('*');
  const words = queryWordsOf(asterisk < 0 ? text : text.slice(0, asterisk));
  const last = words.at(-1);
  if (asterisk >= 0 && asterisk < text.length - 1) return 'asterisk';
  if (last === undefined) return asterisk < 0 ? (excluded ? 'lone-excluded' : undefined) : 'asterisk';
  // What has no blanks goes on by itself: an asterisk adds nothing.
  if (asterisk >= 0 && !isPaired(last)) {
    if (words.length > 1) return 'asterisk';
    if ([...last].length < MIN_PREFIX_LETTERS) return 'short-prefix';
    return addTerm(terms, { kind: 'prefix', words, excluded });
  }
  if (words.length > 1) return addTerm(terms, { kind: 'phrase', words, excluded });
  return addTerm(terms, { kind: isSingleLetter(last) ? 'prefix' : 'word', words, excluded });
}

/** The same again is not added. */
function addTerm(terms: Term[], term: Term): Outcome {
  const alike = terms.find(({ kind, words }) => kind === term.kind && words.join(' ') === term.words.join(' '));
  if (alike !== undefined) return alike.excluded === term.excluded ? undefined : 'contradiction';
  if (terms.length >= MAX_QUERY_TERMS) return 'too-many-terms';
  terms.push(term);
  return undefined;
}

function addFilter(filters: Filters, text: string): Outcome {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon).toLowerCase();
  const value = text.slice(colon + 1).toLowerCase();
  if (name === 'kind') return addKind(filters, value);
  if (name === 'type') return addType(filters, value);
  return name === 'size' ? addSize(filters, value) : addAge(filters, value);
}

function addKind(filters: Filters, value: string): Outcome {
  if (value !== 'direct' && value !== 'anonymous') return 'bad-kind';
  if (filters.kind !== undefined) return 'filter-twice';
  filters.kind = value;
  return undefined;
}

function addType(filters: Filters, value: string): Outcome {
  const named = new Set(value.split(','));
  const kinds: FileKind[] = FILE_KINDS.filter((kind) => named.has(kind));
  if (kinds.length !== named.size) return 'bad-type';
  if (filters.fileKinds !== undefined) return 'filter-twice';
  filters.fileKinds = kinds;
  return undefined;
}

function addSize(filters: Filters, value: string): Outcome {
  const [, side, digits, unit] = SIZE.exec(value) ?? [];
  const factor = Object.hasOwn(SIZE_UNITS, unit ?? '') ? SIZE_UNITS[unit ?? ''] : undefined;
  if (side === undefined || factor === undefined) return 'bad-size';
  const sizeBytes = Number(digits) * factor;
  if (sizeBytes > Number.MAX_SAFE_INTEGER) return 'bad-size';
  const name = side === '>' ? 'minSizeBytes' : 'maxSizeBytes';
  if (filters[name] !== undefined) return 'filter-twice';
  filters[name] = side === '>' ? Math.ceil(sizeBytes) : Math.floor(sizeBytes);
  return (filters.minSizeBytes ?? 0) > (filters.maxSizeBytes ?? Number.POSITIVE_INFINITY) ? 'contradiction' : undefined;
}

function addAge(filters: Filters, value: string): Outcome {
  const [, digits, unit] = AGE.exec(value) ?? [];
  const days = Number(digits) * (AGE_DAYS[unit ?? ''] ?? Number.NaN);
  if (!(days >= 1 && days <= MAX_AGE_DAYS)) return 'bad-age';
  if (filters.maxAgeDays !== undefined) return 'filter-twice';
  filters.maxAgeDays = days;
  return undefined;
}

function formatTerm({ kind, words, excluded }: Term): string {
  const text = kind === 'prefix' ? `${words[0]}*` : joinWords(words);
  return `${excluded ? '-' : ''}${kind === 'phrase' ? `"${text}"` : text}`;
}
