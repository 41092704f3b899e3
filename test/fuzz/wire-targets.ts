/** Messages and records that other nodes send. */
import fc from 'fast-check';
import { decodeLinkMessage, encodeLinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { decodeListingRecord, signListing, signListingRemoval } from '../../src-main/core/wire/listing-record.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import { decodeRecord } from '../../src-main/core/wire/record.ts';
import { decodeSearchMessage, encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { decodeControl, encodeControl } from '../../src-main/transport/hyperswarm/control.ts';
import { decodePath, decodeTaken, encodePath, encodeTaken } from '../../src-main/transport/hyperswarm/path-messages.ts';
import { decodeRelay, encodeRelay } from '../../src-main/transport/hyperswarm/relay/messages.ts';
import { publication, searchMessages } from '../support/search-arbitraries.ts';
import { linkMessages, routeMessages } from '../support/wire-arbitraries.ts';
import { counting, crypto } from '../vectors/vectors.ts';
import {
  CONTROLS,
  encodeShortRecord,
  PATHS,
  RECORDS,
  RELAYS,
  SHORT_PAYLOAD_BYTES,
  TAKEN,
  TRANSFERS,
} from '../vectors/wire-samples.ts';
import { strict } from './target.ts';
import type { Target } from './target.ts';

const SEED = 1;
const OF_EACH = 4;

/** Some of each type, always the same. */
function drawn<Message>(
  arbitraries: { readonly [type: string]: fc.Arbitrary<Message> },
  encode: (message: Message) => Uint8Array,
): Uint8Array[] {
  return Object.values(arbitraries).flatMap((arbitrary) =>
    fc.sample(arbitrary, { seed: SEED, numRuns: OF_EACH }).map((message) => encode(message)),
  );
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
    'relay message',
    () => RELAYS.map(encodeRelay),
    (input) => {
      const value = decodeRelay(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodeRelay,
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
    () => TAKEN.map(encodeTaken),
    (input) => {
      const value = decodeTaken(input);
      return value === undefined ? { ok: false, code: 'refused' } : { ok: true, value };
    },
    encodeTaken,
    () => 'taken',
  ),
  strict(
    'record',
    () => RECORDS.map(encodeShortRecord),
    (input) => decodeRecord(input, SHORT_PAYLOAD_BYTES),
    encodeShortRecord,
    ({ kind }) => String(kind),
  ),
  // Its signature stands outside what is decoded, so there is nothing to write it again from.
  strict('listing', listings, decodeListingRecord, undefined, ({ kind }) => kind),
];
