/**
 * Where the shares of a publication are, and what their keys are: everything follows from the document key and the read
 * secret, which the link holds, so a reader finds the slots with the link alone and a host cannot tell which belong
 * together.
 *
 *   tweak_i        H("blind", document key, read secret, i as one byte)
 *   public key_i   the document key blinded by tweak_i (Crypto.blindPublicKey)
 *   slot id_i      H("slot id", read secret, i as one byte, j as 32 bits LE) with the least j whose address lies in the
 *                  i-th n-th of the circle: floor(n x location / 2^64) = i - 1, where the location is the first 8 bytes of
 *                  the address, big-endian
 *   address_i      H("slot", class, public key_i, slot id_i), see wire/record.ts
 *   payload key_i  H("payload", read secret, i as one byte)
 *
 * The tweak does not depend on j, so a share costs one scalar multiplication, and the search only hashes: 2 n times on
 * average. All of 10 shares take 1.6 ms (measured); all of 100 hash 20,000 times, so whoever must not stop for that asks
 * for one place at a time.
 */
import { MAX_SHARES } from '../../../shared/base/links.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto, Random } from '../ports.ts';
import type { WireErrorCode } from '../wire/codec.ts';
import {
  CLASS_FIXED,
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_SLOT,
  MAX_COUNTER,
  PAYLOAD_BYTES,
  slotAddress,
  slotAssociated,
  slotDigest,
  STATE_LIVE,
  STATE_TOMBSTONE,
  verifyRecord,
} from '../wire/record.ts';
import type { RecordFault, SlotClass, SlotRecord, SlotVersion } from '../wire/record.ts';
import { MAX_ATTEMPT } from './author.ts';
import { uint32 } from './integers.ts';
import { namesDigest } from './names.ts';
import { decodeSlotPayload, encodeSlotPayload } from './slot-payload.ts';
import type { SlotPayload } from './slot-payload.ts';

/** What of a link its slots follow from. */
export interface SlotSource {
  readonly class: SlotClass;
  readonly n: number;
  readonly documentKey: Uint8Array;
  readonly readSecret: Uint8Array;
}

export interface SlotPlace {
  /** 1 ... n. */
  readonly index: number;
  readonly class: SlotClass;
  readonly tweak: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly slotId: Uint8Array;
  readonly address: Uint8Array;
  readonly payloadKey: Uint8Array;
}

/** One in n addresses fits; that none of so many does has a chance of e^-655 at n = 100. */
const MAX_SEARCH = 65_536;
const NONCE_BYTES = 24;

/** Undefined when the document key is no Ed25519 public key: such a link was not made by Broadside. */
export function slotPlace(crypto: Crypto, source: SlotSource, index: number): SlotPlace | undefined {
  const { class: slotClass, n, documentKey, readSecret } = source;
  if (!Number.isInteger(index) || index < 1 || index > n || n > MAX_SHARES)
    throw new RangeError(`no share ${index} of ${n}`);
  const indexByte = Uint8Array.of(index);
  const tweak = crypto.hash('blind', documentKey, readSecret, indexByte);
  const publicKey = crypto.blindPublicKey(documentKey, tweak);
  if (publicKey === undefined) return undefined;
  for (let attempt = 0; attempt < MAX_SEARCH; attempt += 1) {
    const slotId = crypto.hash('slot id', readSecret, indexByte, uint32(attempt));
    const address = slotAddress(crypto, slotClass, publicKey, slotId);
    if (regionOf(address, n) === index) {
      const payloadKey = crypto.hash('payload', readSecret, indexByte);
      return { index, class: slotClass, tweak, publicKey, slotId, address, payloadKey };
    }
  }
  return undefined;
}

/** All n places, or undefined as above. */
export function slotPlaces(crypto: Crypto, source: SlotSource): SlotPlace[] | undefined {
  const places: SlotPlace[] = [];
  for (let index = 1; index <= source.n; index += 1) {
    const place = slotPlace(crypto, source, index);
    if (place === undefined) return undefined;
    places.push(place);
  }
  return places;
}

/**
 * Which n-th of the circle an address lies in, 1 ... n; exact over all 64 bits, in doubles: the integers stay below 2^39,
 * and rounding down in two steps is rounding down at once.
 */
export function regionOf(address: Uint8Array, n: number): number {
  const high = word(address, 0);
  const low = word(address, 4);
  return Math.floor((n * high + Math.floor((n * low) / 0x1_0000_0000)) / 0x1_0000_0000) + 1;
}

function word(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 0x100_0000 + ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!);
}

