/** A leaf: its hubs, and its list on the way to them; what a hub has already is not sent again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { HUBS_OF_LEAF, MAX_LIST_PARTS } from '../../../src-main/core/limits.ts';
import type { FileEntry } from '../../../src-main/core/search/entry.ts';
import type { ChangeMessage } from '../../../src-main/core/wire/search-messages.ts';
import { file, Stage } from '../../support/search-stage.ts';
import type { Puppet } from '../../support/search-stage.ts';

function share(stage: Stage, sequence: number, added: readonly FileEntry[], removed: readonly Uint8Array[] = []): void {
  stage.handle({ type: 'shareList', generation: 7, sequence, added, removed });
}

const names = (changes: readonly ChangeMessage[]): string[] =>
  changes.flatMap(({ added }) => added.map(({ name }) => name));

/** Acknowledges parts until there are none; all of them. */
function takeAll(hub: Puppet): ChangeMessage[] {
  const all: ChangeMessage[] = [];
  for (let parts = hub.take('change'); parts.length > 0; parts = hub.take('change')) {
    assert.ok(parts.length <= MAX_LIST_PARTS);
    all.push(...parts);
    for (const { number } of parts) hub.say({ type: 'changed', number, outcome: 'done' });
  }
  return all;
}

test('a leaf takes three hubs of different blocks of addresses, and another one when one goes', () => {
  const stage = new Stage();
  const hosts = ['192.0.2.1', '192.0.2.2', '198.18.1.1', '198.18.2.1', '198.18.3.1'];
  const hubs = hosts.map((host, index) => stage.meet(`hub ${index}`, false, host));
  for (const hub of hubs) hub.say({ type: 'role', hub: hub.record() });
  stage.run(5_000);
  const asked = hubs.filter((hub) => hub.take('attach').length > 0);
  assert.equal(asked.length, HUBS_OF_LEAF);
  assert.ok(!(asked.includes(hubs[0]!) && asked.includes(hubs[1]!)), 'not two of one /24');
  for (const hub of asked) hub.say({ type: 'attached', purpose: 'leaf', outcome: 'taken' });
  assert.equal(stage.core.search()!.hubs, HUBS_OF_LEAF);
  asked[0]!.leave();
  stage.run(5_000);
  assert.equal(hubs.filter((hub) => hub.take('attach').length > 0).length, 1);
});

test('a hub that is known by its record alone is dialled for search; who says it is full is left alone', () => {
  const stage = new Stage();
  const teller = stage.meet('teller');
  const hub = stage.meet('hub');
  const record = hub.record();
  hub.leave();
  teller.say({ type: 'hubs', hubs: [record] });
  assert.deepEqual(stage.dialled.slice(-1), [toHex(hub.keys.publicKey)]);
  const again = stage.meet('hub', true, '198.51.1.9', true);
  assert.equal(stage.core.tableSizes()['peerLinks'], 1);
  assert.equal(stage.core.tableSizes()['neighbours'], 1, 'the link is no neighbour’s');
  assert.equal(again.take('attach').length, 1);
  again.say({ type: 'attached', purpose: 'leaf', outcome: 'full' });
  stage.run(5_000);
  assert.equal(again.take('attach').length, 0);
});

test('the list goes out whole, in parts that wait for their answers, and then what changes', () => {
  const stage = new Stage();
  const files = Array.from({ length: 1_000 }, (_, number) => file(`tide ${number} ${'long '.repeat(20)}`, number));
  share(stage, 1, files);
  const hub = stage.meetHub('hub');
  const parts = takeAll(hub);
  assert.ok(parts.length > 5);
  assert.deepEqual(
    parts.map(({ begins }) => begins),
    parts.map((_, index) => index === 0),
  );
  assert.deepEqual(
    parts.map(({ sequence }) => sequence),
    parts.map((_, index) => (index === parts.length - 1 ? 1 : 0)),
    'only the last part says that it is all',
  );
  assert.equal(new Set(names(parts)).size, 1_000);
  share(stage, 2, [file('new')], [files[3]!.root]);
  const [change, ...more] = takeAll(hub);
  assert.equal(more.length, 0);
  assert.ok(!change!.begins && change!.sequence === 2 && change!.added.length === 1 && change!.removed.length === 1);
  assert.deepEqual(
    stage.take('indexChange').map(({ begins }) => begins),
    [true, false],
    'the own index has it too',
  );
});

