/** What the field takes a text for: the first is what Enter does, the others are offered below it. */
import { parseFileLink } from '../../shared/base/file-links.ts';
import { parseAddress } from '../../shared/base/short-addresses.ts';
import { normaliseWords } from '../../shared/base/words.ts';
import { isFilter, piecesOf } from '../features/search/filters.ts';
import { shownName } from '../features/search/shown-name.ts';
import { looksLikeLink, shortKey, shortLink } from '../lib/link-text.ts';
import { t } from '../lib/messages/translate.ts';

export interface Suggestion {
  /** What is put into the field and acted on when it is chosen. */
  readonly text: string;
  readonly kind: 'search' | 'address' | 'wish' | 'past';
  /** What it says of itself; absent for a search, which its words say. */
  readonly label?: string;
}

/** Past searches and wishes that are offered. Guess. */
const MAX_REMEMBERED = 4;

/** `text` may stop anywhere: somebody is typing it. */
export function suggestionsFor(
  text: string,
  remembered: { readonly wishes: readonly string[]; readonly past: readonly string[] },
): Suggestion[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (looksLikeLink(trimmed)) {
    const label = addressLabel(trimmed);
    return label === undefined ? [] : [{ text: trimmed, kind: 'address', label }];
  }
  const begins = (query: string): boolean =>
    query !== trimmed && query.toLocaleLowerCase().startsWith(trimmed.toLocaleLowerCase());
  const wishes = remembered.wishes.filter(begins);
  const past = remembered.past.filter((query) => begins(query) && !wishes.includes(query));
  const bag = wordsAddress(trimmed);
  return [
    { text: trimmed, kind: 'search' },
    ...(bag === undefined ? [] : [bag]),
    ...wishes.slice(0, MAX_REMEMBERED).map((query): Suggestion => ({
      text: query,
      kind: 'wish',
      label: t('suggest.wish', { query }),
    })),
    ...past.slice(0, MAX_REMEMBERED).map((query): Suggestion => ({
      text: query,
      kind: 'past',
      label: t('suggest.past', { query }),
    })),
  ];
}

function addressLabel(text: string): string | undefined {
  const file = parseFileLink(text);
  if (file.ok) return t('suggest.file', { name: shownName(file.value.name ?? '') });
  const parsed = parseAddress(text);
  if (!parsed.ok) return undefined;
  switch (parsed.value.kind) {
    case 'publication':
      return t('suggest.openLink', { link: shortLink(text.replace(/\s+/g, ''), 4) });
    case 'pen': {
      const key = /@([^/]*)/.exec(text.replace(/\s+/g, ''))?.[0] ?? '';
      return t('suggest.openPen', { pen: shortKey(key, 2), name: shownName(parsed.value.name) });
    }
    case 'word':
      return t('suggest.openWords', { words: parsed.value.words.map(shownName).join(' ') });
  }
}

/** Plain words may be an address of words, too. */
function wordsAddress(text: string): Suggestion | undefined {
  const pieces = piecesOf(text).map((piece) => piece.text);
  if (pieces.some((piece) => isFilter(piece) || /^-|["*]/.test(piece))) return undefined;
  const bag = normaliseWords(text);
  if (!bag.ok) return undefined;
  return {
    text: `broadside:word/${pieces.map(encodeURIComponent).join('+')}`,
    kind: 'address',
    label: t('suggest.words', { words: bag.value.join(' ') }),
  };
}
