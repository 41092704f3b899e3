/** What attacking nodes say, with production cores around them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, locationOf } from '../../../../src-main/core/routing/location.ts';
import { keyOf } from '../../../sim/engine/bytes-key.ts';
import { Network } from '../../../sim/engine/network.ts';
import { place } from '../../../sim/engine/topology.ts';
import { Identities, turnAgainst } from '../../../sim/suppression/attackers.ts';
import { makeContent } from '../../../sim/workloads/records.ts';
import { insertAll, requestAll } from '../../../sim/workloads/spread.ts';

test('identities that were tried lie nearer to their slot than anybody honest', () => {
  const network = new Network({ seed: 3, nodes: 40 });
  const random = network.newRandom(40);
  const addresses = [makeContent(network, random).address, makeContent(network, random).address];
  const identities = new Identities(network, random, addresses);
  const seeds = identities.untilEachHas(2);
  assert.equal(seeds.length, 4);
  assert.ok(identities.tried >= 4);
  for (const address of addresses) {
    const away = (at: number): number => distance(at, locationOf(address));
    const honest = Math.min(...network.nodes.map((node) => away(node.location)));
    const nearer = seeds.filter((seed) => away(locationOf(network.crypto.keyPairFromSeed(seed).publicKey)) < honest);
    assert.ok(nearer.length >= 2);
  }
});

test('a network of attackers: what they hide is stored by their word and never found, all else is', () => {
  const network = new Network({ seed: 4, nodes: 30 });
  const random = network.newRandom(41);
  const [hidden, other] = [makeContent(network, random), makeContent(network, random)];
  for (const node of network.nodes) turnAgainst(network, node, new Set([keyOf(hidden.address)]));
  place(network);
  const spread = { network, random, perSecond: 5 };
  const stored = insertAll(spread, [hidden, other]);
  assert.deepEqual(
    stored.map((one) => one.result.ok),
    [true, true],
  );
  const found = requestAll(spread, [hidden, other]);
  const of = (record: { address: Uint8Array }) => found.find((one) => one.item === record)!.result.ok;
  assert.equal(of(hidden), false);
  assert.equal(of(other), true);
});
