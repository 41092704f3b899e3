import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suggestionsFor } from '../../../src-renderer/app/suggestions.ts';
import { progressOf, progressSentence } from '../../../src-renderer/features/search/progress-words.ts';
import { queryWords } from '../../../src-renderer/features/search/query-words.ts';
import { ratingWords, shortWarnings } from '../../../src-renderer/features/search/result-words.ts';
import { looksLikeLink, wholeLink } from '../../../src-renderer/lib/link-text.ts';
import { demoFile } from '../../support/demo-results.ts';
import { demoSearchState } from '../../support/demo-search.ts';
import { demoLink } from '../../support/demo-things.ts';

describe('what the field says that it understood', () => {
  it('names each part of a query', () => {
    assert.deepEqual(
      queryWords('harbour "north channel" dredg* -tram kind:direct type:picture,video size:>10MB age:<1d'),
      [
        'harbour',
        '“north channel” in this order',
        'words that begin with dredg',
        'without tram',
        'only shared files (direct)',
        'only film and pictures',
        'over 10 MB',
        'of the last day',
      ],
    );
  });

  const none = { wishes: [], past: [] };
  const kinds = (text: string): string[] => suggestionsFor(text, none).map(({ kind }) => kind);

  it('takes words for a search first, and offers the address that they may be', () => {
    assert.deepEqual(kinds('tide tables'), ['search', 'address']);
    assert.equal(suggestionsFor('Tide tables', none)[1]?.text, 'broadside:word/Tide+tables');
  });

  it('takes what is more than words for nothing else', () => {
    assert.deepEqual(kinds('tide -tables'), ['search']);
    assert.deepEqual(kinds('tide type:audio'), ['search']);
    assert.deepEqual(kinds('  '), []);
  });

  it('opens links and pen names, with or without what stands before them', () => {
    const key = `@${'ca'.repeat(30)}/notices`;
    assert.deepEqual(kinds(demoLink('x')), ['address']);
    assert.deepEqual(kinds('broadside:dumq'), [], 'one that is cut short is told when it is opened');
    assert.equal(looksLikeLink(key), true);
    assert.equal(wholeLink(key), `broadside:${key}`);
    assert.equal(looksLikeLink('@harbour'), false);
  });

  it('offers what is known by the words of its title, likelier ones first, and the latest while nothing is typed', () => {
    const known = [
      { link: demoLink('a'), title: 'Tide tables for small boats', kind: 'bookmark' },
      { link: demoLink('b'), title: 'Minutes of the tidal board', kind: 'opened' },
      { link: demoLink('c'), title: 'محاضر لجنة المرفأ', kind: 'followed' },
    ] as const;
    const offered = (text: string): (string | undefined)[] =>
      suggestionsFor(text, { ...none, known })
        .filter(({ kind, text: link }) => kind === 'address' && known.some((one) => one.link === link))
        .map(({ label }) => label);
    assert.deepEqual(offered('tid'), [
      'Open your bookmark: Tide tables for small boats',
      'Opened before: Minutes of the tidal board',
    ]);
    assert.deepEqual(offered('boat tab'), ['Open your bookmark: Tide tables for small boats']);
    assert.deepEqual(offered('مرفأ'), [], 'not the article of the word');
    assert.deepEqual(offered('المرفأ'), ['You follow: محاضر لجنة المرفأ']);
    assert.deepEqual(offered('oats'), [], 'within a word');
    assert.equal(offered('').length, 3);
    assert.equal(suggestionsFor('tid', { ...none, known })[0]!.kind, 'search', 'Enter searches all the same');
  });

  it('takes an invite for one', () => {
    assert.deepEqual(kinds('broadside:join/abc'), ['invite']);
    assert.deepEqual(kinds('  BROADSIDE: join/abc'), ['invite']);
  });

  it('offers wishes and past searches that begin so, each once', () => {
    const offered = suggestionsFor('har', { wishes: ['harbour log'], past: ['Harbour log', 'harbour log', 'tides'] });
    assert.deepEqual(
      offered.filter(({ kind }) => kind === 'wish' || kind === 'past').map(({ text }) => text),
      ['harbour log', 'Harbour log'],
    );
  });
});

describe('what a search says of itself', () => {
  const state = demoSearchState('harbour', { startedMs: 1000, hubsAsked: 12, hubsKnown: 19 });

  it('while it looks, and how it ended', () => {
    assert.equal(progressSentence(state, 1600), 'Still looking: 12 of 19 hubs asked, 0.6s');
    assert.equal(
      progressSentence({ ...state, state: 'done', end: 'exhausted', hubsAsked: 19, endedMs: 5000 }, 99_000),
      'Done: 19 of 19 hubs asked in 4.0s',
    );
    assert.equal(progressSentence({ ...state, state: 'done', end: 'no-hubs' }, 1600), 'There was nobody to ask.');
    assert.match(progressSentence({ ...state, hubsKnown: 0, hubsAsked: 0 }, 1600), /neighbours asked/);
  });

  it('how far it is, as far as that is known', () => {
    assert.equal(progressOf(state), 12 / 19);
    assert.equal(progressOf({ ...state, hubsKnown: 0 }), undefined);
    assert.equal(progressOf({ ...state, state: 'done', end: 'enough' }), 1);
  });
});

describe('what a row says of a stranger’s file', () => {
  it('warns of programs and of names that mislead, and tells the ends of the rating only', () => {
    assert.deepEqual(shortWarnings(demoFile('setup.exe')), ['Can harm your computer']);
    assert.deepEqual(shortWarnings(demoFile('a\u202efdp.exe')), ['Can harm your computer', 'Its name misleads']);
    assert.deepEqual(shortWarnings(demoFile('a.pdf')), []);
    assert.equal(ratingWords(demoFile('a.pdf', { rating: 0.5 })), undefined);
    assert.equal(ratingWords(demoFile('a.pdf', { rating: 0.1 })), 'like what you hid');
  });
});
