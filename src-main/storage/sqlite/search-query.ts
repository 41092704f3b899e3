/**
 * A query as FTS5 is asked it, with how much work that is. Words come to it folded, with blanks between them, so that its tokenizer
 * (`ascii`) changes nothing. What tables hold of words, and the kind of a file, are words of their own in a column of their own,
 * with a letter of Unicode's private use in them, which no text's words have.
 */
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileKind } from '../../../shared/base/file-kinds.ts';
import type { Query, Term } from '../../core/search/query.ts';
import { tablePrefixOf } from '../../core/search/words.ts';

const BEGINNING = '\ue000';
const KIND = '\ue001';
const ROOT = '\ue002';
/** Tokens that count as words are below the first of these or not below the second. */
export const OTHER_TOKENS = [KIND, '\ue003'] as const;

/**
 * A longer prefix is looked up by FTS5, which puts the lists of all words that begin so together before it gives the first, in
 * about 90 ns a text (measured with 1.26 million); where that would be more texts than these, its first letters are looked up, whose list
 * is there, and the rest is looked at in what was found.
 */
const MAX_MERGED_TEXTS = 20_000;

/** Fewer texts than these are read and looked at, which costs less (some 8 us each) than to walk through a long list beside them. */
const MAX_READ_TEXTS = 1_000;
/** Texts in one page of FTS5's lists: of a list that is much longer than another it skips pages, but decodes those that it does not skip. */
const TEXTS_OF_PAGE = 350;
/** A list so many times as long as another is not walked through for it. */
const MUCH_LONGER = 150;

export interface Plan {
  readonly match: string;
  /** Texts in the lists that FTS5 walks through for all of them, about. */
  readonly steps: number;
  /** Texts that have the rarest of what must be there, at most and about. */
  readonly least: number;
}

/** A word, or a beginning with its asterisk (words.ts), as it stands in the index. */
export function tokenOf(word: string): string {
  return word.endsWith('*') ? word.slice(0, -1) + BEGINNING : word;
}

/** The word that counts for a token. */
export function wordOfToken(token: string): string {
  return token.endsWith(BEGINNING) ? `${token.slice(0, -1)}*` : token;
}

/** `place`: of a root, as the index has it (search-schema.ts). */
export function rootToken(place: number): string {
  return ROOT + place.toString(36);
}

export function kindToken(kind: FileKind): string {
  return `${KIND}${FILE_KINDS.indexOf(kind)}`;
}

/**
 * `textsWith`: how many texts have a word, or begin with it; `texts`: how many there are. Excluded phrases and beginnings, which cost
 * much, and what a few texts can be looked through for, are left to who looks at what was found.
 */
export function planQuery(query: Query, textsWith: (word: string) => number, texts: number): Plan {
  const planned = query.terms.map((term) => ({ term, ...planTerm(term, textsWith) }));
  const least = Math.min(...planned.flatMap(({ term, lengths }) => (term.excluded ? [] : lengths)));
  const isWalked = (lengths: readonly number[]): boolean =>
    least > MAX_READ_TEXTS || lengths.some((length) => length <= least * MUCH_LONGER);
  const wanted = planned.filter(({ term, lengths }) => !term.excluded && isWalked(lengths));
  const unwanted = planned.filter(
    ({ term, lengths }) => term.excluded && term.kind === 'word' && least > MAX_READ_TEXTS && isWalked(lengths),
  );
  const expressions = wanted.map(({ expression }) => expression);
  const lengths = [...wanted, ...unwanted].flatMap((each) => each.lengths);
  if (query.fileKinds !== undefined && least > MAX_READ_TEXTS) {
    expressions.push(`(${query.fileKinds.map((kind) => quoted([kindToken(kind)])).join(' OR ')})`);
    lengths.push(texts);
  }
  const match = expressions.join(' AND ');
  const without = unwanted.map(({ expression }) => expression).join(' OR ');
  return {
    match: without === '' ? match : `(${match}) NOT (${without})`,
    steps: lengths.reduce((sum, length) => sum + Math.min(length, least * TEXTS_OF_PAGE), 0),
    least,
  };
}

/** Who has a file. */
export function planRoot(place: number): Plan {
  return { match: quoted([rootToken(place)]), steps: 0, least: 1 };
}

function planTerm(
  { kind, words }: Term,
  textsWith: (word: string) => number,
): { expression: string; lengths: readonly number[] } {
  if (kind !== 'prefix') return { expression: quoted(words), lengths: words.map(textsWith) };
  const prefix = words[0] ?? '';
  const beginning = tablePrefixOf(prefix);
  const texts = textsWith(beginning);
  if (beginning === `${prefix}*` || texts > MAX_MERGED_TEXTS) {
    return { expression: quoted([tokenOf(beginning)]), lengths: [texts] };
  }
  return { expression: `${quoted([prefix])} *`, lengths: [texts] };
}

function quoted(words: readonly string[]): string {
  return `"${words.map(tokenOf).join(' ').replaceAll('"', '')}"`;
}
