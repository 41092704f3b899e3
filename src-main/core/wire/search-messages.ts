/**
 * Messages of the channel `search`; uint is the codec's LEB128, files, hits and queries are those of search-entries.ts.
 *
 *   role         type = 1, flag (1); with flag 1 the sender is a hub: its hub record (hub-record.ts)
 *   hubs         type = 2, count, at most 10, then that many hub records
 *   askHubs      type = 3
 *   attach       type = 4, purpose (1: 0 leaf, 1 mesh), free slots (1)
 *   attached     type = 5, purpose (1), outcome (1: 0 taken, 1 full, 2 no hub), flag (1); with flag 1 what it has of the leaf's
 *                list: generation, sequence, files (uint each)
 *   detach       type = 6, purpose (1)
 *   change       type = 7, number (uint), begins (1), generation, sequence (uint each), added: count, then files; removed: count,
 *                then roots (32)
 *   changed      type = 8, number (uint), outcome (1: 0 done, 1 full)
 *   slots        type = 9, free slots (1)
 *   query        type = 10, id (16), TTL (1), budget (uint), want (uint), query
 *   hits         type = 11, id (16), hits: count, then hits; last (1); with 1: outcome (1: 0 all, 1 there are more, 2 refused),
 *                hubs asked, hubs that the answer speaks for, messages (uint each)
 *   stop         type = 12, id (16)
 *   table        type = 13, level (1: 1 own words, 2 those of the mesh), bits (1), begins (1), pieces: count, then each:
 *                index (1), bytes behind their length (word-table-patch.ts)
 *   stemQuery    type = 14, id (16), want (uint), query
 *   stemListing  type = 15, id (16), listing or removal behind its length (listing-record.ts)
 *   listed       type = 16, id (16), outcome (1: 0 done, 1 refused, 2 no hubs)
 *   listings     type = 17, count, then each: expires (4, minutes since 1970), listing or removal behind its length
 *   walk         type = 18, id (16), way (1: 0 flood, 1 walker), hops (1), want (uint), query
 *   askListings  type = 19, flag (1); with flag 1 a document key (32): those after it
 *
 * Queries have one id on their whole way, by which doubles show; along a stem every link has one of its own.
 */
import type { Result } from '../../../shared/base/result.ts';
import {
  MAX_HUB_RECORDS_OF_MESSAGE,
  MAX_HUBS_OF_QUERY,
  MAX_LISTINGS_OF_MESSAGE,
  MAX_QUERY_MESSAGES,
  MAX_QUERY_TTL,
  MAX_SEARCH_MESSAGE_BYTES,
  MAX_SHARED_FILES,
  MAX_TABLE_BITS,
  MAX_WALK_HOPS,
  MAX_WANTED,
  MIN_TABLE_BITS,
} from '../limits.ts';
import type { FileEntry, Hit } from '../search/entry.ts';
import type { Query } from '../search/query.ts';
import { PIECE_BITS } from '../search/word-table-patch.ts';
import type { TablePiece } from '../search/word-table-patch.ts';
import { decode, encode } from './codec.ts';
import type { Reader, WireErrorCode, Writer } from './codec.ts';
import { readHubRecord, writeHubRecord } from './hub-record.ts';
import type { HubRecord } from './hub-record.ts';
import { MAX_LISTING_BYTES } from './listing-record.ts';
import { MESSAGE_ID_BYTES } from './messages.ts';
import { ADDRESS_BYTES, KEY_BYTES } from './record.ts';
import { readFile, readHit, readQuery, writeFile, writeHit, writeQuery } from './search-entries.ts';

/** A generation is below this: 48 bits. */
const MAX_GENERATION = 2 ** 48 - 1;
/** Entries or hits of one message: as many of the shortest as fit. */
const MAX_ITEMS = 1_024;
/** Pieces of a word table of 2^22 bits, 2^14 each. */
export const MAX_TABLE_PIECES = 256;
const PURPOSES = ['leaf', 'mesh'] as const;
const ATTACH_OUTCOMES = ['taken', 'full', 'no-hub'] as const;
const LISTED_OUTCOMES = ['done', 'refused', 'no-hubs'] as const;
const HITS_OUTCOMES = ['all', 'more', 'refused'] as const;
const WAYS = ['flood', 'walker'] as const;

