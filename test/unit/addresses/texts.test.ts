/** Words and short addresses as texts: folding, the one spelling, and what is said of what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_PATH_BYTES, utf8Length } from '../../../shared/base/paths.ts';
import {
  explainAddressProblem,
  formatAddress,
  formatPenKey,
  parseAddress,
  parsePenAddress,
  PEN_KEY_LETTERS,
} from '../../../shared/base/short-addresses.ts';
import type { AddressProblem } from '../../../shared/base/short-addresses.ts';
import {
  MAX_PEN_ENTRY_BYTES,
  MAX_WORD_BYTES,
  MAX_WORDS,
  normalisePenEntry,
  normaliseWords,
} from '../../../shared/base/words.ts';
import { linkText } from './samples.ts';

const bag = (text: string): readonly string[] | string => {
  const words = normaliseWords(text);
  return words.ok ? words.value : words.code;
};
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(' ', '+', 'ß', 'İ', 'ı', 'Σ', 'é', '’', '\u200d', '\u0345', 'ŉ', 'ǰ'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const key = new Uint8Array(32).fill(7);

test('words that people write alike are one bag, in any script', () => {
  const alike: [string, string[]][] = [
    ['Tide TABLES norfolk', ['norfolk', 'tables', 'tide']],
    ['tables,tide; norfolk tide', ['norfolk', 'tables', 'tide']],
    ['Über STRASSE straße', ['strasse', 'uber']],
    ['ΟΔΌΣ οδος', ['οδοσ']],
    ['don’t', ['dont']],
    ['İstanbul ISTANBUL ıstanbul', ['istanbul']],
    ['ﬁnal ｆｉｎａｌ', ['final']],
    ['한국어 뉴스', ['뉴스', '한국어']],
    ['می\u200cخواهم', ['میخواهم']],
  ];
  for (const [text, words] of alike) assert.deepEqual(bag(text), words, text);
});

test('marks that are letters in their script stay', () => {
  assert.deepEqual(bag('が か'), ['か', 'が']);
  assert.deepEqual(bag('हिन्दी'), ['हिन्दी']);
  assert.deepEqual(bag('й и'), ['и', 'й']);
});

test('a bag has bounds', () => {
  assert.equal(bag('... !'), 'no-words');
  assert.equal(bag('\u0301'), 'no-words');
  assert.equal(bag(Array.from({ length: MAX_WORDS + 1 }, (_, index) => `w${index}`).join(' ')), 'too-many-words');
  assert.equal(bag('a'.repeat(MAX_WORD_BYTES + 1)), 'long-word');
  assert.equal(bag('a '.repeat(10_000)), 'too-many-words');
});

test('words: what is normal stays, order and repetition do not matter, and the bounds hold', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 6 }), (texts) => {
      const words = normaliseWords(texts.join(' '));
      if (!words.ok) return;
      assert.deepEqual(bag(words.value.join(' ')), words.value);
      assert.deepEqual(bag([...texts, ...texts].reverse().join(' ')), words.value);
      assert.ok(words.value.length <= MAX_WORDS && words.value.every((word) => utf8Length(word) <= MAX_WORD_BYTES));
      const address = formatAddress({ kind: 'word', words: words.value });
      assert.deepEqual(parseAddress(address), { ok: true, value: { kind: 'word', words: words.value } });
    }),
    { numRuns: 500 },
  );
});

test('names under a pen name: folded, one spelling, bounded', () => {
  assert.equal(normalisePenEntry(' Tide  Tables '), 'tide-tables');
  assert.equal(normalisePenEntry('Café_1.0'), 'café_1.0');
  for (const text of ['', ' ', 'a/b', '-a', 'a.', 'a\u0000b', 'a?b', '..', 'a'.repeat(MAX_PEN_ENTRY_BYTES + 1)])
    assert.equal(normalisePenEntry(text), undefined, text);
  fc.assert(
    fc.property(anyText, (text) => {
      const name = normalisePenEntry(text);
      if (name === undefined) return;
      assert.equal(normalisePenEntry(name), name);
      const parsed = parseAddress(formatAddress({ kind: 'pen', key, name }));
      assert.deepEqual(parsed, { ok: true, value: { kind: 'pen', key, name } });
    }),
    { numRuns: 500 },
  );
});

test('a pen name’s address is read as it comes out of letters and mails', () => {
  const address = formatAddress({ kind: 'pen', key, name: 'tide-tables' });
  const wanted = { ok: true, value: { kind: 'pen', key, name: 'tide-tables' } };
  assert.equal(formatPenKey(key).length, PEN_KEY_LETTERS + 1);
  const [letters, name] = [address.slice(11, 71), 'Tide tables'];
  for (const text of [
    address,
    ` ${address.toUpperCase()} \n`,
    `broadside: @${letters.replace(/(.{4})/g, '$1 ')}/${name}`,
    address.slice('broadside:'.length),
  ]) {
    assert.deepEqual(parsePenAddress(text), wanted, text);
  }
  assert.equal(parseAddress(linkText(1)).ok && 'publication', 'publication');
});

test('each problem has its code and a sentence that says what to do', () => {
  const address = formatAddress({ kind: 'pen', key, name: 'x' });
  const cases: [string, AddressProblem, RegExp][] = [
    ['broadside:word/', 'no-words', /no words/],
    ['broadside:word/...', 'no-words', /no words/],
    ['broadside:word/a+b+c+d+e+f+g+h+i', 'too-many-words', /8 at most/],
    [`broadside:word/${'a'.repeat(200)}`, 'long-word', /too long/],
    ['broadside:word/a%2', 'bad-encoding', /percent sign/],
    ['broadside:word/a/b', 'not-in-version', /not in this version/],
    [address.slice(0, -2), 'pen-without-name', /“\/” and a name/],
    [address.slice(0, -1), 'pen-without-name', /“\/” and a name/],
    [`${address}%00`, 'bad-pen-entry', /no name/],
    [`${address}?`, 'not-in-version', /not in this version/],
    [`broadside:@${address.slice(11, 60)}/x`, 'bad-pen-key', /60 letters/],
    [`broadside:@${address.slice(11, 70)}1/x`, 'bad-pen-key', /60 letters/],
    [`broadside:@aa${address.slice(13)}`, 'mistyped-pen-key', /exchanged/],
    ['broadside:file/x', 'file-link', /shared file/],
    ['broadside:join/x', 'invite', /invite/],
    ['https://example.org', 'not-a-link', /begin with/],
  ];
  for (const [text, code, sentence] of cases) {
    const parsed = parseAddress(text);
    assert.equal(parsed.ok ? 'ok' : parsed.code, code, text);
    assert.match(explainAddressProblem(code, text), sentence);
  }
});

test('one letter of a pen name’s key that is wrong is always noticed, and nothing makes the parser throw', () => {
  const letters = formatPenKey(key).slice(1);
  fc.assert(
    fc.property(
      fc.nat({ max: PEN_KEY_LETTERS - 1 }),
      fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'),
      (at, letter) => {
        if (letters[at] === letter) return;
        assert.equal(parsePenAddress(`@${letters.slice(0, at)}${letter}${letters.slice(at + 1)}/x`).ok, false);
      },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom('broadside:word/', 'broadside:@', '@'), anyText, (head, text) => {
      const parsed = parsePenAddress(head + text);
      if (!parsed.ok) assert.ok(explainAddressProblem(parsed.code, head + text).length < 4 * MAX_PATH_BYTES);
    }),
    { numRuns: 500 },
  );
});
