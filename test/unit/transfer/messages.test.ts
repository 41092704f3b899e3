import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPathSegment, utf8Length } from '../../../shared/base/paths.ts';
import {
  MAX_HAVE_CHUNKS,
  MAX_OFFER_BITMAP_BYTES,
  MAX_PART_BYTES,
  MAX_SHELF_ENTRIES,
  MAX_TOLD_SOURCES,
} from '../../../src-main/core/limits.ts';
import type { ShelfCursor } from '../../../src-main/core/transfer/shelves.ts';
import { PAGE_HASHES } from '../../../src-main/core/transfer/pages.ts';
import { HASH_BYTES } from '../../../src-main/core/transfer/tree.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import type { TransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import { contact } from '../../support/wire-arbitraries.ts';

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const id = fc.nat({ max: 2 ** 32 - 1 });
const root = fixed(32);
/** Plain objects, as decoders give them. */
const shape = <Fields>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }): fc.Arbitrary<Fields> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<Fields>;
const is = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom(...types);

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => isPathSegment(text) && utf8Length(text) <= 255);
const folder = fc.array(name, { maxLength: 3 }).map((names) => names.join('/'));

const cursors: fc.Arbitrary<ShelfCursor> = fc.oneof(
  shape({ kind: is('folder'), name }),
  shape({ kind: is('file'), root, folder, name }),
);
/** As they can be: of all files below a folder none comes after a folder, and in one folder none after those of another. */
const browses: fc.Arbitrary<TransferMessage> = fc
  .tuple(shape({ type: is('browse'), id, folder }), fc.boolean(), fc.option(cursors, { nil: undefined }))
  .filter(([, deep, after]) => after === undefined || (after.kind === 'folder' ? !deep : deep || after.folder === ''))
  .map(([head, deep, after]) => ({ ...head, deep, after }));

const messages: fc.Arbitrary<TransferMessage> = fc.oneof(
  shape({ type: is('ask', 'lack', 'go', 'over', 'sourcesAsked'), root }),
  shape({
    type: is('offer'),
    root,
    sizeBytes: number,
    held: fc.option(fc.uint8Array({ maxLength: MAX_OFFER_BITMAP_BYTES }), { nil: undefined }),
  }),
  shape({ type: is('place'), root, place: number, waiting: number }),
  shape({ type: is('page'), id, root, level: fc.nat({ max: 40 }), index: number }),
  shape({
    type: is('hashes'),
    id,
    hashes: fc.nat({ max: PAGE_HASHES }).map((count) => new Uint8Array(count * HASH_BYTES)),
  }),
  shape({ type: is('fetch'), id, root, chunk: number }),
  shape({ type: is('part'), id, offset: number, bytes: fc.uint8Array({ maxLength: 200 }) }),
  shape({ type: is('refuse'), id, reason: fc.constantFrom(0 as const, 1 as const, 2 as const) }),
  shape({ type: is('cancel'), id }),
  shape({ type: is('have'), root, chunks: fc.array(number, { maxLength: MAX_HAVE_CHUNKS }) }),
  browses,
  shape({
    type: is('shelf'),
    id,
    shelf: fc.oneof(
      is('refused', 'missing', 'busy'),
      shape({
        files: number,
        sizeBytes: number,
        more: fc.boolean(),
        entries: fc.array(
          fc.oneof(
            shape({ kind: is('folder'), name, files: number, sizeBytes: number }),
            shape({
              kind: is('file'),
              root,
              folder,
              name,
              sizeBytes: fc.nat({ max: 2 ** 31 - 1 }),
              day: fc.nat({ max: 65_535 }),
            }),
          ),
          { maxLength: 8 },
        ),
      }),
    ),
  }),
  shape({
    type: is('sources'),
    root,
    sources: fc.array(shape({ contact, expiresMinutes: id, signature: fixed(64) }), { maxLength: MAX_TOLD_SOURCES }),
  }),
);

test('every message comes back as it was, and has one encoding', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = encodeTransferMessage(message);
      const decoded = decodeTransferMessage(bytes);
      assert.ok(decoded.ok);
      assert.deepEqual(decoded.value, message);
      assert.deepEqual(encodeTransferMessage(decoded.value), bytes);
    }),
    { numRuns: 500 },
  );
});

test('whatever else comes is refused with a code, or is the one encoding of something', () => {
  const mutated = fc
    .tuple(messages, fc.nat(), fc.nat({ max: 255 }), fc.integer({ min: -3, max: 3 }))
    .map(([message, place, value, longer]) => {
      const bytes = encodeTransferMessage(message);
      const changed = new Uint8Array(Math.max(0, bytes.length + longer));
      changed.set(bytes.subarray(0, changed.length));
      if (changed.length > 0) changed[place % changed.length] = value;
      return changed;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const decoded = decodeTransferMessage(bytes);
      if (decoded.ok) assert.deepEqual(encodeTransferMessage(decoded.value), bytes);
      else assert.equal(typeof decoded.code, 'string');
    }),
    { numRuns: 2_000 },
  );
});

test('what is over its bound is refused before anything is made of it', () => {
  const part = encodeTransferMessage({ type: 'part', id: 1, offset: 0, bytes: new Uint8Array(MAX_PART_BYTES + 1) });
  assert.deepEqual(decodeTransferMessage(part), { ok: false, code: 'too-long' });
  const held = new Uint8Array(MAX_OFFER_BITMAP_BYTES + 1);
  const offer = encodeTransferMessage({ type: 'offer', root: new Uint8Array(32), sizeBytes: 1, held });
  assert.deepEqual(decodeTransferMessage(offer), { ok: false, code: 'too-long' });
  const chunks = Array.from({ length: MAX_HAVE_CHUNKS + 1 }, (_, index) => index);
  const have = encodeTransferMessage({ type: 'have', root: new Uint8Array(32), chunks });
  assert.deepEqual(decodeTransferMessage(have), { ok: false, code: 'too-long' });
  const entry = { kind: 'folder', name: 'a', files: 1, sizeBytes: 1 } as const;
  const entries = Array.from({ length: MAX_SHELF_ENTRIES + 1 }, () => entry);
  const shelf = encodeTransferMessage({
    type: 'shelf',
    id: 1,
    shelf: { files: 1, sizeBytes: 1, more: false, entries },
  });
  assert.deepEqual(decodeTransferMessage(shelf), { ok: false, code: 'too-long' });
});
