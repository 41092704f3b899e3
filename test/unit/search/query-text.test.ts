/** Queries as people type them: what they say, what is wrong with them and where, and their one spelling. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { utf8Length } from '../../../shared/base/paths.ts';
import { MAX_PHRASE_WORDS, MAX_QUERY_TERMS } from '../../../src-main/core/limits.ts';
import {
  explainQueryProblem,
  formatQuery,
  MAX_QUERY_BYTES,
  parseQuery,
} from '../../../src-main/core/search/query-text.ts';
import type { QueryProblemCode } from '../../../src-main/core/search/query-text.ts';
import { isWord } from '../../../src-main/core/search/words.ts';

describe('queries', () => {
  const spellings: readonly (readonly [text: string, spelling: string])[] = [
    ['Harbour  dredging\tMinutes', 'harbour dredging minutes'],
    ['"Harbour board" -scan* minutes', '"harbour board" -scan* minutes'],
    ['“curly quotes” „German ones“ «French»', '"curly quotes" "german ones" french'],
    ['harbour harbour HARBOUR', 'harbour'],
    [
      'kind:Direct Type:picture,audio SIZE:>1.5MB size:<=1GiB age:<2w élan',
      'elan kind:direct type:audio,picture size:>1500000 size:<1073741824 age:<14d',
    ],
    ['x size:>1 size:<1 age:1y', 'x size:>1 size:<1 age:<365d'],
    ["don't harbour_board", '"don t" "harbour board"'],
    ['12:30 time', '"12 30" time'],
    ['title: sub type', 'title sub type'],
    ['"kind:direct"', '"kind direct"'],
    ['a - b — & c', 'a b c'],
    ['−minus x', '-minus x'],
    ['東京都', '"東京都"'],
    ['東京', '東京'],
    ['東京*', '東京'],
    ['東', '東*'],
    ['-東 "東京 tower" ', '-東* "東京 tower"'],
    ['五*', '五*'],
    ['🎄 song', '🎄 song'],
    ['١٩١١', '1911'],
    ['12" record', '12 record'],
  ];
  for (const [text, spelling] of spellings) {
    it(`${text} is ${spelling}`, () => {
      const parsed = parseQuery(text);
      assert.ok(parsed.ok, JSON.stringify(parsed));
      assert.equal(formatQuery(parsed.query), spelling);
      const again = parseQuery(spelling);
      assert.ok(again.ok);
      assert.deepEqual(again.query, parsed.query);
    });
  }

  const problems: readonly (readonly [text: string, code: QueryProblemCode, part: string, says: RegExp])[] = [
    ['', 'empty', '', /no word/],
    ['… & —', 'empty', '… & —', /no word/],
    ['kind:direct', 'empty', 'kind:direct', /no word/],
    ['-a -"b c"', 'only-excluded', '-a -"b c"', /a word that is/],
    ['x'.repeat(257), 'too-long', 'x'.repeat(257), /256 bytes/],
    ['東'.repeat(86), 'too-long', '東'.repeat(86), /256 bytes/],
    ['a b c d e f g h i j', 'too-many-terms', 'i', /character 17.*8 at most/],
    ['good "open phrase', 'open-phrase', '"open phrase', /character 6 has no second/],
    ['good -"open', 'open-phrase', '"open', /character 7/],
    ['x -""', 'lone-excluded', '-""', /character 3/],
    ['x -&', 'lone-excluded', '-&', /excludes nothing/],
    ['x a*b', 'asterisk', 'a*b', /end of one word/],
    ['x "a b"* c', 'asterisk', '"a b"*', /end of one word/],
    ['two_words*', 'asterisk', 'two_words*', /end of one word/],
    ['* x', 'asterisk', '*', /end of one word/],
    ['abc h* x', 'short-prefix', 'h*', /character 5.*two letters/],
    ['x -x', 'contradiction', '-x', /contradicts/],
    ['x size:>2MB size:<1MB', 'contradiction', 'size:<1MB', /contradicts/],
    ['x kind:direct kind:anonymous', 'filter-twice', 'kind:anonymous', /said before/],
    ['x size:>1 size:>2', 'filter-twice', 'size:>2', /said before/],
    ['x -type:audio', 'filter-excluded', '-type:audio', /minus out/],
    ['x kind:secret', 'bad-kind', 'kind:secret', /kind:direct or/],
    ['x type:audio,film', 'bad-type', 'type:audio,film', /audio, video/],
    ['x type:', 'bad-type', 'type:', /audio, video/],
    ['x size:10MB', 'bad-size', 'size:10MB', /size:>10MB/],
    ['x size:>10XB', 'bad-size', 'size:>10XB', /size:>10MB/],
    ['x size:>toString', 'bad-size', 'size:>toString', /size:>10MB/],
    ['x size:>999999999999TB', 'bad-size', 'size:>999999999999TB', /size:>10MB/],
    ['x age:<0d', 'bad-age', 'age:<0d', /age:<30d/],
    ['x age:<3h', 'bad-age', 'age:<3h', /age:<30d/],
    ['x age:<999999y', 'bad-age', 'age:<999999y', /age:<30d/],
    ['broadside:abc', 'link', 'broadside:abc', /is a link/],
  ];
  for (const [text, code, part, says] of problems) {
    it(`${text.slice(0, 40)}: ${code}`, () => {
      const parsed = parseQuery(text);
      assert.ok(!parsed.ok);
      const { problem } = parsed;
      assert.equal(problem.code, code);
      assert.equal(text.slice(problem.from, problem.to), part);
      assert.match(explainQueryProblem(problem, text), says);
      assert.match(explainQueryProblem(problem, text), /^[A-Z“].*\.$/su);
    });
  }

  const part = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      ...[
        '-',
        '"',
        '*',
        ' ',
        '  ',
        'kind:',
        'kind:direct',
        'type:',
        'audio,video',
        'size:>',
        'size:<',
        '10MB',
        'age:<',
        '30d',
        ':',
        ',',
      ],
      ...[
        'harbour',
        'élan',
        '東京都',
        '東',
        'สวัสดี',
        '한국어',
        'مُحَاضَر',
        '🎄',
        '\u0301',
        '\ud800',
        '\u202e',
        '“',
        '”',
        '−',
        'ﷺ',
      ],
    ),
  );
  const typed = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));

  it('whatever is typed is a query of folded words within its bounds, or a problem with its place', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseQuery(text);
        if (!parsed.ok) {
          const { from, to } = parsed.problem;
          assert.ok(from >= 0 && from <= to && to <= text.length);
          assert.match(explainQueryProblem(parsed.problem, text), /\.$/);
          return;
        }
        const { terms } = parsed.query;
        assert.ok(utf8Length(text) <= MAX_QUERY_BYTES && terms.length <= MAX_QUERY_TERMS);
        assert.ok(terms.some(({ excluded }) => !excluded));
        for (const { kind, words } of terms) {
          assert.ok(words.every(isWord), JSON.stringify(words));
          assert.ok(kind === 'phrase' ? words.length > 1 && words.length <= MAX_PHRASE_WORDS : words.length === 1);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('its one spelling, read again, is the same query', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseQuery(text);
        fc.pre(parsed.ok);
        const spelling = formatQuery(parsed.query);
        // Digits of sizes may make it longer than it was typed, and words at their greatest length are cut.
        fc.pre(utf8Length(spelling) <= MAX_QUERY_BYTES);
        const again = parseQuery(spelling);
        assert.deepEqual(again, parsed);
        assert.equal(formatQuery(parsed.query), spelling);
      }),
      { numRuns: 3_000 },
    );
  });
});
