/** Bookmarks: publications that are kept to be found again, each looked after now and then for a new edition. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { explainLinkProblem, formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { BookmarkSchema } from '../../../shared/ipc/bookmark-calls.ts';
import type { Bookmark } from '../../../shared/ipc/bookmark-calls.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { LibraryRow, LibraryStore, Random } from '../../core/ports.ts';
import { CLASS_FIXED } from '../../core/wire/record.ts';
import { Rounds } from '../addresses/rounds.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';

/** Each is looked after once a day, by three requests. Guess. */
export const MAX_BOOKMARKS = 1_000;
const LOOK_EVERY_MS = 24 * 60 * 60_000;
/** Soon after the start for somebody who starts it once a day, and not before there are neighbours to speak of. Guess. */
const LOOK_FIRST_MS = 10 * 60_000;

export interface BookmarksDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly libraryStore: LibraryStore;
  readonly neighbours: () => number;
  /** Undefined when nobody answered; rejects with `deleted`. */
  readonly newestEdition: (link: PublicationLink, signal: AbortSignal) => Promise<number | undefined>;
  readonly changed: () => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class Bookmarks {
  readonly #deps: BookmarksDeps;
  readonly #rows: Rows<Bookmark>;
  readonly #rounds: Rounds;
  readonly #abort = new AbortController();
  readonly handlers: Pick<Handlers, Extract<keyof Handlers, `bookmarks.${string}`>>;

  /** `rows` are what the library's store lists. */
  constructor(deps: BookmarksDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'bookmark', BookmarkSchema, MAX_BOOKMARKS);
    this.#rounds = new Rounds(deps);
    for (const { link } of this.#rows.list()) this.#keepLooking(link);
    this.handlers = {
      'bookmarks.list': () => this.list(),
      'bookmarks.add': ({ link, title, edition }) => this.add(link, title, edition),
      'bookmarks.remove': async ({ link }) => {
        await this.remove(link);
        return null;
      },
      'bookmarks.seen': async ({ link, edition }) => {
        await this.seen(link, edition);
        return null;
      },
    };
  }

  /** Latest added first. */
  list(): Bookmark[] {
    return this.#rows.list().sort((a, b) => b.addedMs - a.addedMs || a.link.localeCompare(b.link));
  }

  async add(text: string, title: string, edition = 0): Promise<Bookmark> {
    const link = canonical(text);
    const known = this.#rows.get(link);
    const bookmark: Bookmark =
      known === undefined
        ? { link, title, addedMs: this.#deps.clock.now(), edition, seenEdition: edition }
        : { ...known, title };
    await this.#rows.put(link, bookmark);
    if (known === undefined) this.#keepLooking(link);
    this.#deps.changed();
    return bookmark;
  }

  async remove(text: string): Promise<void> {
    const link = canonical(text);
    this.#rounds.delete(link);
    await this.#rows.remove(link);
    this.#deps.changed();
  }

  async seen(text: string, edition: number): Promise<void> {
    const link = canonical(text);
    const known = this.#rows.get(link);
    if (known === undefined || known.seenEdition >= edition) return;
    await this.#rows.put(link, { ...known, edition: Math.max(known.edition, edition), seenEdition: edition });
    this.#deps.changed();
  }

  /** Resolves when every change so far is on disk and no look is under way. */
  async close(): Promise<void> {
    this.#abort.abort(new BroadsideError('cancelled', 'the node stops'));
    await this.#rounds.close();
    await this.#rows.close();
  }

  #keepLooking(link: string): void {
    const parsed = parseLink(link);
    // A permanent one has one edition for ever.
    if (!parsed.ok || parsed.value.class === CLASS_FIXED) return;
    this.#rounds.set(link, LOOK_FIRST_MS, LOOK_EVERY_MS, () => this.#look(link, parsed.value));
  }

  async #look(link: string, parsed: PublicationLink): Promise<void> {
    let edition: number | undefined;
    let deleted = false;
    try {
      edition = await this.#deps.newestEdition(parsed, this.#abort.signal);
    } catch (thrown) {
      const { code } = toBroadsideError(thrown);
      if (code === 'unexpected') throw thrown;
      if (this.#abort.signal.aborted) return;
      deleted = code === 'deleted';
    }
    const known = this.#rows.get(link);
    if (known === undefined) return;
    const nowMs = this.#deps.clock.now();
    await this.#rows.put(link, {
      ...known,
      checkedMs: nowMs,
      // Of one whose edition nobody knew when it was added, the first that is seen is no news.
      ...(edition !== undefined &&
        edition > known.edition && {
          edition,
          ...(known.edition === 0 ? { seenEdition: edition } : { foundMs: nowMs }),
        }),
      ...(deleted && known.deletedMs === undefined && { deletedMs: nowMs }),
    });
    this.#deps.changed();
  }
}

/** Throws `bad-link`. */
function canonical(text: string): string {
  const parsed = parseLink(text);
  if (!parsed.ok) throw new BroadsideError('bad-link', explainLinkProblem(parsed.code, text));
  return formatLink(parsed.value);
}
