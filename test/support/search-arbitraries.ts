/** Everything that the channel `search` can carry, for properties. */
import fc from 'fast-check';
import { FILE_KINDS } from '../../shared/base/file-kinds.ts';
import { encodeLinkBody } from '../../shared/base/links.ts';
import {
  MAX_HUB_RECORDS_OF_MESSAGE,
  MAX_HUB_ROOM,
  MAX_QUERY_MESSAGES,
  MAX_QUERY_TTL,
  MAX_SHARED_FILE_BYTES,
  MAX_SHARED_FILES,
  MAX_TABLE_BITS,
  MAX_HUBS_OF_QUERY,
  MAX_WALK_HOPS,
  MAX_WANTED,
  MIN_TABLE_BITS,
} from '../../src-main/core/limits.ts';
import type { FileEntry, Hit, PublicationEntry } from '../../src-main/core/search/entry.ts';
import { rootQuery } from '../../src-main/core/search/query.ts';
import type { Query, Term } from '../../src-main/core/search/query.ts';
import type { HubRecord } from '../../src-main/core/wire/hub-record.ts';
import type { SearchMessage } from '../../src-main/core/wire/search-messages.ts';
import { contact } from './wire-arbitraries.ts';

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Plain objects, as decoders give them: deepEqual sees prototypes. */
const shape = <Fields>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }): fc.Arbitrary<Fields> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<Fields>;
const upTo = (max: number) => fc.integer({ min: 0, max });
const is = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom(...types);
const few = <Item>(item: fc.Arbitrary<Item>, most = 3) => fc.array(item, { maxLength: most });
/** Fields that are there or not, as in what a decoder gives. */
const maybe = <Name extends string, Value>(name: Name, value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined }).map((drawn) => (drawn === undefined ? {} : { [name]: drawn })) as fc.Arbitrary<
    Partial<Record<Name, Value>>
  >;
const joined = <Parts extends readonly object[]>(...parts: { [Index in keyof Parts]: fc.Arbitrary<Parts[Index]> }) =>
  fc.tuple(...(parts as fc.Arbitrary<object>[])).map((drawn) => Object.assign({}, ...drawn));

const id = fixed(16);
const name = fc.constantFrom('a', 'song.mp3', 'ünder wegs.pdf', '港湾 日記.txt');
const day = upTo(65_535);
const counter = fc.maxSafeNat();

export const file: fc.Arbitrary<FileEntry> = shape({
  root: fixed(32),
  name,
  folder: fc.constantFrom('', 'music', 'music/live/1999'),
  sizeBytes: fc.integer({ min: 0, max: MAX_SHARED_FILE_BYTES }),
  day,
});

export const publication: fc.Arbitrary<PublicationEntry> = fc
  .tuple(
    fixed(32),
    shape({
      title: fc.constantFrom('The harbour board', 'Ω'),
      keywords: few(fc.constantFrom('harbour', 'two words', 'ß')),
      shape: is('file', 'directory', 'site'),
      fileKind: fc.constantFrom(...FILE_KINDS),
      sizeBytes: counter,
      day,
    }),
  )
  .map(([documentKey, rest]) => {
    const [readSecret, namesDigest] = [documentKey.slice(0, 16), documentKey.slice(16)];
    const link = encodeLinkBody({ class: 1, k: 3, n: 10, documentKey, readSecret, namesDigest });
    return { documentKey, link, ...rest };
  });

export const hit: fc.Arbitrary<Hit> = fc.oneof(
  fc.tuple(file, contact, upTo(255)).map(([entry, { publicKey: source, ...where }, freeSlots]) => ({
    kind: 'direct' as const,
    entry,
    source,
    ...where,
    freeSlots,
  })),
  publication.map((entry) => ({ kind: 'anonymous' as const, entry })),
);

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const term: fc.Arbitrary<Term> = fc.oneof(
  shape({ kind: is('word', 'prefix'), excluded: fc.boolean(), words: word.map((one) => [one]) }),
  shape({
    kind: is('phrase'),
    excluded: fc.boolean(),
    words: fc.array(word, { minLength: 2, maxLength: 4 }),
  }),
);