test('a hub that has the list already is sent nothing, or what it lacks', () => {
  const stage = new Stage();
  const [one, two] = [file('one'), file('two')];
  share(stage, 5, [one]);
  share(stage, 6, [two], [one.root]);
  const attach = (
    name: string,
    state: { generation: number; sequence: number; files: number } | undefined,
  ): ChangeMessage[] => {
    const hub = stage.meet(name);
    hub.say({ type: 'role', hub: hub.record() });
    stage.run(5_000, () => hub.heard.some(({ type }) => type === 'attach'));
    const taken = { type: 'attached', purpose: 'leaf', outcome: 'taken' } as const;
    hub.say(state === undefined ? taken : { ...taken, state });
    const parts = takeAll(hub);
    hub.leave();
    return parts;
  };
  assert.deepEqual(attach('same', { generation: 7, sequence: 6, files: 1 }), []);
  const [diff] = attach('older', { generation: 7, sequence: 5, files: 1 });
  assert.ok(!diff!.begins && diff!.added.length === 1 && diff!.removed.length === 1);
  for (const state of [
    undefined,
    { generation: 8, sequence: 6, files: 9 },
    { generation: 7, sequence: 4, files: 9 },
    { generation: 7, sequence: 7, files: 9 },
  ]) {
    const parts = attach(`other ${state?.sequence} ${state?.generation}`, state);
    assert.ok(parts[0]!.begins, 'whole');
    assert.deepEqual(names(parts), ['two']);
  }
});

test('a hub that is full is sent nothing more until the list changes', () => {
  const stage = new Stage();
  share(
    stage,
    1,
    Array.from({ length: 2_000 }, (_, number) => file(`tide ${number}`, number)),
  );
  const hub = stage.meetHub('hub');
  const [first] = hub.take('change');
  hub.say({ type: 'changed', number: first!.number, outcome: 'full' });
  hub.say({ type: 'changed', number: first!.number + 1, outcome: 'full' });
  assert.equal(hub.take('change').length, 0);
  share(stage, 2, [], [file('tide 1', 1).root]);
  assert.ok(hub.take('change').length > 0);
});

test('a link that is full gets no parts until it has room', () => {
  const stage = new Stage();
  const hub = stage.meetHub('hub');
  stage.core.congested(hub.link);
  share(stage, 1, [file('one')]);
  assert.equal(hub.take('change').length, 0);
  stage.handle({ type: 'writable', link: hub.link });
  assert.equal(hub.take('change').length, 1);
});

test('a hub that steps down is left for another', () => {
  const stage = new Stage();
  const [one, two] = [stage.meetHub('one'), stage.meetHub('two')];
  one.say({ type: 'role' });
  assert.equal(stage.core.search()!.hubs, 1);
  assert.equal(one.take('detach').length, 1);
  two.say({ type: 'detach', purpose: 'leaf' });
  assert.equal(stage.core.search()!.hubs, 0);
});

test('a link is for search alone, becomes a neighbour’s when both want it, and is for search alone again', () => {
  const stage = new Stage({ hubWish: () => 'always' });
  stage.meet('neighbour');
  stage.run(5_000);
  const leaf = stage.meetLeaf('leaf');
  const sizes = (): (number | undefined)[] => ['neighbours', 'peerLinks'].map((name) => stage.core.tableSizes()[name]);
  assert.deepEqual(sizes(), [1, 1]);
  leaf.hello(12);
  assert.deepEqual(sizes(), [2, 0]);
  assert.equal(stage.core.search()!.leaves, 1, 'it is a leaf all the same');
  leaf.hello(0);
  assert.deepEqual(sizes(), [1, 1]);
  assert.equal(stage.core.search()!.leaves, 1);
  for (let count = 0; count < 20 && leaf.isOpen; count += 1) leaf.hello(count % 2 === 0 ? 12 : 0);
  assert.ok(!leaf.isOpen, 'not for ever');
});