export type Purpose = (typeof PURPOSES)[number];

interface WithId {
  readonly id: Uint8Array;
}

export interface AttachedMessage {
  readonly type: 'attached';
  readonly purpose: Purpose;
  readonly outcome: (typeof ATTACH_OUTCOMES)[number];
  readonly state?: { readonly generation: number; readonly sequence: number; readonly files: number };
}

export interface ChangeMessage {
  readonly type: 'change';
  readonly number: number;
  readonly begins: boolean;
  readonly generation: number;
  readonly sequence: number;
  readonly added: readonly FileEntry[];
  readonly removed: readonly Uint8Array[];
}

export interface QueryMessage extends WithId {
  readonly type: 'query';
  readonly ttl: number;
  /** Hubs that may be asked for it beyond the receiver. */
  readonly budget: number;
  readonly want: number;
  readonly query: Query;
}

/** How an answer ended: told with the last part of it. */
export interface HitsEnd {
  readonly outcome: (typeof HITS_OUTCOMES)[number];
  /** Hubs that were asked for it, the answering one included, and messages between hubs. */
  readonly hubs: number;
  /** Hubs of which it says that they have no more: those asked, and those whose word table has not all the words. */
  readonly reach: number;
  readonly messages: number;
}

export interface HitsMessage extends WithId {
  readonly type: 'hits';
  readonly hits: readonly Hit[];
  readonly end?: HitsEnd;
}

export interface TableMessage {
  readonly type: 'table';
  readonly level: 1 | 2;
  readonly bits: number;
  /** All bits are zero before: the table is told anew. */
  readonly begins: boolean;
  readonly pieces: readonly TablePiece[];
}

export interface StemQueryMessage extends WithId {
  readonly type: 'stemQuery';
  readonly want: number;
  readonly query: Query;
}

export interface ListingsMessage {
  readonly type: 'listings';
  readonly listings: readonly { readonly expiresMinutes: number; readonly record: Uint8Array }[];
}

export interface WalkMessage extends WithId {
  readonly type: 'walk';
  readonly way: (typeof WAYS)[number];
  readonly hops: number;
  readonly want: number;
  readonly query: Query;
}

export type SearchMessage =
  | { readonly type: 'role'; readonly hub?: HubRecord }
  | { readonly type: 'hubs'; readonly hubs: readonly HubRecord[] }
  | { readonly type: 'askHubs' }
  | { readonly type: 'attach'; readonly purpose: Purpose; readonly freeSlots: number }
  | AttachedMessage
  | { readonly type: 'detach'; readonly purpose: Purpose }
  | ChangeMessage
  | { readonly type: 'changed'; readonly number: number; readonly outcome: 'done' | 'full' }
  | { readonly type: 'slots'; readonly freeSlots: number }
  | QueryMessage
  | HitsMessage
  | ({ readonly type: 'stop' } & WithId)
  | TableMessage
  | StemQueryMessage
  | ({ readonly type: 'stemListing'; readonly record: Uint8Array } & WithId)
  | ({ readonly type: 'listed'; readonly outcome: (typeof LISTED_OUTCOMES)[number] } & WithId)
  | ListingsMessage
  | WalkMessage
  | { readonly type: 'askListings'; readonly after?: Uint8Array };

const TYPE_NUMBERS = {
  role: 1,
  hubs: 2,
  askHubs: 3,
  attach: 4,
  attached: 5,
  detach: 6,
  change: 7,
  changed: 8,
  slots: 9,
  query: 10,
  hits: 11,
  stop: 12,
  table: 13,
  stemQuery: 14,
  stemListing: 15,
  listed: 16,
  listings: 17,
  walk: 18,
  askListings: 19,
} as const satisfies Record<SearchMessage['type'], number>;

const TYPES = Object.keys(TYPE_NUMBERS) as SearchMessage['type'][];

export function encodeSearchMessage(message: SearchMessage): Uint8Array {
  return encode((writer) => writeBody(writer.u8(TYPE_NUMBERS[message.type]), message));
}

