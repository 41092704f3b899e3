/**
 * Messages of the channels `link` and `route`.
 *
 * link: hello     type = 1, version (1), network (16), target links (1)
 *
 * route: request  type = 1, id (16), record kind (1), priority (1), htl (1), address (32), best known rank (0 or 14, flag before)
 *        insert   type = 2, id (16), priority (1), htl (1), record (to the end)
 *        replicate type = 3, id (16), record (to the end)
 *        found    type = 4, id (16), record (to the end)
 *        stored   type = 5, id (16), copies (1)
 *        accepted type = 6, id (16)
 *        notFound 7, loop 8, overload 9, noRoute 10, full 11: type, id (16), htl left (1)
 *
 * The id of a message is constant along its way, so that loops show; replicate goes one hop only.
 */
import type { Result } from '../../../shared/base/result.ts';
import { MAX_HTL } from '../limits.ts';
import { decode, encode } from './codec.ts';
import type { Reader, WireErrorCode, Writer } from './codec.ts';
import { ADDRESS_BYTES, RANK_BYTES, RECORD_KINDS, SLOT_RECORD_BYTES } from './record.ts';
import type { RecordKind } from './record.ts';

export const PROTOCOL_VERSION = 1;
export const MESSAGE_ID_BYTES = 16;
export const NETWORK_ID_BYTES = 16;
/** Longest message of the channels above, in bytes: an insert of a slot. */
export const MAX_MESSAGE_BYTES = 1 + MESSAGE_ID_BYTES + 2 + SLOT_RECORD_BYTES;

export const PRIORITY_INTERACTIVE = 0;
export const PRIORITY_BULK = 1;
export type WirePriority = typeof PRIORITY_INTERACTIVE | typeof PRIORITY_BULK;

export interface Hello {
  readonly version: number;
  /** First 16 bytes of H("network", its name). */
  readonly network: Uint8Array;
  readonly targetLinks: number;
}

export function encodeHello(hello: Hello): Uint8Array {
  return encode((writer) =>
    writer.u8(1).u8(hello.version).fixed(hello.network, NETWORK_ID_BYTES).u8(hello.targetLinks),
  );
}

export function decodeHello(bytes: Uint8Array): Result<Hello, WireErrorCode> {
  return decode(bytes, (reader) => {
    reader.oneOf([1]);
    const version = reader.u8();
    return { version, network: reader.fixed(NETWORK_ID_BYTES).slice(), targetLinks: reader.u8() };
  });
}

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
  readonly record: Uint8Array;
}

export interface ReplicateMessage {
  readonly type: 'replicate';
  readonly id: Uint8Array;
  readonly record: Uint8Array;
}

export interface FoundMessage {
  readonly type: 'found';
  readonly id: Uint8Array;
  readonly record: Uint8Array;
}

export interface StoredMessage {
  readonly type: 'stored';
  readonly id: Uint8Array;
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

export type RouteMessage =
  RequestMessage | InsertMessage | ReplicateMessage | FoundMessage | StoredMessage | AcceptedMessage | RefusalMessage;

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
} as const satisfies Record<RouteMessage['type'], number>;

const TYPES = Object.keys(TYPE_NUMBERS) as RouteMessage['type'][];

export function encodeRouteMessage(message: RouteMessage): Uint8Array {
  // Exactly as long as a message with a record is, so that its 32 KiB are copied once.
  const capacity = 'record' in message ? message.record.length + (message.type === 'insert' ? 19 : 17) : 80;
  return encode((writer) => {
    writer.u8(TYPE_NUMBERS[message.type]).fixed(message.id, MESSAGE_ID_BYTES);
    writeBody(writer, message);
  }, capacity);
}

function writeBody(writer: Writer, message: RouteMessage): void {
  switch (message.type) {
    case 'request':
      writer.u8(message.kind).u8(message.priority).u8(message.htl).fixed(message.address, ADDRESS_BYTES);
      writer.bool(message.best !== undefined);
      if (message.best !== undefined) writer.fixed(message.best, RANK_BYTES);
      return;
    case 'insert':
      writer.u8(message.priority).u8(message.htl).fixed(message.record, message.record.length);
      return;
    case 'replicate':
    case 'found':
      writer.fixed(message.record, message.record.length);
      return;
    case 'stored':
      writer.u8(message.copies);
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
        return { type, id, priority: readPriority(reader), htl: reader.uint(MAX_HTL), record: readRecord(reader) };
      case 'replicate':
      case 'found':
        return { type, id, record: readRecord(reader) };
      case 'stored':
        return { type, id, copies: reader.u8() };
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

/** The record is checked where it is used (record.ts, verifyRecord); here only that it is not too long. */
function readRecord(reader: Reader): Uint8Array {
  if (reader.remaining > SLOT_RECORD_BYTES) reader.fail('too-long');
  return reader.rest();
}
