/** Faults do what they say, honest nodes bear them, and a drawn run of the soak ends as it should and as it did before. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { watchEverything } from '../../sim/checkers/all.ts';
import { Network } from '../../sim/engine/network.ts';
import { SimRandom } from '../../sim/engine/random.ts';
import type { SimNode } from '../../sim/engine/sim-node.ts';
import { build } from '../../sim/engine/topology.ts';
import { babble, lie, reform, silence } from '../../sim/faults/behaviours.ts';
import { drawConfiguration } from '../../sim/faults/configuration.ts';
import { Flood } from '../../sim/faults/flood.ts';
import { runSoak } from '../../sim/faults/soak-run.ts';
import { makeContent } from '../../sim/workloads/records.ts';
import { insertAll, requestAll } from '../../sim/workloads/spread.ts';

/** Twelve nodes with twenty records; then `spoil` one in four of them, and ask the others for everything. */
function withSpoiled(spoil: (node: SimNode, network: Network, random: SimRandom) => void) {
  const network = new Network({ seed: 11, nodes: 12, conditions: { natShare: 0 } });
  build(network, 'placed');
  const random = network.newRandom(10);
  const items = Array.from({ length: 20 }, () => makeContent(network, random));
  insertAll({ network, random, perSecond: 5 }, items);
  for (const node of network.nodes) node.store.clearCache();
  const { watch } = watchEverything(network);
  for (const node of network.nodes) if (node.index % 4 === 0) spoil(node, network, random);
  const honest = network.nodes.filter((node) => !node.isHostile);
  const outcomes = requestAll({ network, random, perSecond: 5, from: honest }, items);
  const garbage = honest.reduce((sum, node) => sum + node.core.statistics.garbage, 0);
  return { network, honest, outcomes, garbage, violations: watch.end() };
}

test('silent nodes swallow everything, and the others find most things all the same', () => {
  const { honest, outcomes, violations } = withSpoiled((node) => silence(node));
  assert.equal(honest.length, 9);
  assert.equal(outcomes.length, 20);
  assert.ok(outcomes.filter(({ result }) => result.ok).length >= 15);
  assert.deepEqual(violations, []);
});

test('what liars change is noticed by the first honest node, and by nobody after it', () => {
  const { garbage, violations, outcomes } = withSpoiled((node, _network, random) => lie(node, random));
  assert.ok(garbage > 0);
  assert.deepEqual(violations, []);
  assert.equal(outcomes.length, 20);
});

test('who babbles is hung up on', () => {
  const { network, garbage, violations } = withSpoiled((node, _network, random) => babble(node, random, 1));
  network.runFor(60_000);
  assert.ok(garbage > 0);
  assert.deepEqual(violations, []);
  const linked = (node: SimNode): number => [...node.ends.keys()].filter((peer) => peer % 4 !== 0).length;
  const babblers = network.nodes.filter((node) => node.isHostile);
  assert.ok(
    babblers.some((node) => linked(node) < 9),
    'some honest node has closed its link',
  );
  for (const node of babblers) {
    reform(node);
    assert.equal(node.isHostile, false);
  }
});

test('a flood fills the uplinks of who floods, and no table beyond its bound', () => {
  let attack: Flood | undefined;
  const { network, violations } = withSpoiled((node, network_, random) => {
    attack ??= new Flood(network_, random, 'requests', [makeContent(network_, random)]);
    node.upBytesPerMs = 20;
    attack.start(node);
  });
  const before = attack!.sent;
  for (let instant = 0; instant < 50; instant += 1) {
    network.runFor(97);
    const flooders = network.nodes.filter((node) => node.isHostile && node.ends.size > 0);
    assert.equal(flooders.length, 3);
    for (const node of flooders) assert.ok(node.uplinkFreeMs > network.nowMs, `${node.index} is idle`);
  }
  assert.ok(attack!.sent > before + 100);
  attack!.stop();
  assert.deepEqual(violations, []);
});

test('configurations differ from seed to seed and are the same for one', () => {
  const draw = (seed: number) => drawConfiguration(new SimRandom(seed, 77));
  assert.deepEqual(draw(4), draw(4));
  const some = Array.from({ length: 100 }, (_, seed) => draw(seed));
  assert.ok(some.every(({ nodes }) => nodes >= 50 && nodes <= 200));
  for (const key of ['partitions', 'silent', 'forgetful', 'lying', 'babbling', 'slow', 'full'] as const) {
    const having = some.filter((configuration) => configuration[key] > 0).length;
    assert.ok(having > 5 && having < 70, `${key}: ${having} of 100`);
  }
  assert.ok(some.some(({ topology }) => topology === 'grown') && some.some(({ topology }) => topology === 'placed'));
});

test('a run of the soak comes back to full service without a complaint', () => {
  const run = runSoak(SOAK_SEED);
  assert.deepEqual(run.violations, []);
  assert.ok(run.askedAfter > 0);
  assert.equal(run.foundAfter, run.askedAfter);
});

/** One of the smaller ones, so that it takes seconds; `npm run soak -- sim` runs a thousand. */
const SOAK_SEED = 5;
