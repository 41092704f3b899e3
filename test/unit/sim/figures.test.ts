/** The page of results: the plan can be run as it stands, and the page says what was not run and what was not met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFor } from '../../sim/arguments.ts';
import { EXPERIMENTS } from '../../sim/experiments/registry.ts';
import { pageOf } from '../../sim/figures/page.ts';
import type { KeptRun } from '../../sim/figures/page.ts';
import { PLAN } from '../../sim/figures/plan.ts';

function runWith(metrics: Readonly<Record<string, unknown>>): KeptRun {
  const figures = { experiment: 'hops', nodes: 1_000, seed: 1, traceHash: 'ab'.repeat(32), events: 7, metrics };
  return {
    command: 'npm run sim -- hops --seed 1',
    figures,
    notes: ['Topology: placed.'],
    tables: [{ title: 'Load', columns: ['node', 'messages'], rows: [['one', 7]] }],
    plots: ['hops.svg'],
  };
}

test('every planned run names an experiment and words that it takes', () => {
  assert.equal(new Set(PLAN.map(({ id }) => id)).size, PLAN.length);
  for (const { experiment, args } of PLAN) {
    const known = EXPERIMENTS.find(({ name }) => name === experiment);
    assert.ok(known !== undefined, experiment);
    parseFor(known, args);
  }
});

test('a figure has a target and a verdict, or neither', () => {
  for (const { rows } of PLAN) for (const row of rows) assert.equal(row.target !== '', 'verdict' in row, row.figure);
});

test('the page says which runs were not made', () => {
  const page = pageOf(new Map(), 'sim');
  for (const { id, rows, isLarge } of PLAN) {
    if (isLarge === true) continue;
    assert.ok(page.includes(`- ${id}: not run`));
    for (const { figure } of rows) assert.ok(page.includes(`| ${figure} |`));
  }
});

test('the page says what was met and what was not', () => {
  const good = {
    hopsMedian: 3,
    hopsP99: 9,
    stemMedian: 3,
    success: 1,
    messagesMedian: 12,
    messagesP99: 40,
    busiestShare: 3,
  };
  const rowOf = (metrics: Readonly<Record<string, unknown>>): string =>
    pageOf(new Map([['hops', runWith(metrics)]]), 'sim')
      .split('\n')
      .find((line) => line.startsWith('| Greedy hops, 1,000 nodes'))!;
  assert.match(rowOf(good), /\| 3 and 9 \| <= 4 and <= 12 \| yes \|/);
  assert.match(rowOf({ ...good, hopsP99: 13 }), /\| 3 and 13 \| <= 4 and <= 12 \| \*\*no\*\* \|/);
  assert.ok(
    pageOf(new Map([['hops', runWith(good)]]), 'sim').includes(
      'Load:\n\n| node | messages |\n| --- | --- |\n| one | 7 |\n',
    ),
  );
  // A metric that is missing is not met.
  assert.match(rowOf({ ...good, hopsMedian: undefined }), /\*\*no\*\*/);
});

test('what the plan does not know is shown with its metrics', () => {
  const page = pageOf(new Map([['other', runWith({ precision: 0.25 })]]), 'sim');
  assert.ok(page.includes('### other'));
  assert.ok(page.includes('"precision": 0.25'));
  assert.ok(page.includes('](sim/hops.svg)'));
});
