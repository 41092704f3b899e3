/**
 * Word addresses: all claims of some words, strongest first; and the claims of this installation, which are made here,
 * kept in the library's store, and made anew for each quarter.
 */
import * as v from 'valibot';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { bytesEqual, compareBytes, toHex } from '../../../shared/base/bytes.ts';
import { encodeBase32 } from '../../../shared/base/base32.ts';
import { formatLink, groupInFours } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { formatAddress } from '../../../shared/base/short-addresses.ts';
import { OwnClaimSchema } from '../../../shared/ipc/address-model.ts';
import type { Claim, OwnClaim } from '../../../shared/ipc/address-model.ts';
import { claimPlaces, draftClaim, makeClaim, quarterOf, readClaim, wordKey } from '../../core/addresses/claim.ts';
import type { ClaimPlace, ReadClaim } from '../../core/addresses/claim.ts';
import { isNote, NONCE_BYTES } from '../../core/addresses/pointer.ts';
import type { NetworkParameters } from '../../core/network-parameters.ts';
import type { KeyPair, LibraryRow, LibraryStore, PasswordHash, Stamper } from '../../core/ports.ts';
import { decodeRecord, KIND_SLOT, rankOf } from '../../core/wire/record.ts';
import { stampBits } from '../../core/wire/stamp-bits.ts';
import { throwIfAborted } from '../flow/waiting.ts';
import { linkFromText } from '../read/gather.ts';
import { Rows } from './rows.ts';
import { lookUpError, placeSlot, placingError, readSlots } from './slots.ts';
import type { SlotDeps } from './slots.ts';

/** Claims that one installation renews: each costs work every quarter. Guess. */
export const MAX_OWN_CLAIMS = 64;
/**
 * Work is looked for in pieces of so many bits, a tenth of a second of a thread: what else needs stamps is not held up, and
 * giving up takes no longer.
 */
const PIECE_BITS = 20;
/** Beyond what is usual, so many bits more are done unasked where all places are taken: half a minute of one core. */
const UNASKED_BITS = 4;
/** A claim that was outdone while it was worked for is tried again at another place, so often. */
const PLACING_ROUNDS = 3;

export interface WordsDeps extends SlotDeps {
  readonly passwordHash: PasswordHash;
  readonly stamper: Stamper;
  readonly parameters: Pick<NetworkParameters, 'name' | 'locationCost' | 'claimBits'>;
  /** From which the keys of claims are made, 32 bytes. */
  readonly claimSecret: Uint8Array;
  readonly libraryStore: LibraryStore;
  readonly changed: () => void;
  readonly onDefect: (thrown: unknown) => void;
}

/** What is kept of an own claim: what was asked for, and how it stands. */
const StoredClaimSchema = v.object({ ...OwnClaimSchema.entries, wantedBits: v.optional(v.number()) });
type StoredClaim = v.InferOutput<typeof StoredClaimSchema>;

/** What stands at a place: a claim, something that only outdoing can move, or nothing. */
interface Held {
  readonly place: ClaimPlace;
  readonly rank: Uint8Array | undefined;
  readonly bits: number;
  readonly claim: ReadClaim | undefined;
}