function writeBody(writer: Writer, message: SearchMessage): void {
  switch (message.type) {
    case 'role':
      writer.bool(message.hub !== undefined);
      if (message.hub !== undefined) writeHubRecord(writer, message.hub);
      return;
    case 'hubs':
      writer.list(message.hubs, writeHubRecord);
      return;
    case 'askHubs':
      return;
    case 'attach':
      writer.u8(PURPOSES.indexOf(message.purpose)).u8(message.freeSlots);
      return;
    case 'attached':
      writer.u8(PURPOSES.indexOf(message.purpose)).u8(ATTACH_OUTCOMES.indexOf(message.outcome));
      writer.bool(message.state !== undefined);
      if (message.state !== undefined)
        writer.uint(message.state.generation).uint(message.state.sequence).uint(message.state.files);
      return;
    case 'detach':
      writer.u8(PURPOSES.indexOf(message.purpose));
      return;
    case 'change':
      writer.uint(message.number).bool(message.begins).uint(message.generation).uint(message.sequence);
      writer.list(message.added, writeFile).list(message.removed, (list, root) => list.fixed(root, ADDRESS_BYTES));
      return;
    case 'changed':
      writer.uint(message.number).bool(message.outcome === 'full');
      return;
    case 'slots':
      writer.u8(message.freeSlots);
      return;
    case 'query':
      writer.fixed(message.id, MESSAGE_ID_BYTES).u8(message.ttl).uint(message.budget).uint(message.want);
      return writeQuery(writer, message.query);
    case 'hits':
      writer
        .fixed(message.id, MESSAGE_ID_BYTES)
        .list(message.hits, writeHit)
        .bool(message.end !== undefined);
      if (message.end !== undefined)
        writer
          .u8(HITS_OUTCOMES.indexOf(message.end.outcome))
          .uint(message.end.hubs)
          .uint(message.end.reach)
          .uint(message.end.messages);
      return;
    case 'stop':
      writer.fixed(message.id, MESSAGE_ID_BYTES);
      return;
    case 'table':
      writer.u8(message.level).u8(message.bits).bool(message.begins);
      writer.list(message.pieces, (list, piece) => list.u8(piece.index).bytes(piece.bytes));
      return;
    case 'stemQuery':
      return writeQuery(writer.fixed(message.id, MESSAGE_ID_BYTES).uint(message.want), message.query);
    case 'stemListing':
      writer.fixed(message.id, MESSAGE_ID_BYTES).bytes(message.record);
      return;
    case 'listed':
      writer.fixed(message.id, MESSAGE_ID_BYTES).u8(LISTED_OUTCOMES.indexOf(message.outcome));
      return;
    case 'listings':
      writer.list(message.listings, (list, { expiresMinutes, record }) => list.u32(expiresMinutes).bytes(record));
      return;
    case 'walk':
      writer.fixed(message.id, MESSAGE_ID_BYTES).u8(WAYS.indexOf(message.way)).u8(message.hops).uint(message.want);
      return writeQuery(writer, message.query);
    case 'askListings':
      writer.bool(message.after !== undefined);
      if (message.after !== undefined) writer.fixed(message.after, KEY_BYTES);
  }
}

/** Byte fields of the result are copies, pieces and records of listings views into `bytes`. */
export function decodeSearchMessage(bytes: Uint8Array): Result<SearchMessage, WireErrorCode> {
  return decode<SearchMessage>(bytes, (reader) => {
    if (bytes.length > MAX_SEARCH_MESSAGE_BYTES) reader.fail('too-long');
    return readBody(reader, TYPES[reader.u8() - 1] ?? reader.fail('unknown-value'));
  });
}

