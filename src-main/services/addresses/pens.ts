/**
 * Pen names of this installation: their keys in secret files, what they were last set to in the library's store. Setting is
 * an edition more than the highest that is known here or shown by the network.
 */
import * as v from 'valibot';
import { compareBytes, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import {
  explainAddressProblem,
  formatAddress,
  formatPenKey,
  parsePenAddress,
} from '../../../shared/base/short-addresses.ts';
import type { PenAddress } from '../../../shared/base/short-addresses.ts';
import { MAX_PEN_ENTRY_BYTES, normalisePenEntry } from '../../../shared/base/words.ts';
import { PenEntrySchema, PenSchema } from '../../../shared/ipc/address-model.ts';
import type { Pen } from '../../../shared/ipc/address-model.ts';
import { makePenSlot, PEN_SEED_BYTES, penKeyPair, penPlaces, readPenSlot } from '../../core/addresses/pen.ts';
import type { PenEdition } from '../../core/addresses/pen.ts';
import { isPenName, MAX_PEN_ENTRIES } from '../../core/addresses/pen-file.ts';
import type { PenSecret } from '../../core/addresses/pen-file.ts';
import type { KeyPair, LibraryRow, LibraryStore, SecretStore } from '../../core/ports.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import { MAX_COUNTER, rankOf, TIE_BYTES } from '../../core/wire/record.ts';
import type { SlotVersion } from '../../core/wire/record.ts';
import { linkFromText } from '../read/gather.ts';
import { Rows } from './rows.ts';
import { LOOK_UP_MS, lookUpError, placeSlot, placingError, readSlots } from './slots.ts';
import type { SlotDeps } from './slots.ts';

/** More than one author has use for. Guess. */
export const MAX_PENS = 64;
/** Two machines that set one name at once make room for each other so often. */
const SETTING_ROUNDS = 2;
const SECRET_ID_BYTES = 16;

const StoredEntrySchema = v.object({ ...PenEntrySchema.entries, tie: v.optional(v.string()) });
const StoredPenSchema = v.object({ ...PenSchema.entries, entries: v.array(StoredEntrySchema), secret: v.string() });
type StoredEntry = v.InferOutput<typeof StoredEntrySchema>;
type StoredPen = v.InferOutput<typeof StoredPenSchema>;

export interface PensDeps extends SlotDeps {
  readonly penSecrets: SecretStore;
  readonly libraryStore: LibraryStore;
  readonly changed: () => void;
}

export interface PenSet {
  readonly address: string;
  readonly link: string;
  readonly edition: number;
  readonly slots: { readonly wanted: number; readonly placed: number };
}

export class Pens {
  readonly #deps: PensDeps;
  readonly #rows: Rows<StoredPen>;
  /** Changes of pens, one after the other: two that set one name must not take one edition. */
  #working: Promise<unknown> = Promise.resolve();

  constructor(deps: PensDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#rows = new Rows(deps.libraryStore, rows, 'pen', StoredPenSchema, MAX_PENS);
  }

  /** By name. */
  list(): Pen[] {
    return this.#rows
      .list()
      .map(shown)
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  create(name: string): Promise<Pen> {
    return this.#exclusively(async () => {
      const seed = this.#deps.random.bytes(PEN_SEED_BYTES);
      return this.#add({ seed, name: requirePenName(name), entries: [] });
    });
  }

  /** Takes in what another machine exported. Throws `usage` for a pen that is here already. */
  import(secret: PenSecret): Promise<Pen> {
    return this.#exclusively(() => this.#add(secret));
  }

  /** What is exported of a pen. Throws `not-found`. */
  async secretOf(name: string): Promise<PenSecret> {
    const pen = this.#named(name);
    const entries = pen.entries.map((entry) => ({ name: entry.name, edition: entry.edition }));
    return { seed: await this.#seed(pen), name: pen.name, entries };
  }

  /** The address of a name under a pen that is here; undefined for a pen that is not. Throws `usage` for no name. */
  addressOf(pen: string, name: string): PenAddress | undefined {
    const stored = this.#rows.list().find((other) => other.name === pen);
    return stored === undefined ? undefined : { kind: 'pen', key: keyOf(stored), name: requireEntryName(name) };
  }

  /** Throws `not-found` for a pen that is not here, and what placing throws when no slot could be placed. */
  set(penName: string, entryName: string, link: PublicationLink): Promise<PenSet> {
    return this.#exclusively(async () => this.#set(this.#named(penName), requireEntryName(entryName), link));
  }

  /** The highest edition that any of its slots shows. Throws `not-found` and what else a look-up throws. */
  async get(address: PenAddress, signal?: AbortSignal): Promise<PenEdition> {
    const { newest, failures } = await this.#look(address, this.#places(address), signal);
    if (newest !== undefined) return newest;
    throw lookUpError(
      this.#deps,
      failures,
      `Nothing was found under “${address.name}” of this pen name. Check the name, or try again later: the nodes that hold it may be away.`,
    );
  }

  /** Addresses of what was set here. */
  kept(): string[] {
    return this.#rows
      .list()
      .flatMap((pen) => pen.entries.filter((entry) => entry.tie !== undefined).map((entry) => entry.address));
  }

  /** Puts back the slots of an edition that was set here, as far as they are missing and no newer one is shown. */
  async mend(address: string): Promise<void> {
    for (const pen of this.#rows.list()) {
      const entry = pen.entries.find((other) => other.address === address);
      if (entry?.tie === undefined || entry.link === undefined) continue;
      const places = this.#places({ key: keyOf(pen), name: entry.name });
      const version = { counter: entry.edition, tie: fromHex(entry.tie)! };
      const { versions } = await this.#look({ key: keyOf(pen), name: entry.name }, places);
      const isOld = (held: SlotVersion | undefined): boolean =>
        held === undefined || compareBytes(rankOf(held), rankOf(version)) < 0;
      const missing = places.filter((_, position) => isOld(versions[position]));
      const isNewest = versions.every((held) => isOld(held) || compareBytes(rankOf(held!), rankOf(version)) === 0);
      if (!isNewest || missing.length === 0) return;
      await this.#write(await this.#keys(pen), missing, version, linkFromText(entry.link));
    }
  }

  async close(): Promise<void> {
    await this.#working;
    await this.#rows.close();
  }

  async #set(pen: StoredPen, name: string, link: PublicationLink): Promise<PenSet> {
    const { clock, random } = this.#deps;
    const address: PenAddress = { kind: 'pen', key: keyOf(pen), name };
    const places = this.#places(address);
    const entry = pen.entries.find((other) => other.name === name);
    if (entry === undefined && pen.entries.length >= MAX_PEN_ENTRIES)
      throw new BroadsideError(
        'no-space',
        `There are ${MAX_PEN_ENTRIES} names under this pen name already. Use another.`,
      );
    const keys = await this.#keys(pen);
    const beganMs = clock.monotonicMs();
    let known = entry?.edition ?? 0;
    let seen = await this.#look(address, places);
    for (let round = 1; ; round += 1) {
      const edition = Math.max(known, seen.newest?.version.counter ?? 0) + 1;
      if (edition > MAX_COUNTER)
        throw new BroadsideError('refused', 'This name has had its last edition. Use another name.');
      const version = { counter: edition, tie: random.bytes(TIE_BYTES) };
      // Before it is sent: an edition whose sending was broken off must not be used for something else.
      const stored: StoredEntry = {
        ...{ name, address: formatAddress(address), link: formatLink(link), edition },
        ...{ atMs: clock.now(), tie: toHex(version.tie) },
      };
      await this.#keep(pen.key, stored);
      const failures = await this.#write(keys, places, version, link);
      if (failures.length === places.length) throw placingError(this.#deps, failures);
      seen = await this.#look(address, places, undefined, true);
      const outdone = seen.newest !== undefined && compareBytes(rankOf(seen.newest.version), rankOf(version)) > 0;
      // Who waits for it has a minute.
      const isLate = clock.monotonicMs() - beganMs > LOOK_UP_MS;
      if (!outdone || isLate || round === SETTING_ROUNDS) {
        const slots = { wanted: places.length, placed: places.length - failures.length };
        return { address: stored.address, link: formatLink(link), edition, slots };
      }
      known = edition;
    }
  }

  async #write(
    keys: KeyPair,
    places: readonly SlotPlace[],
    version: SlotVersion,
    link: PublicationLink,
  ): Promise<NonNullable<Awaited<ReturnType<typeof placeSlot>>>[]> {
    const { crypto, random } = this.#deps;
    const outcomes = await Promise.all(
      places.map((place) => {
        const record = makePenSlot(crypto, random, keys.secretKey, place, version, { link, note: '' });
        return placeSlot(this.#deps, record);
      }),
    );
    return outcomes.filter((failure) => failure !== undefined);
  }

  /** `versions` in the order of the places. */
  async #look(
    address: Omit<PenAddress, 'kind'>,
    places: readonly SlotPlace[],
    signal?: AbortSignal,
    skipOwn = false,
  ): Promise<{
    newest: PenEdition | undefined;
    versions: (SlotVersion | undefined)[];
    failures: Awaited<ReturnType<typeof readSlots>>['failures'];
  }> {
    const addresses = places.map((place) => place.address);
    const { records, failures } = await readSlots(this.#deps, addresses, { retries: 1, signal, skipOwn });
    let newest: PenEdition | undefined;
    const versions = records.map((record, position) => {
      const read = record === undefined ? undefined : readPenSlot(this.#deps.crypto, places[position]!, record);
      if (read?.ok !== true) return undefined;
      if (newest === undefined || compareBytes(rankOf(read.value.version), rankOf(newest.version)) > 0)
        newest = read.value;
      return read.value.version;
    });
    return { newest, versions, failures };
  }

  #places(address: Omit<PenAddress, 'kind'>): SlotPlace[] {
    const places = penPlaces(this.#deps.crypto, address);
    if (places === undefined) throw new BroadsideError('bad-link', explainAddressProblem('impossible', ''));
    return places;
  }

  async #add({ seed, name, entries }: PenSecret): Promise<Pen> {
    const { crypto, clock, random, penSecrets } = this.#deps;
    const { publicKey } = penKeyPair(crypto, seed);
    const key = formatPenKey(publicKey);
    const known = this.#rows.get(key);
    if (known !== undefined)
      throw new BroadsideError('usage', `This pen name is here already, as “${known.name}”. Nothing was changed.`);
    if (this.#rows.list().some((other) => other.name === name))
      throw new BroadsideError(
        'usage',
        `There is a pen name “${name}” here already. Choose another name for this one.`,
      );
    if (this.#rows.list().length >= MAX_PENS)
      throw new BroadsideError(
        'no-space',
        `There are ${MAX_PENS} pen names here already. That is as many as there can be.`,
      );
    const secret = toHex(random.bytes(SECRET_ID_BYTES));
    await penSecrets.create(secret, seed);
    const atMs = clock.now();
    const pen: StoredPen = {
      ...{ name, key, createdMs: atMs, secret },
      entries: entries.map((entry) => ({
        ...{ name: entry.name, edition: entry.edition, atMs },
        address: formatAddress({ kind: 'pen', key: publicKey, name: entry.name }),
      })),
    };
    await this.#rows.put(key, pen);
    this.#deps.changed();
    return shown(pen);
  }

  async #keep(key: string, entry: StoredEntry): Promise<void> {
    const pen = this.#rows.get(key)!;
    const others = pen.entries.filter((other) => other.name !== entry.name);
    await this.#rows.put(key, { ...pen, entries: [...others, entry] });
    this.#deps.changed();
  }

  #named(name: string): StoredPen {
    const pen = this.#rows.list().find((other) => other.name === name);
    if (pen !== undefined) return pen;
    throw new BroadsideError(
      'not-found',
      `There is no pen name “${name}” on this machine. Create it (pen create), or import it (pen import).`,
    );
  }

  async #keys(pen: StoredPen): Promise<KeyPair> {
    return penKeyPair(this.#deps.crypto, await this.#seed(pen));
  }

  async #seed(pen: StoredPen): Promise<Uint8Array> {
    const seed = await this.#deps.penSecrets.read(pen.secret);
    if (seed !== undefined) return seed;
    throw new BroadsideError(
      'damaged',
      `The secret of the pen name “${pen.name}” is gone (${pen.secret}.key). Put it back from a copy, or import the pen name on another data directory.`,
    );
  }

  #exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }
}

