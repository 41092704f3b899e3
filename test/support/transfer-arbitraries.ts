/** Everything that the channel `transfer` can carry, for properties. */
import fc from 'fast-check';
import {
  MAX_HAVE_CHUNKS,
  MAX_OFFER_BITMAP_BYTES,
  MAX_PART_BYTES,
  MAX_TOLD_SOURCES,
} from '../../src-main/core/limits.ts';
import type { TransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import { contact } from './wire-arbitraries.ts';

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Plain objects, as decoders give them: deepEqual sees prototypes. */
const shape = <Fields>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }): fc.Arbitrary<Fields> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<Fields>;
const upTo = (max: number) => fc.integer({ min: 0, max });
const is = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom(...types);

const root = fixed(32);
const id = upTo(2 ** 32 - 1);
const count = fc.maxSafeNat();
const folder = fc.constantFrom('', 'Charts', 'Charts/1911', 'ünder wegs/日記');
const name = fc.constantFrom('a.pdf', 'song.mp3', '港湾 日記.txt');
const sizeBytes = upTo(2 ** 40);
const day = upTo(65_535);
const entry = fc.oneof(
  shape({ kind: is('folder'), name, files: count, sizeBytes: count }),
  shape({ kind: is('file'), root, folder, name, sizeBytes, day }),
);
const source = shape({ contact, expiresMinutes: upTo(2 ** 32 - 1), signature: fixed(64) });
const plain = <const Type extends string>(type: Type) => shape({ type: is(type), root });
type Messages = { [Type in TransferMessage['type']]: fc.Arbitrary<TransferMessage & { readonly type: Type }> };

/** One arbitrary for each type, so that a new type without one does not type-check. */
export const transferMessages: Messages = {
  ask: plain('ask'),
  lack: plain('lack'),
  go: plain('go'),
  over: plain('over'),
  sourcesAsked: plain('sourcesAsked'),
  offer: shape({
    type: is('offer'),
    root,
    sizeBytes: count,
    held: fc.option(fc.uint8Array({ maxLength: MAX_OFFER_BITMAP_BYTES }), { nil: undefined }),
  }),
  place: shape({ type: is('place'), root, place: count, waiting: count }),
  page: shape({ type: is('page'), id, root, level: upTo(40), index: count }),
  hashes: shape({ type: is('hashes'), id, hashes: upTo(8).chain((hashes) => fixed(32 * hashes)) }),
  fetch: shape({ type: is('fetch'), id, root, chunk: count }),
  part: shape({ type: is('part'), id, offset: count, bytes: fc.uint8Array({ maxLength: MAX_PART_BYTES }) }),
  refuse: shape({ type: is('refuse'), id, reason: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
  cancel: shape({ type: is('cancel'), id }),
  have: shape({ type: is('have'), root, chunks: fc.array(count, { maxLength: MAX_HAVE_CHUNKS }) }),
  sources: shape({ type: is('sources'), root, sources: fc.array(source, { maxLength: MAX_TOLD_SOURCES }) }),
  browse: fc.oneof(
    shape({ type: is('browse'), id, folder, deep: fc.boolean(), after: fc.constant(undefined) }),
    shape({
      type: is('browse'),
      id,
      folder,
      deep: fc.constant(false),
      after: fc.oneof(
        shape({ kind: is('folder'), name }),
        shape({ kind: is('file'), folder: fc.constant(''), name, root }),
      ),
    }),
    shape({
      type: is('browse'),
      id,
      folder,
      deep: fc.constant(true),
      after: shape({ kind: is('file'), folder, name, root }),
    }),
  ),
  shelf: shape({
    type: is('shelf'),
    id,
    shelf: fc.oneof(
      is('refused', 'missing', 'busy'),
      shape({ files: count, sizeBytes: count, more: fc.boolean(), entries: fc.array(entry, { maxLength: 8 }) }),
    ),
  }),
};
