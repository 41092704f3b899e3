/**
 * Listings of publications: what says of one in search that it is there. Signed when it is published, renewed while this node keeps them,
 * removed when it is deleted or taken out of search from here; and the check that a hub makes before it believes one.
 */
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { fileKindOf } from '../../../shared/base/file-kinds.ts';
import { decodeLinkBody, encodeLinkBody, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { LibraryEntry } from '../../../shared/ipc/model.ts';
import type { Crypto, KeyPair, LibraryRow, LibraryStore, Random } from '../../core/ports.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import type { PublicationEntry } from '../../core/search/entry.ts';
import { decodeListingRecord, signListing, signListingRemoval } from '../../core/wire/listing-record.ts';
import { Rounds } from '../addresses/rounds.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import type { ListingVerifier, ListOutcome, SearchNetwork } from '../node/search-network.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { gather } from '../read/gather.ts';

const DAY_MS = 86_400_000;
/** A listing stands 14 days (protocol, section 5); renewed about so often, nobody misses it when this node is away for a week. */
const RENEW_EVERY_MS = 3 * DAY_MS;
const RENEW_FIRST_MS = 10 * 60_000;
/** As many as this node renews. Guess. */
const MAX_LISTINGS = 4_096;
/** Of a title, as UTF-8: as listings have it. */
const MAX_TITLE_BYTES = 255;

/**
 * A removal is dated so far ahead: a machine that updated several times within a minute has dated each edition a minute later than the last,
 * and who deletes from another machine does not know. Within the skew of clocks that hubs allow; what was deleted is not listed again.
 */
const REMOVAL_AHEAD_MINUTES = 5;
/** A removal that no hub has taken yet is tried again for as long as a listing stands. */
const REMOVAL_TRIED_MS = 14 * DAY_MS;

const StoredSchema = v.object({
  documentKey: v.string(),
  record: v.string(),
  keywords: v.array(v.string()),
  /** When it was taken back; the record is then the removal. */
  removedMs: v.optional(v.number()),
});
type Stored = v.InferOutput<typeof StoredSchema>;

/** What a listing says of what was published. */
export type Listed = Pick<Manifest, 'title' | 'shape' | 'index'> & {
  readonly files: readonly Pick<Manifest['files'][number], 'path' | 'sizeBytes'>[];
};

export interface ListingsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly libraryStore: LibraryStore;
  readonly queries: Pick<SearchNetwork, 'list'>;
  /** Whether the publication still says what a listing of it says. */
  readonly verify: ListingVerifier;
  readonly neighbours: () => number;
  /** What is listed from here is another now. */
  readonly changed?: () => void;
  readonly onDefect: (thrown: unknown) => void;
}

export class Listings {
  readonly #deps: ListingsDeps;
  readonly #rows: Rows<Stored>;
  readonly #rounds: Rounds;

  constructor(deps: ListingsDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'listing', StoredSchema, MAX_LISTINGS);
    this.#rounds = new Rounds(deps);
    for (const { documentKey } of this.#rows.list()) this.#renewLater(documentKey, RENEW_FIRST_MS);
  }

  /** Keywords of what is listed from here; undefined for what is not. */
  keywordsOf(documentKey: Uint8Array): readonly string[] | undefined {
    const stored = this.#rows.get(toHex(documentKey));
    return stored?.removedMs === undefined ? stored?.keywords : undefined;
  }

