/**
 * Messages of the channel `route`.
 *
 *   request     type = 1, id (16), record kind (1), priority (1), htl (1), address (32), flag (1), best rank (14, with flag 1)
 *   insert      type = 2, id (16), priority (1), htl (1), stamp (8), record (to the end)
 *   replicate   type = 3, id (16), stamp (8), record (to the end)
 *   found       type = 4, id (16), hops (1), age (1), flag (1), offer (contact.ts, with flag 1), record (to the end)
 *   stored      type = 5, id (16), hops (1), copies (1), flag (1), offer (with flag 1)
 *   accepted    type = 6, id (16)
 *   notFound 7, loop 8, overload 9, noRoute 10, full 11: type, id (16), htl left (1)
 *   underpaid   type = 12, id (16), bits (1): the stamp that this hop asks for now
 *   stemRequest type = 13, id (16), record kind (1), priority (1), address (32)
 *   stemInsert  type = 14, id (16), priority (1), stamp (8), record (to the end)
 *   seek        type = 15, id (16), htl (1), place on the circle (8)
 *   sought      type = 16, id (16), count, then that many contacts
 *   check       type = 17, id (16), count, then that many addresses (32): which of these records does the receiver keep?
 *   checked     type = 18, id (16), count, then for each, in their order, its proof (16; routing/holdings.ts) or zeros
 *
 * Along a stem every link has an id of its own; where the stem ends a new one is drawn, constant from there on, so that
 * loops show. replicate and check go one hop only.
 */
import type { Result } from '../../../shared/base/result.ts';
import { AGE_STEP_MS, CACHED_SLOT_MS, MAX_CHECKED, MAX_HTL, MAX_SOUGHT, MAX_STAMP_BITS } from '../limits.ts';
import type { KnownNode } from '../ports.ts';
import { decode, encode } from './codec.ts';
import type { Reader, WireErrorCode, Writer } from './codec.ts';
import { contactBytes, MAX_CONTACT_BYTES, readContact, writeContact } from './contact.ts';
import { ADDRESS_BYTES, RANK_BYTES, RECORD_KINDS, SLOT_RECORD_BYTES } from './record.ts';
import type { RecordKind } from './record.ts';

export const MESSAGE_ID_BYTES = 16;
export const STAMP_BYTES = 8;
/** Age at which a cached slot is no longer shown, in steps of AGE_STEP_MS. */
export const MAX_AGE = CACHED_SLOT_MS / AGE_STEP_MS;
/** Of a place in a seek: as many as a location is made from. */
export const PLACE_BYTES = 8;
/** Of the proof that a record is kept: 2^128 guesses are none. */
export const HELD_PROOF_BYTES = 16;
/** Longest message of the channel, in bytes: a slot that was found, with an offer. */
export const MAX_MESSAGE_BYTES = 1 + MESSAGE_ID_BYTES + 3 + MAX_CONTACT_BYTES + SLOT_RECORD_BYTES;

export const PRIORITY_INTERACTIVE = 0;
export const PRIORITY_BULK = 1;
export type WirePriority = typeof PRIORITY_INTERACTIVE | typeof PRIORITY_BULK;

export interface RequestMessage {
  readonly type: 'request';
  readonly id: Uint8Array;
  readonly kind: RecordKind;
  readonly priority: WirePriority;
  readonly htl: number;
  readonly address: Uint8Array;
  /** Rank of the best slot seen so far on the way. */
  readonly best?: Uint8Array;
}

export interface InsertMessage {
  readonly type: 'insert';
  readonly id: Uint8Array;
  readonly priority: WirePriority;
  readonly htl: number;
  /** Proof of work for this record (routing/stamps.ts). */
  readonly stamp: Uint8Array;
  readonly record: Uint8Array;
}

export interface ReplicateMessage {
  readonly type: 'replicate';
  readonly id: Uint8Array;
  readonly stamp: Uint8Array;
  readonly record: Uint8Array;
}

