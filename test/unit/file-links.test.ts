/** Links of shared files: one text for each, read as generously as links of publications, and strictly. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { explainFileLinkProblem, formatFileLink, parseFileLink } from '../../shared/base/file-links.ts';
import type { FileLink, FileLinkProblem } from '../../shared/base/file-links.ts';
import { isPathSegment, utf8Length } from '../../shared/base/paths.ts';

const root = Uint8Array.from({ length: 32 }, (_, index) => index);
const letters = 'aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq';
const sample = `broadside:file/${letters}?name=Harbour%20board%20%281911%29.pdf&size=212000000`;

const links: fc.Arbitrary<FileLink> = fc.record(
  {
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    name: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((name) => isPathSegment(name) && utf8Length(name) <= 255),
    sizeBytes: fc.maxSafeNat(),
  },
  { requiredKeys: ['root'], noNullPrototype: true },
);

describe('links of shared files', () => {
  it('are written in one way', () => {
    assert.equal(formatFileLink({ root, name: 'Harbour board (1911).pdf', sizeBytes: 212_000_000 }), sample);
    assert.equal(formatFileLink({ root }), `broadside:file/${letters}`);
  });

  it('come back as what they were, in any case, with blanks among the letters and line breaks', () => {
    fc.assert(
      fc.property(links, fc.nat(60), (link, at) => {
        const text = formatFileLink(link);
        assert.deepEqual(parseFileLink(text), { ok: true, value: link });
        const question = text.includes('?') ? text.indexOf('?') : text.length;
        const place = Math.min(at, question);
        const copied = ` ${text.slice(0, place)}\n\u200b ${text.slice(place, question).toUpperCase()}${text.slice(question)}\n`;
        assert.deepEqual(parseFileLink(copied), { ok: true, value: link });
      }),
    );
  });

  it('hints come in either order, and may be missing', () => {
    assert.deepEqual(parseFileLink(`broadside:file/${letters}?size=5&name=a`), {
      ok: true,
      value: { root, name: 'a', sizeBytes: 5 },
    });
    assert.deepEqual(parseFileLink(`broadside:file/${letters}?size=0`), { ok: true, value: { root, sizeBytes: 0 } });
  });

  const start = `broadside:file/${letters}`;
  const bad: readonly (readonly [text: string, code: FileLinkProblem])[] = [
    ['', 'not-a-file-link'],
    ['broadside:cebqlg5p', 'not-a-file-link'],
    ['https://example.org/file/abc', 'not-a-file-link'],
    ['broadside:file/', 'empty'],
    ['broadside:file/?name=a', 'empty'],
    ['broadside:file/one-two', 'bad-letter'],
    [`broadside:file/${letters.slice(0, 51)}é`, 'bad-letter'],
    [start.slice(0, -1), 'too-short'],
    [`${start}a`, 'too-long'],
    ['x'.repeat(3_000), 'too-long'],
    [`${start.slice(0, -1)}b`, 'mistyped'],
    [`${start}#part`, 'not-in-version'],
    [`${start}?name=a#b`, 'not-in-version'],
    [`${start}?`, 'not-in-version'],
    [`${start}?name=a&chunk=5`, 'not-in-version'],
    [`${start}?name=`, 'bad-name'],
    [`${start}?name=..`, 'bad-name'],
    [`${start}?name=a%2Fb`, 'bad-name'],
    [`${start}?name=a%5Cb`, 'bad-name'],
    [`${start}?name=%00`, 'bad-name'],
    [`${start}?name=%FF`, 'bad-name'],
    [`${start}?name=${'a'.repeat(256)}`, 'bad-name'],
    [`${start}?name=a&name=a`, 'bad-name'],
    [`${start}?size=`, 'bad-size'],
    [`${start}?size=-1`, 'bad-size'],
    [`${start}?size=1e9`, 'bad-size'],
    [`${start}?size=01`, 'bad-size'],
    [`${start}?size=9999999999999999`, 'bad-size'],
    [`${start}?size=1&size=1`, 'bad-size'],
  ];
  for (const [text, code] of bad) {
    it(`${JSON.stringify(text.slice(0, 90))}: ${code}`, () => {
      const parsed = parseFileLink(text);
      assert.equal(parsed.ok ? 'ok' : parsed.code, code);
      assert.match(explainFileLinkProblem(code, text), /^[A-Z].*\.$/su);
    });
  }

  it('any text is a link or has a problem', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (tail) => {
        for (const text of [tail, `broadside:file/${tail}`, `${start}?${tail}`, `${start}?name=${tail}`]) {
          const parsed = parseFileLink(text);
          if (parsed.ok) assert.deepEqual(parseFileLink(formatFileLink(parsed.value)), parsed);
          else assert.match(explainFileLinkProblem(parsed.code, text), /\.$/);
        }
      }),
    );
  });

  it('refuses to write what no link can hold', () => {
    for (const wrong of [
      { root: root.slice(1) },
      { root, name: 'a/b' },
      { root, name: '' },
      { root, sizeBytes: -1 },
      { root, sizeBytes: 1.5 },
    ])
      assert.throws(() => formatFileLink(wrong), RangeError);
  });
});