function readBody(reader: Reader, type: SearchMessage['type']): SearchMessage {
  switch (type) {
    case 'role':
      return reader.bool() ? { type, hub: readHubRecord(reader) } : { type };
    case 'hubs':
      return { type, hubs: reader.list(MAX_HUB_RECORDS_OF_MESSAGE, readHubRecord) };
    case 'askHubs':
      return { type };
    case 'attach':
      return { type, purpose: readName(reader, PURPOSES), freeSlots: reader.u8() };
    case 'attached':
      return readAttached(reader);
    case 'detach':
      return { type, purpose: readName(reader, PURPOSES) };
    case 'change':
      return {
        type,
        number: reader.uint(),
        begins: reader.bool(),
        generation: reader.uint(MAX_GENERATION),
        sequence: reader.uint(),
        added: reader.list(MAX_ITEMS, readFile),
        removed: reader.list(MAX_ITEMS, (list) => list.fixed(ADDRESS_BYTES).slice()),
      };
    case 'changed':
      return { type, number: reader.uint(), outcome: reader.bool() ? 'full' : 'done' };
    case 'slots':
      return { type, freeSlots: reader.u8() };
    case 'query': {
      const head = { type, id: readId(reader), ttl: reader.uint(MAX_QUERY_TTL) } as const;
      return { ...head, budget: reader.uint(MAX_HUBS_OF_QUERY), want: readWant(reader), query: readQuery(reader) };
    }
    case 'hits': {
      const head = { type, id: readId(reader), hits: reader.list(MAX_ITEMS, readHit) } as const;
      return reader.bool() ? { ...head, end: readEnd(reader) } : head;
    }
    case 'stop':
      return { type, id: readId(reader) };
    case 'table':
      return readTable(reader);
    case 'stemQuery':
      return { type, id: readId(reader), want: readWant(reader), query: readQuery(reader) };
    case 'stemListing':
      return { type, id: readId(reader), record: reader.bytes(MAX_LISTING_BYTES).slice() };
    case 'listed':
      return { type, id: readId(reader), outcome: readName(reader, LISTED_OUTCOMES) };
    case 'listings':
      return {
        type,
        listings: reader.list(MAX_LISTINGS_OF_MESSAGE, (list) => ({
          expiresMinutes: list.u32(),
          record: list.bytes(MAX_LISTING_BYTES).slice(),
        })),
      };
    case 'walk': {
      const head = { type, id: readId(reader), way: readName(reader, WAYS), hops: reader.uint(MAX_WALK_HOPS) } as const;
      return { ...head, want: readWant(reader), query: readQuery(reader) };
    }
    case 'askListings':
      return reader.bool() ? { type, after: reader.fixed(KEY_BYTES).slice() } : { type };
  }
}

function readAttached(reader: Reader): AttachedMessage {
  const head = {
    type: 'attached',
    purpose: readName(reader, PURPOSES),
    outcome: readName(reader, ATTACH_OUTCOMES),
  } as const;
  if (!reader.bool()) return head;
  const [generation, sequence] = [reader.uint(MAX_GENERATION), reader.uint()];
  return { ...head, state: { generation, sequence, files: reader.uint(MAX_SHARED_FILES) } };
}

function readTable(reader: Reader): TableMessage {
  const level = reader.oneOf([1, 2]);
  const bits = reader.u8();
  if (bits < MIN_TABLE_BITS || bits > MAX_TABLE_BITS) reader.fail('unknown-value');
  const begins = reader.bool();
  const pieces = reader.list(MAX_TABLE_PIECES, (list) => ({
    index: list.u8(),
    bytes: list.bytes(PIECE_BITS / 8 + 1),
  }));
  return { type: 'table', level, bits, begins, pieces };
}

function readEnd(reader: Reader): HitsEnd {
  const outcome = readName(reader, HITS_OUTCOMES);
  const [hubs, reach] = [reader.uint(MAX_QUERY_MESSAGES), reader.uint(MAX_QUERY_MESSAGES)];
  return { outcome, hubs, reach, messages: reader.uint(MAX_QUERY_MESSAGES) };
}

function readId(reader: Reader): Uint8Array {
  return reader.fixed(MESSAGE_ID_BYTES).slice();
}

/** None is wanted by nobody. */
function readWant(reader: Reader): number {
  return reader.uint(MAX_WANTED) || reader.fail('unknown-value');
}

function readName<Name>(reader: Reader, names: readonly Name[]): Name {
  return names[reader.u8()] ?? reader.fail('unknown-value');
}