/**
 * The record to insert: payload sealed under the place's payload key with a fresh random nonce, signed with the blinded
 * key. `secretKey` is the document's. Throws RangeError for a payload that contradicts the place.
 */
export function makeSlot(
  crypto: Crypto,
  random: Random,
  secretKey: Uint8Array,
  place: SlotPlace,
  version: SlotVersion,
  payload: SlotPayload,
): Uint8Array {
  if (payload.index !== place.index) throw new RangeError('payload of another share');
  if ((payload.kdf === undefined) !== (place.class === CLASS_FIXED)) {
    throw new RangeError('fixed publications have no passphrase, others have one');
  }
  const nonce = random.bytes(NONCE_BYTES);
  const sealed = crypto.seal(
    encodeSlotPayload(payload),
    nonce,
    place.payloadKey,
    slotAssociated(place.address, version),
  );
  const whole = new Uint8Array(PAYLOAD_BYTES);
  whole.set(nonce);
  whole.set(sealed, NONCE_BYTES);
  const unsigned = {
    class: place.class,
    state: payload.body.kind === 'deleted' ? STATE_TOMBSTONE : STATE_LIVE,
    publicKey: place.publicKey,
    slotId: place.slotId,
    version,
    payload: whole,
  } as const;
  const signature = crypto.signBlinded(slotDigest(crypto, unsigned), secretKey, place.tweak);
  return encodeRecord({ kind: KIND_SLOT, ...unsigned, signature });
}

/**
 * The counter of slots that are led to an edition: the later the edition, the higher, and of two attempts at one the later. So
 * whoever finishes what another machine began writes the same versions, and needs not know those that are there. Of two
 * updates that are made at once the tie decides.
 */
export function movedCounter(edition: number, attempt: number): number {
  return edition * (MAX_ATTEMPT + 1) + attempt;
}

/** The counter of tombstones: for updatable ones the highest there is, so that nothing comes after. */
export function deletedCounter(slotClass: SlotClass): number {
  return slotClass === CLASS_UPDATABLE ? MAX_COUNTER : 2;
}

export type SlotFault =
  | RecordFault
  | 'not-a-slot' // a content block
  | 'bad-seal' // does not open under the payload key: not written by who has the link
  | 'wrong-publication'; // k, n, index or names are not those of the link, or the class forbids the body

export interface SlotContents {
  readonly version: SlotVersion;
  readonly payload: SlotPayload;
}

/** What of a link its slots are checked against. */
export interface SlotExpectation {
  readonly k: number;
  readonly n: number;
  /** Undefined for who derived the place from the author seed, and has no link of that edition: the signature says enough. */
  readonly namesDigest: Uint8Array | undefined;
}

/**
 * Checks everything that one slot can be checked for with the link: address, signature, class, seal, k, n, index, and,
 * where it holds a share, the names against the link's digest.
 */
export function readSlot(
  crypto: Crypto,
  link: SlotExpectation,
  place: SlotPlace,
  record: Uint8Array,
): Result<SlotContents, SlotFault> {
  const verified = verifyRecord(crypto, record, place.address);
  if (!verified.ok) return verified;
  const slot = verified.value.record;
  if (slot.kind !== KIND_SLOT) return fail('not-a-slot');
  const payload = openSlot(crypto, place, slot);
  if (!payload.ok) return payload;
  const { k, n, index, names, kdf, body } = payload.value;
  // Where nothing is to be read any more there are no names to be right: who lost all slots of an edition can still lead it on.
  const leadsAway = body.kind === 'moved' || body.kind === 'deleted';
  const belongs =
    k === link.k &&
    n === link.n &&
    index === place.index &&
    (kdf === undefined) === (slot.class === CLASS_FIXED) &&
    (body.kind === 'deleted') === (slot.state === STATE_TOMBSTONE) &&
    (leadsAway || link.namesDigest === undefined || bytesEqual(namesDigest(crypto, names), link.namesDigest));
  if (!belongs) return fail('wrong-publication');
  const version = { counter: slot.version.counter, tie: slot.version.tie.slice() };
  return ok({ version, payload: payload.value });
}

function openSlot(crypto: Crypto, place: SlotPlace, slot: SlotRecord): Result<SlotPayload, WireErrorCode | 'bad-seal'> {
  const plaintext = crypto.open(
    slot.payload.subarray(NONCE_BYTES),
    slot.payload.subarray(0, NONCE_BYTES),
    place.payloadKey,
    slotAssociated(place.address, slot.version),
  );
  return plaintext === undefined ? fail('bad-seal') : decodeSlotPayload(plaintext);
}
