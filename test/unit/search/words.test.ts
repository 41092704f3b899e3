/** Texts as words, in every script (docs/spec/search.md, "Words"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  isPaired,
  isSingleLetter,
  isWord,
  joinWords,
  MAX_WORD_LETTERS,
  MAX_WORDS_OF_TEXT,
  queryWordsOf,
  tablePrefixOf,
  tableWordsOf,
  wordsOf,
} from '../../../src-main/core/search/words.ts';

/** Texts of many scripts, with marks, odd characters and halves of pairs among them. */
const scripts = [
  ...[
    'harbour minutes 1911',
    'Élan ŒUVRE Straße Đặng Łódź İIıi ﬁ',
    'ΟΔΟΣ Οδός',
    'Чайковский Ёлка Київ',
    'ქართული ᲥᲐᲠᲗᲣᲚᲘ',
  ],
  ...['مُحَاضَر لجنة المرفأ، ١٩١١', 'כתובת שָׁלוֹם', 'ภาษาไทยสวัสดี', 'ພາສາລາວ', 'ភាសាខ្មែរ', 'မြန်မာဘာသာ', 'हिन्दी क़लम'],
  ...[
    '東京都庁の会議録',
    'ガラス ｶﾞﾗｽ がらす',
    '한국어 검색 각',
    '🎄👩‍👩‍👧 🇩🇪 1️⃣',
    'ｆｕｌｌ　ｗｉｄｔｈ',
    '𝔉𝔯𝔞𝔨𝔱𝔲𝔯 ① ½ ﷺ',
  ],
  ...[
    '\u0301\u0302',
    '\ud800',
    '\udc00',
    '\u200d',
    '\u202e',
    '\u200b',
    'ʻ',
    'ـ',
    '々',
    'ー',
    '\u3099',
    '\u115f',
    '\ufe0f',
    '\u0345',
  ],
];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.constantFrom(...scripts.flatMap((script) => [script, ...script])), { maxLength: 30 })
    .map((parts) => parts.join('')),
);

