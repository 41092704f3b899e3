/**
 * How good a find is, 0 ... 1: how well its words fit, on how many parts of the network it lies, how new it is. The same for a hub
 * that chooses what it answers and for a node that sorts what came; the weights are guesses, in this order of importance.
 */
import type { Fields } from './match.ts';
import { stands } from './match.ts';
import type { Query, Term } from './query.ts';

const WORDS_WEIGHT = 0.6;
const SOURCES_WEIGHT = 0.3;
const FRESHNESS_WEIGHT = 0.1;
/** What a term is worth by the text it stands in: the name or title, or one of the others. */
const IN_NAME = 1;
const ELSEWHERE = 0.6;
/** Of the worth of words: being all there is counts so much, and standing in the order that was asked for so much. */
const EXACTNESS = 0.25;
const ORDER = 0.15;
/** So many sources are as good as any number. */
const SOURCES_FULL = 64;
/** Age at which half of the freshness is gone. */
const HALF_AGE_DAYS = 30;

export interface Ranked {
  readonly fields: Fields;
  /**
   * Sources of distinct /24 prefixes: one address block of somebody who wants to be found counts once. Undefined for publications, of
   * which nobody knows; they stand where a content with a few sources stands.
   */
  readonly prefixes: number | undefined;
  readonly ageDays: number;
}

const UNKNOWN_SOURCES = 3;

export function rank(query: Query, { fields, prefixes = UNKNOWN_SOURCES, ageDays }: Ranked): number {
  const sources = Math.min(1, Math.log2(1 + prefixes) / Math.log2(1 + SOURCES_FULL));
  const freshness = HALF_AGE_DAYS / (HALF_AGE_DAYS + Math.max(0, ageDays));
  return WORDS_WEIGHT * worthOfWords(query.terms, fields) + SOURCES_WEIGHT * sources + FRESHNESS_WEIGHT * freshness;
}

function worthOfWords(terms: readonly Term[], [name = [], ...others]: Fields): number {
  let [worth, wanted, termsInName, wordsInName, inOrder, last] = [0, 0, 0, 0, true, -1];
  for (const term of terms) {
    if (term.excluded) continue;
    wanted += 1;
    if (stands(term, name)) {
      worth += IN_NAME;
      termsInName += 1;
      wordsInName += term.words.length;
    } else if (others.some((words) => stands(term, words))) worth += ELSEWHERE;
    const at = placeOf(term, name);
    inOrder &&= at > last;
    last = at;
  }
  if (wanted === 0) return 0;
  // How much of the name was asked for, as far as it was the name that was found.
  const exactness = name.length === 0 ? 0 : Math.min(1, wordsInName / name.length) * (termsInName / wanted);
  return (worth / wanted) * (1 - EXACTNESS - ORDER) + exactness * EXACTNESS + (inOrder ? ORDER : 0);
}

/** Of the first word; -1 where it does not stand. */
function placeOf({ kind, words }: Term, text: readonly string[]): number {
  const first = words[0] ?? '';
  return kind === 'prefix' ? text.findIndex((word) => word.startsWith(first)) : text.indexOf(first);
}
