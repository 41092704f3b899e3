/** Messages and records that other nodes send. */
import fc from 'fast-check';
import { decodeLinkMessage, encodeLinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { decodeListingRecord, signListing, signListingRemoval } from '../../src-main/core/wire/listing-record.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import {
  decodeRecord,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  SLOT_CLASSES,
  STATE_LIVE,
  STATE_TOMBSTONE,
} from '../../src-main/core/wire/record.ts';
import type { BlockRecord } from '../../src-main/core/wire/record.ts';
import { decodeSearchMessage, encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import type { TransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { decodeControl, encodeControl } from '../../src-main/transport/hyperswarm/control.ts';
import type { ControlMessage } from '../../src-main/transport/hyperswarm/control.ts';
import { decodePath, decodeTaken, encodePath, encodeTaken } from '../../src-main/transport/hyperswarm/path-messages.ts';
import type { PathMessage } from '../../src-main/transport/hyperswarm/path-messages.ts';
import { publication, searchMessages } from '../support/search-arbitraries.ts';
import { linkMessages, routeMessages } from '../support/wire-arbitraries.ts';
import { counting, crypto } from '../vectors/vectors.ts';
import { strict } from './target.ts';
import type { Target } from './target.ts';

const SEED = 1;
const OF_EACH = 4;
/** Records of networks whose payloads are short: the length is a parameter, and most of a long one is looked at by nobody. */
const PAYLOAD_BYTES = 48;

/** Some of each type, always the same. */
function drawn<Message>(
  arbitraries: { readonly [type: string]: fc.Arbitrary<Message> },
  encode: (message: Message) => Uint8Array,
): Uint8Array[] {
  return Object.values(arbitraries).flatMap((arbitrary) =>
    fc.sample(arbitrary, { seed: SEED, numRuns: OF_EACH }).map((message) => encode(message)),
  );
}

const ROOT = counting(32, 7);
const TRANSFERS: readonly TransferMessage[] = [
  ...(['ask', 'lack', 'go', 'over', 'sourcesAsked'] as const).map((type) => ({ type, root: ROOT })),
  { type: 'offer', root: ROOT, sizeBytes: 300_000, held: undefined },
  { type: 'offer', root: ROOT, sizeBytes: 300_000, held: Uint8Array.of(0b10101) },
  { type: 'place', root: ROOT, place: 4, waiting: 11 },
  { type: 'page', id: 9, root: ROOT, level: 10, index: 3 },
  { type: 'hashes', id: 9, hashes: counting(96) },
  { type: 'fetch', id: 10, root: ROOT, chunk: 200 },
  { type: 'part', id: 10, offset: 65_536, bytes: counting(100) },
  { type: 'refuse', id: 10, reason: 1 },
  { type: 'cancel', id: 10 },
  { type: 'have', root: ROOT, chunks: [0, 1, 300] },
  { type: 'browse', id: 11, folder: 'Charts/1911', deep: false, after: undefined },
  { type: 'browse', id: 12, folder: '', deep: false, after: { kind: 'folder', name: 'Charts' } },
  {
    type: 'browse',
    id: 13,
    folder: 'Charts',
    deep: true,
    after: { kind: 'file', folder: '1911', name: 'a.pdf', root: ROOT },
  },
  { type: 'shelf', id: 11, shelf: 'refused' },
  {
    type: 'shelf',
    id: 12,
    shelf: {
      files: 12,
      sizeBytes: 34_000,
      more: true,
      entries: [
        { kind: 'folder', name: 'Charts', files: 11, sizeBytes: 33_000 },
        { kind: 'file', root: ROOT, folder: '', name: 'a.pdf', sizeBytes: 1_000, day: 20_000 },
      ],
    },
  },
  {
    type: 'sources',
    root: ROOT,
    sources: [
      { contact: { publicKey: counting(32) }, expiresMinutes: 5, signature: counting(64) },
      {
        contact: { publicKey: counting(32), host: '198.51.100.7', port: 49_737 },
        expiresMinutes: 6,
        signature: counting(64),
      },
    ],
  },
];

const CONTROLS: readonly ControlMessage[] = [
  { kind: 'hello', instance: counting(16), port: 49_737 },
  { kind: 'ready' },
  { kind: 'ping', number: 3 },
  { kind: 'pong', number: 4 },
  { kind: 'grant', totalBytes: 1_000_000 },
  { kind: 'farewell', reason: 'full' },
];

const PATHS: readonly PathMessage[] = [
  { kind: 'reach', port: 49_737, token: counting(16) },
  { kind: 'switch' },
  { kind: 'lost', taken: 77, grantedBytes: 1_000_000 },
];

function records(): Uint8Array[] {
  const payload = counting(PAYLOAD_BYTES);
  const slots = SLOT_CLASSES.flatMap((slotClass) =>
    ([STATE_LIVE, STATE_TOMBSTONE] as const).map((state): BlockRecord => ({
      kind: KIND_SLOT,
      class: slotClass,
      state,
      publicKey: counting(32),
      slotId: counting(32, 3),
      version: { counter: 5, tie: counting(8) },
      signature: counting(64),
      payload,
    })),
  );
  const all: BlockRecord[] = [{ kind: KIND_CONTENT, payload }, ...slots];
  return all.map((record) => encodeRecord(record, PAYLOAD_BYTES));
}

function listings(): Uint8Array[] {
  const keys = crypto.keyPairFromSeed(counting(32));
  return [
    signListingRemoval(crypto, keys, 1_000),
    ...fc
      .sample(publication, { seed: SEED, numRuns: 8 })
      .map((entry) => signListing(crypto, keys, { ...entry, documentKey: keys.publicKey }, 1_000)),
  ];
}

export const WIRE_TARGETS: readonly Target[] = [
  strict(
    'route message',
    () => drawn(routeMessages, encodeRouteMessage),
    decodeRouteMessage,
    encodeRouteMessage,
    ({ type }) => type,
  ),
  strict(
    'link message',
    () => drawn(linkMessages, encodeLinkMessage),
    decodeLinkMessage,
    encodeLinkMessage,
    ({ type }) => type,
  ),
  strict(
    'search message',
    () => drawn(searchMessages, encodeSearchMessage),
    decodeSearchMessage,
    encodeSearchMessage,
    ({ type }) => type,
  ),
  strict(
    'transfer message',
    () => TRANSFERS.map(encodeTransferMessage),
    decodeTransferMessage,
    encodeTransferMessage,
    ({ type }) => type,
  ),
  strict(
    'control message',
    () => CONTROLS.map(encodeControl),
    (input) => {
      const value = decodeControl(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodeControl,
    ({ kind }) => kind,
  ),
  strict(
    'path message',
    () => PATHS.map(encodePath),
    (input) => {
      const value = decodePath(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodePath,
    ({ kind }) => kind,
  ),
  strict(
    'count of messages taken',
    () => [0, 77, 2 ** 40].map(encodeTaken),
    (input) => {
      const value = decodeTaken(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodeTaken,
    () => 'taken',
  ),
  strict(
    'record',
    records,
    (input) => decodeRecord(input, PAYLOAD_BYTES),
    (record) => encodeRecord(record, PAYLOAD_BYTES),
    ({ kind }) => String(kind),
  ),
  // Its signature stands outside what is decoded, so there is nothing to write it again from.
  strict('listing', listings, decodeListingRecord, undefined, ({ kind }) => kind),
];
