/**
 * Records: what routing moves and stores. Each can be checked by any hop without knowing what is in it.
 *
 * Content block              bytes
 *   kind = 1                 1
 *   payload                  32,768
 *   address = H("content", payload)
 *
 * Signed slot                bytes
 *   kind = 2                 1
 *   class                    1        1 updatable, 2 delete-only, 3 fixed, 4 contested
 *   state                    1        0 live, 1 tombstone
 *   public key               32       Ed25519, blinded
 *   slot id                  32
 *   counter                  6        big-endian, 1 ... 2^48 - 1
 *   tie                      8
 *   signature                64       over H("slot record", class, state, public key, slot id, counter, tie, payload)
 *   payload                  32,768   nonce (24), then what it seals
 *   address = H("slot", class, public key, slot id); of a contested slot H("slot", class, slot id)
 *
 * A contested slot is anybody's: no key is in its address. Its counter is the work done for it, the leading zero bits of
 * H("stamp", H("contest", public key, slot id, payload), tie), so that by the rule of versions the strongest stays.
 *
 * Every payload has the one size, so that neither the kind nor the content shows in a length.
 */
import { bytesEqual, concatBytes } from '../../../shared/base/bytes.ts';
import { fail, ok } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto, Place, StoreEntry } from '../ports.ts';
import { decode, encode } from './codec.ts';
import type { WireErrorCode } from './codec.ts';
import { stampBits } from './stamp-bits.ts';

/** One size for all payloads, in bytes. 32 KiB: a page of the store, a message of a few milliseconds on a slow link. */
export const PAYLOAD_BYTES = 32_768;
export const ADDRESS_BYTES = 32;
export const KEY_BYTES = 32;
export const SLOT_ID_BYTES = 32;
export const TIE_BYTES = 8;
export const SIGNATURE_BYTES = 64;
export const COUNTER_BYTES = 6;
/** 2^48 - 1: an update a millisecond for 8,900 years. */
export const MAX_COUNTER = 0xffff_ffff_ffff;
export const RANK_BYTES = COUNTER_BYTES + TIE_BYTES;

export const KIND_CONTENT = 1;
export const KIND_SLOT = 2;
export type RecordKind = typeof KIND_CONTENT | typeof KIND_SLOT;
export const RECORD_KINDS = [KIND_CONTENT, KIND_SLOT] as const;

export const CLASS_UPDATABLE = 1;
export const CLASS_DELETE_ONLY = 2;
export const CLASS_FIXED = 3;
/** Of word addresses: whoever wants to may write, and has to outdo by work what is there. */
export const CLASS_CONTESTED = 4;
export const SLOT_CLASSES = [CLASS_UPDATABLE, CLASS_DELETE_ONLY, CLASS_FIXED, CLASS_CONTESTED] as const;
export type SlotClass = (typeof SLOT_CLASSES)[number];

export const STATE_LIVE = 0;
export const STATE_TOMBSTONE = 1;
export type SlotState = typeof STATE_LIVE | typeof STATE_TOMBSTONE;

export interface ContentRecord {
  readonly kind: typeof KIND_CONTENT;
  readonly payload: Uint8Array;
}

/** Orders the editions of a slot: the higher counter wins, then the higher tie. */
export interface SlotVersion {
  readonly counter: number;
  /** 8 bytes; an author uses one tie for all slots of one edition. */
  readonly tie: Uint8Array;
}

