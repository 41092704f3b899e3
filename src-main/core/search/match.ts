/**
 * Whether what a list or a listing says fits a query: the filter behind every index, and behind every hub, whose word nobody takes. An
 * entry is found by all of its texts together, a phrase within one of them.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { fileKindOf } from '../../../shared/base/file-kinds.ts';
import type { FileKind } from '../../../shared/base/file-kinds.ts';
import type { FileEntry, PublicationEntry } from './entry.ts';
import type { Query, Term } from './query.ts';
import { wordsOf } from './words.ts';

/** What of a hit is looked at: not who has it. */
export type Entry =
  | { readonly kind: 'direct'; readonly entry: FileEntry }
  | { readonly kind: 'anonymous'; readonly entry: PublicationEntry };
/** Words of one text each, the most telling first: the name, then the folder; the title, then each keyword. */
export type Fields = readonly (readonly string[])[];

export function fieldsOf(hit: Entry): Fields {
  if (hit.kind === 'direct') return [wordsOf(hit.entry.name), wordsOf(hit.entry.folder)];
  return [hit.entry.title, ...hit.entry.keywords].map(wordsOf);
}

export function kindOf(hit: Entry): FileKind {
  return hit.kind === 'direct' ? fileKindOf(hit.entry.name) : hit.entry.fileKind;
}

/** Days since it was shared or listed. A clock that is ahead makes nothing younger than today. */
export function ageOf(hit: Entry, todayDay: number): number {
  return Math.max(0, todayDay - hit.entry.day);
}

export function matches(query: Query, hit: Entry, todayDay: number, fields: Fields = fieldsOf(hit)): boolean {
  return matchesFilters(query, hit, todayDay) && matchesWords(query.terms, fields);
}

/** All but the words: for an index that has looked for these. */
export function matchesFilters(query: Query, hit: Entry, todayDay: number): boolean {
  const { kind, fileKinds, minSizeBytes = 0, maxSizeBytes = Number.POSITIVE_INFINITY, maxAgeDays } = query;
  const { sizeBytes } = hit.entry;
  if (kind !== undefined && kind !== hit.kind) return false;
  if (query.root !== undefined && !(hit.kind === 'direct' && bytesEqual(hit.entry.root, query.root))) return false;
  if (sizeBytes < minSizeBytes || sizeBytes > maxSizeBytes) return false;
  if (maxAgeDays !== undefined && ageOf(hit, todayDay) > maxAgeDays) return false;
  return fileKinds === undefined || fileKinds.includes(kindOf(hit));
}

export function matchesWords(terms: readonly Term[], fields: Fields): boolean {
  return terms.every((term) => fields.some((words) => stands(term, words)) !== term.excluded);
}

/** Whether the words of a term stand in a text, those of a phrase in a row. */
export function stands({ kind, words }: Term, text: readonly string[]): boolean {
  const [first = ''] = words;
  if (kind === 'prefix') return text.some((word) => word.startsWith(first));
  if (kind === 'word') return text.includes(first);
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    if (words.every((word, offset) => text[at + offset] === word)) return true;
  }
  return false;
}
