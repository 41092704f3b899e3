/** Queries by the stem: no hub of the asker sees them, and the hits come back by the links that they went. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLinkBody } from '../../../shared/base/links.ts';
import { MAX_STEM_QUERIES_OF_LINK, STEM_QUERY_MS } from '../../../src-main/core/limits.ts';
import type { Hit } from '../../../src-main/core/search/entry.ts';
import { hitOf, id, Stage, word } from '../../support/search-stage.ts';
import type { Puppet } from '../../support/search-stage.ts';

const documentKey = new Uint8Array(32).fill(3);
const secret = new Uint8Array(16);
const board: Hit = {
  kind: 'anonymous',
  entry: {
    documentKey,
    link: encodeLinkBody({ class: 1, k: 3, n: 10, documentKey, readSecret: secret, namesDigest: secret }),
    title: 'High tide at the harbour',
    keywords: [],
    shape: 'file',
    fileKind: 'document',
    sizeBytes: 9,
    day: 20_000,
  },
};
const end = { outcome: 'all', hubs: 3, reach: 3, messages: 6 } as const;
const plain = { terms: word('tide').terms };

function whoWasAsked(puppets: readonly Puppet[]): Puppet {
  const asked = puppets.filter(({ heard }) => heard.some(({ type }) => type === 'stemQuery'));
  assert.equal(asked.length, 1);
  return asked[0]!;
}

test('a search for both kinds is two queries: shared files straight to a hub, publications by the stem', () => {
  const stage = new Stage();
  const hub = stage.meetHub('hub');
  const others = [stage.meet('next'), stage.meet('more')];
  stage.search(1, plain);
  const [straight] = hub.take('query');
  assert.equal(straight!.query.kind, 'direct');
  const next = whoWasAsked([hub, ...others]);
  const [byStem] = next.take('stemQuery');
  assert.equal(byStem!.query.kind, 'anonymous');
  assert.notDeepEqual(byStem!.id, straight!.id);
  next.say({ type: 'hits', id: byStem!.id, hits: [board], end });
  assert.equal(stage.take('searchDone').length, 0, 'the other part is not over');
  hub.say({ type: 'hits', id: straight!.id, hits: [hitOf('high tide')], end });
  assert.deepEqual(
    stage.take('searchHits').flatMap(({ hits }) => hits.map(({ kind }) => kind)),
    ['anonymous', 'direct'],
  );
  assert.equal(stage.take('searchDone')[0]!.counts.hubsAsked, 6);
});

test('with the anonymous switch no hub is asked straight', () => {
  const stage = new Stage();
  const hub = stage.meetHub('hub');
  const others = [stage.meet('next'), stage.meet('more')];
  stage.search(1, { ...plain, kind: 'direct' }, { anonymousOnly: true });
  assert.equal(hub.take('query').length, 0);
  whoWasAsked([hub, ...others]);
});

test('a relay passes a query on under another id, and the hits back under the first; nothing of it goes to its own hubs', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1e9 });
  const hub = stage.meetHub('hub');
  const [from, to] = [stage.meet('from'), stage.meet('to')];
  from.say({ type: 'stemQuery', id: id(1), want: 10, query: plain });
  assert.equal(hub.take('query').length, 0);
  const next = whoWasAsked([hub, to]);
  const [sent] = next.take('stemQuery');
  assert.notDeepEqual(sent!.id, id(1));
  next.say({ type: 'hits', id: sent!.id, hits: [board] });
  next.say({ type: 'hits', id: sent!.id, hits: [], end });
  const back = from.take('hits');
  assert.deepEqual(
    back.map((message) => message.id),
    [id(1), id(1)],
  );
  assert.equal(back[0]!.hits.length, 1);
  assert.equal(back[1]!.end!.hubs, 3);
  assert.equal(stage.core.tableSizes()['stemQueries'], 0);
});

test('hits that do not fit are not passed back, nor what comes from another link', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1e9 });
  const [from, to, other] = [stage.meet('from'), stage.meet('to'), stage.meet('other')];
  from.say({ type: 'stemQuery', id: id(1), want: 10, query: plain });
  const next = whoWasAsked([to, other]);
  const wrong = next === to ? other : to;
  const [sent] = next.take('stemQuery');
  wrong.say({ type: 'hits', id: sent!.id, hits: [board], end });
  next.say({ type: 'hits', id: sent!.id, hits: [hitOf('nothing of the kind'), board] });
  assert.deepEqual(
    from.take('hits').flatMap(({ hits }) => hits),
    [board],
  );
});

test('where the stem ends the hubs are asked, and a stop ends that', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1 });
  const hub = stage.meetHub('hub');
  const from = stage.meet('from');
  from.say({ type: 'stemQuery', id: id(1), want: 10, query: { ...plain, kind: 'anonymous' } });
  const [asked] = hub.take('query');
  assert.equal(asked!.want, 10);
  hub.say({ type: 'hits', id: asked!.id, hits: [board] });
  assert.deepEqual(
    from.take('hits').flatMap(({ hits }) => hits),
    [board],
  );
  from.say({ type: 'stop', id: id(1) });
  assert.deepEqual(hub.take('stop'), [{ type: 'stop', id: asked!.id }]);
  assert.equal(stage.core.tableSizes()['asks'], 0);
});

test('a query that comes by a second time ends there', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1e9 });
  const hub = stage.meetHub('hub');
  const [from, to] = [stage.meet('from'), stage.meet('to')];
  from.say({ type: 'stemQuery', id: id(1), want: 10, query: plain });
  const next = whoWasAsked([hub, to]);
  const [sent] = next.take('stemQuery');
  next.say({ type: 'stemQuery', id: sent!.id, want: 10, query: plain });
  assert.equal(hub.take('query').length, 1);
});

test('one link cannot fill the table, and a swallowed query is over in time', () => {
  const stage = new Stage({}, { stemEndsOneIn: 1e9 });
  const [from] = [stage.meet('from'), stage.meet('to'), stage.meet('other')];
  for (let count = 0; count < 3 * MAX_STEM_QUERIES_OF_LINK; count += 1)
    from!.say({ type: 'stemQuery', id: id(count), want: 10, query: word(`tide${count}`) });
  assert.equal(stage.core.tableSizes()['stemQueries'], MAX_STEM_QUERIES_OF_LINK);
  assert.equal(
    from!.take('hits').filter(({ end: last }) => last?.outcome === 'refused').length,
    2 * MAX_STEM_QUERIES_OF_LINK,
  );
  stage.run(STEM_QUERY_MS + 1_000);
  assert.equal(stage.core.tableSizes()['stemQueries'], 0);
  assert.equal(from!.take('hits').length, MAX_STEM_QUERIES_OF_LINK);
});

test('the asker goes by its next successor when one refuses or is gone', () => {
  const stage = new Stage();
  const puppets = ['one', 'two', 'three', 'four'].map((name) => stage.meet(name));
  stage.search(1, { ...plain, kind: 'anonymous' });
  const first = whoWasAsked(puppets);
  const [sent] = first.take('stemQuery');
  first.say({ type: 'hits', id: sent!.id, hits: [], end: { outcome: 'refused', hubs: 0, reach: 0, messages: 0 } });
  const second = whoWasAsked(puppets);
  assert.notEqual(second, first);
  second.take('stemQuery');
  second.leave();
  const third = whoWasAsked(puppets);
  const [last] = third.take('stemQuery');
  third.say({ type: 'hits', id: last!.id, hits: [board], end });
  assert.equal(stage.take('searchDone')[0]!.end, 'exhausted');
});

test('a search that is cancelled costs nothing more', () => {
  const stage = new Stage();
  const hub = stage.meetHub('hub');
  const others = [stage.meet('next'), stage.meet('more')];
  stage.search(1, plain);
  const next = whoWasAsked([hub, ...others]);
  stage.handle({ type: 'searchCancel', operation: 1 });
  assert.equal(hub.take('stop').length + (next === hub ? 0 : next.take('stop').length), 2);
  assert.equal(stage.take('searchDone')[0]!.end, 'stopped');
  assert.equal(stage.core.tableSizes()['searches'], 0);
});
