/**
 * Messages of the channel `transfer`: docs/spec/transfers.md has the table.
 *
 *   ask      type = 1, root (32)
 *   offer    type = 2, root (32), size (uint), flag (1); with 1 a bitmap behind its length
 *   lack     type = 3, root (32)
 *   place    type = 4, root (32), place (uint), waiting (uint)
 *   go       type = 5, root (32)
 *   over     type = 6, root (32)
 *   page     type = 7, id (4), root (32), level (1), index (uint)
 *   hashes   type = 8, id (4), count, then that many hashes (32)
 *   fetch    type = 9, id (4), root (32), chunk (uint)
 *   part     type = 10, id (4), offset (uint), bytes to the end
 *   refuse   type = 11, id (4), reason (1)
 *   cancel   type = 12, id (4)
 *   have     type = 13, root (32), count, then that many chunks (uint)
 *   sources asked  type = 14, root (32)
 *   sources  type = 15, root (32), count, then that many: contact (contact.ts), expires (4), signature (64)
 *   browse   type = 16, then as in shelf-messages.ts
 *   shelf    type = 17, then as in shelf-messages.ts
 */
import type { Result } from '../../../shared/base/result.ts';
import { MAX_HAVE_CHUNKS, MAX_OFFER_BITMAP_BYTES, MAX_PART_BYTES, MAX_TOLD_SOURCES } from '../limits.ts';
import type { KnownNode } from '../ports.ts';
import { decode, encode } from './codec.ts';
import type { Reader, WireErrorCode } from './codec.ts';
import { MAX_CONTACT_BYTES, readContact, writeContact } from './contact.ts';
import { HASH_BYTES } from '../transfer/tree.ts';
import { entryBytes, readBrowse, readShelf, writeBrowse, writeShelf } from './shelf-messages.ts';
import type { BrowseMessage, ShelfMessage } from './shelf-messages.ts';
import { SIGNATURE_BYTES } from './record.ts';

/** Hashes of a page of the tree: one message has them (docs/spec/transfers.md). */
export const PAGE_HASHES = 1_024;
/** Levels of a binary tree over 2^53 bytes in chunks of 64 KiB, at most. */
const MAX_LEVEL = 40;

/** 0 not here, 1 no slot, 2 cannot be read now. */
export const REFUSE_LACK = 0;
export const REFUSE_NO_SLOT = 1;
export const REFUSE_UNREADABLE = 2;
export type RefuseReason = 0 | 1 | 2;

/** A node's own word that it has a file, or a part of it. */
export interface SourceRecord {
  readonly contact: KnownNode;
  /** Minutes since 1970-01-01 UTC. */
  readonly expiresMinutes: number;
  readonly signature: Uint8Array;
}

interface OfFile {
  readonly root: Uint8Array;
}

export type TransferMessage =
  | ({ readonly type: 'ask' | 'lack' | 'go' | 'over' | 'sourcesAsked' } & OfFile)
  /** `held`: undefined when it has all. */
  | ({ readonly type: 'offer'; readonly sizeBytes: number; readonly held: Uint8Array | undefined } & OfFile)
  | ({ readonly type: 'place'; readonly place: number; readonly waiting: number } & OfFile)
  | ({ readonly type: 'page'; readonly id: number; readonly level: number; readonly index: number } & OfFile)
  /** Concatenated. */
  | { readonly type: 'hashes'; readonly id: number; readonly hashes: Uint8Array }
  | ({ readonly type: 'fetch'; readonly id: number; readonly chunk: number } & OfFile)
  /** `bytes` is a view into the message when it was decoded. */
  | { readonly type: 'part'; readonly id: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'refuse'; readonly id: number; readonly reason: RefuseReason }
  | { readonly type: 'cancel'; readonly id: number }
  | ({ readonly type: 'have'; readonly chunks: readonly number[] } & OfFile)
  | ({ readonly type: 'sources'; readonly sources: readonly SourceRecord[] } & OfFile)
  | BrowseMessage
  | ShelfMessage;

const PLAIN = { ask: 1, lack: 3, go: 5, over: 6, sourcesAsked: 14 } as const;