/** What comes back along the greedy way, and along the stem without the offer. */
interface Answer {
  readonly id: Uint8Array;
  /** Greedy hops that the answer has come so far. */
  readonly hops: number;
  /** A node that would be a useful neighbour (routing/folding.ts). */
  readonly offer?: KnownNode;
}

export interface FoundMessage extends Answer {
  readonly type: 'found';
  /** How long a slot has been in caches, in steps of AGE_STEP_MS; 0 of what comes from a store. */
  readonly age: number;
  readonly record: Uint8Array;
}

export interface StoredMessage extends Answer {
  readonly type: 'stored';
  readonly copies: number;
}

export interface AcceptedMessage {
  readonly type: 'accepted';
  readonly id: Uint8Array;
}

export type RefusalType = 'notFound' | 'loop' | 'overload' | 'noRoute' | 'full';

export interface RefusalMessage {
  readonly type: RefusalType;
  readonly id: Uint8Array;
  readonly htl: number;
}

export interface UnderpaidMessage {
  readonly type: 'underpaid';
  readonly id: Uint8Array;
  readonly bits: number;
}

export interface StemRequestMessage {
  readonly type: 'stemRequest';
  readonly id: Uint8Array;
  readonly kind: RecordKind;
  readonly priority: WirePriority;
  readonly address: Uint8Array;
}

export interface StemInsertMessage {
  readonly type: 'stemInsert';
  readonly id: Uint8Array;
  readonly priority: WirePriority;
  readonly stamp: Uint8Array;
  readonly record: Uint8Array;
}

/** Asks for nodes near a place on the circle. Not anonymous: its sender looks for neighbours. */
export interface SeekMessage {
  readonly type: 'seek';
  readonly id: Uint8Array;
  readonly htl: number;
  /** 8 bytes, read as an address is. */
  readonly place: Uint8Array;
}

export interface SoughtMessage {
  readonly type: 'sought';
  readonly id: Uint8Array;
  readonly contacts: readonly KnownNode[];
}

/** Asks a neighbour which of these it keeps: before it is given a copy, and to see that it still has one. */
export interface CheckMessage {
  readonly type: 'check';
  readonly id: Uint8Array;
  /** 1 ... MAX_CHECKED. */
  readonly addresses: readonly Uint8Array[];
}

export interface CheckedMessage {
  readonly type: 'checked';
  readonly id: Uint8Array;
  /** As many as were asked about, in the same order; zeros of what is not kept. */
  readonly proofs: readonly Uint8Array[];
}

export type RouteMessage =
  | RequestMessage
  | InsertMessage
  | ReplicateMessage
  | FoundMessage
  | StoredMessage
  | AcceptedMessage
  | RefusalMessage
  | UnderpaidMessage
  | StemRequestMessage
  | StemInsertMessage
  | SeekMessage
  | SoughtMessage
  | CheckMessage
  | CheckedMessage;

const TYPE_NUMBERS = {
  request: 1,
  insert: 2,
  replicate: 3,
  found: 4,
  stored: 5,
  accepted: 6,
  notFound: 7,
  loop: 8,
  overload: 9,
  noRoute: 10,
  full: 11,
  underpaid: 12,
  stemRequest: 13,
  stemInsert: 14,
  seek: 15,
  sought: 16,
  check: 17,
  checked: 18,
} as const satisfies Record<RouteMessage['type'], number>;