describe('words', () => {
  const cases: readonly (readonly [name: string, text: string, words: string])[] = [
    ['case and punctuation', 'Harbour_Minutes-1911 (final).PDF', 'harbour minutes 1911 final pdf'],
    ['Latin accents and letters of their own', 'Élan ŒUVRE Straße Đặng Łódź Þór', 'elan oeuvre strasse dang lodz thor'],
    ['Turkish', 'İstanbul ISPANAK ıspanak', 'istanbul ispanak ispanak'],
    ['accents in one character or two', 'é e\u0301', 'e e'],
    ['Greek, with the sigma of ends', 'ΟΔΟΣ οδός', 'οδοσ οδοσ'],
    ['Cyrillic', 'Чайковский Ёлка', 'чаиковскии елка'],
    ['Georgian capitals', 'ᲥᲐᲠᲗᲣᲚᲘ', 'ქართული'],
    ['Arabic with and without vowels, joined by a stroke', 'مُحَاضَر مـحـاضر المرفأ', 'محاضر محاضر المرفا'],
    ['Arabic and Persian keyboards', 'کتابی كتابي', 'كتابي كتابي'],
    ['digits of other scripts', '١٩١١ ۱۹۱۱ १९११ ១៩១១', '1911 1911 1911 1911'],
    ['Hebrew points', 'שָׁלוֹם', 'שלום'],
    ['vowel signs that are needed stay', 'कुल कल', 'कुल कल'],
    ['Han as pairs, and the last letter', '東京都', '東京 京都 都'],
    ['one letter of Han', '東', '東'],
    ['Han between other letters', 'x東京1', 'x 東京 京 1'],
    ['Kana of half width, voiced', 'ｶﾞﾗｽ', 'ガラ ラス ス'],
    ['long vowels', 'ラーメン', 'ラー ーメ メン ン'],
    ['Hangul, composed and not', '한국 \u1112\u1161\u11ab\u1100\u116e\u11a8', '한국 국 한국 국'],
    ['Thai marks belong to their letter', 'ดีๆ', 'ดีๆ ๆ'],
    ['full width', 'ＦＵＬＬ　ｗｉｄｔｈ', 'full width'],
    ['ligatures and numbers in circles', 'ﬁne ①', 'fine 1'],
    ['pictures', '🎄👩‍👧🇩🇪🇫🇷 ©', '🎄 👩 👧 🇩🇪 🇫🇷'],
    ['skin and direction are nothing', '👋🏽 \u202eabc\u2066d', '👋 abcd'],
    ['invisible joins, and a space that is not seen', 'so\u00adft\u200bhyphen', 'soft hyphen'],
    ['nothing', '…—!?\u0301 \ud800', ''],
  ];
  for (const [name, input, words] of cases) {
    it(name, () => {
      assert.equal(wordsOf(input).join(' '), words);
    });
  }

  it('the letter at the end of a query may go on, unless it is alone', () => {
    assert.deepEqual(queryWordsOf('東京都'), ['東京', '京都']);
    assert.deepEqual(queryWordsOf('東京 tower'), ['東京', '京', 'tower']);
    assert.deepEqual(queryWordsOf('東'), ['東']);
    assert.deepEqual(queryWordsOf('harbour'), ['harbour']);
  });

  it('what a query asks for stands in a row in every text that goes on with it', () => {
    const run = fc.array(fc.constantFrom(...'東京都庁会議録のガーラสวัดีค국어'), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(run, run, ([...asked], rest) => {
        // A mark at the beginning belongs to what stands before.
        fc.pre(!/^\p{M}/u.test(asked[0]!) && !/^\p{M}/u.test(rest[0]!));
        const words = queryWordsOf(asked.join(''));
        const found = wordsOf([...asked, ...rest].join('')).join(' ');
        // One letter alone is looked for as a beginning.
        const end = isSingleLetter(words.join(' ')) ? '' : ' ';
        assert.ok(`${found} `.startsWith(`${words.join(' ')}${end}`), `${asked.join('')} in ${found}`);
      }),
    );
  });

  it('a word of any text is a word, and folding it again changes nothing', () => {
    fc.assert(
      fc.property(text, (input) => {
        const words = wordsOf(input);
        assert.ok(words.length <= MAX_WORDS_OF_TEXT);
        for (const word of words) {
          assert.ok(word !== '' && [...word].length <= MAX_WORD_LETTERS);
          assert.ok(isWord(word), JSON.stringify(word));
          assert.ok(!/[\s"*:]/u.test(word));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('case, composition and width make no difference', () => {
    fc.assert(
      fc.property(text, (input) => {
        const words = wordsOf(input);
        assert.deepEqual(wordsOf(input.normalize('NFD')), words);
        assert.deepEqual(wordsOf(input.normalize('NFC')), words);
        assert.deepEqual(wordsOf(input.normalize('NFKC')), words);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aÀéßŒőΩσςжЁїაԲ東ｱ '), maxLength: 20 }), (input) => {
        assert.deepEqual(wordsOf(input.toUpperCase()), wordsOf(input));
        assert.deepEqual(wordsOf(input.toLowerCase()), wordsOf(input));
      }),
    );
  });

  it('the way that ASCII goes alone comes to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 80 }), (input) => {
        // The name of a script that nobody reads, with its one word, makes the same text go the other way.
        assert.deepEqual(wordsOf(`${input} ק`), [...wordsOf(input), 'ק'].slice(0, MAX_WORDS_OF_TEXT));
      }),
    );
  });

  it('what is not folded, or not one word, is none', () => {
    for (const none of ['', ' ', 'a b', 'É', 'E', '東京都', 'ς', 'x'.repeat(41), '\ud800', 'a\u0301', '١', '\u0301'])
      assert.equal(isWord(none), false, JSON.stringify(none));
    for (const word of ['e', '東', '東京', '🎄', 'कुल', 'x'.repeat(40)]) assert.equal(isWord(word), true, word);
  });

  it('words are put together into a text that comes apart into them', () => {
    fc.assert(
      fc.property(text, (input) => {
        const words = queryWordsOf(input);
        fc.pre(words.every((word) => [...word].length < MAX_WORD_LETTERS) && words.length < MAX_WORDS_OF_TEXT);
        assert.deepEqual(queryWordsOf(joinWords(words)), words);
      }),
      { numRuns: 500 },
    );
  });

  it('word tables have words, and beginnings by which prefixes are looked for', () => {
    assert.deepEqual(tableWordsOf('harbour'), ['harbour', 'ha*', 'har*']);
    assert.deepEqual(tableWordsOf('a'), ['a']);
    assert.deepEqual(tableWordsOf('ab'), ['ab', 'ab*']);
    assert.deepEqual(tableWordsOf('東京'), ['東京', '東*']);
    assert.equal(tablePrefixOf('東'), '東*');
    fc.assert(
      fc.property(text, fc.nat(5), (input, length) => {
        for (const word of wordsOf(input)) {
          const prefix = [...word].slice(0, isPaired(word) ? 1 + length : 2 + length).join('');
          if (isPaired(word) ? !isSingleLetter(prefix) : [...prefix].length < 2) continue;
          assert.ok(tableWordsOf(word).includes(tablePrefixOf(prefix)), `${prefix} of ${word}`);
        }
      }),
    );
  });

  it('what is made to be slow is not', () => {
    const hostile = ['a\u0301', '\u0f71\u0301', 'ﷺ', 'の', '. ', 'é. ', '\ud800', '👩‍', '\u200d', '\u1161', 'Σ', 'İ'];
    for (const part of hostile) {
      const begunMs = performance.now();
      for (const make of [wordsOf, queryWordsOf]) assert.ok(make(part.repeat(200_000)).length <= MAX_WORDS_OF_TEXT);
      assert.ok(performance.now() - begunMs < 1_000, JSON.stringify(part));
    }
    assert.deepEqual(wordsOf(`a${'\u0301'.repeat(500)}b`), ['ab']);
    assert.deepEqual(wordsOf('x'.repeat(100)), ['x'.repeat(MAX_WORD_LETTERS)]);
  });
});
