/** The least-squares line, on points whose line is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitLine } from '../../sim/report/fit.ts';

test('finds the line that points lie on', () => {
  const line = fitLine([0, 1, 2, 5].map((x) => [x, 3 - 2 * x] as const));
  assert.ok(Math.abs(line.slope + 2) < 1e-12);
  assert.ok(Math.abs(line.intercept - 3) < 1e-12);
  assert.ok(Math.abs(line.r2 - 1) < 1e-12);
});

test('says how much of the variance is left', () => {
  // By hand: means 1 and 4/3, slope 3/2 ... of (0,0), (1,1), (2,3).
  const line = fitLine([
    [0, 0],
    [1, 1],
    [2, 3],
  ]);
  assert.ok(Math.abs(line.slope - 1.5) < 1e-12);
  assert.ok(Math.abs(line.r2 - 27 / 28) < 1e-12);
});

test('has no slope of one place', () => {
  assert.ok(Number.isNaN(fitLine([[1, 2]]).slope));
  assert.ok(
    Number.isNaN(
      fitLine([
        [1, 2],
        [1, 3],
      ]).slope,
    ),
  );
});
