/** Daily budgets of inserted bytes: kept for keys, coming back evenly, and never renewed by being forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_BUDGETS } from '../../../src-main/core/limits.ts';
import { InsertBudgets } from '../../../src-main/core/routing/budgets.ts';

const DAY_MS = 86_400_000;
const BUDGET = 1_000_000;
const RECORD = 10_000;

/** Spends records until one is refused; how many bytes that were. */
function exhaust(budgets: InsertBudgets, key: string, nowMs: number): number {
  let spent = 0;
  while (budgets.spend(key, RECORD, nowMs)) spent += RECORD;
  return spent;
}

test('a key may spend one budget at once, and what it spent comes back evenly over a day', () => {
  const budgets = new InsertBudgets(() => BUDGET);
  assert.equal(exhaust(budgets, 'a', 5), BUDGET);
  assert.equal(budgets.spend('a', 1, 5), false);
  assert.equal(exhaust(budgets, 'a', 5 + DAY_MS / 4), BUDGET / 4);
  assert.equal(exhaust(budgets, 'a', 5 + DAY_MS / 2), BUDGET / 4);
  assert.equal(exhaust(budgets, 'a', 5 + 20 * DAY_MS), BUDGET, 'no more than one budget is saved up');
  assert.equal(exhaust(budgets, 'b', 5 + 20 * DAY_MS), BUDGET, 'another key has its own');
});

test('what is refused is not counted, and something smaller may still go', () => {
  const budgets = new InsertBudgets(() => BUDGET);
  assert.equal(budgets.spend('a', BUDGET + 1, 0), false);
  assert.equal(budgets.size, 0);
  assert.equal(budgets.spend('a', BUDGET - 10, 0), true);
  for (let time = 0; time < 100; time += 1) assert.equal(budgets.spend('a', 11, 0), false);
  assert.equal(budgets.spend('a', 10, 0), true);
});

test('the budget may change: what was spent stays spent', () => {
  let budgetBytes = BUDGET;
  const budgets = new InsertBudgets(() => budgetBytes);
  exhaust(budgets, 'a', 0);
  budgetBytes = 2 * BUDGET;
  assert.equal(exhaust(budgets, 'a', 0), BUDGET);
  budgetBytes = BUDGET / 2;
  assert.equal(budgets.spend('a', 1, 0), false);
  budgetBytes = 0;
  assert.equal(budgets.spend('b', 1, 0), false);
});

test('no key gets more through than one budget and what came back since, whatever the order', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.integer({ min: 1, max: BUDGET }),
    waitMs: fc.integer({ min: 0, max: DAY_MS / 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budgets = new InsertBudgets(() => BUDGET);
      const through: { key: string; bytes: number; atMs: number }[] = [];
      let nowMs = 0;
      for (const { key, bytes, waitMs } of steps) {
        nowMs += waitMs;
        if (budgets.spend(key, bytes, nowMs)) through.push({ key, bytes, atMs: nowMs });
      }
      for (const [index, first] of through.entries()) {
        let sum = 0;
        for (const { key, bytes, atMs } of through.slice(index)) {
          if (key !== first.key) continue;
          sum += bytes;
          assert.ok(sum <= BUDGET * (1 + (atMs - first.atMs) / DAY_MS) + 1e-6);
        }
      }
    }),
  );
});

test('a full table forgets only what has come back, and the keys beyond it have one budget together', () => {
  const budgets = new InsertBudgets(() => BUDGET);
  for (let number = 0; number < MAX_BUDGETS; number += 1) assert.ok(budgets.spend(`full ${number}`, BUDGET, 0));
  assert.equal(budgets.size, MAX_BUDGETS);
  // Keys that take turns, of which each would push out the other that has spent least.
  let through = 0;
  for (let turn = 0; turn < 1_000; turn += 1) if (budgets.spend(`turn ${turn % 500}`, RECORD, 0)) through += RECORD;
  assert.equal(through, BUDGET);
  assert.equal(budgets.size, MAX_BUDGETS);
  for (let number = 0; number < MAX_BUDGETS; number += 1) assert.equal(budgets.spend(`full ${number}`, 1, 0), false);
  // A day later nothing is spent any more, and the newcomers find room.
  assert.equal(exhaust(budgets, 'turn 0', DAY_MS), BUDGET);
  assert.equal(budgets.size, 1);
});

test('a flood of keys gets through what the table and the common budget allow, and no more', () => {
  const budgets = new InsertBudgets(() => BUDGET);
  let through = 0;
  for (let number = 0; number < 5_000; number += 1) through += exhaust(budgets, `key ${number}`, 0);
  assert.equal(through, (MAX_BUDGETS + 1) * BUDGET);
  assert.equal(budgets.size, MAX_BUDGETS);
});

test('keys that insert little do not fill the table', () => {
  const budgets = new InsertBudgets(() => 5e9);
  // A record a key, ten keys a second for an hour: honest neighbours that come and go fast.
  for (let number = 0; number < 36_000; number += 1) assert.ok(budgets.spend(`key ${number}`, 33_000, number * 100));
  assert.ok(budgets.spend('attacker', 5e9, 3_600_000));
  for (let number = 0; number < 2_000; number += 1) budgets.spend(`after ${number}`, 33_000, 3_600_000 + number * 100);
  assert.equal(budgets.spend('attacker', 5e8, 3_800_000), false, 'who has spent much is remembered');
});
