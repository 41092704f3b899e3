/** What a hostile peer says: every message of every channel in its right form, records that verify and mean nothing, and what claims too much. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { seededRandom } from '../support/seeded-random.ts';
import { searchMessages } from '../support/search-arbitraries.ts';
import { linkMessages, routeMessages } from '../support/wire-arbitraries.ts';
import type { ChannelName } from '../../src-main/core/ports.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { encodeLinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { encodeRouteMessage, MESSAGE_ID_BYTES } from '../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../src-main/core/wire/messages.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  PAYLOAD_BYTES,
  slotAddress,
  slotDigest,
  STATE_LIVE,
} from '../../src-main/core/wire/record.ts';
import { encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../../src-main/transport/limits.ts';
import { transferMessages } from '../support/transfer-arbitraries.ts';
import { encodeTransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { crypto, newKeyPair } from './peer-links.ts';

export interface Said {
  readonly channel: ChannelName;
  readonly bytes: Uint8Array;
}

export interface MadeRecord {
  readonly record: Uint8Array;
  readonly address: Uint8Array;
  readonly stamp: Uint8Array;
}

/** Of each type; they are said again and again. */
const SAMPLES = 100;
/** Of records of 33 KB. */
const RECORDS = 32;

/** Encoded messages of one type of each channel, always the same for one seed: `route/request` and so on. */
export function messagesByType(seed: number): ReadonlyMap<string, readonly Said[]> {
  const all = new Map<string, readonly Said[]>();
  const add = <Message>(
    channel: ChannelName,
    arbitraries: { readonly [type: string]: fc.Arbitrary<Message> },
    encode: (message: Message) => Uint8Array,
  ): void => {
    for (const [type, arbitrary] of Object.entries(arbitraries)) {
      const drawn = fc.sample(arbitrary, { seed, numRuns: SAMPLES });
      all.set(
        `${channel}/${type}`,
        drawn.map((message) => ({ channel, bytes: encode(message) })),
      );
    }
  };
  add('link', linkMessages, encodeLinkMessage);
  add('route', routeMessages, encodeRouteMessage);
  add('search', searchMessages, encodeSearchMessage);
  add('transfer', transferMessages, encodeTransferMessage);
  return all;
}

/** Under an id of its own: ids are at the same place in every message of the channel `route`. */
export function withFreshId({ channel, bytes }: Said): Said {
  if (channel !== 'route') return { channel, bytes };
  const copy = bytes.slice();
  copy.set(randomBytes(MESSAGE_ID_BYTES), 1);
  return { channel, bytes: copy };
}

/** Blocks of nothing, and slots of keys that were made up: both verify, and both have their stamps. */
export function validRecords(seed: number, stampBits: number): MadeRecord[] {
  const random = seededRandom(seed);
  return Array.from({ length: RECORDS }, (_, index) => {
    const payload = new Uint8Array(random.bytes(PAYLOAD_BYTES));
    if (index % 2 === 0) {
      const address = crypto.hash('content', payload);
      return stamped(encodeRecord({ kind: KIND_CONTENT, payload }), address, stampBits);
    }
    return signedSlot(payload, random.bytes(32), index, stampBits, newKeyPair());
  });
}

/** Pairs of slots that were signed for the same place and the same version, and differ. */
export function contradictions(seed: number, stampBits: number): MadeRecord[] {
  const random = seededRandom(seed);
  return Array.from({ length: RECORDS / 2 }, () => {
    const [keyPair, slotId] = [newKeyPair(), random.bytes(32)];
    return [0, 1].map(() => signedSlot(random.bytes(PAYLOAD_BYTES), slotId, 1, stampBits, keyPair));
  }).flat();
}

function signedSlot(
  payload: Uint8Array,
  slotId: Uint8Array,
  counter: number,
  stampBits: number,
  { publicKey, secretKey }: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
): MadeRecord {
  const unsigned = {
    class: CLASS_UPDATABLE,
    state: STATE_LIVE,
    publicKey,
    slotId,
    version: { counter, tie: new Uint8Array(8).fill(1) },
    payload,
  } as const;
  const signature = crypto.sign(slotDigest(crypto, unsigned), secretKey);
  const record = encodeRecord({ ...unsigned, kind: KIND_SLOT, signature });
  return stamped(record, slotAddress(crypto, CLASS_UPDATABLE, publicKey, slotId), stampBits);
}

function stamped(record: Uint8Array, address: Uint8Array, stampBits: number): MadeRecord {
  return { record, address, stamp: findStamp(crypto, address, stampBits) };
}

const PLACING = ['replicate', 'insert', 'stemInsert'] as const;

/** Asks to store a record, in one of the three ways in turn. */
export function placing({ record, stamp }: MadeRecord, turn: number, id = fresh()): Said {
  const type = PLACING[turn % PLACING.length]!;
  const message: RouteMessage =
    type === 'replicate'
      ? { type, id, stamp, record }
      : type === 'insert'
        ? { type, id, priority: 1, htl: 10, stamp, record }
        : { type, id, priority: 1, stamp, record };
  return { channel: 'route', bytes: encodeRouteMessage(message) };
}

/** Asks for a record that is there, or for one that is nowhere. */
export function asking(address: Uint8Array, isSlot: boolean, turn: number, id = fresh()): Said {
  const kind = isSlot ? KIND_SLOT : KIND_CONTENT;
  const priority = turn % 2 === 0 ? 0 : 1;
  return {
    channel: 'route',
    bytes: encodeRouteMessage(
      turn % 3 === 0
        ? { type: 'stemRequest', id, kind, priority, address }
        : { type: 'request', id, kind, priority, htl: 10, address },
    ),
  };
}

/** Counts and lengths that are not there, in each place of the messages that have any: the largest that the form can say. */
export function overclaims(seed: number): Said[] {
  const claims: Said[] = [];
  for (const samples of messagesByType(seed).values()) {
    const { channel, bytes } = samples[0]!;
    for (let at = 1; at < Math.min(bytes.length, 96); at += 1) {
      // A whole number of eight bytes at its highest, and one byte that says that much follows.
      const long = new Uint8Array(bytes.length + 8).fill(0xff);
      long.set(bytes.subarray(0, at));
      claims.push({ channel, bytes: long }, { channel, bytes: bytes.with(at, 0xff) });
    }
  }
  claims.push({ channel: 'route', bytes: new Uint8Array(MAX_TRANSPORT_MESSAGE_BYTES).fill(0xff) });
  return claims;
}

export function fresh(): Uint8Array {
  return new Uint8Array(randomBytes(MESSAGE_ID_BYTES));
}
