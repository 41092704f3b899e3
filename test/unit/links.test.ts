import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from '../../shared/base/base32.ts';
import { concatBytes } from '../../shared/base/bytes.ts';
import {
  decodeLinkBody,
  encodeLinkBody,
  explainLinkProblem,
  formatLink,
  groupInFours,
  LINK_LETTERS,
  LINK_PREFIX,
  parseLink,
} from '../../shared/base/links.ts';
import type { LinkProblem, PublicationLink } from '../../shared/base/links.ts';
import { compareUtf8, isPath, utf8Length } from '../../shared/base/paths.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const character = fc.oneof(
  fc.constantFrom(...' ().%!*\'"~+&=?#:;,@'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const segment = fc
  .string({ minLength: 1, maxLength: 20, unit: character })
  .filter((text) => isPath(text) && !text.includes('/'));
const anyLink: fc.Arbitrary<PublicationLink> = fc
  .record({
    class: fc.constantFrom(1 as const, 2 as const, 3 as const),
    numbers: fc.integer({ min: 1, max: 100 }).chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n))),
    documentKey: bytes(32),
    readSecret: bytes(16),
    namesDigest: bytes(16),
    path: fc.array(segment, { maxLength: 4 }).map((segments) => segments.join('/')),
  })
  .map(({ numbers: [k, n], ...rest }) => ({ k, n, ...rest }));

const sample: PublicationLink = {
  class: 1,
  k: 3,
  n: 5,
  documentKey: Uint8Array.from({ length: 32 }, (_, index) => index),
  readSecret: Uint8Array.from({ length: 16 }, (_, index) => 100 + index),
  namesDigest: Uint8Array.from({ length: 16 }, (_, index) => 200 + index),
  path: '',
};
const sampleText = formatLink(sample);
const sampleLetters = sampleText.slice(LINK_PREFIX.length);

function problemOf(text: string): LinkProblem | undefined {
  const parsed = parseLink(text);
  return parsed.ok ? undefined : parsed.code;
}

/** Letters of any body, with the checksum that belongs to it. */
function lettersOfBody(body: Uint8Array): string {
  const framed = concatBytes(
    Uint8Array.of(4, 0, 0, 0),
    new TextEncoder().encode('link'),
    Uint8Array.of(body.length, 0, 0, 0),
    body,
  );
  return encodeBase32(concatBytes(body, blake2b(framed, { dkLen: 32 }).subarray(0, 4)));
}

test('links: round trip, whatever is in them', () => {
  fc.assert(
    fc.property(anyLink, (link) => {
      const text = formatLink(link);
      assert.deepEqual(parseLink(text), { ok: true, value: link });
      assert.equal(text.split('/')[0]!.length, LINK_PREFIX.length + LINK_LETTERS);
      assert.match(text, /^broadside:[a-z2-7]{114}(?:\/[A-Za-z0-9._~%-]+)*$/);
    }),
    { numRuns: 500 },
  );
});

test('links: upper case, white space and grouping are read alike', () => {
  fc.assert(
    fc.property(
      anyLink,
      fc.array(fc.tuple(fc.nat(113), fc.constantFrom(' ', '\n', '\t', '\r\n', '\u00a0', '\u200b')), { maxLength: 9 }),
      (link, blanks) => {
        const text = formatLink(link);
        let letters = text.slice(10, 124);
        for (const [position, blank] of blanks) letters = letters.slice(0, position) + blank + letters.slice(position);
        for (const variant of [letters, letters.toUpperCase()]) {
          assert.deepEqual(parseLink(`  BROADSIDE:${variant}${text.slice(124)} \n`), { ok: true, value: link });
        }
        assert.deepEqual(parseLink(groupInFours(text)), { ok: true, value: link });
      },
    ),
  );
});

test('links: a path that was folded by mail is joined, its spaces are kept', () => {
  const link = { ...sample, path: 'a file/b c.txt' };
  assert.deepEqual(parseLink(`${sampleText}/a file/\r\n b%20c.txt`), { ok: true, value: link });
  assert.deepEqual(parseLink(`${sampleText}/`), { ok: true, value: sample });
});