/** Length of each message without its record, its offer, its lists and its best rank. */
const FIXED_BYTES = {
  request: 1 + MESSAGE_ID_BYTES + 3 + ADDRESS_BYTES + 1,
  insert: 1 + MESSAGE_ID_BYTES + 2 + STAMP_BYTES,
  replicate: 1 + MESSAGE_ID_BYTES + STAMP_BYTES,
  found: 1 + MESSAGE_ID_BYTES + 3,
  stored: 1 + MESSAGE_ID_BYTES + 3,
  accepted: 1 + MESSAGE_ID_BYTES,
  notFound: 1 + MESSAGE_ID_BYTES + 1,
  loop: 1 + MESSAGE_ID_BYTES + 1,
  overload: 1 + MESSAGE_ID_BYTES + 1,
  noRoute: 1 + MESSAGE_ID_BYTES + 1,
  full: 1 + MESSAGE_ID_BYTES + 1,
  underpaid: 1 + MESSAGE_ID_BYTES + 1,
  stemRequest: 1 + MESSAGE_ID_BYTES + 2 + ADDRESS_BYTES,
  stemInsert: 1 + MESSAGE_ID_BYTES + 1 + STAMP_BYTES,
  seek: 1 + MESSAGE_ID_BYTES + 1 + PLACE_BYTES,
  sought: 1 + MESSAGE_ID_BYTES + 1,
  check: 1 + MESSAGE_ID_BYTES + 1,
  checked: 1 + MESSAGE_ID_BYTES + 1,
} as const satisfies Record<RouteMessage['type'], number>;

const TYPES = Object.keys(TYPE_NUMBERS) as RouteMessage['type'][];

export function encodeRouteMessage(message: RouteMessage): Uint8Array {
  return encode((writer) => {
    writer.u8(TYPE_NUMBERS[message.type]).fixed(message.id, MESSAGE_ID_BYTES);
    writeBody(writer, message);
  }, encodedBytes(message));
}

/** Exact, so that nothing is copied twice: a writer with room left copies at the end. */
function encodedBytes(message: RouteMessage): number {
  let length: number = FIXED_BYTES[message.type];
  if ('record' in message) length += message.record.length;
  if ('offer' in message && message.offer !== undefined) length += contactBytes(message.offer);
  if (message.type === 'request' && message.best !== undefined) length += RANK_BYTES;
  if (message.type === 'sought') for (const contact of message.contacts) length += contactBytes(contact);
  if (message.type === 'check') length += message.addresses.length * ADDRESS_BYTES;
  if (message.type === 'checked') length += message.proofs.length * HELD_PROOF_BYTES;
  return length;
}

function writeBody(writer: Writer, message: RouteMessage): void {
  switch (message.type) {
    case 'request':
      writer.u8(message.kind).u8(message.priority).u8(message.htl).fixed(message.address, ADDRESS_BYTES);
      writer.bool(message.best !== undefined);
      if (message.best !== undefined) writer.fixed(message.best, RANK_BYTES);
      return;
    case 'insert':
      writer.u8(message.priority).u8(message.htl).fixed(message.stamp, STAMP_BYTES);
      writer.fixed(message.record, message.record.length);
      return;
    case 'replicate':
      writer.fixed(message.stamp, STAMP_BYTES);
      writer.fixed(message.record, message.record.length);
      return;
    case 'found':
      writeOffer(writer.u8(message.hops).u8(message.age), message.offer);
      writer.fixed(message.record, message.record.length);
      return;
    case 'stored':
      writeOffer(writer.u8(message.hops).u8(message.copies), message.offer);
      return;
    case 'underpaid':
      writer.u8(message.bits);
      return;
    case 'stemRequest':
      writer.u8(message.kind).u8(message.priority).fixed(message.address, ADDRESS_BYTES);
      return;
    case 'stemInsert':
      writer.u8(message.priority).fixed(message.stamp, STAMP_BYTES).fixed(message.record, message.record.length);
      return;
    case 'seek':
      writer.u8(message.htl).fixed(message.place, PLACE_BYTES);
      return;
    case 'sought':
      writer.list(message.contacts, writeContact);
      return;
    case 'check':
      writer.list(message.addresses, (to, address) => void to.fixed(address, ADDRESS_BYTES));
      return;
    case 'checked':
      writer.list(message.proofs, (to, proof) => void to.fixed(proof, HELD_PROOF_BYTES));
      return;
    case 'accepted':
      return;
    case 'notFound':
    case 'loop':
    case 'overload':
    case 'noRoute':
    case 'full':
      writer.u8(message.htl);
  }
}

