/**
 * Texts as words, for finding: what people write alike is one word, in any script (docs/spec/search.md, "Words").
 *
 *   folding    NFKC; invisible characters away; case away (upper, then lower case); marks away after letters of scripts in which
 *              they are accents or may be left out; letters that keyboards exchange as one; digits as 0 ... 9; until nothing changes
 *   words      runs of letters, digits and marks; of scripts without blanks between words, pairs of letters that follow each
 *              other, and the last letter of a run alone; pictures one by one
 *
 * Short addresses fold less (shared/base/words.ts): there two texts that differ shall lead to different places.
 */

/** Code points of a word; what is longer is cut. A longer word of any language is a curiosity; hashes are cut to 160 bits. */
export const MAX_WORD_LETTERS = 40;
/** Words of a text: 255 bytes of name and 512 of folder have fewer, but for names that are made to fill an index. */
export const MAX_WORDS_OF_TEXT = 64;
/** Units of 16 bits of a text that are looked at: four times the longest field. */
const MAX_TEXT = 2_048;
/** Folding may bring letters to light that fold again; random texts of all of Unicode needed two rounds. */
const MAX_ROUNDS = 4;
/** Letters that a prefix has at least. A single letter of what is indexed in pairs is looked for as a prefix too. */
export const MIN_PREFIX_LETTERS = 2;
/** Letters of a prefix in a word table, where a word is one of letters with blanks between words. */
const TABLE_PREFIXES = [2, 3] as const;

/** Scripts without blanks between words; and Hangul, whose words end in particles. The mark of long vowels belongs to no script. */
const PAIRED =
  '[[\\p{L}\\p{N}]&&[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー]]';
const PICTURE = '[\\p{Extended_Pictographic}--[©®]]|\\p{Regional_Indicator}{2}';
const RUN = new RegExp(`(?:${PAIRED}\\p{M}*)+|(?:[[\\p{L}\\p{N}]--${PAIRED}]\\p{M}*)+|${PICTURE}`, 'gv');
const PAIRED_UNIT = new RegExp(`${PAIRED}\\p{M}*`, 'gv');
const STARTS_PAIRED = new RegExp(`^${PAIRED}`, 'v');
const ONE_PAIRED = new RegExp(`^${PAIRED}\\p{M}*$`, 'v');

const ASCII = /^[\x00-\x7f]*$/;
const ASCII_RUN = /[a-z0-9]+/g;

/** U+200B parts words where no blank is seen; what else is not seen joins, or is nothing. */
const PARTING = /\u200b/gu;
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u02b9-\u02c1\u0640]/gu;
/** In other scripts marks are vowels and sounds that nobody leaves out. */
const MARKED =
  /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Nd}])\p{M}+/gu;

/** Letters that have no decomposition and that are written, or typed, as others. Arabic and Persian keyboards have two each. */
const EXCHANGED: Readonly<Record<string, string>> = {
  ...{ ς: 'σ', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ł: 'l', þ: 'th', ŧ: 't', ı: 'i' },
  ...{ ى: 'ي', ی: 'ي', ے: 'ي', ک: 'ك', ة: 'ه', ہ: 'ه', ھ: 'ه', ە: 'ه', ۃ: 'ه', ٱ: 'ا' },
};
/** The zeros of the scripts that have digits of their own; the nine behind each follow it. */
const ZEROS = '٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐᥆᧐᪀᪐᭐᮰᱀᱐꘠꣐꤀꧐꧰꩐꯰';
for (const zero of ZEROS) {
  for (let digit = 0; digit < 10; digit += 1)
    (EXCHANGED as Record<string, string>)[String.fromCodePoint(zero.codePointAt(0)! + digit)] = String(digit);
}
const EXCHANGEABLE = new RegExp(`[${Object.keys(EXCHANGED).join('')}]`, 'gu');

/** The words of a text in their order, as they are indexed. */
export function wordsOf(text: string): string[] {
  if (text.length <= MAX_TEXT && ASCII.test(text)) {
    const runs = text.toLowerCase().match(ASCII_RUN) ?? [];
    return runs.slice(0, MAX_WORDS_OF_TEXT).map(cut);
  }
  return split(fold(text), true);
}

