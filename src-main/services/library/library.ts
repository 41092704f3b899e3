/** What was published from this machine and what was opened on it, with how it fared when last checked. */
import * as v from 'valibot';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { LibraryEntrySchema } from '../../../shared/ipc/model.ts';
import type { Health, LibraryEntry } from '../../../shared/ipc/model.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';

/** What was opened longest ago leaves first. A guess: more than anybody scrolls, and 10 MB at most. */
export const MAX_OPENED = 10_000;
/** Never evicted, because they are somebody's own; one more is refused. A guess: one a minute for ten weeks. */
export const MAX_PUBLISHED = 100_000;

export type LibraryOrigin = LibraryEntry['origin'];

export class Library {
  readonly #store: LibraryStore;
  readonly #changed: () => void;
  readonly #entries = new Map<string, LibraryEntry>();
  /** One change after the other, so that the disk and the memory end the same. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(store: LibraryStore, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
  }

  /** Rows that this version cannot read are left alone on disk and not listed. */
  static async load(store: LibraryStore, changed: () => void): Promise<Library> {
    const library = new Library(store, changed);
    for (const row of await store.list()) {
      const entry = parseRow(row);
      if (entry !== undefined) library.#entries.set(keyOf(entry.origin, entry.link), entry);
    }
    return library;
  }

  /** Latest first. */
  list(): LibraryEntry[] {
    return [...this.#entries.values()].sort((a, b) => b.atMs - a.atMs);
  }

  get(origin: LibraryOrigin, link: string): LibraryEntry | undefined {
    return this.#entries.get(keyOf(origin, link));
  }

  /**
   * Adds or replaces; resolves when it is on disk. Health and keeping stay as they were unless new ones come with it.
   * Throws `no-space` when there is room for no more published ones.
   */
  put(entry: LibraryEntry): Promise<void> {
    return this.#exclusively(async () => {
      const key = keyOf(entry.origin, entry.link);
      const before = this.#entries.get(key);
      const kept = { ...pick(before, 'health'), ...pick(before, 'keep'), ...entry };
      if (before === undefined && entry.origin === 'published' && this.#count('published') >= MAX_PUBLISHED) {
        throw new BroadsideError('no-space', `The library holds ${MAX_PUBLISHED} publications. Remove some from it.`);
      }
      await this.#store.put({ origin: entry.origin, link: entry.link, value: JSON.stringify(kept) });
      this.#entries.set(key, kept);
      if (before === undefined && entry.origin === 'opened') await this.#trimOpened();
      this.#changed();
    });
  }

  /** Notes how a publication fared in a check, and its newest edition where that was seen, with whatever entries there are of it. */
  setHealth(link: string, health: Health, edition?: number): Promise<void> {
    return this.amend(link, (entry) => ({ ...entry, health, edition: edition ?? entry.edition }));
  }

  /** Notes that its publisher deleted it, with whatever entries there are of it; the first time stays. */
  setDeleted(link: string, deletedMs: number): Promise<void> {
    return this.amend(link, (entry) => ({ deletedMs, ...entry }));
  }

  /** Changes whatever entries there are of a publication, as they are when it is their turn. */
  amend(link: string, change: (entry: LibraryEntry) => LibraryEntry): Promise<void> {
    return this.#exclusively(async () => {
      let found = false;
      for (const origin of ['published', 'opened'] as const) {
        const entry = this.#entries.get(keyOf(origin, link));
        if (entry === undefined) continue;
        const changed = change(entry);
        await this.#store.put({ origin, link, value: JSON.stringify(changed) });
        this.#entries.set(keyOf(origin, link), changed);
        found = true;
      }
      if (found) this.#changed();
    });
  }

  /** Resolves when it is gone from disk; one that is not there is no error. */
  remove(origin: LibraryOrigin, link: string): Promise<void> {
    return this.#exclusively(async () => {
      await this.#store.remove(origin, link);
      if (this.#entries.delete(keyOf(origin, link))) this.#changed();
    });
  }

  /** Takes away all that was opened. */
  forgetOpened(): Promise<void> {
    return this.#exclusively(async () => {
      for (const entry of this.list()) {
        if (entry.origin !== 'opened') continue;
        await this.#store.remove('opened', entry.link);
        this.#entries.delete(keyOf('opened', entry.link));
      }
      this.#changed();
    });
  }

  /** Resolves when every change so far is on disk. The store is closed by who opened it. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #count(origin: LibraryOrigin): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.origin === origin) count += 1;
    return count;
  }

  async #trimOpened(): Promise<void> {
    let over = this.#count('opened') - MAX_OPENED;
    if (over <= 0) return;
    for (const entry of this.list().reverse()) {
      if (over <= 0) break;
      if (entry.origin !== 'opened' || entry.keep?.on === true) continue;
      await this.#store.remove('opened', entry.link);
      this.#entries.delete(keyOf('opened', entry.link));
      over -= 1;
    }
  }

  #exclusively(change: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(change);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

function keyOf(origin: LibraryOrigin, link: string): string {
  return `${origin} ${link}`;
}

/** The field alone, where it is there. */
function pick(entry: LibraryEntry | undefined, field: 'health' | 'keep'): Partial<LibraryEntry> {
  return entry?.[field] === undefined ? {} : { [field]: entry[field] };
}

function parseRow(row: LibraryRow): LibraryEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(row.value);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(LibraryEntrySchema, value);
  if (!parsed.success || parsed.output.origin !== row.origin || parsed.output.link !== row.link) return undefined;
  return parsed.output as LibraryEntry;
}
