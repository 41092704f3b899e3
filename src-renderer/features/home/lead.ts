/** The one thing that Home leads with: a new edition of what somebody follows or bookmarked, or else what they did last. */
import type { LibraryEntry } from '../../../shared/ipc/model.ts';
import { addressBook } from '../../lib/address-book.svelte.ts';
import { bookmarks } from '../../lib/bookmarks.svelte.ts';
import { formatAgo, formatSize } from '../../lib/format.ts';
import { kindWord } from '../../lib/kinds.ts';
import { addressName } from '../../lib/link-text.ts';
import { t } from '../../lib/messages/translate.ts';

export interface Lead {
  /** Above the title: why it is here. */
  readonly over: string;
  readonly title: string;
  /** What is opened: a link, or the address that leads to one. */
  readonly address: string;
  readonly isNews: boolean;
  readonly about: (nowMs: number) => string;
}

/** The latest that was found; undefined when nothing is new. */
export function newsLead(): Lead | undefined {
  const editionFound = (edition: number, foundMs: number | undefined) => (nowMs: number) =>
    foundMs === undefined
      ? t('library.edition', { count: edition })
      : t('home.editionFound', { edition, ago: formatAgo(foundMs, nowMs) });
  const found = [
    ...bookmarks.news.map(({ title, link, edition, foundMs }) => ({
      ...{ over: t('home.newEditionBookmarked'), title, address: link, isNews: true, foundMs },
      about: editionFound(edition, foundMs),
    })),
    ...(addressBook.following ?? [])
      .filter(({ link, edition, seenEdition }) => link !== undefined && edition > seenEdition)
      .map(({ address, edition, foundMs }) => ({
        ...{ over: t('home.newEditionFollowed'), title: addressName(address), address, isNews: true, foundMs },
        about: editionFound(edition, foundMs),
      })),
  ];
  return found.sort((a, b) => (b.foundMs ?? 0) - (a.foundMs ?? 0))[0];
}

export function libraryLead(entry: LibraryEntry): Lead {
  const { title, link, origin, sizeBytes, atMs } = entry;
  return {
    over: t(origin === 'published' ? 'home.youPublishedLast' : 'home.youOpenedLast'),
    ...{ title, address: link, isNews: false },
    about: (nowMs) => `${kindWord(entry)} · ${formatSize(sizeBytes)} · ${formatAgo(atMs, nowMs)}`,
  };
}
