/** What is followed: names under pen names, with the highest edition that was ever seen of each. */
import * as v from 'valibot';
import { compareBytes, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import { formatAddress } from '../../../shared/base/short-addresses.ts';
import type { PenAddress } from '../../../shared/base/short-addresses.ts';
import { FollowingSchema } from '../../../shared/ipc/address-model.ts';
import type { Following } from '../../../shared/ipc/address-model.ts';
import type { PenEdition } from '../../core/addresses/pen.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import { rankOf } from '../../core/wire/record.ts';
import type { Clock } from '../jobs/clock.ts';
import { Rows } from './rows.ts';

/** Each is looked for four times a day, by four requests. Guess. */
export const MAX_FOLLOWING = 256;

const StoredFollowingSchema = v.object({ ...FollowingSchema.entries, tie: v.optional(v.string()) });
type StoredFollowing = v.InferOutput<typeof StoredFollowingSchema>;

export interface FollowingDeps {
  readonly clock: Clock;
  readonly libraryStore: LibraryStore;
  readonly changed: () => void;
  /** A new edition of what was found before. */
  readonly onEdition: (following: Following) => void;
}

export class FollowList {
  readonly #deps: FollowingDeps;
  readonly #rows: Rows<StoredFollowing>;

  constructor(deps: FollowingDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'following', StoredFollowingSchema, MAX_FOLLOWING);
  }

  /** Latest found first. */
  list(): Following[] {
    return this.#rows
      .list()
      .map(shown)
      .sort((a, b) => (b.foundMs ?? 0) - (a.foundMs ?? 0) || a.address.localeCompare(b.address));
  }

  addresses(): string[] {
    return this.#rows.list().map(({ address }) => address);
  }

  async add(address: PenAddress): Promise<Following> {
    const text = formatAddress(address);
    const known = this.#rows.get(text);
    if (known !== undefined) return shown(known);
    const fresh = { address: text, edition: 0, seenEdition: 0 };
    await this.#rows.put(text, fresh);
    this.#deps.changed();
    return fresh;
  }

  /** One that is not followed is no error. */
  async remove(address: PenAddress): Promise<void> {
    await this.#rows.remove(formatAddress(address));
    this.#deps.changed();
  }

  async seen(address: PenAddress): Promise<void> {
    const known = this.#rows.get(formatAddress(address));
    if (known === undefined) {
      throw new BroadsideError('not-found', 'This is not followed. Follow it first.');
    }
    await this.#rows.put(known.address, { ...known, seenEdition: known.edition });
    this.#deps.changed();
  }

  /** The edition that was seen of what is followed, as one that was looked up. */
  known(
    address: PenAddress,
  ): { readonly link: string; readonly edition: number; readonly rank: Uint8Array } | undefined {
    const row = this.#rows.get(formatAddress(address));
    const rank = row === undefined ? undefined : rankOfStored(row);
    return row?.link === undefined || rank === undefined ? undefined : { link: row.link, edition: row.edition, rank };
  }

  /** What a look-up came to; undefined: nothing. Of what is not followed nothing is kept. */
  async note(address: PenAddress, found: PenEdition | undefined): Promise<void> {
    const { clock, changed, onEdition } = this.#deps;
    const known = this.#rows.get(formatAddress(address));
    if (known === undefined) return;
    const nowMs = clock.now();
    const before = rankOfStored(known);
    const isNews = found !== undefined && (before === undefined || compareBytes(rankOf(found.version), before) > 0);
    if (!isNews) {
      await this.#rows.put(known.address, { ...known, checkedMs: nowMs });
      changed();
      return;
    }
    const edition = found.version.counter;
    const next: StoredFollowing = {
      ...known,
      link: formatLink(found.pointer.link),
      edition,
      tie: toHex(found.version.tie),
      // What was there when it was followed is no news.
      seenEdition: before === undefined ? edition : Math.min(known.seenEdition, edition - 1),
      checkedMs: nowMs,
      foundMs: nowMs,
    };
    await this.#rows.put(known.address, next);
    changed();
    if (before !== undefined) onEdition(shown(next));
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}

function rankOfStored({ edition, tie }: StoredFollowing): Uint8Array | undefined {
  const bytes = tie === undefined ? undefined : fromHex(tie);
  return bytes === undefined ? undefined : rankOf({ counter: edition, tie: bytes });
}

function shown(stored: StoredFollowing): Following {
  const { tie: _, ...following } = stored;
  return following;
}
