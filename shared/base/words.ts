/**
 * Words as short addresses have them: what people write alike is one text, in any script.
 *
 *   folding      NFKC; invisible characters away; case away (upper, then lower case, and ς as σ); of Latin and Greek
 *                letters the marks after them away; until nothing changes
 *   a word       a run of letters, marks and digits with a letter or digit in it; apostrophes are left out
 *   a word bag   the words of a text, each once, in the order of their UTF-8 bytes
 *
 * Marks of other scripts stay: in them they are vowels, tones and sounds, and words differ by them.
 */
import { compareUtf8, utf8Length } from './paths.ts';
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';

/** Words of a bag. More cannot be remembered, which is what word addresses are for. */
export const MAX_WORDS = 8;
/** Of one word, as UTF-8: the longest of German and of scripts with three bytes a letter fit. */
export const MAX_WORD_BYTES = 96;
/** Of the name that a pen gives a publication, as UTF-8. */
export const MAX_PEN_ENTRY_BYTES = 128;
/** Longer texts are not looked at. */
const MAX_TEXT = 8_192;
/** Folding may bring letters to light that fold again; four rounds were enough for 80,000 texts of odd characters. */
const MAX_ROUNDS = 4;

export type WordsProblem =
  | 'no-words' // nothing in it that is a letter or a digit
  | 'too-many-words'
  | 'long-word';

/** The bag of a text, 1 ... MAX_WORDS words. */
export function normaliseWords(text: string): Result<readonly string[], WordsProblem> {
  if (text.length > MAX_TEXT) return fail('too-many-words');
  let words = wordsOf(text);
  // What stood beside a letter may change how it folds, and is gone now.
  for (let round = 1; round < MAX_ROUNDS; round += 1) words = wordsOf(words.join(' '));
  if (words.length === 0) return fail('no-words');
  if (words.length > MAX_WORDS) return fail('too-many-words');
  return words.some((word) => utf8Length(word) > MAX_WORD_BYTES) ? fail('long-word') : ok(words);
}

function wordsOf(text: string): string[] {
  const plain = withoutAccents(fold(text)).replace(/['’ʼ]/gu, '');
  const runs = plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return [...new Set(runs.filter((run) => /[\p{L}\p{N}]/u.test(run)))].sort(compareUtf8);
}

/**
 * The name of something under a pen name: folded, accents kept, white space as one '-'. Letters, marks, digits, '-', '_'
 * and '.' are in it, the first and the last a letter, mark or digit. Undefined for what makes no such name.
 */
export function normalisePenEntry(text: string): string | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const name = fold(text.trim().replace(/\s+/gu, '-'));
  if (fold(name) !== name || !/^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}])?$/u.test(name))
    return undefined;
  return utf8Length(name) <= MAX_PEN_ENTRY_BYTES ? name : undefined;
}

function fold(text: string): string {
  const visible = text
    .toWellFormed()
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  return visible.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

function withoutAccents(text: string): string {
  const letters = /([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu;
  return text.normalize('NFKD').replace(letters, '$1').normalize('NFKC');
}
