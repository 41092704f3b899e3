/** What no honest peer does on the channel `search`, and what the core makes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import {
  LEAF_QUERY_BURST,
  MAX_HUB_RECORDS_OF_PREFIX,
  MAX_HUBS_OF_QUERY,
  MAX_LIST_PARTS_OF_LEAF,
  MAX_QUERIES_OF_LINK,
  MAX_SEARCH_GARBAGE,
  MAX_PEER_LINKS,
} from '../../../src-main/core/limits.ts';
import { encodeSearchMessage } from '../../../src-main/core/wire/search-messages.ts';
import { file, hitOf, id, Stage, word } from '../../support/search-stage.ts';

function hubStage(network = {}): Stage {
  const stage = new Stage({ hubWish: () => 'always' }, network);
  stage.meet('neighbour');
  stage.run(5_000, () => stage.core.search()!.role === 'hub');
  assert.equal(stage.core.search()!.role, 'hub');
  return stage;
}

const query = (first: number, changes = {}) =>
  ({ type: 'query', id: id(first), ttl: 1, budget: 100, want: 250, query: word('tide'), ...changes }) as const;

test('a hub that answers garbage: nothing of it is shown, another is asked, and its link is closed', () => {
  const stage = new Stage();
  const [first, second] = [stage.meetHub('one'), stage.meetHub('two')];
  stage.search(1, word('tide'));
  const [liar, honest] = first.heard.some(({ type }) => type === 'query') ? [first, second] : [second, first];
  const [asked] = liar.take('query');
  const wrong = Array.from({ length: MAX_SEARCH_GARBAGE }, (_, number) => hitOf('nothing of the kind', number));
  liar.say({ type: 'hits', id: asked!.id, hits: wrong });
  assert.equal(stage.take('searchHits').length, 0);
  assert.ok(!liar.isOpen, 'closed');
  stage.handle({ type: 'linkDown', link: liar.link });
  const [again] = honest.take('query');
  assert.deepEqual(again!.id, asked!.id);
  const end = { outcome: 'all', hubs: 1, reach: 2, messages: 0 } as const;
  honest.say({ type: 'hits', id: again!.id, hits: [hitOf('high tide')], end });
  assert.equal(stage.take('searchHits')[0]!.hits.length, 1);
  assert.equal(stage.take('searchDone')[0]!.end, 'exhausted');
});

test('bytes that are no message are counted, and the link ends', () => {
  const stage = new Stage();
  const hub = stage.meetHub('one');
  for (let count = 1; count < MAX_SEARCH_GARBAGE; count += 1) hub.sayBytes(Uint8Array.of(99, count));
  assert.ok(hub.isOpen);
  hub.sayBytes(Uint8Array.of(99));
  assert.ok(!hub.isOpen);
});

test('a leaf that floods is refused, and others are answered all the same', () => {
  const stage = hubStage();
  stage.hits = [hitOf('low tide')];
  stage.indexAnswers = false;
  const [flooder, other] = [stage.meetLeaf('flooder'), stage.meetLeaf('other')];
  for (let count = 0; count < 500; count += 1) flooder.say(query(count));
  const most = Math.min(LEAF_QUERY_BURST, MAX_QUERIES_OF_LINK);
  const refused = flooder.take('hits').filter(({ end }) => end?.outcome === 'refused');
  assert.equal(refused.length, 500 - most);
  other.say(query(900));
  while (stage.effects.some(({ type }) => type === 'indexQuery')) stage.answerIndex();
  assert.equal(other.take('hits')[0]!.hits.length, 1);
  assert.equal(flooder.take('hits').filter(({ hits }) => hits.length === 1).length, most);
  assert.equal(stage.core.tableSizes()['queries'], 0);
});

test('a query that comes again is neither answered nor passed on again', () => {
  const stage = hubStage();
  const mesh = stage.meetMeshHub('mesh', ['tide']);
  const [leaf, other] = [stage.meetLeaf('leaf'), stage.meetLeaf('other')];
  leaf.say(query(1));
  assert.equal(mesh.take('query').length, 1);
  for (const from of [leaf, other]) {
    from.say(query(1));
    assert.equal(from.take('hits').at(-1)!.end!.outcome, 'refused');
  }
  assert.equal(stage.queries.length, 1);
  assert.equal(mesh.take('query').length, 0);
});

test('a TTL over three is garbage; a budget is not multiplied by whoever is asked', () => {
  const stage = hubStage();
  const mesh = Array.from({ length: 20 }, (_, number) => stage.meetMeshHub(`mesh ${number}`, ['tide']));
  const leaf = stage.meetLeaf('leaf');
  const bytes = encodeSearchMessage(query(1));
  bytes[17] = 4;
  leaf.sayBytes(bytes);
  assert.equal(stage.queries.length, 0);
  leaf.say(query(2, { ttl: 3, budget: 5 }));
  stage.run(10_000);
  const asked = mesh.flatMap((hub) => hub.take('query'));
  assert.equal(asked.length, 5);
  assert.ok(asked.every(({ ttl }) => ttl <= 2));
  leaf.say(query(3, { ttl: 3, budget: MAX_HUBS_OF_QUERY }));
  stage.run(20_000);
  const budgets = mesh.flatMap((hub) => hub.take('query')).map(({ budget }) => budget + 1);
  assert.ok(budgets.reduce((sum, budget) => sum + budget, 0) <= MAX_HUBS_OF_QUERY);
});

test('only hubs whose words fit are asked, and one that is silent holds nobody up', () => {
  const stage = hubStage();
  const [fits, other] = [stage.meetMeshHub('fits', ['tide']), stage.meetMeshHub('other', ['board'])];
  const leaf = stage.meetLeaf('leaf');
  leaf.say(query(1));
  assert.equal(fits.take('query').length, 1);
  assert.equal(other.take('query').length, 0);
  assert.equal(leaf.take('hits').length, 0);
  stage.run(3_000);
  assert.equal(leaf.take('hits').at(-1)!.end!.outcome, 'all');
});

test('hits that nobody asked for are not shown, and who sends them is cut off', () => {
  const stage = new Stage();
  const hub = stage.meetHub('one');
  stage.search(1, word('tide'));
  for (let count = 0; count < MAX_SEARCH_GARBAGE; count += 1)
    hub.say({ type: 'hits', id: id(count), hits: [hitOf('high tide')] });
  assert.equal(stage.take('searchHits').length, 0);
  assert.ok(!hub.isOpen);
});

test('hits for the query of somebody else are not taken from a hub that was not asked', () => {
  const stage = hubStage();
  const [asked, other] = [stage.meetMeshHub('asked', ['tide']), stage.meetMeshHub('other', ['board'])];
  const leaf = stage.meetLeaf('leaf');
  leaf.say(query(1));
  assert.equal(asked.take('query').length, 1);
  other.say({ type: 'hits', id: id(1), hits: [hitOf('high tide')] });
  assert.equal(leaf.take('hits').length, 0);
  asked.say({
    type: 'hits',
    id: id(1),
    hits: [hitOf('high tide')],
    end: { outcome: 'all', hubs: 1, reach: 1, messages: 0 },
  });
  assert.equal(leaf.take('hits')[0]!.hits.length, 1);
});

test('a hub that is hit by what was stopped does not hold it against anybody', () => {
  const stage = hubStage();
  const mesh = stage.meetMeshHub('mesh', ['tide']);
  const leaf = stage.meetLeaf('leaf');
  leaf.say(query(1));
  leaf.say({ type: 'stop', id: id(1) });
  assert.deepEqual(mesh.take('stop'), [{ type: 'stop', id: id(1) }]);
  assert.equal(stage.core.tableSizes()['queries'], 0);
  for (let count = 0; count < 2 * MAX_SEARCH_GARBAGE; count += 1)
    mesh.say({ type: 'hits', id: id(1), hits: [hitOf('high tide', count)] });
  assert.ok(mesh.isOpen);
  assert.equal(leaf.take('hits').length, 0);
});

test('a forged hub record makes nobody dial, and is counted against who told it', () => {
  const stage = new Stage();
  const [teller, hub] = [stage.meet('teller'), stage.meet('elsewhere')];
  hub.leave();
  const forged = { ...hub.record(), room: 200 };
  for (let count = 0; count < MAX_SEARCH_GARBAGE; count += 1) teller.say({ type: 'hubs', hubs: [forged] });
  stage.run(10_000);
  assert.ok(!stage.dialled.includes(toHex(hub.keys.publicKey)));
  assert.ok(!teller.isOpen);
});

test('a record is believed while it is fresh, and few of one block of addresses', () => {
  const stage = new Stage();
  const teller = stage.meet('teller');
  const nowSeconds = Math.floor(stage.wallMs() / 1_000);
  const old = stage.meet('old');
  old.leave();
  teller.say({ type: 'hubs', hubs: [old.record({ madeSeconds: nowSeconds - 8_000 })] });
  const early = stage.meet('early');
  early.leave();
  teller.say({ type: 'hubs', hubs: [early.record({ madeSeconds: nowSeconds + 8_000 })] });
  assert.equal(stage.core.search()!.hubsKnown, 0);
  for (let count = 0; count < 10; count += 1) {
    const one = stage.meet(`crowd ${count}`, false, `192.0.2.${count + 1}`);
    one.leave();
    teller.say({ type: 'hubs', hubs: [one.record()] });
  }
  assert.equal(stage.core.search()!.hubsKnown, MAX_HUB_RECORDS_OF_PREFIX);
  assert.ok(teller.isOpen);
});

test('a node that says it is a hub with the record of another is not believed', () => {
  const stage = new Stage();
  const [one, two] = [stage.meet('one'), stage.meet('two')];
  one.say({ type: 'role', hub: two.record() });
  assert.equal(stage.core.search()!.hubsKnown, 0);
});

test('a leaf whose list is over its bound is told so; one that does not wait for answers is cut off', () => {
  const stage = hubStage();
  const leaf = stage.meetLeaf('liar');
  const change = { type: 'change', begins: false, generation: 1, sequence: 2, removed: [] } as const;
  leaf.say({ ...change, number: 1, added: [file('one')] });
  const [asked] = stage.take('indexChange');
  stage.handle({ type: 'indexChangeDone', effect: asked!.effect, outcome: 'full' });
  assert.deepEqual(leaf.take('changed'), [{ type: 'changed', number: 1, outcome: 'full' }]);
  // The index does not answer: what is not acknowledged may not grow.
  for (let number = 0; number < MAX_LIST_PARTS_OF_LEAF + MAX_SEARCH_GARBAGE; number += 1)
    leaf.say({ ...change, number, added: [file('x', number)] });
  assert.equal(stage.take('indexChange').length, MAX_LIST_PARTS_OF_LEAF);
  assert.ok(!leaf.isOpen);
});

test('a hub dies in the middle of a query: the next one is asked at once, and the search ends as if nothing were', () => {
  const stage = new Stage();
  const hubs = [stage.meetHub('one'), stage.meetHub('two'), stage.meetHub('three')];
  stage.search(1, word('tide'));
  const asked = (): (typeof hubs)[number] => hubs.find(({ heard }) => heard.some(({ type }) => type === 'query'))!;
  const first = asked();
  const queryId = first.take('query')[0]!.id;
  first.say({ type: 'hits', id: queryId, hits: [hitOf('high tide', 1)] });
  first.leave();
  const second = asked();
  assert.notEqual(second, first);
  second.take('query');
  // This one is silent: after a while the third is asked, too.
  stage.run(3_000);
  const third = asked();
  third.take('query');
  const end = { outcome: 'all', hubs: 1, reach: 3, messages: 0 } as const;
  third.say({ type: 'hits', id: queryId, hits: [hitOf('low tide', 2)], end });
  assert.equal(stage.take('searchHits').flatMap(({ hits }) => hits).length, 2);
  assert.equal(stage.take('searchDone')[0]!.end, 'exhausted');
  assert.deepEqual(second.take('stop').length, 1, 'who is not waited for is told');
});

test('ten thousand leaves knock: as many are taken as there is room for, and the others are told whom else to ask', () => {
  const stage = hubStage({ leavesOfHub: 16 });
  const elsewhere = stage.meet('elsewhere');
  elsewhere.say({ type: 'role', hub: elsewhere.record() });
  stage.puppets.length = 0;
  let [taken, full, told] = [0, 0, 0];
  for (let count = 0; count < 10_000; count += 1) {
    const leaf = stage.meetLeaf(`leaf ${count}`);
    for (const { outcome } of leaf.take('attached')) {
      if (outcome === 'taken') taken += 1;
      else full += 1;
    }
    if (leaf.take('hubs').length > 0) told += 1;
    // Who was not taken leaves, as honest leaves do; every second stays on the line.
    if (count % 2 === 0) leaf.leave();
    stage.puppets.length = 0;
  }
  assert.equal(stage.core.search()!.leaves <= 16, true);
  assert.ok(taken >= 16);
  assert.equal(taken + full, 10_000);
  assert.equal(told, full);
  const sizes = stage.core.tableSizes();
  assert.ok(sizes['peerLinks']! <= MAX_PEER_LINKS);
  assert.ok(sizes['neighbours']! <= 2, 'leaves are no neighbours');
  stage.run(60_000);
  assert.ok(stage.core.tableSizes()['peerLinks']! <= 16, 'who was not taken and stayed is let go');
});

test('a peer that is no leaf gets no answers', () => {
  const stage = hubStage();
  stage.hits = [hitOf('low tide')];
  const stranger = stage.meet('stranger', true);
  stranger.say(query(1));
  assert.equal(stranger.take('hits')[0]!.end!.outcome, 'refused');
  assert.equal(stage.queries.length, 0);
});

test('a word table that does not fit what was told before is garbage', () => {
  const stage = hubStage();
  const mesh = stage.meetMeshHub('mesh', ['tide']);
  for (let count = 0; count < MAX_SEARCH_GARBAGE; count += 1)
    mesh.say({ type: 'table', level: 1, bits: 12, begins: false, pieces: [] });
  assert.ok(!mesh.isOpen);
});
