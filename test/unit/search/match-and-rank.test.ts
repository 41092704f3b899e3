/** What fits a query and how good it is: the filter and the order behind every index. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileEntry, Hit, PublicationEntry } from '../../../src-main/core/search/entry.ts';
import { fieldsOf, matches } from '../../../src-main/core/search/match.ts';
import { parseQuery } from '../../../src-main/core/search/query-text.ts';
import type { Query } from '../../../src-main/core/search/query.ts';
import { rank } from '../../../src-main/core/search/rank.ts';
import { wordsOf } from '../../../src-main/core/search/words.ts';

const TODAY = 20_000;

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  assert.ok(parsed.ok, text);
  return parsed.query;
}

function file(name: string, more: Partial<FileEntry> = {}): Hit {
  const entry = { root: new Uint8Array(32), name, folder: '', sizeBytes: 1_000, day: TODAY, ...more };
  return { kind: 'direct', entry, source: new Uint8Array(32), freeSlots: 1 };
}

function publication(title: string, more: Partial<PublicationEntry> = {}): Hit {
  const keys = { documentKey: new Uint8Array(32), link: new Uint8Array(67) };
  const rest = { keywords: [], shape: 'file', fileKind: 'document', sizeBytes: 1_000, day: TODAY } as const;
  return { kind: 'anonymous', entry: { ...keys, title, ...rest, ...more } };
}

describe('what fits a query', () => {
  const minutes = file('Harbour board minutes 1908.pdf', { folder: 'Port records/Scans' });
  const tables = publication('Tide tables', { keywords: ['harbour', 'small boats'], shape: 'site' });
  const cases: readonly (readonly [query: string, hit: Hit, fits: boolean])[] = [
    ['harbour minutes', minutes, true],
    ['HÁRBOUR pdf', minutes, true],
    ['harbour records', minutes, true],
    ['harbour dredging', minutes, false],
    ['harb* 190*', minutes, true],
    ['arbour', minutes, false],
    ['arb*', minutes, false],
    ['"board minutes"', minutes, true],
    ['"minutes board"', minutes, false],
    ['"harbour minutes"', minutes, false],
    ['"1908 pdf port"', minutes, false],
    ['"port records scans"', minutes, true],
    ['harbour -scans', minutes, false],
    ['harbour -"minutes board"', minutes, true],
    ['harbour -"board minutes"', minutes, false],
    ['harbour -scan*', minutes, false],
    ['harbour kind:direct', minutes, true],
    ['harbour kind:anonymous', minutes, false],
    ['harbour type:document,audio', minutes, true],
    ['harbour type:audio', minutes, false],
    ['harbour size:>1KB size:<1KB', minutes, true],
    ['harbour size:>1001', minutes, false],
    ['harbour size:<999', minutes, false],
    ['harbour age:<1d', minutes, true],
    ['tide harbour', tables, true],
    ['"small boats"', tables, true],
    ['"tables harbour"', tables, false],
    ['"harbour small"', tables, false],
    ['tide type:document', tables, true],
    ['tide kind:anonymous', tables, true],
    ['東京', file('東京都庁.pdf'), true],
    ['京都', file('東京都庁.pdf'), true],
    ['都', file('東京都'), true],
    ['東京都', file('東京 京都'), false],
    ['東京都', file('東京と京都'), false],
    ['สวัสดี', file('คำสวัสดีครับ.mp3'), true],
    ['검색', file('한국어 검색기'), true],
    ['كتابي', file('کتابی.pdf'), true],
    ['1911', file('محاضر ١٩١١'), true],
    ['🎄', file('song 🎄.mp3'), true],
  ];
  for (const [query, hit, fits] of cases) {
    it(`${query} ${fits ? 'finds' : 'does not find'} ${hit.kind === 'direct' ? hit.entry.name : hit.entry.title}`, () => {
      assert.equal(matches(queryOf(query), hit, TODAY), fits);
    });
  }

  it('ages count from the day on, and a clock that is ahead makes nothing too young', () => {
    const query = queryOf('a age:<3d');
    for (const [day, fits] of [
      [TODAY - 3, true],
      [TODAY - 4, false],
      [TODAY + 9, true],
    ] as const)
      assert.equal(matches(query, file('a', { day }), TODAY), fits);
  });

  it('comes to what a plain look through all words comes to', () => {
    const word = fc.constantFrom('ha', 'hab', 'harbour', 'b', '東', '京', '東京都', 'x1');
    const words = fc.array(word, { maxLength: 6 }).map((list) => list.join(' '));
    const term = fc.record({ text: word, prefix: fc.boolean(), excluded: fc.boolean() }, { noNullPrototype: true });
    fc.assert(
      fc.property(words, words, fc.array(term, { minLength: 1, maxLength: 4 }), (name, folder, terms) => {
        const typed = terms.map(
          ({ text, prefix, excluded }) => `${excluded ? '-' : ''}${text}${prefix && text.length > 1 ? '*' : ''}`,
        );
        const parsed = parseQuery(typed.join(' '));
        fc.pre(parsed.ok);
        const texts = [wordsOf(name), wordsOf(folder)].map((list) => ` ${list.join(' ')} `);
        const expected = parsed.query.terms.every(({ kind, words: asked, excluded }) => {
          const part = kind === 'prefix' ? ` ${asked[0]}` : ` ${asked.join(' ')} `;
          return texts.some((text) => text.includes(part)) !== excluded;
        });
        assert.equal(matches(parsed.query, file(name, { folder }), TODAY), expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('rank', () => {
  const rankOf = (query: string, hit: Hit, prefixes: number | undefined = 1, ageDays = 0): number =>
    rank(queryOf(query), { fields: fieldsOf(hit), prefixes, ageDays });

  it('the name before the folder, less beside it before more, the order that was asked for before another', () => {
    const best = rankOf('harbour minutes', file('harbour minutes'));
    const longer = rankOf('harbour minutes', file('harbour minutes of the board and its clerks'));
    const turned = rankOf('harbour minutes', file('minutes of the harbour board and its clerks'));
    const partly = rankOf('harbour minutes', file('minutes', { folder: 'harbour' }));
    assert.ok(best > longer && longer > turned && turned > partly, [best, longer, turned, partly].join(' '));
  });

  it('more sources and newer before fewer and older, but not before what fits better', () => {
    const plain = file('harbour minutes');
    assert.ok(rankOf('harbour', plain, 9) > rankOf('harbour', plain, 2));
    assert.ok(rankOf('harbour', plain, 1, 1) > rankOf('harbour', plain, 1, 100));
    assert.equal(rankOf('harbour', plain, 64), rankOf('harbour', plain, 1_000_000));
    assert.ok(rankOf('harbour', file('harbour'), 2, 365) > rankOf('harbour', file('x', { folder: 'harbour' }), 8, 365));
  });

  it('is between 0 and 1, whatever it is asked', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...FILE_KINDS),
        (typed, name, folder, sources, days, kind) => {
          const parsed = parseQuery(typed);
          fc.pre(parsed.ok);
          for (const hit of [file(name, { folder }), publication(name, { keywords: [folder], fileKind: kind })]) {
            const value = rank(parsed.query, { fields: fieldsOf(hit), prefixes: sources, ageDays: days });
            assert.ok(value >= 0 && value <= 1, String(value));
          }
        },
      ),
    );
  });
});
