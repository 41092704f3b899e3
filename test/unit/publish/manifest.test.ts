import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BroadsideError } from '../../../shared/base/errors.ts';
import {
  decodeManifest,
  encodeManifest,
  keyOfFile,
  MANIFEST_SEAL_BYTES,
  openManifest,
  plaintextDigest,
  sealManifest,
} from '../../../src-main/core/publish/manifest.ts';
import type { Manifest, ManifestFile } from '../../../src-main/core/publish/manifest.ts';
import { fileKey } from '../../../src-main/core/publish/piece.ts';
import { anyManifest, crypto, flipBit, random, sampleList } from './samples.ts';

function inlineFile(path: string, text = ''): ManifestFile {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    type: 'text/plain',
    sizeBytes: bytes.length,
    digest: plaintextDigest(crypto, bytes),
    content: { kind: 'inline', bytes },
  };
}

const plain: Manifest = {
  shape: 'directory',
  edition: 1,
  title: 'Title',
  description: '',
  language: '',
  dateMs: undefined,
  index: undefined,
  files: [inlineFile('a', 'one'), inlineFile('b/c', 'two')],
};

test('manifests: round trip', () => {
  fc.assert(
    fc.property(anyManifest, (manifest) => {
      assert.deepEqual(decodeManifest(encodeManifest(manifest)), { ok: true, value: manifest });
    }),
    { numRuns: 300 },
  );
});

test('manifests: files are sorted by bytes, whatever order they come in', () => {
  const files = ['\uffff', '\u{10000}', 'a/b', 'a-b', 'B', 'a.b', 'é'].map((path) => inlineFile(path));
  const decoded = decodeManifest(encodeManifest({ ...plain, files }));
  assert.ok(decoded.ok);
  const paths = decoded.value.files.map((file) => file.path);
  assert.deepEqual(paths, ['B', 'a-b', 'a.b', 'a/b', 'é', '\uffff', '\u{10000}']);
  assert.deepEqual(encodeManifest({ ...plain, files: files.toReversed() }), encodeManifest({ ...plain, files }));
});

test('manifests: what breaks a rule is refused in words', () => {
  const file = plain.files[0]!;
  const blocks = { kind: 'blocks' as const, list: sampleList(40_000), key: undefined };
  const wrong: [Partial<Manifest>, RegExp][] = [
    [{ edition: 0 }, /edition/],
    [{ edition: 2 ** 32 }, /edition/],
    [{ title: 'x'.repeat(2_049) }, /title/],
    [{ title: 'two\nlines' }, /title/],
    [{ title: '\ud800' }, /title/],
    [{ description: 'é'.repeat(4_097) }, /description/],
    [{ description: 'a\rb' }, /description/],
    [{ language: 'not a tag' }, /language/],
    [{ language: 'e' }, /language/],
    [{ dateMs: -1 }, /date/],
    [{ dateMs: 0.5 }, /date/],
    [{ dateMs: 8.64e15 + 1 }, /date/],
    [{ files: [] }, /no files/],
    [{ shape: 'file' }, /single file/],
    [{ shape: 'file', files: [inlineFile('a/b')] }, /single file/],
    [{ shape: 'site' }, /first page/],
    [{ index: 'a' }, /first page/],
    [{ shape: 'site', index: 'b' }, /not among the files/],
    [{ files: [inlineFile('a'), inlineFile('a')] }, /two files have one path/],
    [{ files: [inlineFile('a'), inlineFile('a-b'), inlineFile('a/b')] }, /path of a directory/],
    [{ files: [inlineFile('a/b'), inlineFile('a/b/c/d')] }, /path of a directory/],
    [{ files: [inlineFile('../a')] }, /cannot be a name/],
    [{ files: [inlineFile('')] }, /cannot be a name/],
    [{ files: [inlineFile('é'.repeat(513))] }, /longer than 1,024 bytes/],
    [{ files: [{ ...file, type: '' }] }, /media type/],
    [{ files: [{ ...file, type: 'text/plain\n' }] }, /media type/],
    [{ files: [{ ...file, type: 'x'.repeat(256) }] }, /media type/],
    [{ files: [{ ...file, sizeBytes: 4 }] }, /inline/],
    [{ files: [inlineFile('a', 'x'.repeat(32_753))] }, /too large to be inline/],
    [{ files: [{ ...file, content: blocks }] }, /different sizes/],
  ];
  for (const [change, message] of wrong) {
    assert.throws(
      () => encodeManifest({ ...plain, ...change }),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'usage' && message.test(thrown.message),
      JSON.stringify(change).slice(0, 100),
    );
  }
  assert.ok(
    encodeManifest({ ...plain, title: 'x'.repeat(2_048), description: 'x\ny', language: 'de-CH-1901', dateMs: 0 }),
  );
});

test('manifests: any change of the encoding is refused, or has a meaning of its own', () => {
  for (let round = 0; round < 10; round += 1) {
    const [manifest] = fc.sample(anyManifest, { numRuns: 1, seed: round });
    const bytes = encodeManifest(manifest!);
    for (let change = 0; change < 300; change += 1) {
      const changed = flipBit(bytes, random.below(Math.min(bytes.length, 2_000) * 8));
      const decoded = decodeManifest(changed);
      if (decoded.ok) assert.deepEqual(encodeManifest(decoded.value), changed);
    }
    for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1])
      assert.equal(decodeManifest(bytes.subarray(0, cut)).ok, false);
    assert.deepEqual(decodeManifest(Uint8Array.of(...bytes, 0)), { ok: false, code: 'trailing' });
  }
});

