/**
 * Claims of word bags (shared/base/words.ts). Whoever knows the words finds the places, may read them, and may claim one;
 * which claim stays at a place is decided by the work done for it (contested slots, wire/record.ts).
 *
 *   word key        Argon2id(the words with a space between, salt = first 16 bytes of H("word salt", name of the network)),
 *                   32 bytes, at the cost of a location: a dictionary is not hashed through in a second
 *   quarter         90 days, counted from 1970-01-01 UTC: a claim is of one, and has to be made anew for the next
 *   slot id_i       H("word place", word key, quarter as 32 bits LE, i as one byte, j as 32 bits LE) with the least j
 *                   whose address lies in the i-th eighth of the circle; i is 1 ... 8
 *   address_i       H("slot", 4, slot id_i)
 *   payload key_i   H("word payload", word key, slot id_i)
 *   claim key       the claimant's own Ed25519 key, another for each word bag
 *
 * The payload is sealed with address and claim key as associated data. The work covers key, place and payload, so that
 * none of them can be exchanged, and nothing can be worked for a place before its quarter's slot ids are known; they follow
 * from the words, so that who wants to may work ahead.
 */
import { concatBytes } from '../../../shared/base/bytes.ts';
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto, KeyPair, PasswordHash } from '../ports.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import { uint32, utf8 } from '../publish/integers.ts';
import { regionOf } from '../publish/slot.ts';
import {
  CLASS_CONTESTED,
  contestDigest,
  encodeRecord,
  KIND_SLOT,
  slotAddress,
  slotDigest,
  STATE_LIVE,
  verifyRecord,
} from '../wire/record.ts';
import type { RecordFault } from '../wire/record.ts';
import { stampBits } from '../wire/stamp-bits.ts';
import type { WireErrorCode } from '../wire/codec.ts';
import { encodePointer, openPointer, sealPointer } from './pointer.ts';
import type { Pointer } from './pointer.ts';

/** Places of a word bag: the design's eight claims (protocol, section 2). */
export const CLAIM_PLACES = 8;
/** Long enough that who is online now and then renews in time, short enough that who squats has to pay again. Guess. */
export const QUARTER_MS = 90 * 24 * 3_600_000;
const WORD_KEY_BYTES = 32;
const SALT_BYTES = 16;
/** One address in eight fits; that none of so many does has a chance of e^-546. */
const MAX_SEARCH = 4_096;

export interface ClaimPlace {
  /** 1 ... CLAIM_PLACES. */
  readonly index: number;
  readonly quarter: number;
  readonly slotId: Uint8Array;
  readonly address: Uint8Array;
  readonly payloadKey: Uint8Array;
}

export function quarterOf(nowMs: number): number {
  return Math.floor(nowMs / QUARTER_MS);
}

/** `words` as normaliseWords makes them. */
export function wordKey(
  crypto: Crypto,
  passwordHash: PasswordHash,
  network: Pick<NetworkParameters, 'name' | 'locationCost'>,
  words: readonly string[],
): Promise<Uint8Array> {
  const salt = crypto.hash('word salt', utf8(network.name)).slice(0, SALT_BYTES);
  return passwordHash.derive(utf8(words.join(' ')), salt, network.locationCost, WORD_KEY_BYTES);
}

/** All places of one quarter. */
export function claimPlaces(crypto: Crypto, key: Uint8Array, quarter: number): ClaimPlace[] {
  return Array.from({ length: CLAIM_PLACES }, (_, position) => claimPlace(crypto, key, quarter, position + 1));
}

function claimPlace(crypto: Crypto, key: Uint8Array, quarter: number, index: number): ClaimPlace {
  for (let attempt = 0; attempt < MAX_SEARCH; attempt += 1) {
    const slotId = crypto.hash('word place', key, uint32(quarter), Uint8Array.of(index), uint32(attempt));
    const address = slotAddress(crypto, CLASS_CONTESTED, NO_KEY, slotId);
    if (regionOf(address, CLAIM_PLACES) !== index) continue;
    return { index, quarter, slotId, address, payloadKey: crypto.hash('word payload', key, slotId) };
  }
  throw new RangeError('no address in its part of the circle');
}

/** It is in no address of a contested slot. */
const NO_KEY = new Uint8Array(0);

/** A claim that is sealed and not yet worked for. */
export interface ClaimDraft {
  readonly place: ClaimPlace;
  readonly keys: KeyPair;
  readonly payload: Uint8Array;
  /** What a stamp is to be found for. */
  readonly digest: Uint8Array;
}

/** Another nonce makes another digest: who wants more bits than a stamp brings tries the next draft. */
export function draftClaim(
  crypto: Crypto,
  place: ClaimPlace,
  keys: KeyPair,
  pointer: Pointer,
  nonce: Uint8Array,
): ClaimDraft {
  const associated = concatBytes(place.address, keys.publicKey);
  const payload = sealPointer(crypto, encodePointer(pointer), nonce, place.payloadKey, associated);
  const digest = contestDigest(crypto, { publicKey: keys.publicKey, slotId: place.slotId, payload });
  return { place, keys, payload, digest };
}

/** The record to insert, with a stamp of at least one bit. */
export function makeClaim(crypto: Crypto, { place, keys, payload, digest }: ClaimDraft, stamp: Uint8Array): Uint8Array {
  const counter = stampBits(crypto, digest, stamp);
  if (counter < 1) throw new RangeError('a claim without work');
  const unsigned = {
    class: CLASS_CONTESTED,
    state: STATE_LIVE,
    publicKey: keys.publicKey,
    slotId: place.slotId,
    version: { counter, tie: stamp },
    payload,
  } as const;
  const signature = crypto.sign(slotDigest(crypto, unsigned), keys.secretKey);
  return encodeRecord({ kind: KIND_SLOT, ...unsigned, signature });
}

export interface ReadClaim {
  readonly place: ClaimPlace;
  readonly claimKey: Uint8Array;
  readonly bits: number;
  readonly pointer: Pointer;
}

export type ClaimFault = RecordFault | WireErrorCode | 'not-a-claim' | 'bad-seal';

/** Checks everything that a claim can be checked for. */
export function readClaim(crypto: Crypto, place: ClaimPlace, record: Uint8Array): Result<ReadClaim, ClaimFault> {
  const verified = verifyRecord(crypto, record, place.address);
  if (!verified.ok) return verified;
  const slot = verified.value.record;
  if (slot.kind !== KIND_SLOT) return fail('not-a-claim');
  const associated = concatBytes(place.address, slot.publicKey);
  const pointer = openPointer(crypto, slot.payload, place.payloadKey, associated);
  if (!pointer.ok) return pointer;
  return ok({ place, claimKey: slot.publicKey.slice(), bits: slot.version.counter, pointer: pointer.value });
}
