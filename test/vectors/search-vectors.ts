/** Golden vectors of the channel `search`: docs/spec/search.md. */
import { encodeLinkBody } from '../../shared/base/links.ts';
import type { FileEntry, PublicationEntry } from '../../src-main/core/search/entry.ts';
import type { Query } from '../../src-main/core/search/query.ts';
import { signHubRecord } from '../../src-main/core/wire/hub-record.ts';
import { signListing, signListingRemoval } from '../../src-main/core/wire/listing-record.ts';
import { encodeSearchMessage } from '../../src-main/core/wire/search-messages.ts';
import type { SearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { counting, printable } from './message-vectors.ts';

const crypto = createSodiumCrypto();

const id = counting(16, 0x10);
const network = counting(16, 0x20);
const keys = crypto.keyPairFromSeed(counting(32, 0x70));
/** The first of 2030, in each unit. */
const madeMinutes = 31_556_160;
const madeSeconds = madeMinutes * 60;
const day = 21_914;

const contact = { publicKey: keys.publicKey, host: '198.51.100.7', port: 49_737 };
export const HUB_RECORD = signHubRecord(crypto, network, keys, { contact, madeSeconds, leaves: 300, room: 724 });

const song: FileEntry = { root: counting(32, 0x40), name: 'tide.flac', folder: 'sea/1999', sizeBytes: 30_000_000, day };
const link = encodeLinkBody({
  class: 1,
  k: 3,
  n: 10,
  documentKey: keys.publicKey,
  readSecret: counting(16, 0x80),
  namesDigest: counting(16, 0x90),
});
const board: PublicationEntry = {
  documentKey: keys.publicKey,
  link,
  title: 'The harbour board',
  keywords: ['harbour', 'minutes'],
  shape: 'site',
  fileKind: 'document',
  sizeBytes: 123_456,
  day,
};
const listing = signListing(crypto, keys, board, madeMinutes);
const removal = signListingRemoval(crypto, keys, madeMinutes + 1);
export const LISTINGS: readonly Uint8Array[] = [listing, removal];
const query: Query = {
  terms: [
    { kind: 'word', words: ['tide'], excluded: false },
    { kind: 'phrase', words: ['harbour', 'board'], excluded: false },
    { kind: 'prefix', words: ['fla'], excluded: false },
    { kind: 'word', words: ['low'], excluded: true },
  ],
  kind: 'direct',
  fileKinds: ['audio', 'document'],
  minSizeBytes: 10_000_000,
  maxAgeDays: 30,
};
const plain: Query = { terms: [{ kind: 'word', words: ['tide'], excluded: false }] };

export const SEARCH_MESSAGES: readonly SearchMessage[] = [
  { type: 'role' },
  { type: 'role', hub: HUB_RECORD },
  { type: 'hubs', hubs: [HUB_RECORD] },
  { type: 'askHubs' },
  { type: 'attach', purpose: 'leaf', freeSlots: 3 },
  { type: 'attached', purpose: 'leaf', outcome: 'taken', state: { generation: 2 ** 40, sequence: 7, files: 1 } },
  { type: 'attached', purpose: 'mesh', outcome: 'full' },
  { type: 'detach', purpose: 'mesh' },
  { type: 'change', number: 1, begins: true, generation: 2 ** 40, sequence: 7, added: [song], removed: [] },
  { type: 'change', number: 2, begins: false, generation: 2 ** 40, sequence: 8, added: [], removed: [song.root] },
  { type: 'changed', number: 2, outcome: 'done' },
  { type: 'slots', freeSlots: 0 },
  { type: 'query', id, ttl: 2, budget: 140, want: 250, query },
  { type: 'query', id, ttl: 0, budget: 0, want: 1, query: plain },
  {
    type: 'hits',
    id,
    hits: [
      { kind: 'direct', entry: song, source: counting(32, 0xc0), host: '198.51.100.7', port: 49_737, freeSlots: 3 },
      { kind: 'direct', entry: song, source: counting(32, 0xd0), freeSlots: 0 },
      { kind: 'anonymous', entry: board },
    ],
  },
  { type: 'hits', id, hits: [], end: { outcome: 'all', hubs: 9, reach: 33, messages: 20 } },
  { type: 'stop', id },
  { type: 'table', level: 1, bits: 10, begins: true, pieces: [{ index: 0, bytes: counting(6, 1) }] },
  { type: 'stemQuery', id, want: 250, query: plain },
  { type: 'stemListing', id, record: listing },
  { type: 'listed', id, outcome: 'done' },
  { type: 'listings', listings: [{ expiresMinutes: madeMinutes + 20_160, record: listing }] },
  { type: 'walk', id, way: 'walker', hops: 32, want: 250, query: plain },
  { type: 'askListings' },
  { type: 'askListings', after: keys.publicKey },
];

export function searchVectors(): unknown {
  return printable({
    network,
    seed: counting(32, 0x70),
    messages: SEARCH_MESSAGES.map((message) => ({ ...message, bytes: encodeSearchMessage(message) })),
    listing,
    removal,
  });
}
