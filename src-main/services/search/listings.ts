/**
 * Listings of publications: what says of one in search that it is there. Signed when it is published, renewed while this node keeps them,
 * removed when it is deleted from here; and the check that a hub makes before it believes one.
 */
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { fileKindOf } from '../../../shared/base/file-kinds.ts';
import { decodeLinkBody, encodeLinkBody } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Crypto, KeyPair, LibraryRow, LibraryStore, Random } from '../../core/ports.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import type { PublicationEntry } from '../../core/search/entry.ts';
import { signListing, signListingRemoval } from '../../core/wire/listing-record.ts';
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

const StoredSchema = v.object({ documentKey: v.string(), record: v.string(), keywords: v.array(v.string()) });
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
  readonly neighbours: () => number;
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
    return this.#rows.get(toHex(documentKey))?.keywords;
  }

  /** Signs; `keys` is the pair that the link's document key is the public half of. Nothing is sent yet. */
  sign(keys: KeyPair, link: PublicationLink, listed: Listed, keywords: readonly string[]): Uint8Array {
    const { clock, crypto } = this.#deps;
    const entry = { ...entryOf(link, listed), keywords, day: Math.floor(clock.now() / DAY_MS) };
    return signListing(crypto, keys, entry, Math.floor(clock.now() / 60_000));
  }

  /** Lists it from now on. Who takes it looks at the publication first, so it is to be there already. */
  async add(documentKey: Uint8Array, record: Uint8Array, keywords: readonly string[]): Promise<ListOutcome> {
    const key = toHex(documentKey);
    await this.#rows.put(key, { documentKey: key, record: toHex(record), keywords: [...keywords] });
    this.#renewLater(key, RENEW_EVERY_MS);
    return this.#deps.queries.list(record);
  }

  /** Its publisher deleted it: hubs take it out, where they are reached. No effect on what is not listed from here. */
  async remove(keys: KeyPair): Promise<void> {
    const key = toHex(keys.publicKey);
    if (this.#rows.get(key) === undefined) return;
    this.#rounds.delete(key);
    await this.#rows.remove(key);
    await this.#deps.queries.list(
      signListingRemoval(this.#deps.crypto, keys, Math.floor(this.#deps.clock.now() / 60_000)),
    );
  }

  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#rows.close();
  }

  #renewLater(key: string, firstMs: number): void {
    this.#rounds.set(key, firstMs, RENEW_EVERY_MS, async () => {
      const record = fromHex(this.#rows.get(key)?.record ?? '');
      if (record !== undefined && record.length > 0) await this.#deps.queries.list(record);
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
