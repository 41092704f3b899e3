/**
 * What is kept of the wire: of each version of the protocol a file (test/vectors/wire) with messages of each kind as that version wrote them.
 * Every later version decodes them. Entries are added and never changed: `node test/vectors/wire-fixtures.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../../shared/base/bytes.ts';
import type { Result } from '../../shared/base/result.ts';
import { decodeLinkMessage, encodeLinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { decodeListingRecord } from '../../src-main/core/wire/listing-record.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import { decodeRecord, KIND_CONTENT } from '../../src-main/core/wire/record.ts';
import type { BlockRecord } from '../../src-main/core/wire/record.ts';
import { decodeSearchMessage, encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { decodeControl, encodeControl } from '../../src-main/transport/hyperswarm/control.ts';
import { decodePath, decodeTaken, encodePath, encodeTaken } from '../../src-main/transport/hyperswarm/path-messages.ts';
import { decodeRelay, encodeRelay } from '../../src-main/transport/hyperswarm/relay/messages.ts';
import { LINK_MESSAGES, MESSAGES, printable } from './message-vectors.ts';
import { LISTINGS, SEARCH_MESSAGES } from './search-vectors.ts';
import {
  CONTROLS,
  encodeShortRecord,
  PATHS,
  RECORDS,
  RELAYS,
  SHORT_PAYLOAD_BYTES,
  TAKEN,
  TRANSFERS,
} from './wire-samples.ts';

/** One codec of the wire. */
export interface KeptCodec {
  readonly samples: readonly Uint8Array[];
  /** What was read, as JSON has it, and its kind; undefined for what is refused. */
  read(bytes: Uint8Array): { readonly kind: string; readonly value: unknown } | undefined;
  /** What it writes of what it read; absent where that cannot be written again without a key. */
  write?(bytes: Uint8Array): Uint8Array;
}

export interface KeptMessage {
  readonly channel: string;
  readonly kind: string;
  readonly value: unknown;
  /** In hexadecimal. */
  readonly bytes: string;
}

function codec<Value>(
  samples: readonly Value[],
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => Value | undefined,
  kindOf: (value: Value) => string,
): KeptCodec {
  return {
    samples: samples.map(encode),
    read(bytes) {
      const value = decode(bytes);
      // As JSON has it, so that a field that is not there is none.
      return value === undefined
        ? undefined
        : { kind: kindOf(value), value: JSON.parse(JSON.stringify(printable(value))) };
    },
    write: (bytes) => encode(decode(bytes)!),
  };
}

const valueOf = <Value>(result: Result<Value, string>): Value | undefined => (result.ok ? result.value : undefined);
const typeOf = ({ type }: { readonly type: string }): string => type;
const kindOf = ({ kind }: { readonly kind: string }): string => kind;
const recordKind = (record: BlockRecord): string =>
  record.kind === KIND_CONTENT ? 'content' : `slot of class ${record.class}, state ${record.state}`;

/** By the names of the channels; `record` and `listing` are carried by several. */
export const CODECS: Readonly<Record<string, KeptCodec>> = {
  link: codec(LINK_MESSAGES, encodeLinkMessage, (bytes) => valueOf(decodeLinkMessage(bytes)), typeOf),
  route: codec(MESSAGES, encodeRouteMessage, (bytes) => valueOf(decodeRouteMessage(bytes)), typeOf),
  search: codec(SEARCH_MESSAGES, encodeSearchMessage, (bytes) => valueOf(decodeSearchMessage(bytes)), typeOf),
  transfer: codec(TRANSFERS, encodeTransferMessage, (bytes) => valueOf(decodeTransferMessage(bytes)), typeOf),
  ping: codec(CONTROLS, encodeControl, decodeControl, kindOf),
  path: codec(PATHS, encodePath, decodePath, kindOf),
  relay: codec(RELAYS, encodeRelay, decodeRelay, kindOf),
  taken: codec(TAKEN, encodeTaken, decodeTaken, () => 'taken'),
  record: codec(RECORDS, encodeShortRecord, (bytes) => valueOf(decodeRecord(bytes, SHORT_PAYLOAD_BYTES)), recordKind),
  listing: {
    samples: LISTINGS,
    read(bytes) {
      const value = valueOf(decodeListingRecord(bytes));
      return value && { kind: value.kind, value: JSON.parse(JSON.stringify(printable(value))) };
    },
  },
};

const DIRECTORY = join(import.meta.dirname, 'wire');

export function keptVersions(): number[] {
  return readdirSync(DIRECTORY).map((name) => Number(/^(\d+)\.json$/.exec(name)![1]));
}

export function keptPath(version: number): string {
  return join(DIRECTORY, `${version}.json`);
}

export function keptMessages(version: number): KeptMessage[] {
  return existsSync(keptPath(version)) ? JSON.parse(readFileSync(keptPath(version), 'utf8')) : [];
}

/** What the present version writes of each of its samples. */
export function presentMessages(): KeptMessage[] {
  return Object.entries(CODECS).flatMap(([channel, { samples, read }]) =>
    samples.map((bytes) => ({ channel, ...read(bytes)!, bytes: toHex(bytes) })),
  );
}

export const bytesOf = ({ bytes }: KeptMessage): Uint8Array => fromHex(bytes)!;
