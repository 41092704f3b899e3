/** Which of the candidates of a query a hub answers: one choice for all indexes, on disk or in memory. */
import { compareBytes } from '../../shared/base/bytes.ts';
import { publicPrefix } from '../../shared/base/ipv4.ts';
import type { SearchIndex } from '../core/search/index-port.ts';
import { ageOf, matchesFilters, matchesWords } from '../core/search/match.ts';
import type { Entry, Fields } from '../core/search/match.ts';
import type { Query } from '../core/search/query.ts';
import { rank } from '../core/search/rank.ts';
import { tableWordsOf } from '../core/search/words.ts';

export type Bounds = Parameters<SearchIndex['query']>[1];

/** What an index of these sizes takes; the same for all. */
export interface IndexLimits {
  readonly filesOfSource: number;
  readonly files: number;
  readonly sources: number;
  readonly listings: number;
  /** Of listings that their publishers took back. */
  readonly removals: number;
}

/** Files of one source that are looked at for one answer: twice those that may be in it, and so many at least. Of a content, no more than may. */
const LEAST_OF_SOURCE = 32;

export function candidatesOfSource({ perSource }: Bounds): number {
  return Math.max(LEAST_OF_SOURCE, 2 * perSource);
}

export interface Candidate {
  readonly hit: Entry;
  readonly fields: Fields;
  /** Lower-case hexadecimal; undefined for a publication. */
  readonly source: string | undefined;
  /** Distinct places of the network that have the content, as far as they were seen; undefined for a publication. */
  readonly prefixes: number | undefined;
}

export function contentOf(hit: Entry): Uint8Array {
  return hit.kind === 'direct' ? hit.entry.root : hit.entry.documentKey;
}

/** What an entry is found by: its words, each once, and what a word table holds of them beside. */
export function indexedWords(fields: Fields): Set<string> {
  const words = new Set<string>();
  for (const field of fields) for (const word of field) for (const each of tableWordsOf(word)) words.add(each);
  return words;
}

/** The part of the network that a source counts for: its /24 where it has a public one, else itself. */
export function placeOf(source: string, host: string | undefined): string {
  return publicPrefix(host) ?? source;
}

export function isFound(query: Query, { hit, fields }: Candidate, todayDay: number): boolean {
  return matchesFilters(query, hit, todayDay) && matchesWords(query.terms, fields);
}

/** The best of them that the bounds allow, best first; equal ones in the order of content and source. All of them were found. */
export function choose<Each extends Candidate>(
  query: Query,
  candidates: readonly Each[],
  bounds: Bounds,
): { readonly chosen: readonly Each[]; readonly more: boolean } {
  const ranked = candidates.map((candidate) => {
    const { hit, fields, prefixes } = candidate;
    return { candidate, rank: rank(query, { fields, prefixes, ageDays: ageOf(hit, bounds.todayDay) }) };
  });
  ranked.sort((a, b) => b.rank - a.rank || compareCandidates(a.candidate, b.candidate));
  const [ofSource, ofContent] = [new Map<string, number>(), new Map<string, number>()];
  const chosen: Each[] = [];
  let more = false;
  for (const { candidate } of ranked) {
    const { hit, source } = candidate;
    const content = Buffer.from(contentOf(hit)).toString('latin1');
    const [inSource, inContent] = [source === undefined ? 0 : (ofSource.get(source) ?? 0), ofContent.get(content) ?? 0];
    if (chosen.length >= bounds.limit || inSource >= bounds.perSource || inContent >= bounds.perContent) {
      more = true;
      continue;
    }
    if (source !== undefined) ofSource.set(source, inSource + 1);
    ofContent.set(content, inContent + 1);
    chosen.push(candidate);
  }
  return { chosen, more };
}

function compareCandidates(a: Candidate, b: Candidate): number {
  const byContent = compareBytes(contentOf(a.hit), contentOf(b.hit));
  return byContent !== 0 ? byContent : (a.source ?? '') < (b.source ?? '') ? -1 : 1;
}