/** Throws `usage`. */
export function requirePenName(name: string): string {
  const trimmed = name.trim().normalize('NFC');
  if (isPenName(trimmed)) return trimmed;
  throw new BroadsideError(
    'usage',
    `${JSON.stringify(name)} cannot be a pen name here. It has 1 to 128 bytes, no “/”, no control characters, and does not begin with “@”.`,
  );
}

function requireEntryName(name: string): string {
  const normalised = normalisePenEntry(name);
  if (normalised !== undefined) return normalised;
  throw new BroadsideError(
    'usage',
    `${JSON.stringify(name)} is no name for something under a pen name. Use letters, digits, “-”, “_” and “.”, ${MAX_PEN_ENTRY_BYTES} bytes at most.`,
  );
}

function keyOf(pen: StoredPen): Uint8Array {
  const parsed = parsePenAddress(`${pen.key}/x`);
  if (!parsed.ok)
    throw new BroadsideError('damaged', `The key of the pen name “${pen.name}” is damaged in the library.`);
  return parsed.value.key;
}

function shown(stored: StoredPen): Pen {
  const { secret: _, entries, ...pen } = stored;
  const newest = [...entries].sort((a, b) => b.atMs - a.atMs);
  return {
    ...pen,
    entries: newest.map((kept) => {
      const { tie: __, ...entry } = kept;
      return entry;
    }),
  };
}
