/** Bookmarks, as the node last said. */
import { formatLink, parseLink } from '../../shared/base/links.ts';
import type { Bookmark } from '../../shared/ipc/bookmark-calls.ts';
import type { OpenJob, Publication } from '../../shared/ipc/model.ts';
import { node } from './connection/node.svelte.ts';
import { t } from './messages/translate.ts';
import { notices } from './notices.svelte.ts';

class Bookmarks {
  /** Latest added first. Undefined until the node has said. */
  list = $state.raw<readonly Bookmark[]>();
  readonly news = $derived((this.list ?? []).filter(isNew));

  /** Keeps them up to date; the function returned ends that. */
  watch(): () => void {
    void this.#refresh();
    return node.on('bookmarks', () => void this.#refresh());
  }

  /** Of the publication in an open tab, whichever page of it is shown. */
  of(job: OpenJob): Bookmark | undefined {
    const link = wholeOf(job.link);
    return link === undefined ? undefined : this.list?.find((bookmark) => bookmark.link === link);
  }

  async toggle(job: OpenJob, publication: Publication): Promise<void> {
    const known = this.of(job);
    if (known !== undefined) return this.remove(known);
    const link = wholeOf(job.link);
    if (link === undefined) return;
    const { title, edition } = publication;
    await notices.attempt(async () => {
      await node.call('bookmarks.add', { link, title: title.slice(0, 512), edition });
      notices.say(t(publication.class === 'fixed' ? 'bookmarks.addedPermanent' : 'bookmarks.added'));
    });
  }

  async remove({ link }: Bookmark): Promise<void> {
    await notices.attempt(async () => {
      await node.call('bookmarks.remove', { link });
      notices.say(t('bookmarks.removed'));
    });
  }

  /** The person sees this edition now. */
  async seen(job: OpenJob, edition: number): Promise<void> {
    const known = this.of(job);
    if (known === undefined || known.seenEdition >= edition) return;
    await node.call('bookmarks.seen', { link: known.link, edition }).catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    try {
      this.list = await node.call('bookmarks.list', null);
    } catch {
      // The connection broke; it is asked again with the next one.
    }
  }
}

export const bookmarks = new Bookmarks();

export function isNew({ edition, seenEdition, deletedMs }: Bookmark): boolean {
  return edition > seenEdition && deletedMs === undefined;
}

/** The one spelling of the publication's link, without a path. */
function wholeOf(link: string): string | undefined {
  const parsed = parseLink(link);
  return parsed.ok ? formatLink({ ...parsed.value, path: '' }) : undefined;
}