export class Words {
  readonly #deps: WordsDeps;
  readonly #own: Rows<StoredClaim>;
  /** What is being placed now, by address. */
  readonly #placing = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(deps: WordsDeps, rows: readonly LibraryRow[]) {
    this.#deps = deps;
    this.#own = new Rows(deps.libraryStore, rows, 'claim', StoredClaimSchema, MAX_OWN_CLAIMS);
  }

  /** All claims of a bag, strongest first. Throws `not-found` and what else a look-up throws. */
  async get(words: readonly string[], signal?: AbortSignal): Promise<Claim[]> {
    const { clock } = this.#deps;
    const key = await this.#key(words);
    const quarter = quarterOf(clock.now());
    const { held, failures } = await this.#look(key, [quarter, quarter - 1], signal);
    const claims = strongestFirst(held.flatMap(({ claim }) => claim ?? []));
    if (claims.length === 0) {
      throw lookUpError(
        this.#deps,
        failures,
        `Nobody claims the words “${words.join(' ')}”. Check their spelling, or try again later: the nodes that hold claims may be away.`,
      );
    }
    const own = this.#keys(key).publicKey;
    return claims.map(({ claimKey, bits, place, pointer }) => ({
      link: formatLink(pointer.link),
      ...(pointer.note !== '' && { note: pointer.note }),
      bits,
      claimant: groupInFours(encodeBase32(claimKey).slice(0, 8)),
      quarter: place.quarter,
      own: bytesEqual(claimKey, own),
    }));
  }

  /** Latest first. */
  mine(): OwnClaim[] {
    return this.#own
      .list()
      .map(shown)
      .sort((a, b) => b.atMs - a.atMs);
  }

  /** Claims the words, in the place of what this installation claimed them for before. */
  async claim(
    words: readonly string[],
    link: PublicationLink,
    note: string,
    wantedBits: number | undefined,
  ): Promise<OwnClaim> {
    const { clock, parameters } = this.#deps;
    if (!isNote(note)) {
      throw new BroadsideError(
        'usage',
        'A note is one line of at most 256 bytes without control characters. Shorten it.',
      );
    }
    const address = formatAddress({ kind: 'word', words });
    await this.#stop(address);
    const stored: StoredClaim = {
      words: [...words],
      address,
      link: formatLink(link),
      ...(note !== '' && { note }),
      state: 'working',
      bits: wantedBits ?? parameters.claimBits,
      quarter: quarterOf(clock.now()),
      atMs: clock.now(),
      ...(wantedBits !== undefined && { wantedBits }),
    };
    await this.#own.put(address, stored);
    this.#deps.changed();
    void this.#start(address);
    return shown(stored);
  }

  /** Renews it no more; one that is not there is no error. */
  async withdraw(words: readonly string[]): Promise<void> {
    const address = formatAddress({ kind: 'word', words });
    await this.#stop(address);
    await this.#own.remove(address);
    this.#deps.changed();
  }

  /** Addresses of the own claims. */
  addresses(): string[] {
    return this.#own.list().map(({ address }) => address);
  }

  /** Makes sure that a claim stands, in this quarter. Resolves when it does, or when it does not and that is noted. */
  async renew(address: string): Promise<void> {
    if (this.#own.get(address) === undefined) return;
    await (this.#placing.get(address)?.done ?? this.#start(address));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#placing.keys()].map((address) => this.#stop(address)));
    await this.#own.close();
  }

  async #stop(address: string): Promise<void> {
    const placing = this.#placing.get(address);
    placing?.abort.abort(new BroadsideError('cancelled', 'It was cancelled.'));
    await placing?.done;
  }

  #start(address: string): Promise<void> {
    const abort = new AbortController();
    const done = this.#run(address, abort.signal).finally(() => this.#placing.delete(address));
    this.#placing.set(address, { abort, done });
    return done;
  }

  /** Never rejects. */
  async #run(address: string, signal: AbortSignal): Promise<void> {
    const { error: _, ...before } = this.#own.get(address)!;
    let after: StoredClaim;
    try {
      after = { ...before, ...(await this.#place(before, signal)) };
    } catch (thrown) {
      if (signal.aborted) return;
      const error = thrown instanceof BroadsideError ? thrown : undefined;
      if (error === undefined) this.#deps.onDefect(thrown);
      const { code, message } = error ?? new BroadsideError('unexpected', 'The claim could not be made.');
      after = { ...before, state: code === 'refused' ? 'outbid' : 'failed', error: { code, message } };
    }
    try {
      if (signal.aborted) return;
      await this.#own.put(address, after);
      this.#deps.changed();
    } catch (thrown) {
      this.#deps.onDefect(thrown);
    }
  }

  /** Sees that the claim stands at one of its places, by work where need be. Throws `refused` where others are stronger. */
  async #place(claim: StoredClaim, signal: AbortSignal): Promise<Pick<StoredClaim, 'state' | 'bits' | 'quarter'>> {
    const { clock, parameters } = this.#deps;
    const link = linkFromText(claim.link);
    const pointer = { link, note: claim.note ?? '' };
    const key = await this.#key(claim.words);
    const keys = this.#keys(key);
    const usual = claim.wantedBits ?? parameters.claimBits;
    const most = claim.wantedBits ?? usual + UNASKED_BITS;
    const quarter = quarterOf(clock.now());
    for (let round = 0; round < PLACING_ROUNDS; round += 1) {
      const { held, failures } = await this.#look(key, [quarter], signal);
      const mine = held.filter((place) => isBy(place, keys));
      const standing = mine.find((place) => sameAs(place, claim) && place.bits >= usual);
      if (standing !== undefined) return { state: 'placed', bits: standing.bits, quarter };
      if (failures['not-found'] === 0 && held.every(({ rank }) => rank === undefined))
        throw lookUpError(this.#deps, failures, '');
      const target = mine[0] ?? this.#choose(held);
      // Who changes an own claim needs a higher rank and not another bit, and has done as much before.
      const least = Math.max(usual, mine.length > 0 ? target.bits : target.bits + 1);
      if (least > most && mine.length === 0) {
        throw new BroadsideError(
          'refused',
          `All ${held.length} places of these words are held by stronger claims, the weakest of ${target.bits} bits. Use other words, or do more work: ${target.bits + 1} bits or more.`,
        );
      }
      const record = await this.#work(target, keys, pointer, least, signal);
      const failure = await placeSlot(this.#deps, record, signal);
      if (failure !== undefined) throw placingError(this.#deps, [failure]);
      const bits = bitsOf(record);
      const seen = await readSlots(this.#deps, [target.place.address], { retries: 1, signal, skipOwn: true });
      const [found] = seen.records;
      // Who is not shown anything else believes the nodes that said that they hold it.
      if (found === undefined || compareBytes(rankOfRecord(found), rankOfRecord(record)) <= 0)
        return { state: 'placed', bits, quarter };
    }
    throw new BroadsideError(
      'refused',
      'Others outdid this claim each time that it was placed. Try again later, or do more work for it.',
    );
  }

  /** A free place, drawn at random so that two who claim at once seldom meet; else the weakest. */
  #choose(held: readonly Held[]): Held {
    const free = held.filter(({ rank }) => rank === undefined);
    if (free.length > 0) return free[this.#deps.random.below(free.length)]!;
    return held.reduce((weakest, next) => (compareBytes(next.rank!, weakest.rank!) < 0 ? next : weakest));
  }

  async #work(
    target: Held,
    keys: KeyPair,
    pointer: ReadClaim['pointer'],
    least: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { crypto, random, stamper } = this.#deps;
    for (;;) {
      const draft = draftClaim(crypto, target.place, keys, pointer, random.bytes(NONCE_BYTES));
      const stamp = await stamper.stamp(draft.digest, Math.min(least, PIECE_BITS));
      throwIfAborted(signal);
      throwIfAborted(this.#deps.closing);
      if (stampBits(crypto, draft.digest, stamp) < least) continue;
      const record = makeClaim(crypto, draft, stamp);
      if (target.rank === undefined || compareBytes(rankOfRecord(record), target.rank) > 0) return record;
    }
  }

  async #look(
    key: Uint8Array,
    quarters: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<{ held: Held[]; failures: Awaited<ReturnType<typeof readSlots>>['failures'] }> {
    const { crypto } = this.#deps;
    const places = quarters.flatMap((quarter) => claimPlaces(crypto, key, quarter));
    const addresses = places.map(({ address }) => address);
    const { records, failures } = await readSlots(this.#deps, addresses, { retries: 1, signal });
    const held = places.map((place, position): Held => {
      const record = records[position];
      if (record === undefined) return { place, rank: undefined, bits: 0, claim: undefined };
      const read = readClaim(crypto, place, record);
      const claim = read.ok ? read.value : undefined;
      return { place, rank: rankOfRecord(record), bits: bitsOf(record), claim };
    });
    return { held, failures };
  }

  #key(words: readonly string[]): Promise<Uint8Array> {
    return wordKey(this.#deps.crypto, this.#deps.passwordHash, this.#deps.parameters, words);
  }

  /** Another for each bag, so that nobody learns that two claims are of one installation. */
  #keys(key: Uint8Array): KeyPair {
    const { crypto, claimSecret } = this.#deps;
    return crypto.keyPairFromSeed(crypto.hash('claim key', claimSecret, key));
  }
}

/** One line for each claimant and link: who renewed is in two quarters. */
function strongestFirst(claims: readonly ReadClaim[]): ReadClaim[] {
  const order = (a: ReadClaim, b: ReadClaim): number =>
    b.bits - a.bits || b.place.quarter - a.place.quarter || compareBytes(a.claimKey, b.claimKey);
  const newest = new Map<string, ReadClaim>();
  for (const claim of claims) {
    const id = `${toHex(claim.claimKey)} ${formatLink(claim.pointer.link)}`;
    const known = newest.get(id);
    if (known === undefined || known.place.quarter < claim.place.quarter || known.bits < claim.bits)
      newest.set(id, claim);
  }
  return [...newest.values()].sort(order);
}

function isBy({ claim }: Held, keys: KeyPair): boolean {
  return claim !== undefined && bytesEqual(claim.claimKey, keys.publicKey);
}

function sameAs({ claim }: Held, wanted: StoredClaim): boolean {
  return (
    claim !== undefined && formatLink(claim.pointer.link) === wanted.link && claim.pointer.note === (wanted.note ?? '')
  );
}

/** Of a record that was verified. */
function rankOfRecord(record: Uint8Array): Uint8Array {
  const decoded = decodeRecord(record);
  if (!decoded.ok || decoded.value.kind !== KIND_SLOT) throw new Error('not a slot');
  return rankOf(decoded.value.version);
}

function bitsOf(record: Uint8Array): number {
  const decoded = decodeRecord(record);
  return decoded.ok && decoded.value.kind === KIND_SLOT ? decoded.value.version.counter : 0;
}

function shown(stored: StoredClaim): OwnClaim {
  const { wantedBits: _, ...claim } = stored;
  return claim;
}
