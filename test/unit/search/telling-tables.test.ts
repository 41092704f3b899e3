/** A hub tells each hub of its mesh its own words, and those of the others: one hub after the other, so that no turn has the work of all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyTablePiece } from '../../../src-main/core/search/word-table-patch.ts';
import { tableHas } from '../../../src-main/core/search/word-table.ts';
import type { TableMessage } from '../../../src-main/core/wire/search-messages.ts';
import { Stage } from '../../support/search-stage.ts';
import type { Puppet } from '../../support/search-stage.ts';

const HUBS = 8;

/** What a hub makes of what it was told. */
function tablesOf(messages: readonly TableMessage[]): Map<number, Uint8Array> {
  const tables = new Map<number, Uint8Array>();
  for (const { level, bits, begins, pieces } of messages) {
    const table = begins ? new Uint8Array(2 ** (bits - 3)) : tables.get(level)!;
    tables.set(level, table);
    for (const piece of pieces) assert.equal(applyTablePiece(table, piece), true);
  }
  return tables;
}

function mesh(): { readonly stage: Stage; readonly hubs: readonly Puppet[] } {
  const stage = new Stage({ hubWish: () => 'always' });
  stage.meet('neighbour');
  stage.run(5_000, () => stage.core.search()!.role === 'hub');
  const hubs = Array.from({ length: HUBS }, (_, number) => stage.meetMeshHub(`hub ${number}`, [`word${number}`]));
  return { stage, hubs };
}

test('each is told once, one at a time, of its own words and of what all others have but itself', () => {
  const { stage, hubs } = mesh();
  const told = (hub: Puppet): boolean => hub.heard.some(({ type }) => type === 'table');
  const times: number[] = [];
  for (let count = 1; count <= HUBS; count += 1) {
    assert.ok(stage.run(5_000, () => hubs.filter(told).length >= count));
    assert.equal(hubs.filter(told).length, count, 'two were told in one turn');
    times.push(stage.nowMs);
  }
  assert.ok(times.at(-1)! - times[0]! <= 500, 'all are told within half a second');
  for (const [number, hub] of hubs.entries()) {
    const tables = tablesOf(hub.take('table'));
    assert.ok(tableHas(tables.get(1)!, 'tide'), 'what the index of the hub has');
    for (let other = 0; other < HUBS; other += 1)
      assert.equal(tableHas(tables.get(2)!, `word${other}`), other !== number, `word${other} to hub ${number}`);
  }
});

test('one that goes while others are told is passed over, and the rest are told', () => {
  const { stage, hubs } = mesh();
  const told = (hub: Puppet): boolean => hub.heard.some(({ type }) => type === 'table');
  stage.run(5_000, () => hubs.some(told));
  const [gone, ...rest] = hubs.filter((hub) => !told(hub));
  gone!.leave();
  assert.ok(stage.run(2_000, () => rest.every(told)));
  assert.equal(told(gone!), false);
});

test('nothing is told again to whom nothing changed for', () => {
  const { stage, hubs } = mesh();
  stage.run(5_000);
  for (const hub of hubs) hub.take('table');
  stage.run(30_000);
  for (const hub of hubs) assert.deepEqual(hub.take('table'), []);
});
