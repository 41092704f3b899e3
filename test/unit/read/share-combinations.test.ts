import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { combinationCount, shareCombinations, shuffled } from '../../../src-main/services/read/share-combinations.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const sizes = fc
  .integer({ min: 1, max: 100 })
  .chain((m) => fc.record({ m: fc.constant(m), k: fc.integer({ min: 1, max: m }) }));

describe('combinations of shares', () => {
  it('are ascending, in range, of k, at most as many as allowed', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), fc.nat(), ({ m, k }, limit, seed) => {
        let count = 0;
        for (const combination of shareCombinations(m, k, seededRandom(seed), limit)) {
          count += 1;
          assert.equal(combination.length, k);
          combination.forEach((position, index) => {
            assert.ok(position >= 0 && position < m);
            assert.ok(index === 0 || position > combination[index - 1]!);
          });
        }
        assert.ok(count >= 1 && count <= limit);
      }),
    );
  });

  it('leave out any one wrong share within ceil(m / (m - k)) tries', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ({ m, k }, choice) => {
        fc.pre(k < m);
        const bad = choice % m;
        const tries = Math.ceil(m / (m - k));
        const first = [...shareCombinations(m, k, seededRandom(1), tries)];
        assert.ok(first.some((combination) => !combination.includes(bad)));
      }),
    );
  });

  it('come all, when they are few', () => {
    const all = new Set([...shareCombinations(7, 3, seededRandom(1), 2_000)].map(String));
    assert.equal(all.size, 35);
    assert.equal(combinationCount(7, 3, 2_000), 35);
    assert.equal(combinationCount(100, 50, 2_000), 2_001);
  });

  it('find the clean one among several wrong ones', () => {
    const bad = new Set([0, 3, 4, 9]);
    const clean = [...shareCombinations(14, 5, seededRandom(2), 2_000)].find((tried) =>
      tried.every((p) => !bad.has(p)),
    );
    assert.ok(clean);
  });

  it('there are none of more shares than there are', () => {
    assert.deepEqual([...shareCombinations(2, 3, seededRandom(1), 10)], []);
  });
});

it('shuffling keeps the items and reaches every order', () => {
  const random = seededRandom(7);
  const seen = new Map<string, number>();
  for (let round = 0; round < 6_000; round += 1) {
    const order = shuffled(['a', 'b', 'c'], random).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  // Each is expected 1,000 times, with a standard deviation of 29.
  for (const count of seen.values()) assert.ok(count > 800 && count < 1_200, String(count));
});