export interface SlotRecord {
  readonly kind: typeof KIND_SLOT;
  readonly class: SlotClass;
  readonly state: SlotState;
  readonly publicKey: Uint8Array;
  readonly slotId: Uint8Array;
  readonly version: SlotVersion;
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

export type BlockRecord = ContentRecord | SlotRecord;

/** Size of an encoded record, in bytes: there are only two. */
export const CONTENT_RECORD_BYTES = 1 + PAYLOAD_BYTES;
export const SLOT_RECORD_BYTES = 3 + KEY_BYTES + SLOT_ID_BYTES + RANK_BYTES + SIGNATURE_BYTES + PAYLOAD_BYTES;
const RECORD_BYTES: Readonly<Record<RecordKind, number>> = {
  [KIND_CONTENT]: CONTENT_RECORD_BYTES,
  [KIND_SLOT]: SLOT_RECORD_BYTES,
};

export function encodeRecord(record: BlockRecord, payloadBytes = PAYLOAD_BYTES): Uint8Array {
  return encode(
    (writer) => {
      writer.u8(record.kind);
      if (record.kind === KIND_SLOT) {
        writer.u8(record.class).u8(record.state);
        writer.fixed(record.publicKey, KEY_BYTES).fixed(record.slotId, SLOT_ID_BYTES);
        writer.fixed(rankOf(record.version), RANK_BYTES).fixed(record.signature, SIGNATURE_BYTES);
      }
      writer.fixed(record.payload, payloadBytes);
    },
    RECORD_BYTES[record.kind] - PAYLOAD_BYTES + payloadBytes,
  );
}

/** Byte fields of the result are views into `bytes`. `payloadBytes` is the network's (network-parameters.ts). */
export function decodeRecord(bytes: Uint8Array, payloadBytes = PAYLOAD_BYTES): Result<BlockRecord, WireErrorCode> {
  return decode<BlockRecord>(bytes, (reader) => {
    const kind = reader.oneOf(RECORD_KINDS);
    if (kind === KIND_CONTENT) return { kind, payload: reader.fixed(payloadBytes) };
    const slotClass = reader.oneOf(SLOT_CLASSES);
    const state = reader.oneOf([STATE_LIVE, STATE_TOMBSTONE]);
    const publicKey = reader.fixed(KEY_BYTES);
    const slotId = reader.fixed(SLOT_ID_BYTES);
    const version = versionOf(reader.fixed(RANK_BYTES));
    const signature = reader.fixed(SIGNATURE_BYTES);
    return {
      kind,
      class: slotClass,
      state,
      publicKey,
      slotId,
      version,
      signature,
      payload: reader.fixed(payloadBytes),
    };
  });
}

/** Two slots of one version whose contents differ: whoever has the key signed both. */
export function contradict(one: BlockRecord, other: BlockRecord): boolean {
  if (one.kind !== KIND_SLOT || other.kind !== KIND_SLOT) return false;
  const isSameVersion = bytesEqual(rankOf(one.version), rankOf(other.version));
  return isSameVersion && !(one.state === other.state && bytesEqual(one.payload, other.payload));
}

/** The version as 14 bytes whose lexicographic order is the order of versions. */
export function rankOf(version: SlotVersion): Uint8Array {
  const rank = new Uint8Array(RANK_BYTES);
  let rest = version.counter;
  for (let index = COUNTER_BYTES - 1; index >= 0; index -= 1) {
    rank[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  rank.set(version.tie, COUNTER_BYTES);
  return rank;
}

export function versionOf(rank: Uint8Array): SlotVersion {
  let counter = 0;
  for (let index = 0; index < COUNTER_BYTES; index += 1) counter = counter * 256 + rank[index]!;
  return { counter, tie: rank.subarray(COUNTER_BYTES, RANK_BYTES) };
}

export function contentAddress(crypto: Crypto, payload: Uint8Array): Uint8Array {
  return crypto.hash('content', payload);
}

export function slotAddress(
  crypto: Crypto,
  slotClass: SlotClass,
  publicKey: Uint8Array,
  slotId: Uint8Array,
): Uint8Array {
  const classByte = Uint8Array.of(slotClass);
  return slotClass === CLASS_CONTESTED
    ? crypto.hash('slot', classByte, slotId)
    : crypto.hash('slot', classByte, publicKey, slotId);
}

/** What the work of a contested slot is done for, as stamps are for an address (docs/spec/routing.md): 32 bytes. */
export function contestDigest(crypto: Crypto, slot: Pick<SlotRecord, 'publicKey' | 'slotId' | 'payload'>): Uint8Array {
  return crypto.hash('contest', slot.publicKey, slot.slotId, slot.payload);
}

/** What the key of a slot signs: 32 bytes. */
export function slotDigest(crypto: Crypto, slot: Omit<SlotRecord, 'signature' | 'kind'>): Uint8Array {
  return crypto.hash(
    'slot record',
    Uint8Array.of(slot.class),
    Uint8Array.of(slot.state),
    slot.publicKey,
    slot.slotId,
    rankOf(slot.version),
    slot.payload,
  );
}

/** Associated data of a slot's sealed payload: its address and version. */
export function slotAssociated(address: Uint8Array, version: SlotVersion): Uint8Array {
  return concatBytes(address, rankOf(version));
}

export type RecordFault = WireErrorCode | 'wrong-address' | 'bad-signature' | 'class-forbids';

/**
 * The check that every hop makes before it stores or forwards: the record decodes, belongs to the address, is signed,
 * and its class allows what it says. `address` undefined: whatever the record's own is.
 */
export function verifyRecord(
  crypto: Crypto,
  bytes: Uint8Array,
  address: Uint8Array | undefined,
  payloadBytes = PAYLOAD_BYTES,
): Result<{ readonly record: BlockRecord; readonly address: Uint8Array }, RecordFault> {
  const decoded = decodeRecord(bytes, payloadBytes);
  if (!decoded.ok) return decoded;
  const record = decoded.value;
  const own =
    record.kind === KIND_CONTENT
      ? contentAddress(crypto, record.payload)
      : slotAddress(crypto, record.class, record.publicKey, record.slotId);
  if (address !== undefined && !own.every((byte, index) => byte === address[index])) return fail('wrong-address');
  if (record.kind === KIND_SLOT) {
    if (!classAllows(crypto, record)) return fail('class-forbids');
    if (!crypto.verify(record.signature, slotDigest(crypto, record), record.publicKey)) return fail('bad-signature');
  }
  return ok({ record, address: own });
}

/**
 * updatable: any version from 1. delete-only: live at version 1 or a tombstone at version 2. fixed: live at version 1.
 * contested: live, at the version that its work makes it. Nothing begins as a tombstone.
 */
function classAllows(crypto: Crypto, slot: SlotRecord): boolean {
  const { counter } = slot.version;
  const live = slot.state === STATE_LIVE;
  switch (slot.class) {
    case CLASS_UPDATABLE:
      return live ? counter >= 1 : counter >= 2;
    case CLASS_DELETE_ONLY:
      return live ? counter === 1 : counter === 2;
    case CLASS_FIXED:
      return live && counter === 1;
    case CLASS_CONTESTED:
      return live && counter >= 1 && counter === stampBits(crypto, contestDigest(crypto, slot), slot.version.tie);
  }
}

/** The rank by which a store replaces a held record, or undefined where the first seen stays. */
export function replacementRank(record: BlockRecord): Uint8Array | undefined {
  return record.kind === KIND_SLOT && record.class !== CLASS_FIXED ? rankOf(record.version) : undefined;
}

/** How a verified record is filed. */
export function storeEntry(address: Uint8Array, record: BlockRecord, bytes: Uint8Array, place: Place): StoreEntry {
  const kind = record.kind === KIND_CONTENT ? 'content' : record.state === STATE_TOMBSTONE ? 'tombstone' : 'slot';
  const rank = replacementRank(record);
  const entry = { address, record: bytes, kind, place } as const;
  return rank === undefined ? entry : { ...entry, rank };
}