/** Ids and addresses of the result are copies, records views into `bytes`. */
export function decodeRouteMessage(bytes: Uint8Array): Result<RouteMessage, WireErrorCode> {
  return decode<RouteMessage>(bytes, (reader) => {
    const type = TYPES[reader.u8() - 1] ?? reader.fail('unknown-value');
    const id = reader.fixed(MESSAGE_ID_BYTES).slice();
    switch (type) {
      case 'request': {
        const kind = reader.oneOf(RECORD_KINDS);
        const priority = readPriority(reader);
        const htl = reader.uint(MAX_HTL);
        const address = reader.fixed(ADDRESS_BYTES).slice();
        if (!reader.bool()) return { type, id, kind, priority, htl, address };
        return { type, id, kind, priority, htl, address, best: reader.fixed(RANK_BYTES).slice() };
      }
      case 'insert':
        return {
          type,
          id,
          priority: readPriority(reader),
          htl: reader.uint(MAX_HTL),
          stamp: reader.fixed(STAMP_BYTES).slice(),
          record: readRecord(reader),
        };
      case 'replicate':
        return { type, id, stamp: reader.fixed(STAMP_BYTES).slice(), record: readRecord(reader) };
      case 'found': {
        const head = { type, id, hops: readHops(reader), age: readAge(reader) } as const;
        const offer = readOffer(reader);
        const record = readRecord(reader);
        return offer === undefined ? { ...head, record } : { ...head, offer, record };
      }
      case 'stored': {
        const head = { type, id, hops: readHops(reader), copies: reader.u8() } as const;
        const offer = readOffer(reader);
        return offer === undefined ? head : { ...head, offer };
      }
      case 'underpaid':
        return { type, id, bits: reader.uint(MAX_STAMP_BITS) };
      case 'stemRequest': {
        const kind = reader.oneOf(RECORD_KINDS);
        return { type, id, kind, priority: readPriority(reader), address: reader.fixed(ADDRESS_BYTES).slice() };
      }
      case 'stemInsert': {
        const priority = readPriority(reader);
        return { type, id, priority, stamp: reader.fixed(STAMP_BYTES).slice(), record: readRecord(reader) };
      }
      case 'seek':
        return { type, id, htl: reader.uint(MAX_HTL), place: reader.fixed(PLACE_BYTES).slice() };
      case 'sought':
        return { type, id, contacts: reader.list(MAX_SOUGHT, readContact) };
      case 'check': {
        const addresses = reader.list(MAX_CHECKED, (from) => from.fixed(ADDRESS_BYTES).slice());
        return addresses.length === 0 ? reader.fail('unknown-value') : { type, id, addresses };
      }
      case 'checked':
        return { type, id, proofs: reader.list(MAX_CHECKED, (from) => from.fixed(HELD_PROOF_BYTES).slice()) };
      case 'accepted':
        return { type, id };
      case 'notFound':
      case 'loop':
      case 'overload':
      case 'noRoute':
      case 'full':
        return { type, id, htl: reader.uint(MAX_HTL) };
    }
  });
}

function readPriority(reader: Reader): WirePriority {
  return reader.oneOf([PRIORITY_INTERACTIVE, PRIORITY_BULK]);
}

/** More hops than a message may make are no count of them. */
function readHops(reader: Reader): number {
  return reader.uint(2 * MAX_HTL);
}

function readAge(reader: Reader): number {
  const age = reader.u8();
  return age > MAX_AGE ? reader.fail('too-long') : age;
}

function writeOffer(writer: Writer, offer: KnownNode | undefined): void {
  writer.bool(offer !== undefined);
  if (offer !== undefined) writeContact(writer, offer);
}

function readOffer(reader: Reader): KnownNode | undefined {
  return reader.bool() ? readContact(reader) : undefined;
}

/** The record is checked where it is used (record.ts, verifyRecord); here only that it is not too long. */
function readRecord(reader: Reader): Uint8Array {
  if (reader.remaining > SLOT_RECORD_BYTES) reader.fail('too-long');
  return reader.rest();
}
