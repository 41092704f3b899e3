/** Order statistics of the attack on a publication's slots, against draws and against cases that can be seen at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, surroundingChance, identitiesFor } from '../../../sim/suppression/work.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

test('as many identities as honest nodes: each slot’s nearest is the attacker’s in one case of two', () => {
  const one = { nodes: 1_000, k: 1, n: 1, nearest: 1 };
  assert.equal(surroundingChance(one, 1_000), 0.5);
  assert.equal(surroundingChance({ ...one, nearest: 4 }, 1_000), 0.5 ** 4);
});

test('n - k + 1 slots have to vanish', () => {
  assert.ok(Math.abs(atLeast(3, 2, 0.5) - 0.5) < 1e-12);
  assert.ok(Math.abs(atLeast(10, 8, 0.5) - 56 / 1024) < 1e-12);
  assert.ok(Math.abs(atLeast(10, 0, 0.3) - 1) < 1e-12);
});

test('identities for a chance are the fewest that reach it', () => {
  const aim = { nodes: 10_000, k: 3, n: 10, nearest: 4 };
  for (const chance of [0.5, 0.95]) {
    const identities = identitiesFor(aim, chance);
    assert.ok(surroundingChance(aim, identities) >= chance);
    assert.ok(surroundingChance(aim, identities - 2) < chance);
  }
});

test('the chance is that of drawing places', () => {
  const random = seededRandom(5);
  const place = (): number => random.below(2 ** 32) / 2 ** 32;
  const [honest, identities, rounds] = [30, 60, 4_000];
  const away = (at: number): number => Math.min(at, 1 - at);
  let surrounded = 0;
  for (let round = 0; round < rounds; round += 1) {
    const nearest = Math.min(...Array.from({ length: honest }, () => away(place())));
    const nearer = Array.from({ length: identities }, () => away(place())).filter((distance) => distance < nearest);
    if (nearer.length >= 2) surrounded += 1;
  }
  const expected = surroundingChance({ nodes: honest, k: 1, n: 1, nearest: 2 }, identities);
  assert.ok(Math.abs(surrounded / rounds - expected) < 0.03, `${surrounded / rounds} ${expected}`);
});