/**
 * The words of a part of a query: as they are indexed, without the single letter at the end of what has no blanks, behind
 * which the text that is looked for may go on.
 */
export function queryWordsOf(text: string): string[] {
  return split(fold(text), false);
}

/** Whether a text is one word of these rules, as others must send it. */
export function isWord(text: string): boolean {
  return text.length <= 2 * MAX_WORD_LETTERS && text !== '' && wordsOf(text)[0] === text;
}

/** Whether a word is of those that are indexed in pairs. */
export function isPaired(word: string): boolean {
  return STARTS_PAIRED.test(word);
}

/** A single letter of a script without blanks: it is looked for as the beginning of pairs. */
export function isSingleLetter(word: string): boolean {
  return ONE_PAIRED.test(word);
}

/** What a word table holds of a word: itself, and its beginnings with an asterisk. */
export function tableWordsOf(word: string): string[] {
  // Most words, for which the rest takes five times as long; a list that comes or goes has ten words a file.
  if (ASCII.test(word)) {
    if (word.length < 2) return [word];
    return word.length === 2 ? [word, `${word}*`] : [word, `${word.slice(0, 2)}*`, `${word.slice(0, 3)}*`];
  }
  if (isPaired(word)) return [word, `${beginning(word, 1)}*`];
  const length = lettersOf(word);
  return [
    word,
    ...TABLE_PREFIXES.filter((letters) => letters <= length).map((letters) => `${beginning(word, letters)}*`),
  ];
}

/** What a word table is asked for a prefix: its beginning, as long as tables hold them. Only a full look says whether it is there. */
export function tablePrefixOf(prefix: string): string {
  if (isPaired(prefix)) return `${beginning(prefix, 1)}*`;
  return `${beginning(prefix, lettersOf(prefix) >= 3 ? 3 : 2)}*`;
}

/** A text that queryWordsOf takes apart into these words again: pairs are put together into what they are pairs of. */
export function joinWords(words: readonly string[]): string {
  let text = '';
  /** The last letter of a run that may go on. */
  let open: string | undefined;
  for (const word of words) {
    const [first, second] = isPaired(word) ? (word.match(PAIRED_UNIT) ?? []) : [];
    const goesOn = first !== undefined && first === open;
    if (!goesOn) text += text === '' ? word : ` ${word}`;
    else if (second !== undefined) text += second;
    open = second;
  }
  return text;
}

/** Words in the order of the text. `whole`: with the last letter of what has no blanks. */
function split(folded: string, whole: boolean): string[] {
  const words: string[] = [];
  const runs = folded.match(RUN) ?? [];
  for (const [position, run] of runs.entries()) {
    if (words.length >= MAX_WORDS_OF_TEXT) break;
    if (!isPaired(run)) {
      words.push(cut(run));
      continue;
    }
    const letters = run.match(PAIRED_UNIT)!;
    const isEnd = !whole && position === runs.length - 1;
    for (let at = 0; at < letters.length && words.length < MAX_WORDS_OF_TEXT; at += 1) {
      const isLast = at === letters.length - 1;
      if (!isLast) words.push(cut(letters[at]! + letters[at + 1]!));
      else if (!isEnd || letters.length === 1) words.push(cut(letters[at]!));
    }
  }
  return words;
}

function fold(text: string): string {
  let folded = text.slice(0, MAX_TEXT).toWellFormed();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = foldOnce(folded);
    if (next === folded) break;
    folded = next;
  }
  return folded;
}

function foldOnce(text: string): string {
  return text
    .normalize('NFKC')
    .replace(PARTING, ' ')
    .replace(INVISIBLE, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(MARKED, '$1')
    .replace(EXCHANGEABLE, (letter) => EXCHANGED[letter]!)
    .normalize('NFKC');
}

function cut(word: string): string {
  return word.length <= MAX_WORD_LETTERS ? word : beginning(word, MAX_WORD_LETTERS);
}

function beginning(word: string, letters: number): string {
  return word.length <= letters ? word : [...word].slice(0, letters).join('');
}

function lettersOf(word: string): number {
  return [...word].length;
}
