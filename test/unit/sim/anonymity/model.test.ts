/** The network without nodes: estimators find origins that have no stem, and chances come out as they can be computed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bayes } from '../../../sim/anonymity/estimators/bayes.ts';
import { counting } from '../../../sim/anonymity/estimators/counting.ts';
import { firstSpy } from '../../../sim/anonymity/estimators/first-spy.ts';
import { makeGraph } from '../../../sim/anonymity/model/graph.ts';
import { runModel } from '../../../sim/anonymity/model/run.ts';
import { Stems } from '../../../sim/anonymity/model/stems.ts';
import { htlChance } from '../../../sim/anonymity/routes.ts';
import { RULE } from './hand-made.ts';

const graph = makeGraph({
  nodes: 300,
  degreeMin: 8,
  degreeMax: 20,
  colluderShare: 0.05,
  successors: 'dialled',
  seed: 3,
});
const estimators = [firstSpy, counting, bayes];

test('without a stem a publication gives its origin away; with one it does not', () => {
  const options = { graph, seed: 3, messages: 60, activities: 1, estimators };
  const without = runModel({ ...options, stem: undefined }).scores;
  const withStem = runModel({ ...options, stem: RULE }).scores;
  assert.ok(without.get('bayes')!.recall > 0.85, `${without.get('bayes')!.recall}`);
  assert.ok(without.get('counting')!.recall > 0.3, `${without.get('counting')!.recall}`);
  assert.ok(withStem.get('bayes')!.recall < 0.2, `${withStem.get('bayes')!.recall}`);
  assert.ok(withStem.get('counting')!.recall < 0.15, `${withStem.get('counting')!.recall}`);
});

test('where a colluder is the first hop, one message is mapped to its origin by the first spy', () => {
  const { scores, colluderFirst } = runModel({ graph, seed: 4, messages: 1, activities: 1, stem: RULE, estimators });
  assert.equal(scores.get('first-spy')!.recallColluderFirst, 1);
  assert.ok(colluderFirst > 0.01 && colluderFirst < 0.12, `${colluderFirst}`);
});

test('linked activities give the origin away when all is drawn anew, and no more than one does when all is kept', () => {
  const options = { graph, seed: 5, messages: 20, activities: 12, origins: 60, estimators: [bayes] };
  const fresh = runModel({ ...options, stem: RULE }).scores.get('bayes')!.recall;
  const kept = runModel({ ...options, stem: { ...RULE, keeps: 'all' } }).scores.get('bayes')!.recall;
  assert.ok(fresh > 0.5, `${fresh} ${kept}`);
  assert.ok(kept < 0.25, `${kept}`);
});

test('a stem has one hop and more by the chance that a relay goes on; the same epoch, the same stem', () => {
  const stems = new Stems(graph, RULE, 9);
  const lengths = Array.from({ length: 300 }, (_, origin) => stems.walk(origin, 1_000).length - 1);
  assert.ok(Math.min(...lengths) >= 1);
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  // A mean of four, less what comes round to itself.
  assert.ok(mean > 2.5 && mean < 4.5, `${mean}`);
  assert.deepEqual(stems.walk(7, 1_000), stems.walk(7, 1_001));
  const moved = Array.from(
    { length: 300 },
    (_, origin) => stems.walk(origin, 1e9).join() !== stems.walk(origin, 1e3).join(),
  );
  assert.ok(moved.filter(Boolean).length > 200);
});

test('chances of HTL add up to one', () => {
  for (const receivers of [0, 1, 2, 5]) {
    let sum = 0;
    for (let lost = 0; lost <= receivers; lost += 1) sum += htlChance(receivers, lost);
    assert.equal(sum, 1);
  }
  assert.equal(htlChance(2, 3), 0);
});

test('the same seed, the same scores', () => {
  const run = () => [...runModel({ graph, seed: 6, messages: 5, activities: 1, stem: RULE, origins: 40 }).scores];
  assert.deepEqual(run(), run());
});
