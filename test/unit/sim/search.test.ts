/** Search in a simulated network: hubs come and go by themselves, and who searches does not notice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HUBS_OF_LEAF, MAX_LINKS } from '../../../src-main/core/limits.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { parseFor } from '../../sim/arguments.ts';
import { contextOf } from '../../sim/context.ts';
import { Network } from '../../sim/engine/network.ts';
import type { SimNode } from '../../sim/engine/sim-node.ts';
import { place } from '../../sim/engine/topology.ts';
import { search } from '../../sim/experiments/search.ts';
import { figuresOf } from '../../sim/report/present.ts';
import type { Figures } from '../../sim/report/present.ts';
import { Catalogue } from '../../sim/search/catalogue.ts';
import { Searching } from '../../sim/search/searching.ts';
import type { Found } from '../../sim/search/searching.ts';

interface World {
  readonly network: Network;
  readonly searching: Searching;
  readonly catalogue: Catalogue;
}

/** A practice network as `testnet` starts it, but for its transport. */
function practice(nodes: number, seed = 1): World {
  const catalogue = new Catalogue(new Network({ seed, nodes: 0 }).newRandom(1), nodes);
  const searching = new Searching(catalogue, ({ host, port, isBehindNat }) => ({
    hubWish: () => 'automatic',
    address: () => (isBehindNat ? undefined : { host, port }),
  }));
  const { leavesOfHub, hubAfterMs, searchLookMs } = networkParameters('practice-sim');
  const parameters = { leavesOfHub, hubAfterMs, searchLookMs };
  const conditions = { natShare: 0 };
  const network = new Network({ seed, nodes, search: searching, parameters, conditions });
  place(network);
  for (const node of network.nodes) searching.share(network, node);
  network.runFor(10_000);
  return { network, searching, catalogue };
}

const roleOf = (node: SimNode) => node.core.search()!;
const hubsOf = ({ network }: World): SimNode[] => network.alive().filter((node) => roleOf(node).role === 'hub');
const leavesOf = ({ network }: World): SimNode[] => network.alive().filter((node) => roleOf(node).role === 'leaf');

function find({ network, searching, catalogue }: World, from: SimNode): Found {
  const found = searching.start(network, from, catalogue.queryForRare(), 250, 10_000);
  network.runUntil(() => found.end !== undefined, 20_000);
  return found;
}

test('of forty nodes about eight become hubs, leaves have three, and what exists once is found', () => {
  const world = practice(40);
  const hubs = hubsOf(world);
  assert.ok(hubs.length >= 7 && hubs.length <= 11, `${hubs.length} hubs`);
  for (const leaf of leavesOf(world)) assert.equal(roleOf(leaf).hubs, HUBS_OF_LEAF);
  const leaves = hubs.map((hub) => roleOf(hub).leaves);
  assert.equal(
    leaves.reduce((sum, count) => sum + count, 0),
    leavesOf(world).length * HUBS_OF_LEAF,
  );
  for (const leaf of leavesOf(world).slice(0, 10)) {
    const found = find(world, leaf);
    assert.equal(found.contents.size, 1);
    assert.ok(found.endedMs - found.startedMs < 2_000);
  }
  for (const node of world.network.nodes) assert.ok(node.core.tableSizes()['neighbours']! <= MAX_LINKS);
});

test('hubs that die in the middle of a query are not noticed, and their leaves take others', () => {
  const world = practice(40, 2);
  const { network, searching, catalogue } = world;
  const asker = leavesOf(world)[0]!;
  const copies = (number: number): SimNode[] =>
    network.alive().filter((node) => catalogue.contents[number]!.copies === 1 && searching.shares(node, number));
  let whole = 0;
  for (let round = 0; round < 3; round += 1) {
    const asked = catalogue.queryForRare();
    const [number] = asked.matching as unknown as Iterable<number>;
    const owner = copies(number!)[0];
    const found = searching.start(network, asker, asked, 250, 10_000);
    const victim = hubsOf(world).find((hub) => hub !== owner && asker.ends.has(hub.index))!;
    network.later(20, () => network.kill(victim));
    network.runUntil(() => found.end !== undefined, 20_000);
    if (owner?.isAlive === true && owner !== victim) {
      whole += 1;
      assert.equal(found.contents.size, 1);
      assert.ok(found.endedMs - found.startedMs <= 10_000);
    }
    network.runFor(60_000);
  }
  assert.ok(whole > 0, 'at least one of the searches was for what is still there');
  for (const leaf of leavesOf(world)) assert.equal(roleOf(leaf).hubs, HUBS_OF_LEAF);
});

test('hubs that are too many step down, and their leaves go on', () => {
  const world = practice(60, 3);
  const before = hubsOf(world).length;
  const { network } = world;
  for (const leaf of leavesOf(world).slice(0, 35)) network.stop(leaf);
  network.runFor(240_000);
  const after = hubsOf(world).length;
  assert.ok(after < before && after >= HUBS_OF_LEAF, `${before} hubs, then ${after}`);
  for (const leaf of leavesOf(world)) assert.equal(roleOf(leaf).hubs, HUBS_OF_LEAF);
  assert.equal(find(world, leavesOf(world)[0]!).end, 'exhausted');
});

async function figuresFor(args: readonly string[]): Promise<Figures> {
  const given = parseFor(search, args);
  const outcome = await search.run({ ...contextOf(search, given), say: () => undefined });
  return figuresOf(search, outcome, { nodes: given.nodes, seed: given.seed, seconds: 0 });
}

test('the experiment: hubs find nearly all at a few messages, and twice the same', async () => {
  const args = ['--nodes', '80', '--queries', '40', '--leaves', '32'];
  const figures = await figuresFor(args);
  assert.deepEqual(await figuresFor(args), figures);
  const { recall, rareRecall, messagesMedian, messagesMaxNothing } = figures.metrics as Record<string, number>;
  assert.ok(recall! >= 0.95 && rareRecall! >= 0.9, `${recall} ${rareRecall}`);
  assert.ok(messagesMedian! <= 100 && messagesMaxNothing! <= 300);
});

test('the experiment without hubs: a flood finds nearly all, walkers less, and for less', async () => {
  const of = async (strategy: string): Promise<Record<string, number>> =>
    (await figuresFor(['--nodes', '80', '--queries', '20', '--strategy', strategy])).metrics as Record<string, number>;
  const [flood, walk] = [await of('flood'), await of('walk')];
  assert.ok(flood['recall']! > 0.95);
  assert.ok(walk['recall']! > 0.3);
  assert.equal(flood['hubs'], 0);
});