  /** The entries of a library, with the words of those that are listed from here. */
  marked(entries: readonly LibraryEntry[]): LibraryEntry[] {
    const words = new Map(
      this.#rows.list().flatMap(({ documentKey, keywords, removedMs }) => {
        return removedMs === undefined ? [[documentKey, keywords] as const] : [];
      }),
    );
    if (words.size === 0) return [...entries];
    return entries.map((entry) => {
      if (entry.origin !== 'published' || entry.deletedMs !== undefined) return entry;
      const link = parseLink(entry.link);
      const listed = link.ok ? words.get(toHex(link.value.documentKey)) : undefined;
      return listed === undefined ? entry : { ...entry, listed };
    });
  }

  /** Signs; `keys` is the pair that the link's document key is the public half of. Nothing is sent yet. */
  sign(keys: KeyPair, link: PublicationLink, listed: Listed, keywords: readonly string[]): Uint8Array {
    const { clock, crypto } = this.#deps;
    const entry = { ...entryOf(link, listed), keywords, day: Math.floor(clock.now() / DAY_MS) };
    return signListing(crypto, keys, entry, this.#nextMadeMinutes(toHex(keys.publicKey)));
  }

  /** Lists it from now on. Who takes it looks at the publication first, so it is to be there already. */
  async add(documentKey: Uint8Array, record: Uint8Array, keywords: readonly string[]): Promise<ListOutcome> {
    const key = toHex(documentKey);
    await this.#rows.put(key, { documentKey: key, record: toHex(record), keywords: [...keywords] });
    this.#renewLater(key, RENEW_EVERY_MS);
    this.#deps.changed?.();
    return this.#send(key);
  }

  /** Renews it no more: hubs let it go when its time is over. Nobody needs to sign that. */
  async stop(documentKey: Uint8Array): Promise<void> {
    const key = toHex(documentKey);
    if (this.keywordsOf(documentKey) === undefined) return;
    this.#rounds.delete(key);
    await this.#rows.remove(key);
    this.#deps.changed?.();
  }

  /**
   * Its publisher deleted it, or wants it found no more: hubs take it out. They are told whether it was listed from here or not, for
   * another machine may have listed it; hubs that cannot be reached now are told later.
   */
  async remove(keys: KeyPair): Promise<ListOutcome> {
    const key = toHex(keys.publicKey);
    const removedMs = this.#deps.clock.now();
    const record = signListingRemoval(this.#deps.crypto, keys, this.#nextMadeMinutes(key) + REMOVAL_AHEAD_MINUTES);
    this.#rounds.delete(key);
    await this.#rows.put(key, { documentKey: key, record: toHex(record), keywords: [], removedMs });
    this.#deps.changed?.();
    return this.#send(key);
  }

  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#rows.close();
  }

  /** Now, and later than what was signed last: of two of one minute hubs would keep the first. */
  #nextMadeMinutes(key: string): number {
    const last = decodeListingRecord(fromHex(this.#rows.get(key)?.record ?? '') ?? new Uint8Array(0));
    const nowMinutes = Math.floor(this.#deps.clock.now() / 60_000);
    return last.ok ? Math.max(nowMinutes, last.value.madeMinutes + 1) : nowMinutes;
  }

  #renewLater(key: string, firstMs: number): void {
    this.#rounds.set(key, firstMs, RENEW_EVERY_MS, async () => {
      if (await this.#isContradicted(key)) return;
      await this.#send(key);
    });
  }

  /**
   * Another machine made a new edition, or deleted it: hubs would drop what is told here, and only whoever has the password can sign what
   * is so now. It is kept, for an update from here lists anew under the same words.
   */
  async #isContradicted(key: string): Promise<boolean> {
    const stored = this.#rows.get(key);
    const listing = decodeListingRecord(fromHex(stored?.record ?? '') ?? new Uint8Array(0));
    if (stored?.removedMs !== undefined || !listing.ok || listing.value.kind !== 'listing') return false;
    return (await this.#deps.verify(listing.value.entry)) === 'false';
  }

  /** What is noted under the key; a removal until hubs have it. */
  async #send(key: string): Promise<ListOutcome> {
    const stored = this.#rows.get(key);
    const record = fromHex(stored?.record ?? '');
    if (stored === undefined || record === undefined || record.length === 0) return 'refused';
    const outcome = await this.#deps.queries.list(record);
    // It may have been changed, or taken back, meanwhile.
    if (this.#rows.get(key) !== stored) return outcome;
    const { removedMs } = stored;
    const isTold = outcome === 'done';
    if (removedMs !== undefined && (isTold || this.#deps.clock.now() - removedMs > REMOVAL_TRIED_MS)) {
      await this.#forget(key, stored, record);
    } else if (!isTold) this.#renewLater(key, RENEW_FIRST_MS);
    return outcome;
  }

  /** A removal stays for as long as its date is ahead: what is listed again meanwhile must be made later than it. */
  async #forget(key: string, stored: Stored, record: Uint8Array): Promise<void> {
    const removal = decodeListingRecord(record);
    const aheadMs = removal.ok ? (removal.value.madeMinutes + 1) * 60_000 - this.#deps.clock.now() : 0;
    this.#rounds.delete(key);
    if (aheadMs <= 0) return this.#rows.remove(key);
    // Twice, for a round may come at half of its time.
    this.#rounds.set(key, 2 * aheadMs, RENEW_FIRST_MS, async () => {
      this.#rounds.delete(key);
      if (this.#rows.get(key) === stored) await this.#rows.remove(key);
    });
  }
}

/** Reads the manifest that a listing's link leads to, and compares what it says. */
export function listingVerifier(deps: ReadDeps): ListingVerifier {
  return async (entry) => {
    const link = decodeLinkBody(entry.link);
    if (!link.ok) return 'false';
    try {
      const gathered = await gather(deps, link.value);
      const said = entryOf(link.value, gathered.manifest);
      const isSame =
        said.title === entry.title &&
        said.shape === entry.shape &&
        said.fileKind === entry.fileKind &&
        said.sizeBytes === entry.sizeBytes;
      return isSame ? 'true' : 'false';
    } catch (thrown) {
      const isGone = thrown instanceof BroadsideError && (thrown.code === 'deleted' || thrown.code === 'damaged');
      return isGone ? 'false' : 'unknown';
    }
  };
}

function entryOf(link: PublicationLink, listed: Listed): Omit<PublicationEntry, 'keywords' | 'day'> {
  const first = listed.index ?? listed.files[0]?.path ?? '';
  return {
    documentKey: link.documentKey,
    link: encodeLinkBody(link),
    title: cut(listed.title) || 'Untitled',
    shape: listed.shape,
    fileKind: fileKindOf(first),
    sizeBytes: listed.files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}

/** As long as a listing may say, and no letter in half. */
function cut(title: string): string {
  let text = '';
  let bytes = 0;
  for (const letter of title) {
    bytes += new TextEncoder().encode(letter).length;
    if (bytes > MAX_TITLE_BYTES) break;
    text += letter;
  }
  return text;
}
