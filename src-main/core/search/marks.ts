/** Where the words of a query stand in a text as people see it, for showing them: letters fold one by one, and keep their places. */
import type { Query } from './query.ts';
import { isPaired, wordsOf } from './words.ts';

/** Of one text: more are of no use. */
export const MAX_MARKS = 32;

/** Units of 16 bits, from the first to before the last. */
export interface Mark {
  readonly from: number;
  readonly to: number;
}

/** A letter, digit or picture with what belongs to it. What joins letters invisibly is part of the one before. */
const LETTER = /[\p{L}\p{N}\p{Extended_Pictographic}][\p{M}\p{Cf}]*/gu;

interface Letter extends Mark {
  /** As it is folded; several letters for some. */
  readonly folded: string;
}

/** In order, not overlapping, MAX_MARKS at most. */
export function marksOf(query: Query, text: string): Mark[] {
  const words = new Set<string>();
  const prefixes: string[] = [];
  for (const { kind, words: asked, excluded } of query.terms) {
    if (excluded) continue;
    if (kind === 'prefix') prefixes.push(...asked);
    else for (const word of asked) words.add(word);
  }
  const isWanted = (word: string): boolean => words.has(word) || prefixes.some((prefix) => word.startsWith(prefix));
  const marks: Mark[] = [];
  for (const run of runsOf(text)) {
    const joined = run.map(({ folded }) => folded).join('');
    if (!isPaired(joined)) {
      if (isWanted(wordsOf(joined)[0] ?? '')) add(marks, run[0]!.from, run.at(-1)!.to);
      continue;
    }
    for (const [at, { folded, from, to }] of run.entries()) {
      const next = run[at + 1];
      if (isWanted(folded)) add(marks, from, to);
      if (next !== undefined && words.has(folded + next.folded)) add(marks, from, next.to);
    }
  }
  return marks.slice(0, MAX_MARKS);
}

/** Letters that follow each other at once, of scripts with blanks and of those without apart, as words part them. */
function runsOf(text: string): Letter[][] {
  const runs: Letter[][] = [];
  let before: (Letter & { readonly paired: boolean }) | undefined;
  for (const { 0: part, index } of text.matchAll(LETTER)) {
    const [folded = ''] = wordsOf(part);
    if (folded === '') continue;
    const letter = { folded, from: index, to: index + part.length, paired: isPaired(folded) };
    const isPicture = !/[\p{L}\p{N}]/u.test(folded);
    if (before === undefined || isPicture || before.to !== index || before.paired !== letter.paired)
      runs.push([letter]);
    else runs.at(-1)!.push(letter);
    before = isPicture ? undefined : letter;
  }
  return runs;
}

/** Marks that touch or overlap become one. */
function add(marks: Mark[], from: number, to: number): void {
  const last = marks.at(-1);
  if (last !== undefined && from <= last.to) marks[marks.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  else marks.push({ from, to });
}
