import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COPIES, readableOdds } from '../../../src-renderer/lib/odds.ts';

/** Term by term with exact binomial coefficients, for comparison. */
function byDefinition(k: number, n: number, kept: number): number {
  const choose = (of: number, take: number): number => {
    let product = 1;
    for (let index = 0; index < take; index += 1) product = (product * (of - index)) / (index + 1);
    return product;
  };
  let sum = 0;
  for (let found = k; found <= n; found += 1) sum += choose(n, found) * kept ** found * (1 - kept) ** (n - found);
  return sum;
}

test('agrees with the definition of the binomial tail', () => {
  for (const [k, n] of [
    [1, 1],
    [3, 10],
    [5, 10],
    [10, 10],
    [20, 60],
    [34, 100],
  ] as const) {
    for (const vanished of [1 / 3, 1 / 2, 2 / 3, 0.9]) {
      const kept = 1 - vanished ** COPIES;
      assert.ok(
        Math.abs(readableOdds(k, n, [], vanished) - byDefinition(k, n, kept)) < 1e-12,
        `${k} of ${n}, ${vanished}`,
      );
    }
  }
});

test('one share that is needed is there with its own chance', () => {
  assert.ok(Math.abs(readableOdds(1, 1, [], 2 / 3) - (1 - (2 / 3) ** 4)) < 1e-15);
});

test('nothing vanished: certain; everything vanished: nothing', () => {
  assert.equal(readableOdds(3, 10, [], 0), 1);
  assert.equal(readableOdds(3, 10, [], 1), 0);
});

test('needing more is never likelier; having more is never less likely', () => {
  for (let k = 1; k < 10; k += 1) assert.ok(readableOdds(k + 1, 10, [], 0.8) < readableOdds(k, 10, [], 0.8));
  for (let n = 3; n < 20; n += 1) assert.ok(readableOdds(3, n + 1, [], 0.8) > readableOdds(3, n, [], 0.8));
});

test('every segment of blocks has to come back too', () => {
  const kept = 1 - (1 / 2) ** COPIES;
  const single = readableOdds(3, 10, [{ data: 1, check: 0, count: 30 }], 1 / 2);
  assert.ok(Math.abs(single - byDefinition(3, 10, kept) * kept ** 30) < 1e-12);
  const coded = readableOdds(3, 10, [{ data: 128, check: 64, count: 6 }], 1 / 2);
  assert.ok(coded > 0.999_999 * byDefinition(3, 10, kept));
  assert.equal(readableOdds(3, 10, [{ data: 1, check: 0, count: 1 }], 1), 0);
});
