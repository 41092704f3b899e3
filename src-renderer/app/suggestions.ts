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
  readonly kind: 'search' | 'address' | 'wish' | 'past' | 'invite';
  /** What it says of itself; absent for a search, which its words say. */
  readonly label?: string;
}

/** Of each kind of what is remembered, so many are offered. Guess. */
const MAX_REMEMBERED = 4;

/** Something that was opened, published, bookmarked or is followed, by its title. */
export interface Known {
  readonly link: string;
  readonly title: string;
  readonly kind: 'bookmark' | 'opened' | 'published' | 'followed';
}

export interface Remembered {
  readonly wishes: readonly string[];
  readonly past: readonly string[];
  /** Those that are likelier meant come first. */
  readonly known?: readonly Known[];
}

/** `text` may stop anywhere: somebody is typing it. */
export function suggestionsFor(text: string, remembered: Remembered): Suggestion[] {
  const trimmed = text.trim();
  const { known = [] } = remembered;
  if (trimmed === '') return known.slice(0, MAX_REMEMBERED).map(asSuggestion);
  if (INVITE.test(trimmed)) return [{ text: trimmed, kind: 'invite', label: t('suggest.invite') }];
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
    ...known
      .filter(({ title }) => hasWords(title, trimmed))
      .slice(0, MAX_REMEMBERED)
      .map(asSuggestion),
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

const INVITE = /^broadside:\s*join\//i;

function asSuggestion({ link, title, kind }: Known): Suggestion {
  return { text: link, kind: 'address', label: t(`suggest.known.${kind}`, { title: shownName(title) }) };
}

/** Each word that was typed begins one of the title. */
function hasWords(title: string, typed: string): boolean {
  const words = title.toLocaleLowerCase().split(/[^\p{L}\p{N}]+/u);
  const wanted = typed
    .toLocaleLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return wanted.length > 0 && wanted.every((part) => words.some((word) => word.startsWith(part)));
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
