/** What a search found, by content: filtered again, grouped, bounded, in rows that stay. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_WANTED } from '../../../src-main/core/limits.ts';
import {
  Collector,
  contentId,
  MAX_CONTENTS_OF_SOURCE,
  MAX_OTHER_NAMES,
  MAX_SOURCES_OF_CONTENT,
} from '../../../src-main/core/search/collector.ts';
import type { CollectorOptions } from '../../../src-main/core/search/collector.ts';
import type { Hit } from '../../../src-main/core/search/entry.ts';
import { parseQuery } from '../../../src-main/core/search/query-text.ts';

const TODAY = 20_000;

const numbered = (number: number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => (at < 4 ? number >> (8 * at) : 0) & 0xff);

function file(
  root: number,
  source: number,
  more: { name?: string; host?: string; freeSlots?: number; day?: number } = {},
): Hit {
  const { name = `song ${root}.mp3`, host, freeSlots = 0, day = TODAY } = more;
  const entry = { root: numbered(root), name, folder: '', sizeBytes: 10, day };
  return { kind: 'direct', entry, source: numbered(source), ...(host !== undefined && { host, port: 1 }), freeSlots };
}

function publication(key: number, title = `song ${key}`): Hit {
  const rest = { keywords: [], shape: 'file', fileKind: 'audio', sizeBytes: 10, day: TODAY } as const;
  return { kind: 'anonymous', entry: { documentKey: numbered(key), link: new Uint8Array(67), title, ...rest } };
}

function collector(text = 'song', options: Partial<CollectorOptions> = {}): Collector {
  const parsed = parseQuery(text);
  assert.ok(parsed.ok);
  return new Collector({
    query: parsed.query,
    todayDay: TODAY,
    judge: () => 'shown',
    maxContentsOfSource: MAX_CONTENTS_OF_SOURCE,
    ...options,
  });
}

const idOf = (hit: Hit): string => contentId(hit);

describe('what a search found', () => {
  it('is one row a content, with its sources and the other names they give it', () => {
    const found = collector();
    assert.deepEqual(
      found.add([file(1, 1), publication(1), file(2, 1)]),
      [1, 1, 2].map((root, at) => idOf(at === 1 ? publication(root) : file(root, 1))),
    );
    assert.deepEqual(found.add([file(1, 2, { name: 'old song.mp3' })]), [idOf(file(1, 1))]);
    const row = found.get(idOf(file(1, 1)))!;
    assert.equal(row.sources.size, 2);
    assert.deepEqual(row.otherNames, ['old song.mp3']);
    assert.equal(row.found.kind === 'direct' && row.found.entry.name, 'song 1.mp3');
    assert.deepEqual([found.size, found.hits, found.unfit], [3, 4, 0]);
  });

  it('keeps rows where they came first', () => {
    const found = collector();
    found.add([file(3, 1), file(1, 1)]);
    const before = found.contents().map(({ id }) => id);
    found.add([file(2, 2), file(1, 3), file(1, 4), file(3, 2)]);
    assert.deepEqual(
      found
        .contents()
        .map(({ id }) => id)
        .slice(0, 2),
      before,
    );
  });

  it('takes no hub at its word: what does not fit is left out', () => {
    const found = collector('song -bad size:<100');
    const large = file(3, 1);
    const hits = [
      file(1, 1, { name: 'sing.mp3' }),
      file(2, 1, { name: 'bad song' }),
      { ...large, entry: { ...large.entry, sizeBytes: 101 } } as Hit,
    ];
    assert.deepEqual(found.add(hits), []);
    assert.deepEqual([found.size, found.hits, found.unfit], [0, 3, 3]);
  });

  it('the same again changes nothing; slots and addresses that are new do', () => {
    const found = collector();
    found.add([file(1, 1)]);
    assert.deepEqual(found.add([file(1, 1)]), []);
    assert.equal(found.add([file(1, 1, { freeSlots: 2 })]).length, 1);
    assert.equal(found.add([file(1, 1, { host: '198.51.100.1', freeSlots: 2 })]).length, 1);
    assert.deepEqual(found.add([file(1, 1, { freeSlots: 2 })]), [], 'an address that is known is kept');
    assert.equal([...found.contents()[0]!.sources.values()][0]!.host, '198.51.100.1');
    assert.equal(found.add([file(1, 1, { day: TODAY + 1, freeSlots: 2 })]).length, 1);
  });

  it('ranks by distinct /24 prefixes, and by keys where addresses say nothing', () => {
    const found = collector();
    found.add([1, 2, 3].map((source) => file(1, source, { host: `198.51.100.${source}` })));
    found.add([1, 2, 3].map((source) => file(2, source, { host: `198.51.${source}.7` })));
    found.add([1, 2, 3].map((source) => file(3, source, { host: '127.0.0.1' })));
    const [one, many, house] = found.contents();
    assert.deepEqual([one!.prefixes, many!.prefixes, house!.prefixes], [1, 3, 3]);
    assert.ok(many!.score > one!.score);
  });

  it('bounds what one source alone fills, and forgets the bound where others have the same', () => {
    const found = collector();
    found.add(Array.from({ length: 200 }, (_, at) => file(at, 1)));
    assert.equal(found.size, MAX_CONTENTS_OF_SOURCE);
    assert.equal(found.unfit, 200 - MAX_CONTENTS_OF_SOURCE);
    found.add([file(0, 2), file(1, 2), file(500, 1), file(501, 1), file(502, 1)]);
    assert.equal(found.size, MAX_CONTENTS_OF_SOURCE + 2);
    const browsed = collector('song', { maxContentsOfSource: undefined });
    browsed.add(Array.from({ length: 200 }, (_, at) => file(at, 1)));
    assert.equal(browsed.size, 200);
  });

  it('bounds contents, sources and names', () => {
    const found = collector('song', { maxContentsOfSource: undefined });
    found.add(Array.from({ length: MAX_WANTED + 10 }, (_, at) => file(at, at)));
    assert.equal(found.size, MAX_WANTED);
    found.add(
      Array.from({ length: 2 * MAX_SOURCES_OF_CONTENT }, (_, at) => file(1, 1_000 + at, { name: `song ${at}` })),
    );
    const row = found.get(idOf(file(1, 1)))!;
    assert.equal(row.sources.size, MAX_SOURCES_OF_CONTENT);
    assert.equal(row.otherNames.length, MAX_OTHER_NAMES);
  });

  it('what is hidden is counted and not shown; hidden sources leave the rows of others', () => {
    const hidden = new Set<string>();
    const judge: CollectorOptions['judge'] = (hit) =>
      hidden.has(contentId(hit)) || (hit.kind === 'direct' && hidden.has(String(hit.source[0]))) ? 'hidden' : 'shown';
    const found = collector('song', { judge });
    hidden.add('9');
    found.add([file(1, 9), file(1, 9), file(2, 9), file(3, 1)]);
    assert.deepEqual([found.size, found.hidden], [1, 2]);
    found.add([file(1, 2)]);
    assert.deepEqual([found.size, found.hidden], [2, 1], 'another has it too');
    found.add([file(3, 2), publication(4)]);
    hidden.add('2');
    hidden.add(idOf(publication(4)));
    const { gone, changed } = found.judgeAgain();
    assert.deepEqual(gone.sort(), [idOf(file(1, 2)), idOf(publication(4))].sort());
    assert.deepEqual(changed, [idOf(file(3, 1))]);
    assert.equal(found.size, 1);
  });

  it('comes to the same contents and sources in whatever order hits come', () => {
    const hit = fc
      .record(
        { root: fc.nat(5), source: fc.nat(5), host: fc.constantFrom(undefined, '198.51.100.1', '203.0.113.2') },
        { noNullPrototype: true },
      )
      .map(({ root, source, host }) => file(root, source, host === undefined ? {} : { host }));
    const view = (hits: readonly Hit[]): unknown => {
      const found = collector();
      for (const one of hits) found.add([one]);
      return found
        .contents()
        .map(({ id, sources, prefixes, score }) => ({
          id,
          sources: [...sources.keys()].sort(),
          many: prefixes >= 1,
          ranked: score > 0,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    fc.assert(
      fc.property(fc.array(hit, { maxLength: 30 }), (hits) => {
        assert.deepEqual(view(hits), view([...hits].reverse()));
      }),
    );
  });
});
