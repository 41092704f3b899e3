/** Scores against cases counted by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { score } from '../../../sim/anonymity/scoring.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const honest = Array.from({ length: 100 }, (_, node) => node);
const sure = (node: number) => ({ node, confidence: 1 });

test('precision and recall as Dandelion defines them', () => {
  // Three origins; 1's message is mapped to 1, so is 2's; 3's is mapped to 4.
  const cases = [1, 2, 3].map((origin) => ({ origin, colluderFirst: origin === 1 }));
  const { precision, recall, recallColluderFirst, recallOtherwise } = score(
    cases,
    [sure(1), sure(1), sure(4)],
    honest,
    seededRandom(1),
  );
  assert.equal(recall, 1 / 3);
  assert.equal(precision, 0.5 / 3);
  assert.equal(recallColluderFirst, 1);
  assert.equal(recallOtherwise, 0);
});

test('who is mapped to everybody is found, and the precision says what that is worth', () => {
  const cases = honest.map((origin) => ({ origin, colluderFirst: false }));
  const { precision, recall } = score(
    cases,
    cases.map(() => sure(7)),
    honest,
    seededRandom(1),
  );
  assert.equal(recall, 1 / 100);
  assert.equal(precision, 1 / 100 / 100);
});

test('what is not seen is guessed at random among the honest', () => {
  const cases = Array.from({ length: 20_000 }, (_, index) => ({ origin: index % 100, colluderFirst: false }));
  const { recall } = score(
    cases,
    cases.map(() => ({ node: undefined, confidence: 0 })),
    honest,
    seededRandom(1),
  );
  assert.ok(Math.abs(recall - 0.01) < 0.004, `${recall}`);
});