test('links: every other letter in every place is refused', () => {
  for (let position = 0; position < LINK_LETTERS; position += 1) {
    for (const letter of ALPHABET) {
      if (letter === sampleLetters[position]) continue;
      const text = LINK_PREFIX + sampleLetters.slice(0, position) + letter + sampleLetters.slice(position + 1);
      assert.equal(problemOf(text), 'mistyped', `${letter} at ${position}`);
    }
  }
});

test('links: every flipped bit, exchanged neighbours, every lost and every added letter are refused', () => {
  const raw = decodeBase32(sampleLetters)!;
  for (let bit = 0; bit < raw.length * 8; bit += 1) {
    const flipped = raw.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(problemOf(LINK_PREFIX + encodeBase32(flipped)), 'mistyped');
  }
  for (let position = 0; position < LINK_LETTERS; position += 1) {
    const [before, letter, after] = [
      sampleLetters.slice(0, position),
      sampleLetters[position]!,
      sampleLetters.slice(position + 1),
    ];
    assert.equal(problemOf(LINK_PREFIX + before + after), 'too-short');
    assert.equal(problemOf(LINK_PREFIX + before + letter + letter + after), 'too-long');
    if (after !== '' && after[0] !== letter) {
      assert.equal(problemOf(LINK_PREFIX + before + after[0] + letter + after.slice(1)), 'mistyped');
    }
  }
});

test('links: the two spare bits have to be zero', () => {
  const last = ALPHABET.indexOf(sampleLetters.at(-1)!);
  assert.equal(last % 4, 0);
  for (let spare = 1; spare < 4; spare += 1) {
    assert.equal(problemOf(LINK_PREFIX + sampleLetters.slice(0, -1) + ALPHABET[last + spare]), 'mistyped');
  }
});

test('links: what is impossible in spite of its checksum is refused', () => {
  const body = encodeLinkBody(sample);
  const changed = (offset: number, value: number) => {
    const copy = body.slice();
    copy[offset] = value;
    return LINK_PREFIX + lettersOfBody(copy);
  };
  assert.equal(problemOf(LINK_PREFIX + lettersOfBody(body)), undefined);
  for (const [offset, value] of [
    [0, 0x10],
    [0, 0x14],
    [0, 0x1f],
    [0, 0x01],
    [1, 0],
    [1, 6],
    [2, 2],
    [2, 101],
    [2, 0],
  ] as const) {
    assert.equal(problemOf(changed(offset, value)), 'impossible', `${value} at ${offset}`);
  }
  for (const format of [2, 9, 15]) assert.equal(problemOf(changed(0, (format << 4) | 1)), 'newer-format');
  assert.equal(
    problemOf(LINK_PREFIX + lettersOfBody(concatBytes(Uint8Array.of(0x21), new Uint8Array(100)))),
    'newer-format',
  );
});

test('links: each problem has its code and a sentence that says what to do', () => {
  const cases: [string, LinkProblem, RegExp][] = [
    ['', 'not-a-link', /begin with “broadside:”/],
    ['https://example.org/', 'not-a-link', /begin with/],
    [sampleLetters, 'not-a-link', /begin with/],
    ['broadside:', 'empty', /nothing after/],
    ['broadside:/path', 'empty', /nothing after/],
    ['broadside:abcdefghijk', 'too-short', /11 of its 114 letters are here/],
    [`broadside:abcdefghijk/${'a'.repeat(200)}`, 'too-short', /11 of its 114 letters are here/],
    [`${sampleText}abc`, 'too-long', /117 letters and not 114/],
    ['x'.repeat(9_000), 'too-long', /Copy only the link/],
    [
      `broadside:${sampleLetters.slice(0, 20)}0${sampleLetters.slice(21)}`,
      'bad-letter',
      /Letter 21 .*“0”.*should be o/,
    ],
    [`broadside:${sampleLetters.slice(0, 113)}é`, 'bad-letter', /Letter 114 .*“é”/],
    [`broadside:${sampleLetters.slice(0, 113)}\u212a`, 'bad-letter', /Letter 114 .*“\u212a”/],
    [`broadside:ab${sampleLetters.slice(2)}`, 'mistyped', /check does not fit/],
    ['broadside:file/abc?name=x', 'file-link', /shared file/],
    ['broadside:word/some words', 'short-address', /short address/],
    ['broadside:@abc/name', 'short-address', /short address/],
    ['Broadside:Join/abc', 'invite', /invite/],
    [`${sampleText}/page.html#part`, 'not-in-version', /not in this version/],
    [`${sampleText}/a/../b`, 'bad-path', /does not name a file/],
  ];
  for (const [text, code, sentence] of cases) {
    assert.equal(problemOf(text), code, text.slice(0, 60));
    assert.match(explainLinkProblem(code, text), sentence);
  }
});

