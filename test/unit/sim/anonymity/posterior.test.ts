/** The posterior against chances that can be worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { posterior } from '../../../sim/anonymity/posterior.ts';
import { adversary, handMade, RULE } from './hand-made.ts';

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-3, `${actual} ${expected}`);

test('a stem on a line: each hop back has the chance that a relay goes on', () => {
  // 0 - 1 - 2 - 3, the colluder at 3: handed over by 2. As origin 2 hands to 1 or 3, 1 to 0 or 2, 0 to 1.
  const known = adversary(
    handMade(4, [
      [0, 1],
      [1, 2],
      [2, 3],
    ]),
    [3],
    RULE,
  );
  const chances = posterior([{ kind: 'stem', from: 2, colluder: 3, atMs: 0 }], known);
  // Given a stem: h2 = 3/4 (1/2 + h1/2), h1 = 3/4 (h0 + h2)/2, h0 = 3/4 h1; so h1 = 9/37.
  const h1 = 9 / 37;
  const h2 = 3 / 8 + (3 / 8) * h1;
  const h0 = (3 / 4) * h1;
  const origin = [h1, (h0 + h2) / 2, 1 / 2 + h1 / 2];
  const sum = origin.reduce((a, b) => a + b, 0);
  for (const [node, chance] of origin.entries()) near(chances[node]!, chance / sum);
  assert.equal(chances[3], 0);
});

test('where a stem ended, with every node ending: its neighbours and nobody else', () => {
  const known = adversary(
    handMade(6, [
      [0, 1],
      [0, 2],
      [0, 3],
      [3, 4],
      [4, 5],
    ]),
    [5],
    { ...RULE, endsOneIn: 1 },
  );
  const logLikelihood = Float64Array.from({ length: 6 }, (_, node) => (node === 0 ? 0 : -50));
  const chances = posterior([{ kind: 'end', logLikelihood, atMs: 0 }], known);
  // 1 and 2 have no other neighbour; 3 hands on to 0 in one case of two.
  near(chances[1]!, 0.4);
  near(chances[2]!, 0.4);
  near(chances[3]!, 0.2);
  near(chances[0]!, 0);
});

test('kept draws: the same stem seen thirty times tells as much as once; drawn anew, it tells more', () => {
  const links = [
    [0, 1],
    [1, 2],
    [2, 3],
    [1, 4],
    [4, 3],
    [4, 5],
    [5, 0],
  ] as const;
  const clue = { kind: 'stem', from: 2, colluder: 3, atMs: 0 } as const;
  const thirty = Array.from({ length: 30 }, () => clue);
  const kept = adversary(handMade(6, links), [3], { ...RULE, keeps: 'all' });
  const fresh = adversary(handMade(6, links), [3], RULE);
  assert.deepEqual(posterior(thirty, kept), posterior([clue], kept));
  assert.ok(posterior(thirty, fresh)[2]! > 0.99);
  assert.ok(posterior([clue], fresh)[2]! < 0.7);
});

test('a node that is known to end what it is given began what it hands on', () => {
  const links = [
    [0, 1],
    [1, 2],
    [2, 3],
    [1, 4],
    [4, 3],
    [4, 5],
    [5, 0],
  ] as const;
  const known = { ...adversary(handMade(6, links), [3], RULE), knownEnds: (node: number) => node === 2 };
  assert.ok(posterior([{ kind: 'stem', from: 2, colluder: 3, atMs: 0 }], known)[2]! > 0.999);
});