export function encodeTransferMessage(message: TransferMessage): Uint8Array {
  return encode((writer) => {
    switch (message.type) {
      case 'offer':
        writer
          .u8(2)
          .fixed(message.root, HASH_BYTES)
          .uint(message.sizeBytes)
          .bool(message.held !== undefined);
        if (message.held !== undefined) writer.bytes(message.held);
        return;
      case 'place':
        writer.u8(4).fixed(message.root, HASH_BYTES).uint(message.place).uint(message.waiting);
        return;
      case 'page':
        writer.u8(7).u32(message.id).fixed(message.root, HASH_BYTES).u8(message.level).uint(message.index);
        return;
      case 'hashes':
        writer
          .u8(8)
          .u32(message.id)
          .uint(message.hashes.length / HASH_BYTES);
        writer.fixed(message.hashes, message.hashes.length);
        return;
      case 'fetch':
        writer.u8(9).u32(message.id).fixed(message.root, HASH_BYTES).uint(message.chunk);
        return;
      case 'part':
        writer.u8(10).u32(message.id).uint(message.offset).fixed(message.bytes, message.bytes.length);
        return;
      case 'refuse':
        writer.u8(11).u32(message.id).u8(message.reason);
        return;
      case 'cancel':
        writer.u8(12).u32(message.id);
        return;
      case 'have':
        writer.u8(13).fixed(message.root, HASH_BYTES);
        writer.list(message.chunks, (list, chunk) => list.uint(chunk));
        return;
      case 'sources':
        writer.u8(15).fixed(message.root, HASH_BYTES);
        writer.list(message.sources, (list, source) => {
          writeContact(list, source.contact);
          list.u32(source.expiresMinutes).fixed(source.signature, SIGNATURE_BYTES);
        });
        return;
      case 'browse':
        return writeBrowse(writer.u8(16), message);
      case 'shelf':
        return writeShelf(writer.u8(17), message);
      default:
        writer.u8(PLAIN[message.type]).fixed(message.root, HASH_BYTES);
    }
  }, capacityOf(message));
}

/** Byte fields are copies, but for the bytes of a part. */
export function decodeTransferMessage(bytes: Uint8Array): Result<TransferMessage, WireErrorCode> {
  return decode<TransferMessage>(bytes, (reader) => {
    const type = reader.oneOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    switch (type) {
      case 1:
        return { type: 'ask', root: readRoot(reader) };
      case 2: {
        const [root, sizeBytes, isPart] = [readRoot(reader), reader.uint(), reader.bool()];
        return {
          type: 'offer',
          root,
          sizeBytes,
          held: isPart ? reader.bytes(MAX_OFFER_BITMAP_BYTES).slice() : undefined,
        };
      }
      case 3:
        return { type: 'lack', root: readRoot(reader) };
      case 4:
        return { type: 'place', root: readRoot(reader), place: reader.uint(), waiting: reader.uint() };
      case 5:
        return { type: 'go', root: readRoot(reader) };
      case 6:
        return { type: 'over', root: readRoot(reader) };
      case 7: {
        const [id, root, level] = [reader.u32(), readRoot(reader), reader.u8()];
        if (level > MAX_LEVEL) reader.fail('too-long');
        return { type: 'page', id, root, level, index: reader.uint() };
      }
      case 8: {
        const id = reader.u32();
        return { type: 'hashes', id, hashes: reader.fixed(reader.uint(PAGE_HASHES) * HASH_BYTES).slice() };
      }
      case 9:
        return { type: 'fetch', id: reader.u32(), root: readRoot(reader), chunk: reader.uint() };
      case 10: {
        const [id, offset] = [reader.u32(), reader.uint()];
        if (reader.remaining > MAX_PART_BYTES) reader.fail('too-long');
        return { type: 'part', id, offset, bytes: reader.rest() };
      }
      case 11:
        return { type: 'refuse', id: reader.u32(), reason: reader.oneOf([0, 1, 2]) };
      case 12:
        return { type: 'cancel', id: reader.u32() };
      case 13:
        return { type: 'have', root: readRoot(reader), chunks: reader.list(MAX_HAVE_CHUNKS, (list) => list.uint()) };
      case 14:
        return { type: 'sourcesAsked', root: readRoot(reader) };
      case 15:
        return { type: 'sources', root: readRoot(reader), sources: reader.list(MAX_TOLD_SOURCES, readSource) };
      case 16:
        return readBrowse(reader);
      case 17:
        return readShelf(reader);
    }
  });
}

function readSource(reader: Reader): SourceRecord {
  const [contact, expiresMinutes] = [readContact(reader), reader.u32()];
  return { contact, expiresMinutes, signature: reader.fixed(SIGNATURE_BYTES).slice() };
}

function readRoot(reader: Reader): Uint8Array {
  return reader.fixed(HASH_BYTES).slice();
}

/** Bytes that `Writer.uint` takes for it. */
function uintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** So that long ones are written in one piece. */
function capacityOf(message: TransferMessage): number {
  switch (message.type) {
    case 'part':
      // To the byte: what is left over would be cut off by copying all of it once more.
      return 5 + uintBytes(message.offset) + message.bytes.length;
    case 'hashes':
      return 8 + message.hashes.length;
    case 'offer':
      return 64 + (message.held?.length ?? 0);
    case 'shelf':
      if (typeof message.shelf === 'string') return 8;
      return message.shelf.entries.reduce((sum, entry) => sum + entryBytes(entry), 32);
    case 'browse':
      return 2_048;
    case 'sources':
      return 48 + message.sources.length * (MAX_CONTACT_BYTES + 4 + SIGNATURE_BYTES);
    default:
      return 64;
  }
}
