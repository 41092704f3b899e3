/** Where the words of a query stand in a name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_MARKS, marksOf } from '../../../src-main/core/search/marks.ts';
import { parseQuery } from '../../../src-main/core/search/query-text.ts';

function marked(query: string, text: string): string[] {
  const parsed = parseQuery(query);
  assert.ok(parsed.ok);
  return marksOf(parsed.query, text).map(({ from, to }) => text.slice(from, to));
}

describe('marks', () => {
  const cases: readonly (readonly [query: string, text: string, marks: readonly string[]])[] = [
    ['harbour minutes', 'Harbour board MINUTES, 1911.pdf', ['Harbour', 'MINUTES']],
    ['harbour', 'harbours harbour_board', ['harbour']],
    ['dredg* -sea', 'Dredger, dredging sea', ['Dredger', 'dredging']],
    ['"board minutes"', 'board minutes of a board', ['board', 'minutes', 'board']],
    ['elan strasse', 'E\u0301lan, Straße', ['E\u0301lan', 'Straße']],
    ['1911', 'محاضر ١٩١١', ['١٩١١']],
    ['محاضر', 'مُحَاضَر اللجنة', ['مُحَاضَر']],
    ['東京', 'x東京都庁.pdf', ['東京']],
    ['東京都', '東京都庁', ['東京都']],
    ['東', '東京と東', ['東', '東']],
    ['สวัสดี', 'คำสวัสดีครับ', ['สวัสดี']],
    ['🎄', 'a🎄b', ['🎄']],
    ['pdf', 'nothing.txt', []],
    ['audio type:audio', 'audio', ['audio']],
  ];
  for (const [query, text, marks] of cases) {
    it(`${query} in ${text}`, () => {
      assert.deepEqual(marked(query, text), marks);
    });
  }

  it('are in order, apart, within the text and bounded, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('a', 'aa* 東', '東京都 e', 'aa* ab* ba*'),
        (text, query) => {
          const parsed = parseQuery(query);
          assert.ok(parsed.ok);
          const marks = marksOf(parsed.query, `${text}a東京都${text}`);
          let last = -1;
          for (const { from, to } of marks) {
            assert.ok(from > last && to > from && to <= 2 * text.length + 4);
            last = to;
          }
        },
      ),
    );
    assert.equal(marked('a', 'a b '.repeat(500)).length, MAX_MARKS);
  });
});