test('manifests: what is not canonical is refused with its code', () => {
  const bytes = encodeManifest(plain);
  // format, shape, edition, title (1 + 5), description, language, date, count, then the files.
  const first = 12;
  const splice = (offset: number, remove: number, ...values: number[]) =>
    decodeManifest(Uint8Array.of(...bytes.subarray(0, offset), ...values, ...bytes.subarray(offset + remove)));
  assert.ok(splice(0, 0).ok);
  assert.deepEqual(splice(0, 1, 3), { ok: false, code: 'unknown-value' }, 'format');
  assert.deepEqual(splice(0, 1, 2), { ok: false, code: 'truncated' }, 'a format that promises a history');
  assert.deepEqual(splice(1, 1, 3), { ok: false, code: 'unknown-value' }, 'shape');
  assert.deepEqual(splice(2, 1, 0x81, 0), { ok: false, code: 'non-minimal' }, 'edition');
  assert.deepEqual(splice(2, 1, 0), { ok: false, code: 'not-canonical' }, 'edition 0');
  assert.deepEqual(splice(4, 1, 0xff), { ok: false, code: 'bad-utf8' }, 'title');
  assert.deepEqual(splice(4, 1, 0x07), { ok: false, code: 'not-canonical' }, 'title with a bell');
  assert.deepEqual(splice(3, 6, 0x81, 0x10), { ok: false, code: 'too-long' }, 'title of 2,049');
  assert.deepEqual(splice(11, 1, 2), { ok: false, code: 'unknown-value' }, 'date flag');
  assert.deepEqual(splice(first, 1, 0xa1, 0x8d, 0x06), { ok: false, code: 'too-long' }, '100,001 files');
  const file = 1 + 1 + 1 + 10 + 1 + 32 + 1 + 3;
  assert.equal(bytes[first + 1 + file], 3, 'the second file begins with the length of its path');
  const [one, two] = [bytes.subarray(first + 1, first + 1 + file), bytes.subarray(first + 1 + file)];
  const swapped = Uint8Array.of(...bytes.subarray(0, first + 1), ...two, ...one);
  assert.deepEqual(decodeManifest(swapped), { ok: false, code: 'not-canonical' }, 'order');
  const twice = Uint8Array.of(...bytes.subarray(0, first + 1), ...one, ...one);
  assert.deepEqual(decodeManifest(twice), { ok: false, code: 'not-canonical' }, 'duplicate');
  assert.deepEqual(decodeManifest(new Uint8Array(64 * 1_048_576)), { ok: false, code: 'too-long' });
});

test('manifests: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const attempt of [bytes, Uint8Array.of(1, 1, 1, 0, 0, 0, 0, ...bytes)]) {
        const decoded = decodeManifest(attempt);
        if (decoded.ok) assert.deepEqual(encodeManifest(decoded.value), attempt);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('manifests: a hundred thousand files', () => {
  const files = Array.from({ length: 100_000 }, (_, number) =>
    inlineFile(`directory/${number % 100}/file ${number}.txt`),
  );
  const bytes = encodeManifest({ ...plain, files });
  const decoded = decodeManifest(bytes);
  assert.ok(decoded.ok && decoded.value.files.length === 100_000);
  assert.throws(
    () => encodeManifest({ ...plain, files: [...files, inlineFile('one more')] }),
    /more than 100000 files/,
  );
});

test('sealed manifests: round trip, fresh nonces for other content, and nothing for another key', () => {
  const contentKey = random.bytes(32);
  const manifest = encodeManifest(plain);
  const sealed = sealManifest(crypto, contentKey, manifest);
  assert.equal(sealed.length, manifest.length + MANIFEST_SEAL_BYTES);
  assert.deepEqual(openManifest(crypto, contentKey, sealed), manifest);
  assert.deepEqual(sealManifest(crypto, contentKey, manifest), sealed);
  const other = sealManifest(crypto, contentKey, encodeManifest({ ...plain, title: 'Titlf' }));
  assert.notDeepEqual(other.subarray(0, 24), sealed.subarray(0, 24));
  assert.equal(openManifest(crypto, random.bytes(32), sealed), undefined);
  for (let bit = 0; bit < sealed.length * 8; bit += 1)
    assert.equal(openManifest(crypto, contentKey, flipBit(sealed, bit)), undefined);
  for (let length = 0; length < 41; length += 1)
    assert.equal(openManifest(crypto, contentKey, sealed.subarray(0, length)), undefined);
});

test('files: the key follows from K and the path, unless the manifest has one', () => {
  const contentKey = random.bytes(32);
  const own = random.bytes(32);
  const list = sampleList(40_000);
  const file = { ...inlineFile('a/b'), sizeBytes: 40_000 };
  assert.equal(keyOfFile(crypto, contentKey, inlineFile('a')), undefined);
  assert.deepEqual(keyOfFile(crypto, contentKey, { ...file, content: { kind: 'blocks', list, key: own } }), own);
  const derived = keyOfFile(crypto, contentKey, { ...file, content: { kind: 'blocks', list, key: undefined } });
  assert.deepEqual(derived, fileKey(crypto, contentKey, 'a/b'));
});