test('links: paths that lead elsewhere, or that not every system can hold, are refused', () => {
  for (const path of [
    '..',
    '.',
    'a/./b',
    'a//b',
    '/a',
    'a/',
    '%2e%2e',
    'a%2Fb',
    'a%5Cb',
    'a\\b',
    '%00',
    '%0a',
    '%7f',
    '%c2%85',
    '%',
    '%g0',
    '%c0%af',
    '%ed%a0%80',
    '%ff',
    'a'.repeat(1_025),
  ]) {
    assert.equal(problemOf(`${sampleText}/${path}`), 'bad-path', path);
  }
  assert.equal(problemOf(`${sampleText}/${'a'.repeat(1_024)}`), undefined);
  assert.throws(() => formatLink({ ...sample, path: 'a/../b' }), RangeError);
  assert.throws(() => formatLink({ ...sample, path: '\ud800' }), RangeError);
});

test('links: anything at all is answered, never thrown at, and always has a sentence', () => {
  const noise = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }));
  fc.assert(
    fc.property(
      fc.constantFrom('', 'broadside:', sampleText, `${sampleText}/`, sampleText.slice(0, 90)),
      noise,
      (head, tail) => {
        const parsed = parseLink(head + tail);
        if (!parsed.ok) assert.match(explainLinkProblem(parsed.code, head + tail), /^[A-Z].*\.$/su);
        else assert.deepEqual(parseLink(formatLink(parsed.value)), parsed);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('links: values that no link can hold are not formatted', () => {
  const wrong: Partial<PublicationLink>[] = [
    { k: 0 },
    { k: 6 },
    { n: 101 },
    { k: 1.5 },
    { class: 4 as never },
    { class: 0 as never },
    { documentKey: new Uint8Array(31) },
    { readSecret: new Uint8Array(17) },
    { namesDigest: new Uint8Array() },
  ];
  for (const change of wrong) assert.throws(() => formatLink({ ...sample, ...change }), RangeError);
});

test('link bodies: round trip, and any other bytes give a code', () => {
  fc.assert(
    fc.property(anyLink, (link) => {
      assert.deepEqual(decodeLinkBody(encodeLinkBody(link)), { ok: true, value: { ...link, path: '' } });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (body) => {
      const decoded = decodeLinkBody(body);
      if (decoded.ok) assert.deepEqual(encodeLinkBody(decoded.value), body);
    }),
  );
});

test('base32: one text for each byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (value) => {
      assert.deepEqual(decodeBase32(encodeBase32(value)), value);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 30, unit: fc.constantFrom(...ALPHABET, '0', '=', 'A') }), (text) => {
      const value = decodeBase32(text);
      if (value !== undefined) assert.equal(encodeBase32(value), text.toLowerCase());
    }),
    { numRuns: 1_000 },
  );
  assert.equal(encodeBase32(new TextEncoder().encode('foobar')), 'mzxw6ytboi', 'RFC 4648, section 10');
});

test('grouping leaves prefix and path alone', () => {
  assert.equal(groupInFours('abcdefgh'), 'abcd efgh');
  assert.equal(groupInFours('abcdefghi'), 'abcd efgh i');
  assert.equal(groupInFours('broadside:abcdefgh/some path/file'), 'broadside:abcd efgh/some path/file');
});

test('paths: order and length are those of UTF-8', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.equal(utf8Length(a), Buffer.byteLength(a));
    }),
    { numRuns: 2_000 },
  );
  assert.ok(compareUtf8('\uffff', '\u{10000}') < 0);
});
