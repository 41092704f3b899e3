/**
 * Pen names: an Ed25519 key whose holder gives names to publications, with editions. What stands under a name is read in
 * four slots like the shares of a publication (publish/slot.ts), each of them the whole:
 *
 *   name secret     first 16 bytes of H("pen name", pen key, name as UTF-8); it stands where a publication has its read
 *                   secret, and the pen key where that has its document key
 *   slots           class updatable, 1 ... 4 of 4; the counter is the edition, one tie for all slots of an edition
 *
 * Who knows key and name reads; who holds the key writes; who hosts sees neither which pen nor which name.
 */
import type { PenAddress } from '../../../shared/base/short-addresses.ts';
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import { READ_SECRET_BYTES } from '../../../shared/base/links.ts';
import type { Crypto, KeyPair, Random } from '../ports.ts';
import { utf8 } from '../publish/integers.ts';
import { slotPlaces } from '../publish/slot.ts';
import type { SlotPlace } from '../publish/slot.ts';
import type { WireErrorCode } from '../wire/codec.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_SLOT,
  slotAssociated,
  slotDigest,
  STATE_LIVE,
  verifyRecord,
} from '../wire/record.ts';
import type { RecordFault, SlotVersion } from '../wire/record.ts';
import { encodePointer, NONCE_BYTES, openPointer, sealPointer } from './pointer.ts';
import type { Pointer } from './pointer.ts';

/** Each holds the whole: as many as there are copies of one, in as many quarters of the circle. Guess. */
export const PEN_SLOTS = 4;
export const PEN_SEED_BYTES = 32;

export function penKeyPair(crypto: Crypto, seed: Uint8Array): KeyPair {
  return crypto.keyPairFromSeed(crypto.hash('pen key', seed));
}

/** Undefined when the key is no Ed25519 public key: such an address was not made by Broadside. */
export function penPlaces(crypto: Crypto, { key, name }: Omit<PenAddress, 'kind'>): SlotPlace[] | undefined {
  const readSecret = crypto.hash('pen name', key, utf8(name)).slice(0, READ_SECRET_BYTES);
  return slotPlaces(crypto, { class: CLASS_UPDATABLE, n: PEN_SLOTS, documentKey: key, readSecret });
}

/** The record of one slot. `secretKey` is the pen's; the counter of the version is the edition. */
export function makePenSlot(
  crypto: Crypto,
  random: Random,
  secretKey: Uint8Array,
  place: SlotPlace,
  version: SlotVersion,
  pointer: Pointer,
): Uint8Array {
  const associated = slotAssociated(place.address, version);
  const nonce = random.bytes(NONCE_BYTES);
  const unsigned = {
    class: CLASS_UPDATABLE,
    state: STATE_LIVE,
    publicKey: place.publicKey,
    slotId: place.slotId,
    version,
    payload: sealPointer(crypto, encodePointer(pointer), nonce, place.payloadKey, associated),
  } as const;
  const signature = crypto.signBlinded(slotDigest(crypto, unsigned), secretKey, place.tweak);
  return encodeRecord({ kind: KIND_SLOT, ...unsigned, signature });
}

export interface PenEdition {
  readonly version: SlotVersion;
  readonly pointer: Pointer;
}

export type PenFault = RecordFault | WireErrorCode | 'not-a-slot' | 'bad-seal';

export function readPenSlot(crypto: Crypto, place: SlotPlace, record: Uint8Array): Result<PenEdition, PenFault> {
  const verified = verifyRecord(crypto, record, place.address);
  if (!verified.ok) return verified;
  const slot = verified.value.record;
  if (slot.kind !== KIND_SLOT || slot.state !== STATE_LIVE) return fail('not-a-slot');
  const pointer = openPointer(crypto, slot.payload, place.payloadKey, slotAssociated(place.address, slot.version));
  if (!pointer.ok) return pointer;
  const version = { counter: slot.version.counter, tie: slot.version.tie.slice() };
  return ok({ version, pointer: pointer.value });
}
