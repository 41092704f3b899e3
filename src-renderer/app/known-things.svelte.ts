/** What the field can offer by its title: bookmarks, what is followed, what was opened and published; each link once. */
import { addressBook } from '../lib/address-book.svelte.ts';
import { bookmarks } from '../lib/bookmarks.svelte.ts';
import { node } from '../lib/connection/node.svelte.ts';
import { addressName } from '../lib/link-text.ts';
import type { Known } from './suggestions.ts';

export function knownThings(): Known[] {
  const all: Known[] = [
    ...(bookmarks.list ?? []).map(({ link, title }) => ({ link, title, kind: 'bookmark' as const })),
    ...(addressBook.following ?? []).map(({ address }) => ({
      ...{ link: address, title: addressName(address), kind: 'followed' as const },
    })),
    ...(node.library ?? [])
      .toSorted((a, b) => b.atMs - a.atMs)
      .filter(({ deletedMs }) => deletedMs === undefined)
      .map(({ link, title, origin }) => ({ link, title, kind: origin })),
  ];
  const seen = new Set<string>();
  return all.filter(({ link }) => !seen.has(link) && seen.add(link) !== undefined);
}
