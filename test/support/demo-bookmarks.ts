/** The part of demo-contract.ts that answers for bookmarks and for the practice network that an app can start. */
import type { Bookmark } from '../../shared/ipc/bookmark-calls.ts';
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type { Practice } from '../../shared/ipc/practice-calls.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

export interface BookmarksStory {
  readonly list?: readonly Bookmark[];
  readonly practice?: Practice;
}

export function demoBookmark(link: string, title: string, more: Partial<Bookmark> = {}): Bookmark {
  return { link, title, addedMs: Date.now() - 3_600_000, edition: 1, seenEdition: 1, ...more };
}

type Answered = Extract<keyof Handlers, `bookmarks.${string}` | `practice.${string}`>;

export class DemoBookmarks {
  list: Bookmark[];
  practice: Practice;
  readonly #emit: <N extends EventName>(name: N, value: EventValue<N>) => void;
  readonly #called: (name: string) => void;

  constructor(
    story: BookmarksStory,
    emit: <N extends EventName>(name: N, value: EventValue<N>) => void,
    called: (name: string) => void,
  ) {
    this.#emit = emit;
    this.#called = called;
    this.list = [...(story.list ?? [])];
    this.practice = story.practice ?? { state: 'off', samples: [] };
  }

  handlers(): Pick<Handlers, Answered> {
    const change = (name: string, list: Bookmark[]): null => {
      this.#called(name);
      this.list = list;
      this.#emit('bookmarks', null);
      return null;
    };
    const tell = (name: string, practice: Practice): null => {
      this.#called(name);
      this.practice = practice;
      this.#emit('practice', practice);
      return null;
    };
    return {
      'bookmarks.list': () => this.list,
      'bookmarks.add': ({ link, title, edition = 0 }) => {
        const bookmark = demoBookmark(link, title, { addedMs: Date.now(), edition, seenEdition: edition });
        change('bookmarks.add', [bookmark, ...this.list]);
        return bookmark;
      },
      'bookmarks.remove': ({ link }) =>
        change(
          'bookmarks.remove',
          this.list.filter((bookmark) => bookmark.link !== link),
        ),
      'bookmarks.seen': ({ link, edition }) =>
        change(
          'bookmarks.seen',
          this.list.map((bookmark) => (bookmark.link === link ? { ...bookmark, seenEdition: edition } : bookmark)),
        ),
      'practice.get': () => this.practice,
      'practice.start': () => tell('practice.start', { state: 'starting', step: 'nodes', samples: [] }),
      'practice.stop': () => tell('practice.stop', { state: 'off', samples: [] }),
    };
  }
}