const wordQuery: fc.Arbitrary<Query> = joined(
  shape({
    terms: fc
      .array(term, { minLength: 1, maxLength: 8 })
      .map(([first, ...rest]) => [{ ...first!, excluded: false }, ...rest]),
  }),
  maybe('kind', is('direct', 'anonymous')),
  maybe('fileKinds', fc.subarray([...FILE_KINDS], { minLength: 1 })),
  maybe('minSizeBytes', counter),
  maybe('maxSizeBytes', counter),
  maybe('maxAgeDays', upTo(36_500)),
) as fc.Arbitrary<Query>;

export const query: fc.Arbitrary<Query> = fc.oneof(
  { arbitrary: wordQuery, weight: 5 },
  { arbitrary: fixed(32).map(rootQuery), weight: 1 },
);

export const hubRecord: fc.Arbitrary<HubRecord> = shape({
  contact,
  madeSeconds: upTo(2 ** 32 - 1),
  leaves: upTo(MAX_HUB_ROOM),
  room: upTo(MAX_HUB_ROOM),
  signature: fixed(64),
});

const purpose = is('leaf', 'mesh');
const want = fc.integer({ min: 1, max: MAX_WANTED });
const bytes = fc.uint8Array({ maxLength: 40 });
const cost = upTo(MAX_QUERY_MESSAGES);
type Messages = { [Type in SearchMessage['type']]: fc.Arbitrary<SearchMessage & { readonly type: Type }> };

/** One arbitrary for each type, so that a new type without one does not type-check. */
export const searchMessages: Messages = {
  role: joined(shape({ type: is('role') }), maybe('hub', hubRecord)),
  hubs: shape({ type: is('hubs'), hubs: few(hubRecord, MAX_HUB_RECORDS_OF_MESSAGE) }),
  askHubs: shape({ type: is('askHubs') }),
  attach: shape({ type: is('attach'), purpose, freeSlots: upTo(255) }),
  attached: joined(
    shape({ type: is('attached'), purpose, outcome: is('taken', 'full', 'no-hub') }),
    maybe('state', shape({ generation: upTo(2 ** 31), sequence: counter, files: upTo(MAX_SHARED_FILES) })),
  ),
  detach: shape({ type: is('detach'), purpose }),
  change: shape({
    type: is('change'),
    number: counter,
    begins: fc.boolean(),
    generation: upTo(2 ** 31),
    sequence: counter,
    added: few(file),
    removed: few(fixed(32)),
  }),
  changed: shape({ type: is('changed'), number: counter, outcome: is('done', 'full') }),
  slots: shape({ type: is('slots'), freeSlots: upTo(255) }),
  query: shape({ type: is('query'), id, ttl: upTo(MAX_QUERY_TTL), budget: upTo(MAX_HUBS_OF_QUERY), want, query }),
  hits: joined(
    shape({ type: is('hits'), id, hits: few(hit) }),
    maybe('end', shape({ outcome: is('all', 'more', 'refused'), hubs: cost, reach: cost, messages: cost })),
  ),
  stop: shape({ type: is('stop'), id }),
  table: shape({
    type: is('table'),
    level: fc.constantFrom(1 as const, 2 as const),
    bits: fc.integer({ min: MIN_TABLE_BITS, max: MAX_TABLE_BITS }),
    begins: fc.boolean(),
    pieces: few(shape({ index: upTo(255), bytes })),
  }),
  stemQuery: shape({ type: is('stemQuery'), id, want, query }),
  stemListing: shape({ type: is('stemListing'), id, record: bytes }),
  listed: shape({ type: is('listed'), id, outcome: is('done', 'refused', 'no-hubs') }),
  listings: shape({
    type: is('listings'),
    listings: few(shape({ expiresMinutes: upTo(2 ** 32 - 1), record: bytes })),
  }),
  walk: shape({ type: is('walk'), id, way: is('flood', 'walker'), hops: upTo(MAX_WALK_HOPS), want, query }),
  askListings: joined(shape({ type: is('askListings') }), maybe('after', fixed(32))),
};
export const searchMessage: fc.Arbitrary<SearchMessage> = fc.oneof(...Object.values(searchMessages));
